"""Calls with Dask's arrays: the results are lazy, and a chunk of them is one kernel's work.

Where every axis can be cut, or those that cannot are in one chunk, Dask aligns the chunks of the arguments and calls
the function on each set of them. Else the function itself is run on Dask's arrays, which know how to reduce over many
chunks, and what it does between is joined to kernels.
"""

from __future__ import annotations

import math
import sys
import uuid
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from fuser_core.arrays import located
from fuser_core.carriers import InnerDispatcher, inner_of, replaced
from fuser_core.dask_arrays.chunks import ChunkCall, Slot
from fuser_core.dask_arrays.rewriting import fuse_dask
from fuser_core.dispatch import Dispatcher
from fuser_core.entries import Entry
from fuser_core.errors import ArgumentError, FusionDeclinedError, ShapeError, UntraceableError
from fuser_core.following import Following, follow
from fuser_core.fused import FusedFunction
from fuser_core.tree import flatten, unflatten

__all__ = ["call", "show", "takes"]

_FIRST, _RANKS = 1 << 20, 64
"""Axes of size 1 are numbered from the first on, behind all that others walk; no array has as many axes."""

_UNKNOWN = 2
"""What stands for a size that Dask does not know; a trace that looks at one is not used for chunks."""


def takes(value: object) -> bool:
    """See `Carrier.takes`."""
    core = sys.modules.get("dask.array")
    return core is not None and isinstance(value, core.Array)


def show(value: Any) -> Any:
    """See `Carrier.show`; no memory is taken for the elements."""
    shape = tuple(_UNKNOWN if math.isnan(size) else int(size) for size in value.shape)
    return np.broadcast_to(np.zeros((), value.dtype), shape)


def call(dispatcher: Dispatcher, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
    """See `Carrier.call`.

    Raises:
        ArgumentError: There is an array on a device among the arguments, or ``out=``.
        FusionDeclinedError: Dask has no form of something that the function does over several chunks.
    """
    leaves: list[Any] = []
    structure = flatten((args, kwargs), leaves)
    _refuse(leaves, out)
    if not all(type(leaf._meta) is np.ndarray for leaf in leaves if takes(leaf)):  # noqa: SLF001 - Dask's way
        return dispatcher.call_unfused("chunks of these Dask arrays are no arrays of NumPy's", args, kwargs, out)
    inner = inner_of(dispatcher, "Dask's arrays")
    try:
        described, entry = inner.entry_for(*replaced(args, kwargs, takes, show))
    except (UntraceableError, FusionDeclinedError) as error:
        return dispatcher.call_unfused(str(error), args, kwargs, out)
    except ShapeError as error:
        if not any(_has_unknown(leaf) for leaf in leaves):
            raise
        raise _not_aligned(error) from error
    asarray = import_module("dask.array").asarray
    arrays = [asarray(leaf) if _is_array(leaf) else leaf for leaf in leaves]
    given = [arrays[position] for position in described.dynamic]
    following = _usable(entry, given)
    if following is None:
        return _over_chunks(inner, structure, arrays)
    return _apart(dispatcher.owner, structure, arrays, described.dynamic, entry, following)


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) and leaf.ndim > 0


def _has_unknown(leaf: Any) -> bool:
    return takes(leaf) and any(math.isnan(size) for size in leaf.shape)


def _not_aligned(error: Exception) -> ArgumentError:
    return ArgumentError(
        f"the call has Dask arrays whose chunk sizes are unknown, and which Dask cannot align with the others "
        f"({error}); call compute_chunk_sizes() on them before"
    )


def _refuse(leaves: Sequence[Any], out: Any) -> None:
    if out is not None:
        raise ArgumentError("out= cannot be filled by a call with Dask's arrays, which is lazy; use the result")
    for leaf in leaves:
        if not takes(leaf) and located(leaf) is not None:
            raise ArgumentError(
                f"a {type(leaf).__module__}.{type(leaf).__qualname__} on a device meets Dask's arrays, whose chunks "
                "are on the workers; copy it to the host before the call"
            )


def _usable(entry: Entry, given: Sequence[Any]) -> Following | None:
    """Return where the axes go, if chunks can be computed apart as they are."""
    plan = entry.program.plan
    if any(step.op == "size" for step in entry.trace.host_steps):
        return None  # the function has looked at a size, and a chunk has another
    following = follow(plan)
    if following is None:
        return None
    cut = {
        label
        for array, labels in zip(given, following.inputs, strict=False)
        for axis, label in enumerate(labels)
        if label is not None and array.numblocks[axis] > 1
    }
    captured = {label for labels in following.inputs[len(given) :] for label in labels}
    return None if cut & (following.whole | captured) else following


def _apart(
    function: FusedFunction[..., Any],
    structure: Any,
    leaves: Sequence[Any],
    dynamic: Sequence[int],
    entry: Entry,
    following: Following,
) -> Any:
    """Have Dask call the function on chunks, and return what the function does with lazy arrays in it."""
    slots = [position for position in dynamic if takes(leaves[position])]
    placed = [Slot(slots.index(position)) if position in slots else leaf for position, leaf in enumerate(leaves)]
    indices = [_indices(following.inputs[dynamic.index(position)], position) for position in slots]
    arrays = [leaves[position] for position in slots]
    backends = tuple(dict.fromkeys(group.compiled.plugin.name for group in entry.program.groups))
    outputs = entry.program.plan.outputs
    by_labels: dict[Any, list[int]] = {}
    for number, labels in enumerate(following.outputs):
        by_labels.setdefault(labels, []).append(number)
    first = [position for position, _ in entry.trace.leaves]
    results: dict[int, Any] = {}
    for labels, numbers in by_labels.items():
        wanted = [first.index(number) for number in numbers]
        together = _together(arrays, indices)
        chunk = ChunkCall(function, structure, placed, wanted, backends, together)
        made = _blockwise(chunk, labels, arrays, indices, [outputs[number].dtype for number in numbers])  # type: ignore[union-attr]
        results.update(zip(numbers, made, strict=True))
    found = [static if position is None else results[position] for position, static in entry.trace.leaves]
    return unflatten(entry.trace.structure, iter(found))


def _indices(labels: Sequence[int | None], position: int) -> tuple[int, ...]:
    """Return what Dask calls the axes of an array; one of size 1 has a name of its own."""
    return tuple(_FIRST + position * _RANKS + axis if label is None else label for axis, label in enumerate(labels))


def _together(arrays: Sequence[Any], indices: Sequence[tuple[Any, ...]]) -> list[list[tuple[int, int]]]:
    """Return the axes of unknown sizes that have to agree chunk by chunk."""
    found: dict[Any, list[tuple[int, int]]] = {}
    for slot, (array, names) in enumerate(zip(arrays, indices, strict=True)):
        for axis, name in enumerate(names):
            if math.isnan(array.shape[axis]):
                found.setdefault(name, []).append((slot, axis))
    return [axes for axes in found.values() if len(axes) > 1]


def _blockwise(
    chunk: ChunkCall,
    labels: Sequence[int | None],
    arrays: Sequence[Any],
    indices: Sequence[tuple[Any, ...]],
    dtypes: Sequence[np.dtype[Any]],
) -> list[Any]:
    """Return the lazy arrays of results that walk the same axes; several come out of one call per chunk."""
    blockwise = import_module("dask.array").blockwise
    names = tuple(-1 - axis if label is None else label for axis, label in enumerate(labels))
    pairs = [item for pair in zip(arrays, indices, strict=True) for item in pair]
    options = {"new_axes": {name: 1 for name in names if name < 0}, "concatenate": True}
    name = f"{chunk.__name__}-{uuid.uuid4().hex}"  # what the function reads may change from call to call

    def meta(dtype: Any) -> Any:
        return np.empty((0,) * len(names), dtype)

    try:
        if len(dtypes) == 1:
            return [blockwise(chunk, names, *pairs, name=name, meta=meta(dtypes[0]), **options)]
        whole = blockwise(chunk, names, *pairs, name=name, meta=meta(object), **options)
    except ValueError as error:
        if not any(map(_has_unknown, arrays)):
            raise
        raise _not_aligned(error) from error
    return [
        blockwise(_Item(place), names, whole, names, name=f"{name}-{place}", meta=meta(dtype), align_arrays=False)
        for place, dtype in enumerate(dtypes)
    ]


class _Item:
    """Takes one result out of several."""

    def __init__(self, place: int) -> None:
        self.place = place

    def __call__(self, results: tuple[Any, ...]) -> Any:
        return results[self.place]


def _over_chunks(inner: InnerDispatcher, structure: Any, leaves: Sequence[Any]) -> Any:
    """Run the function itself on Dask's arrays, and make kernels of the chains between its reductions."""
    args, kwargs = unflatten(structure, iter(leaves))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*not implemented by Dask array.*", category=FutureWarning)
        try:
            result = inner.run_function(args, kwargs)
        except (FutureWarning, NotImplementedError) as error:
            raise FusionDeclinedError(
                f"Dask has no form of something that the function does over several chunks: {str(error).strip()}; "
                "rechunk the arrays so that the axes it works along are in one chunk, or use dask.array.map_blocks"
            ) from error
    found: list[Any] = []
    shape = flatten(result, found)
    return unflatten(shape, iter([fuse_dask(item) if takes(item) else item for item in found]))
