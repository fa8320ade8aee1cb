"""The oracle: a graph evaluated one operation at a time by NumPy's own functions. It defines what is right.

It shares nothing with the rules that type a plan, nor with any backend, except the table of conversions from floats to
integers, for which NumPy has no single answer. Python numbers stay Python numbers, so promotion is NumPy's own.
"""

from __future__ import annotations

import functools
import importlib
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.definitions import cast_array
from fuser_core.graph import CONSTANT, Graph, Node

__all__ = ["Observer", "apply_node", "evaluate"]

Observer = Callable[[Node, Sequence[Any], tuple[Any, ...]], tuple[Any, ...]]
"""Sees each node with its operands and results, and returns the results with which the evaluation goes on."""


def evaluate(graph: Graph, arguments: Sequence[Any], observe: Observer | None = None) -> list[Any]:
    """Return what a graph's outputs are for these arguments: arrays, NumPy scalars or Python numbers.

    Args:
        graph: Any graph of ``np::``, ``py::`` and (where SciPy is installed) ``scipy::`` operations.
        arguments: One per input: arrays of any dtype, shape and layout, NumPy scalars or Python numbers.
        observe: Called after every operation.

    Raises:
        LookupError: The graph holds an operation of another namespace, or one that NumPy does not have.
        Exception: Whatever NumPy raises for these values.
    """
    values: dict[int, Any] = dict(zip(graph.inputs, arguments, strict=True))
    for node in graph.nodes:
        operands = [values[value] for value in node.inputs]
        results = apply_node(node, operands)
        if observe is not None:
            results = observe(node, operands, results)
        values.update(zip(node.outputs, results, strict=True))
    return [values[value] for value in graph.outputs]


def apply_node(node: Node, operands: Sequence[Any]) -> tuple[Any, ...]:
    """Return the results of one operation, without floating-point warnings."""
    namespace, _, name = node.op.partition("::")
    attributes = dict(node.attributes)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "Mean of empty slice" is no floating-point error
        if node.op == CONSTANT:
            return (attributes["value"],)
        if namespace == "py":
            return (_size(operands[0], **attributes) if name == "size" else getattr(operator, name)(*operands),)
        if namespace == "scipy":
            return (getattr(importlib.import_module("scipy.special"), name)(*operands),)
        if node.function is not None:
            results = node.function(*operands)
            return tuple(results) if isinstance(results, tuple | list) else (results,)
        if namespace != "np":
            raise LookupError(f"the oracle knows the operations of np::, scipy:: and py:: only, not {node.op}")
        function: Any = _OTHERS.get(name) or functools.reduce(getattr, name.split("."), np)
        results = function(*_listed(operands, attributes), **attributes)
    return results if isinstance(results, tuple) else (results,)


def _listed(operands: Sequence[Any], attributes: dict[str, Any]) -> Sequence[Any]:
    """Move operands that are given by name, or in a list, to where their names say."""
    given = attributes.pop("given", ())
    for name, operand in zip(given, operands, strict=False):
        if name.startswith("*"):
            attributes.setdefault(name[1:], []).append(operand)
        else:
            attributes[name] = operand
    return () if given else operands


def _size(array: Any, axis: int) -> int:
    return int(np.shape(array)[axis])


def _getitem(array: Any, index: Any) -> Any:
    return array[index]


def _astype(array: Any, dtype: Any) -> Any:
    dtype = np.dtype(dtype)
    if not isinstance(array, np.ndarray | np.generic):
        array = np.asarray(array)[()]
    if array.dtype.kind not in "fc" or dtype.kind not in "iu":
        return array.astype(dtype)
    result = np.empty(array.shape, dtype)
    cast_array(np.asarray(array), result)
    return result[()] if isinstance(array, np.generic) else result


def _clip(array: Any, *limits: Any, bounds: tuple[str, ...]) -> Any:
    given = dict(zip(bounds, limits, strict=True))
    return np.clip(array, given.get("low"), given.get("high"))


def _transpose(array: Any, axes: tuple[int, ...] | None = None) -> Any:
    return np.transpose(array, axes)


def _concatenate(*arrays: Any, axis: int) -> Any:
    return np.concatenate(arrays, axis)


def _stack(*arrays: Any, axis: int) -> Any:
    return np.stack(arrays, axis)


def _full_like(array: Any, filling: Any, dtype: Any = None) -> Any:
    target = np.result_type(array) if dtype is None else np.dtype(dtype)
    if np.result_type(filling).kind in "fc" and target.kind in "iu":
        filling = _astype(filling, target)
    return np.full_like(array, filling, dtype=target)


def _broadcast_to(array: Any, *sizes: int) -> Any:
    return np.broadcast_to(array, sizes)


def _reshape(array: Any, *sizes: int) -> Any:
    return np.reshape(array, sizes)


def _accumulate(array: Any, ufunc: str, **options: Any) -> Any:
    return getattr(np, ufunc).accumulate(array, **options)


def _reduce(array: Any, *where: Any, ufunc: str, **options: Any) -> Any:
    options |= {"where": where[0]} if where else {}
    return getattr(np, ufunc).reduce(array, **options)


def _reduceat(array: Any, indices: Any, ufunc: str, **options: Any) -> Any:
    return getattr(np, ufunc).reduceat(array, indices, **options)


def _einsum(*arrays: Any, subscripts: str, **options: Any) -> Any:
    return np.einsum(subscripts, *arrays, **options)


def _index(array: Any, *operands: Any, index: tuple[Any, ...]) -> Any:
    given = iter(operands)
    return array[tuple([next(given) if isinstance(item, str) else item for item in index])]


def _var(array: Any, ddof: Any = 0, **options: Any) -> Any:
    return np.var(array, ddof=ddof, **options)


def _average(array: Any, weights: Any, axis: Any = None, keepdims: bool = False) -> Any:
    weights = np.broadcast_to(weights, np.shape(array))
    options: dict[str, Any] = {"returned": True, "keepdims": keepdims}
    return np.average(array, axis, weights, **options)


_OTHERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "getitem": _getitem,
        "astype": _astype,
        "clip": _clip,
        "transpose": _transpose,
        "concatenate": _concatenate,
        "stack": _stack,
        "full_like": _full_like,
        "broadcast_to": _broadcast_to,
        "reshape": _reshape,
        "accumulate": _accumulate,
        "average": _average,
        "var": _var,
        "einsum": _einsum,
        "index": _index,
        "reduce": _reduce,
        "reduceat": _reduceat,
    }
)
