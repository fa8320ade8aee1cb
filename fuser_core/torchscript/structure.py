"""Structure: operations that only arrange values, and leave no node or another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from fuser_core.graph import CONSTANT
from fuser_core.semantics.aten.casts import SCALAR_TYPES
from fuser_core.torchscript.functional import FUNCTIONS
from fuser_core.torchscript.values import Call, DtypeOf, Fixed, FunctionName, Items, Meaning, Pieces, SizesOf

if TYPE_CHECKING:
    from fuser_core.torchscript.lowering import Lowering

__all__ = ["STRUCTURE", "refusal"]

_DEEPEST, _MOST = 32, 1 << 16
"""Bounds on lists, so that a short text cannot stand for an endless one."""

Meanings = tuple[Meaning, ...]
_TENSORS = {bool: np.dtype(bool), int: np.dtype(np.int64), float: np.dtype(np.float32)}
_READS = "Bool Float Int Complex item ScalarImplicit IntImplicit FloatImplicit BoolImplicit ComplexImplicit".split()
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ["prim::GetAttr", "prim::CallMethod", "prim::SetAttr"],
            "asks something of a module; print the graph of torch.jit.freeze(module), or of a function",
        ),
        **dict.fromkeys(
            [f"aten::{name}" for name in _READS],
            "makes a Python number at run time, which a graph cannot; compute with the array or number as it is",
        ),
    }
)


def refusal(op: str) -> str | None:
    """Return why an operation cannot be in a graph, for those that have a better reason than being unknown."""
    return _REFUSED.get(op)


def _construct(lowering: Lowering, call: Call) -> Meanings:
    inner = [operand for operand in call.operands if isinstance(operand, Items)]
    depth = 1 + max((item.depth for item in inner), default=0)
    leaves = sum(item.leaves for item in inner) + len(call.operands) - len(inner)
    if depth > _DEEPEST or leaves > _MOST:
        raise lowering.error(
            f"a list of {leaves} values in {depth} levels is too much; at most {_MOST} in {_DEEPEST} can be read"
        )
    return (Items(call.operands, depth, leaves),)


def _unpack(lowering: Lowering, call: Call) -> Meanings:
    match call.operands:
        case [Items(items)]:
            return items
        case [Pieces() as pieces]:
            return lowering.pieces(pieces, call.outputs)
        case [Fixed(tuple() as values)]:
            return tuple(_constant(lowering, value) for value in values)
    raise lowering.error(f"{call.op} takes one list or tuple, and was given {call.given}")


def _getitem(lowering: Lowering, call: Call) -> Meanings:
    match call.operands:
        case [Items(items), Fixed(int() as index)] if -len(items) <= index < len(items):
            lowering.spend(call.operands[1])
            return (items[index],)
        case [Pieces(array, chunks, dim), Fixed(int() as index)]:
            lowering.spend(call.operands[1])
            return lowering.node("prim::ConstantChunk", [array], {"chunks": chunks, "dim": dim, "index": index})
        case [SizesOf(array), Fixed(int() as index)]:
            lowering.spend(call.operands[1])
            return lowering.node("aten::size", [array], {"dim": index})
    raise lowering.error(f"{call.op} takes a list and a constant place in it, and was given {call.given}")


def _size(lowering: Lowering, call: Call) -> Meanings:
    match call.operands:
        case [int() as array] if not call.attributes:
            return (SizesOf(array),)
    return lowering.aten("aten::size", call.operands, call.attributes)


def _chunk(lowering: Lowering, call: Call) -> Meanings:
    match call.operands:
        case [int() as array, Fixed(int() as chunks), Fixed(int() as dim)]:
            lowering.spend(Items(call.operands[1:]))
            return (Pieces(array, chunks, dim),)
    raise lowering.error(
        f"aten::chunk takes an array, a constant number of chunks and a constant axis; it was given {call.given}"
    )


def _to(lowering: Lowering, call: Call) -> Meanings:
    """Resolve the forms of ``to``: what counts is the dtype, wherever it stands; the rest says where data lives."""
    operands = call.operands
    if not operands or call.attributes or isinstance(operands[0], Items | Pieces | DtypeOf):
        return lowering.aten("aten::to", operands, call.attributes)
    for option in operands[1:3]:
        if isinstance(option, int):
            return lowering.aten("aten::type_as", [operands[0], option], {})
        if isinstance(option, DtypeOf):
            return lowering.aten("aten::type_as", [operands[0], option.array], {})
        if isinstance(option, Fixed) and type(option.value) is int:
            lowering.spend(Items(call.operands[1:]))
            return lowering.aten("aten::to", [operands[0], option], {})
    lowering.spend(Items(call.operands[1:]))
    return (operands[0],)


def _dtype(lowering: Lowering, call: Call) -> Meanings:
    match call.operands:
        case [int() as array]:
            return (DtypeOf(array),)
    raise lowering.error(f"prim::dtype takes one array, and was given {call.given}")


def _place(_: Lowering, __: Call) -> Meanings:
    """Where or how an array is stored changes no value."""
    return (Fixed("cpu", None),)


def _tensor(lowering: Lowering, call: Call) -> Meanings:
    """Make a 0-d tensor of a constant number."""
    match call.operands:
        case [Fixed(bool() | int() | float() as number), Fixed(int() | None as code), *_] if code is None or (
            code in SCALAR_TYPES
        ):
            dtype = _TENSORS[type(number)] if code is None else SCALAR_TYPES[code]
            lowering.spend(Items(call.operands))
            return lowering.node(CONSTANT, [], {"value": np.asarray(number).astype(dtype)[()]})
    raise lowering.error(f"aten::tensor takes a constant number here, and was given {call.given}; pass an array")


def _call(lowering: Lowering, call: Call) -> Meanings:
    """Call a function of `torch.nn.functional` by the operation that it is."""
    match call.operands:
        case [FunctionName(name), *arguments] if name in FUNCTIONS:
            function = FUNCTIONS[name]
            if function.fits(arguments):
                lowering.spend(Items(tuple(arguments)))
                return lowering.aten(function.op, [arguments[place] for place in function.places], {})
    raise lowering.error(
        f"prim::CallFunction of {call.given} is not understood; call the operation itself, such as torch.relu, "
        "or print the inlined_graph"
    )


def _constant(lowering: Lowering, value: object) -> Meaning:
    return Fixed(value, lowering.node(CONSTANT, [], {"value": value})[0])


STRUCTURE: Mapping[str, Callable[[Lowering, Call], Meanings]] = MappingProxyType(
    {
        "prim::ListConstruct": _construct,
        "prim::TupleConstruct": _construct,
        "prim::ListUnpack": _unpack,
        "prim::TupleUnpack": _unpack,
        "prim::TupleIndex": _getitem,
        "aten::__getitem__": _getitem,
        "aten::size": _size,
        "aten::chunk": _chunk,
        "aten::to": _to,
        "aten::tensor": _tensor,
        "prim::dtype": _dtype,
        "prim::device": _place,
        "prim::layout": _place,
        "prim::CallFunction": _call,
    }
)
"""What the arranging operations stand for."""
