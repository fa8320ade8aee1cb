"""Carriers: arguments that hold arrays in a form of their own, and who runs a fused function on what they hold.

A carrier is known by its type's module, and what serves it is imported when one is met. Calls without carriers do not
come here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

from fuser_core.arrays.host_arrays import host_library
from fuser_core.backend import CallEntry
from fuser_core.calls import Call
from fuser_core.dispatch import Dispatcher
from fuser_core.entries import Entry, Served
from fuser_core.errors import FuserError
from fuser_core.tree import flatten, unflatten

__all__ = ["Carrier", "InnerDispatcher", "Unserved", "call_carried", "carrier_of", "inner_of", "replaced", "stand_ins"]

_FRONTS = {
    "xarray": "fuser_core.labelled.xarray_objects",
    "dask": "fuser_core.dask_arrays.calls",
    "pandas": "fuser_core.labelled.pandas_objects",
}
"""By the first part of a type's module, the module with its `Carrier`; of several in a call, the first here serves."""

_STANDARD = "fuser_core.standard_arrays"


class Carrier(Protocol):
    """What serves the calls with arguments of one library; a module with these functions."""

    def takes(self, value: object) -> bool:
        """Say whether an argument is a carrier of this library."""

    def show(self, value: Any) -> Any:
        """Return a NumPy array of the dtype and rank of what a carrier holds; its elements may be anything."""

    def call(self, dispatcher: Dispatcher, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
        """Call a fused function."""


class Unserved(FuserError):  # noqa: N818 - it says where a call goes, and never leaves this package
    """The function has to be called itself, on the arguments as they came."""


class InnerDispatcher(Dispatcher):
    """Serves the calls of a function with the arrays that its arguments carry; it never calls the function itself."""

    def __init__(self, outer: Dispatcher) -> None:
        super().__init__(outer._function, outer._options, _leave)  # noqa: SLF001 - of this very class
        self._outer = outer

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function; the outer dispatcher tells of it.

        Raises:
            Unserved: The function has to be called itself.
        """
        result = super().call(args, kwargs)
        self._outer._last = self._last  # noqa: SLF001 - of this very class
        return result

    def entry_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Call, Entry]:
        """Return what would serve a call, which the outer dispatcher tells of.

        Raises:
            FusionDeclinedError: These arguments rule fusion out.
            UntraceableError: The function does something for which there is no step.
        """
        call, entry = self._fusable(args, kwargs)
        self._outer._last = self._last = Served(entry, "hit")  # noqa: SLF001 - of this very class
        return call, entry

    def run_function(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the function itself, in a way that is no fallback."""
        return self._function(*args, **kwargs)

    def call_unfused(self, reason: str, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:  # noqa: ARG002
        raise Unserved(reason)


def carrier_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the `Carrier` that serves a call; ``None`` where no argument is one."""
    leaves: list[Any] = []
    flatten((args, kwargs), leaves)
    for root, name in _FRONTS.items():
        if any(str(type(leaf).__module__).partition(".")[0] == root for leaf in leaves):
            front = import_module(name)
            if any(map(front.takes, leaves)):
                return front
    if any(host_library(leaf) is not None for leaf in leaves):
        return import_module(_STANDARD)
    return None


def stand_ins(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call with NumPy's arrays in the place of carriers, to see what becomes of the call."""
    for _ in range(2):  # xarray's objects carry Dask's
        carrier = carrier_of(args, kwargs)
        if carrier is None:
            break
        args, kwargs = replaced(args, kwargs, carrier.takes, carrier.show)
    return args, kwargs


def replaced(
    args: tuple[Any, ...], kwargs: dict[str, Any], takes: Callable[[Any], bool], show: Callable[[Any], Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call with something else in the place of some, wherever these are in containers."""
    leaves: list[Any] = []
    structure = flatten((args, kwargs), leaves)
    changed: Sequence[Any] = [show(leaf) if takes(leaf) else leaf for leaf in leaves]
    found: tuple[tuple[Any, ...], dict[str, Any]] = unflatten(structure, iter(changed))
    return found


def call_carried(dispatcher: Dispatcher, reason: str, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
    """Run a function on the arrays that its arguments carry; call it itself where none carries any."""
    carrier = carrier_of(args, kwargs)
    if carrier is None:
        return dispatcher.call_unfused(reason, args, kwargs, out)
    return carrier.call(dispatcher, args, kwargs, out)


def inner_of(dispatcher: Dispatcher, kind: str) -> InnerDispatcher:
    """Return what serves a fused function's calls with arrays of a kind of carrier; it raises `Unserved`."""
    found = dispatcher.inner.get(kind)
    if found is None:
        found = dispatcher.inner.setdefault(kind, InnerDispatcher(dispatcher))
    assert isinstance(found, InnerDispatcher)
    return found


def _leave(entry: CallEntry) -> None:
    """Install nothing: nobody calls an inner dispatcher but the carriers' modules."""
