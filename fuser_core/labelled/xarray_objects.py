"""Calls with xarray's objects: `xarray.apply_ufunc` broadcasts them by the names of axes, and labels the results."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fuser_core.carriers import Unserved, inner_of, replaced
from fuser_core.dispatch import Dispatcher
from fuser_core.labelled.elementwise import require_elementwise, stand_in
from fuser_core.tree import LEAF

__all__ = ["call", "show", "takes"]


def takes(value: object) -> bool:
    """See `Carrier.takes`."""
    xarray = sys.modules.get("xarray")
    return xarray is not None and isinstance(value, xarray.DataArray)


def show(value: Any) -> Any:
    """See `Carrier.show`."""
    return stand_in(value.dtype, value.ndim)


def call(dispatcher: Dispatcher, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
    """See `Carrier.call`; what is lazy (chunks of Dask's) stays so."""
    arrays = [arg for arg in args if takes(arg)]
    rank = max((array.ndim for array in arrays), default=0)
    try:
        _require_plain(args, kwargs, out)
        shown = replaced(args, {}, takes, lambda value: stand_in(value.dtype, rank))[0]
        entry = require_elementwise(inner_of(dispatcher, "xarray"), shown, kwargs, rank, "xarray")
        count = _count(entry.trace.structure)
    except Unserved as reason:
        return dispatcher.call_unfused(str(reason), args, kwargs, out)
    xarray = sys.modules["xarray"]
    join = xarray.get_options()["arithmetic_join"]
    options = {"kwargs": kwargs, "dask": "allowed", "output_core_dims": [()] * count, "join": join}
    return xarray.apply_ufunc(dispatcher.owner, *args, **options)


def _require_plain(args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
    nested = any(isinstance(arg, np.ndarray | list | tuple | dict) for arg in (*args, *kwargs.values()))
    if nested or out is not None or not any(map(takes, args)) or any(map(takes, kwargs.values())):
        raise Unserved("xarray's objects are fused as positional arguments, with numbers alone, and without out=")


def _count(structure: Any) -> int:
    """Return how many results there are.

    Raises:
        Unserved: They are in containers that xarray does not take.
    """
    if structure == LEAF:
        return 1
    if structure[0] is tuple and all(part == LEAF for part in structure[1:]) and len(structure) > 2:
        return len(structure) - 1
    raise Unserved("xarray takes one result, or a tuple of several")
