"""Calls with arrays on the host of libraries that follow the array API: through DLPack to NumPy's arrays, and back.

Results are arrays of the library that came in, on the device that it names, with the dtypes that NumPy computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.arrays import located
from fuser_core.arrays.host_arrays import HostLibrary, host_library, host_view
from fuser_core.carriers import Unserved, inner_of, replaced
from fuser_core.dispatch import Dispatcher
from fuser_core.errors import ArgumentError
from fuser_core.tracing.namespace.inspection import STANDARD
from fuser_core.tree import flatten, unflatten

__all__ = ["call", "show", "takes"]


def takes(value: object) -> bool:
    """See `Carrier.takes`."""
    return host_library(value) is not None


def show(value: Any) -> Any:
    """See `Carrier.show`."""
    return host_view(value)


def call(dispatcher: Dispatcher, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
    """See `Carrier.call`.

    Raises:
        ArgumentError: There are arrays of two libraries, or on two devices.
        DTypeError: The library lacks the dtype of a result.
    """
    leaves: list[Any] = []
    flatten((args, kwargs, out), leaves)
    library = _common_library(leaves)
    views = {id(leaf): host_view(leaf) for leaf in leaves if takes(leaf)}
    given = {id(views[id(leaf)]): leaf for leaf in leaves if takes(leaf)}
    shown_args, shown_kwargs = replaced(args, kwargs, takes, lambda leaf: views[id(leaf)])
    if out is not None:
        shown_kwargs["out"] = replaced((out,), {}, takes, lambda leaf: views[id(leaf)])[0][0]
    inner = inner_of(dispatcher, "array API")
    token = STANDARD.set(True)
    try:
        result = inner.call(shown_args, shown_kwargs)
    except Unserved as reason:
        return dispatcher.call_unfused(str(reason), args, kwargs, out)
    finally:
        STANDARD.reset(token)
    results: list[Any] = []
    structure = flatten(result, results)
    return unflatten(structure, iter([_give(library, item, given) for item in results]))


def _give(library: HostLibrary, result: Any, given: dict[int, Any]) -> Any:
    if id(result) in given:
        return given[id(result)]
    return library.give(result) if isinstance(result, np.ndarray | np.generic) else result


def _common_library(leaves: list[Any]) -> HostLibrary:
    """Return the library of a call's arrays; numbers and what has no dimensions go with any."""
    libraries = [found for leaf in leaves if (found := host_library(leaf)) is not None]
    first = libraries[0]
    others = [f"{other.name} on {other.device}" for other in libraries if not first.is_as(other)]
    others += [
        f"{type(leaf).__module__}.{type(leaf).__qualname__}"
        for leaf in leaves
        if (isinstance(leaf, np.ndarray) and leaf.ndim) or located(leaf) is not None
    ]
    if others:
        raise ArgumentError(
            f"the arrays of a call have to be of one library and on one device, and there are {first.name} on "
            f"{first.device} and {', '.join(dict.fromkeys(others))}; convert all of them with the asarray of one "
            "library (numbers and NumPy's arrays without dimensions may stay)"
        )
    return first
