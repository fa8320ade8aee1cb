"""Calls with pandas' Series and DataFrames: aligned as its ufuncs align them, with index and names kept."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.carriers import Unserved, inner_of, replaced
from fuser_core.dispatch import Dispatcher
from fuser_core.errors import ArgumentError
from fuser_core.labelled.elementwise import require_elementwise, stand_in
from fuser_core.tree import flatten, unflatten

__all__ = ["call", "show", "takes"]


def takes(value: object) -> bool:
    """See `Carrier.takes`."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series | pandas.DataFrame)


def show(value: Any) -> Any:
    """See `Carrier.show`; of columns of several dtypes, what they have in common."""
    dtype = value.dtype if value.ndim == 1 else np.result_type(*map(_numpy_dtype, value.dtypes))
    return stand_in(_numpy_dtype(dtype), 1)


def call(dispatcher: Dispatcher, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
    """See `Carrier.call`.

    Raises:
        ArgumentError: An array without an index meets Series of several.
    """
    leaves: list[Any] = []
    structure = flatten((args, kwargs), leaves)
    objects = [leaf for leaf in leaves if takes(leaf)]
    try:
        _require_plain(objects, leaves, out)
        require_elementwise(inner_of(dispatcher, "pandas"), *replaced(args, kwargs, _is_shown, _show), 1, "pandas")
    except Unserved as reason:
        return dispatcher.call_unfused(str(reason), args, kwargs, out)
    aligned = _align(objects, leaves)
    frames = aligned[0].ndim == 2
    places = [position for position, leaf in enumerate(leaves) if takes(leaf)]

    def run(parts: Sequence[Any]) -> Any:
        given = list(leaves)
        for position, part in zip(places, parts, strict=True):
            given[position] = part.to_numpy()
        own_args, own_kwargs = unflatten(structure, iter(given))
        return dispatcher.call(own_args, own_kwargs)

    if not frames:
        return _label(run(aligned), aligned[0], _name(objects))
    columns = [run([frame.iloc[:, place] for frame in aligned]) for place in range(aligned[0].shape[1])]
    return _label_frame(columns, aligned[0])


def _numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """Return a dtype of NumPy's.

    Raises:
        Unserved: It is one of pandas' own.
    """
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biufc":
        raise Unserved(f"arrays of pandas' dtype {dtype} hold no numbers that a kernel can compute with")
    return dtype


def _is_shown(leaf: Any) -> bool:
    return takes(leaf) or isinstance(leaf, np.ndarray)


def _show(leaf: Any) -> Any:
    return stand_in(leaf.dtype, leaf.ndim) if isinstance(leaf, np.ndarray) else show(leaf)


def _require_plain(objects: Sequence[Any], leaves: Sequence[Any], out: Any) -> None:
    kinds = {leaf.ndim for leaf in objects}
    if kinds == {2} and any(isinstance(leaf, np.ndarray) and leaf.ndim for leaf in leaves):
        raise Unserved("a DataFrame and an array meet, which pandas broadcasts in its own way")
    if len(kinds) > 1:
        raise Unserved("a Series and a DataFrame meet, which pandas aligns in its own way")
    if out is not None:
        raise Unserved("out= is given, which has no index")
    if kinds == {2} and not objects[0].shape[1]:
        raise Unserved("the DataFrame has no columns")


def _align(objects: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    """Return Series or DataFrames with the labels of all, missing values where one has none, as pandas' ufuncs do."""
    first = objects[0]
    if all(_has_labels_of(item, first) for item in objects):
        return list(objects)
    if any(isinstance(leaf, np.ndarray) and leaf.ndim for leaf in leaves):
        raise ArgumentError(
            "an array without an index meets pandas objects of several indexes, so nobody knows where it belongs; make "
            "it a Series, or align the others first"
        )
    axes = [
        functools.reduce(lambda left, right: left.union(right), each)
        for each in zip(*(o.axes for o in objects), strict=True)
    ]
    names = dict(zip(("index", "columns"), axes, strict=False))
    return [item.reindex(**names) for item in objects]


def _has_labels_of(item: Any, first: Any) -> bool:
    return all(own.equals(other) for own, other in zip(item.axes, first.axes, strict=True))


def _name(objects: Sequence[Any]) -> Any:
    """Return the name that all have, as pandas names results."""
    names = {item.name for item in objects}
    return names.pop() if len(names) == 1 else None


def _label(result: Any, like: Any, name: Any) -> Any:
    found: list[Any] = []
    structure = flatten(result, found)
    labelled = [_series(item, like, name) if isinstance(item, np.ndarray) else item for item in found]
    return unflatten(structure, iter(labelled))


def _series(values: Any, like: Any, name: Any) -> Any:
    return sys.modules["pandas"].Series(values, index=like.index, name=name, copy=False)


def _label_frame(columns: Sequence[Any], like: Any) -> Any:
    """Return what a function returns, with DataFrames in the place of the results of all columns."""
    several: list[list[Any]] = []
    structure: Any = None
    for column in columns:
        several.append([])
        structure = flatten(column, several[-1])
    pandas = sys.modules["pandas"]
    found: list[Any] = []
    for items in zip(*several, strict=True):
        if not isinstance(items[0], np.ndarray):
            found.append(items[0])
            continue
        frame = pandas.concat([pandas.Series(item, index=like.index, copy=False) for item in items], axis=1)
        frame.columns = like.columns
        found.append(frame)
    return unflatten(structure, iter(found))
