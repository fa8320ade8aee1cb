"""The front door: ``@fuse``, and the object that it makes of a function.

Decorating is cheap and imports none of the machinery; that comes with the first call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, ParamSpec, TypeVar, overload

from fuser_core.errors import ArgumentError
from fuser_core.forks import undivided
from fuser_core.options import Settings, read_settings
from fuser_core.vectorcall import VectorcallBase, call_by_slot, set_entry

if TYPE_CHECKING:
    from fuser_core.backend import CallEntry
    from fuser_core.dispatch import Dispatcher
    from fuser_core.last_run import LastRun
    from fuser_core.picture import Picture

__all__ = ["FuseOptions", "FusedFunction", "PandasEngine", "fuse"]

_RUNS_IN_PARTS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

P = ParamSpec("P")
R = TypeVar("R")


class FuseOptions(NamedTuple):
    """The options of `fuse`, as given there."""

    backend: str | None = None
    fallback: bool = True
    fast_math: bool = False
    threads: int | None = None
    settings: Settings = ()


class _DispatcherAtFirstUse:
    """The dispatcher of a fused function, made when it is first asked for.

    Threads that ask at once get the same one. It is `functools.cached_property` without the lock which that has
    before Python 3.12: a fork could leave it locked.
    """

    def __get__(self, function: FusedFunction[..., Any], owner: type) -> Dispatcher:
        with undivided():
            from fuser_core.dispatch import Dispatcher

            made = Dispatcher(function.__wrapped__, function._options, function._install)  # noqa: SLF001 - a part of it
        made.owner = function
        dispatcher: Dispatcher = vars(function).setdefault("_dispatcher", made)
        return dispatcher


class FusedFunction(VectorcallBase, Generic[P, R]):
    """A NumPy function that runs as fused kernels; made by `fuse`.

    Calling it behaves as calling the function, with one more keyword: ``out=``, an array to write into (for several
    results a container of arrays, shaped as what the function returns).
    """

    __wrapped__: Callable[P, R]
    __qualname__: str

    def __init__(self, function: Callable[P, R], options: FuseOptions) -> None:
        functools.update_wrapper(self, function)
        self._options = options

    def __reduce__(self) -> str | tuple[Any, ...]:
        from fuser_core.by_value import pickled_by_value  # few are pickled

        return pickled_by_value(self, 2) or self.__qualname__  # by reference, as a function is pickled

    def __repr__(self) -> str:
        return f"<fused {self.__wrapped__!r}>"

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else BoundFusedFunction(self, instance)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = self._dispatcher.call(args, kwargs)
        return result

    def explain(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return a report of how a call with these arguments runs: its kernels, their backends and all reasons.

        Traces and compiles, if need be, which runs the function's Python code once, but no kernel.

        Raises:
            FusionDeclinedError: These arguments rule fusion out.
        """
        return self._dispatcher.explain(args, kwargs)

    def code(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the code that the backends generated for a call with these arguments, at every stage.

        Raises:
            FusionDeclinedError: These arguments rule fusion out.
        """
        return self._dispatcher.code(args, kwargs)

    def picture(self, *args: P.args, **kwargs: P.kwargs) -> Picture:
        """Return a picture of how a call with these arguments runs: its kernels and what flows between them.

        A notebook draws it; ``str()`` gives its Mermaid text, which JupyterLab and GitHub draw too. Of hundreds of
        operations it shows the first and the last, and says how many are between.

        Raises:
            FusionDeclinedError: These arguments rule fusion out.
        """
        return self._dispatcher.picture(args, kwargs)

    @property
    def last_run(self) -> LastRun | None:
        """What happened in the last call in this process; ``None`` before the first."""
        return self._dispatcher.last_run

    _dispatcher = _DispatcherAtFirstUse()

    def _install(self, entry: CallEntry) -> None:
        """Let a backend's machine code serve the calls from now on."""
        if type(self) is FusedFunction:
            set_entry(self, entry.function, entry.table)
            self.__class__ = _DirectFunction


class _DirectFunction(FusedFunction[P, R]):
    """A fused function whose calls go to a backend first; all else is as it was."""

    __call__ = VectorcallBase.__call__


call_by_slot(_DirectFunction)


class BoundFusedFunction:
    """A fused method of an object."""

    def __init__(self, function: FusedFunction[..., Any], instance: object) -> None:
        self.__func__ = function
        self.__self__ = instance
        functools.update_wrapper(self, function.__wrapped__)

    def __reduce__(self) -> tuple[Any, ...]:
        return getattr, (self.__self__, self.__func__.__qualname__.rpartition(".")[2])  # as a method is pickled

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__func__(self.__self__, *args, **kwargs)

    def explain(self, *args: Any, **kwargs: Any) -> str:
        """See `FusedFunction.explain`."""
        return self.__func__.explain(self.__self__, *args, **kwargs)

    def code(self, *args: Any, **kwargs: Any) -> str:
        """See `FusedFunction.code`."""
        return self.__func__.code(self.__self__, *args, **kwargs)

    def picture(self, *args: Any, **kwargs: Any) -> Picture:
        """See `FusedFunction.picture`."""
        return self.__func__.picture(self.__self__, *args, **kwargs)

    @property
    def last_run(self) -> LastRun | None:
        """See `FusedFunction.last_run`."""
        return self.__func__.last_run


@overload
def fuse(function: Callable[P, R], /) -> FusedFunction[P, R]: ...
@overload
def fuse(
    *,
    backend: str | None = ...,
    fallback: bool = ...,
    fast_math: bool = ...,
    threads: int | None = ...,
    options: Mapping[str, Mapping[str, Any]] | None = ...,
) -> Callable[[Callable[P, R]], FusedFunction[P, R]]: ...
def fuse(
    function: Callable[..., Any] | None = None,
    /,
    *,
    backend: str | None = None,
    fallback: bool = True,
    fast_math: bool = False,
    threads: int | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Any:
    """Make a NumPy function run as one kernel, or as few as possible.

    Args:
        function: Plain NumPy code; it is run once on stand-ins for each kind of arguments.
        backend: Name of the only backend to use; whatever it declines raises.
        fallback: Whether NumPy may serve what compilers decline.
        fast_math: Whether results may differ from strict IEEE evaluation in the last digits and for NaN, inf, -0.0.
        threads: The most threads per call; by default ``FUSER_NUM_THREADS``, ``OMP_NUM_THREADS`` or what the
            process may use.
        options: Options of backends, by their names: ``{"my_backend": {"unroll": 8}}``. What there are, a backend says.

    Returns:
        A function of the same name, signature and docstring; or, without ``function``, a decorator.

    Raises:
        ArgumentError: ``function`` is not callable, ``threads`` is not positive, or ``options`` is no mapping of
            mappings to plain values.
    """
    if threads is not None and (type(threads) is not int or threads < 1):
        raise ArgumentError(f"threads={threads!r} is not a positive number of threads")
    chosen = FuseOptions(backend, fallback, fast_math, threads, read_settings(options))
    if function is not None:
        return _fuse(chosen, function)
    decorator = functools.partial(_fuse, chosen)
    decorator.__pandas_udf__ = PandasEngine  # type: ignore[attr-defined]
    return decorator


class PandasEngine:
    """What pandas asks of ``engine=fuse``: in ``DataFrame.apply`` and ``Series.map`` of its version 3."""

    @staticmethod
    def map(**call: Any) -> Any:
        """See `fuser_core.labelled.engine.map_elements`."""
        from fuser_core.labelled.engine import map_elements

        return map_elements(**call)

    @staticmethod
    def apply(**call: Any) -> Any:
        """See `fuser_core.labelled.engine.apply_along`."""
        from fuser_core.labelled.engine import apply_along

        return apply_along(**call)


fuse.__pandas_udf__ = PandasEngine  # type: ignore[attr-defined]


def _fuse(options: FuseOptions, function: Callable[P, R]) -> FusedFunction[P, R]:
    if not callable(function):
        raise ArgumentError(f"fuse takes a function, not {function!r}; options are keywords, as in @fuse(threads=1)")
    code = getattr(function, "__code__", None)
    if code is not None and code.co_flags & _RUNS_IN_PARTS:
        raise ArgumentError(f"fuse takes a function that returns its results, and {function!r} yields or awaits them")
    return FusedFunction(function, options)
