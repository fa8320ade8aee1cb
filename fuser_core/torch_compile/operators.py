"""Operators: which operation of ours a node of a graph of PyTorch is, with which operands and attributes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch.fx import Node

from fuser_core.graph import CONSTANT
from fuser_core.records import frozen
from fuser_core.semantics import aten as _rules  # noqa: F401  registers the signatures
from fuser_core.semantics.aten.signatures import Parameter, Signature, signatures_of
from fuser_core.torch_compile.symbols import is_same
from fuser_core.torch_compile.tensors import numpy_dtype

__all__ = ["VIEWS", "Call", "Size", "UnclaimedError", "constant_of", "is_free", "read_node"]

_OWN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "prims::convert_element_type": "aten::_to_copy",
        "aten::_unsafe_view": "aten::view",
        "aten::alias": "aten::detach",
    }
)
"""Operators of PyTorch that are the same as another; the first has other names for its parameters."""
_PARAMETERS: Mapping[str, Mapping[str, str]] = MappingProxyType({"prims::convert_element_type": {"a": "self"}})

VIEWS = frozenset(f"aten::{name}" for name in "view permute transpose t unsqueeze squeeze select slice detach".split())
"""Operations that show memory of their operand."""

_PRODUCTS = frozenset(f"aten::{name}" for name in "mm bmm addmm baddbmm mv dot".split())
_ELSEWHERE = frozenset(f"aten::{name}" for name in "rand_like size contiguous to".split())
"""Operations whose text means something else than PyTorch's operator: other random numbers, or no tensor."""
_CONSTANTS = {"aten::full": 1, "aten::scalar_tensor": 0}
"""Operators that make tensors of one number, and the place of that."""
_WHERE_AND_HOW = frozenset({"layout", "device", "pin_memory", "memory_format", "non_blocking", "implicit"})
"""Parameters that change no value; where a result lies is asked of the result itself."""


class UnclaimedError(Exception):
    """No operation of ours; the message says why."""


@frozen
class Size:
    """A size of an axis of the first operand."""

    axis: int


@frozen
class Call:
    """What a node is as an operation of ours.

    Attributes:
        op: Its name.
        operands: Nodes, sizes of the first of them, and literal ones.
        attributes: All else by the name of the parameter.
    """

    op: str
    operands: tuple[Node | Size | int, ...]
    attributes: Mapping[str, Any]


def name_of(node: Node) -> str | None:
    """Return what our table calls the operator of a node; ``None`` where it is none of PyTorch's."""
    if node.op != "call_function" or not isinstance(node.target, torch._ops.OpOverload):  # noqa: SLF001 - FX has no other way
        return None
    name: str = node.target.name().partition(".")[0]
    return _OWN_NAMES.get(name, name)


def is_free(node: Node) -> bool:
    """Say whether a node costs nothing in a group: it shows memory of its operand, or is a constant."""
    return name_of(node) in VIEWS or constant_of(node) is not None


def constant_of(node: Node) -> np.generic | None:
    """Return the number that a node makes a tensor without dimensions of; ``None`` if it does something else."""
    name, value = name_of(node), node.meta.get("val")
    if name not in _CONSTANTS or not isinstance(value, torch.Tensor) or value.ndim:
        return None
    number = node.args[_CONSTANTS[name]]
    dtype = numpy_dtype(value.dtype)
    if type(number) not in (bool, int, float) or dtype is None or value.dtype is torch.bfloat16:
        return None
    constant: np.generic = dtype.type(np.asarray(number).astype(dtype))
    return constant


def read_node(node: Node) -> Call:
    """Return what a node is.

    Raises:
        UnclaimedError: It is none of our operations, or has operands that ours does not take.
    """
    name = name_of(node)
    if name is None:
        raise UnclaimedError("it is no operator of ATen")
    if name in _PRODUCTS:
        raise UnclaimedError("it multiplies matrices, which PyTorch does by itself")
    constant = constant_of(node)
    if constant is not None:
        return Call(CONSTANT, (), MappingProxyType({"value": constant}))
    forms = signatures_of(name)
    if not forms or name in _ELSEWHERE:
        raise UnclaimedError(f"{name} is no operation that kernels are made of")
    given = _given(node)
    if name == "aten::view":
        return _reshaped(name, given)
    for form in forms:
        call = _bind(name, form, given)
        if call is not None:
            return call
    raise UnclaimedError(f"{node.target} with {', '.join(given)} fits no form of {name}")


def _given(node: Node) -> dict[str, Any]:
    """Return the arguments by name, without those that say nothing."""
    assert isinstance(node.target, torch._ops.OpOverload)  # noqa: SLF001 - see above
    renamed = _PARAMETERS.get(node.target.name().partition(".")[0], {})
    given: dict[str, Any] = {}
    for position, parameter in enumerate(node.target._schema.arguments):  # noqa: SLF001 - see above
        missing = parameter.default_value if parameter.has_default_value() else None
        value = node.args[position] if position < len(node.args) else node.kwargs.get(parameter.name, missing)
        if parameter.name not in _WHERE_AND_HOW and value is not None:
            given[renamed.get(parameter.name, parameter.name)] = value
    return given


def _bind(name: str, form: Signature, given: Mapping[str, Any]) -> Call | None:
    known = {parameter.name for parameter in form.parameters}
    if not given.keys() <= known:
        return None
    operands: list[Node | Size | int] = []
    attributes: dict[str, Any] = {}
    for parameter in form.parameters:
        if parameter.name not in given:
            if parameter.required:
                return None
            if not parameter.static and not parameter.variadic:
                attributes[parameter.name] = parameter.default
        elif not _sort(parameter, given[parameter.name], operands, attributes):
            return None
    return Call(name, tuple(operands), MappingProxyType(attributes))


def _sort(parameter: Parameter, value: Any, operands: list[Node | Size | int], attributes: dict[str, Any]) -> bool:
    """Put an argument among the operands or the attributes; say whether it fits there."""
    if parameter.variadic:
        if not isinstance(value, list | tuple) or not all(isinstance(item, Node) for item in value):
            return False
        operands += value
        return True
    if isinstance(value, Node):
        if parameter.static:
            return False
        operands.append(value)
        return True
    fixed = _fixed(value)
    attributes[parameter.name] = fixed
    return fixed is not None


def _fixed(value: Any) -> Any:
    """Return a constant as a graph has it; ``None`` where it has none."""
    if isinstance(value, torch.dtype):
        return numpy_dtype(value)
    if isinstance(value, list | tuple):
        return tuple(value) if all(type(item) in (bool, int, float) for item in value) else None
    return value if type(value) in (bool, int, float, str) else None


def _reshaped(name: str, given: Mapping[str, Any]) -> Call:
    """Return a reshape whose sizes are written, sizes of axes of the operand, or what is left."""
    array, sizes = given["self"], given["size"]
    if all(type(size) is int for size in sizes):
        return Call(name, (array,), MappingProxyType({"size": tuple(sizes)}))
    own = array.meta["val"].shape
    terms: list[Node | Size | int] = []
    for size in sizes:
        value = size.meta["val"] if isinstance(size, Node) else size
        axis = next((axis for axis, known in enumerate(own) if is_same(known, value)), None)
        terms.append(value if type(value) is int else -1 if axis is None else Size(axis))
    if terms.count(-1) > 1:
        raise UnclaimedError("more than one size is neither written nor that of an axis of the operand")
    return Call(name, (array, *terms), MappingProxyType({}))
