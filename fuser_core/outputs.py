"""Outputs: from the results of a program to what the user's function returns, or into the arrays given as ``out=``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.arrays import located
from fuser_core.backend import Device
from fuser_core.device_program import DeviceProgram
from fuser_core.errors import ArgumentError
from fuser_core.layout import same_memory
from fuser_core.program import Program
from fuser_core.tracing import TraceResult
from fuser_core.tree import LEAF, flatten, paths, unflatten

__all__ = ["deliver", "rebuild", "result_labels", "targets_of"]

_CPU = Device("cpu")


def targets_of(trace: TraceResult, out: Any, device: Device) -> dict[int, Any]:
    """Return the caller's arrays, which have to be on a device, by the position of the graph's output that goes there.

    Raises:
        ArgumentError: ``out`` does not match what the function returns, or holds no writeable array.
    """
    leaves = _match(out, trace.structure, len(trace.leaves), device)
    targets: dict[int, Any] = {}
    for target, (position, _) in zip(leaves, trace.leaves, strict=True):
        if target is not None and position is not None:
            targets.setdefault(position, target)
    return targets


def rebuild(trace: TraceResult, results: Sequence[Any], out: Any, program: Program | None = None) -> Any:
    """Return what the function returns; arrays that the caller gave are filled and take the place of their results.

    Args:
        trace: Of the function.
        results: Of its program.
        out: Arrays that the caller gave; ``None`` for none.
        program: It itself, where there are such arrays.
    """
    leaves = [_own(static) if position is None else results[position] for position, static in trace.leaves]
    if out is not None:
        assert program is not None
        targets = _match(out, trace.structure, len(leaves), program.device)
        leaves = program.store(leaves, targets, 1) if isinstance(program, DeviceProgram) else _store(leaves, targets)
    return unflatten(trace.structure, iter(leaves))


def result_labels(trace: TraceResult) -> list[str]:
    """Return what each output of the graph is in what the function returns: ``result[0]``, ``result['mean']``."""
    names: dict[int, list[str]] = {}
    for path, (position, _) in zip(paths(trace.structure, "result"), trace.leaves, strict=True):
        if position is not None:
            names.setdefault(position, []).append(path)
    return [", ".join(names[position]) for position in range(len(names))]


def deliver(result: Any, out: Any) -> Any:
    """Put what the function itself has returned into the caller's arrays, if there are any.

    Raises:
        ArgumentError: ``out`` does not match the result, or holds no writeable array.
    """
    if out is None:
        return result
    leaves: list[Any] = []
    structure = flatten(result, leaves)
    return unflatten(structure, iter(_store(leaves, _match(out, structure, len(leaves), _CPU))))


def _own(static: Any) -> Any:
    """Return a constant of the trace; an array is copied, since the function makes a new one at each call."""
    return static.copy() if isinstance(static, np.ndarray) else static


def _match(out: Any, structure: Any, count: int, device: Device) -> list[Any]:
    leaves: list[Any] = []
    shaped = flatten(out, leaves)
    single = structure == LEAF and shaped == (tuple, LEAF)  # as ufuncs take it
    if shaped != structure and not single:
        raise ArgumentError(
            f"out= holds {_words(shaped, len(leaves))} and the function returns {_words(structure, count)}"
        )
    for leaf in leaves:
        if leaf is None:
            continue
        desc = None if isinstance(leaf, np.ndarray) else located(leaf)
        if desc is None and not isinstance(leaf, np.ndarray):
            raise ArgumentError(f"out= must be a numpy.ndarray, not a {type(leaf).__qualname__}")
        place = _CPU if desc is None else desc.device
        if place != device:
            raise ArgumentError(f"out= is on {place}, and what is computed on {device}; pass an array that is there")
        if desc.read_only if desc is not None else not leaf.flags.writeable:
            raise ArgumentError("out= is a read-only array; pass one that can be written to")
    return leaves


def _words(structure: Any, count: int) -> str:
    if structure == LEAF:
        return "one array"
    return f"a {structure[0].__name__} of {count} arrays"


def _store(results: Sequence[Any], targets: Sequence[Any]) -> list[Any]:
    """Fill the caller's arrays, as if all results had been computed before the first is stored.

    Raises:
        TypeError: A result cannot be cast to its array's dtype (NumPy's own message); nothing is stored then.
        ValueError: A result does not fit into its array's shape (NumPy's own message); nothing is stored then.
    """
    pairs = list(zip(results, targets, strict=True))
    pending = [(result, target) for result, target in pairs if target is not None and not _is_there(result, target)]
    if len(pending) > 1:
        for result, target in pending:
            _check(np.asarray(result), target)
        pending = [(_apart(result, [target for _, target in pending]), target) for result, target in pending]
    for result, target in pending:
        np.copyto(target, result, casting="same_kind")
    return [result if target is None else target for result, target in pairs]


def _is_there(result: Any, target: Any) -> bool:
    """Say whether a kernel has written a result into the caller's array already."""
    return isinstance(result, np.ndarray) and same_memory(result, target)


def _check(result: Any, target: Any) -> None:
    np.copyto(np.empty((), target.dtype), np.empty((), result.dtype), casting="same_kind")
    np.broadcast_to(result, target.shape)


def _apart(result: Any, targets: Sequence[Any]) -> Any:
    """Return a result that no store into the caller's arrays changes: one may be an argument, or a view of it."""
    shared = isinstance(result, np.ndarray) and any(np.may_share_memory(result, target) for target in targets)
    return result.copy() if shared else result
