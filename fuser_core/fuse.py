"""The front door: ``@fuse`` makes one kernel of a NumPy function.

A call is described, an entry that still holds is looked up (same kinds of arguments, same surroundings, same values
where the function looked at one), and its program is run. Only when there is none is the function traced.
"""

from __future__ import annotations

import functools
import inspect
import types
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, overload

import numpy as np

from fuser_core import explain, flags
from fuser_core.arguments import ArgSpec, describe_arguments
from fuser_core.backend import CompileOptions, Role
from fuser_core.calls import Call, Unfusable, read_call
from fuser_core.config import backend_order, default_threads
from fuser_core.discovery import registry
from fuser_core.errors import ArgumentError, FuserWarning, FusionDeclinedError
from fuser_core.kernel_spec import Request, register, spec_of
from fuser_core.program import Program
from fuser_core.tracing import TraceResult, trace_function
from fuser_core.tracing.captures import Captures, survey
from fuser_core.tree import LEAF, flatten, unflatten

__all__ = ["FusedFunction", "LastRun", "fuse"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A trace, what it rests on, and its program."""

    captures: Captures
    trace: TraceResult
    captured_spec: ArgSpec
    program: Program

    def holds(self, arguments: Sequence[Any]) -> bool:
        """Say whether this entry gives the right answer for these arguments, now."""
        return (
            self.captures.hold()
            and self.trace.holds(arguments)
            and (not self.trace.captured or describe_arguments(self.trace.captured) == self.captured_spec)
            and self.program.accepts([*arguments, *self.trace.captured])
        )


@dataclass(frozen=True, slots=True)
class LastRun:
    """What happened in the last call of a fused function.

    Attributes:
        backend: Names of the backends that ran, joined by ``" + "``; ``"python"`` when the function itself was called.
        reason: Why these and no other.
        cache: ``"compiled"`` when a kernel was made for this call, else ``"hit"``.
    """

    backend: str
    reason: str
    cache: str


class FusedFunction(Generic[P, R]):
    """A NumPy function that runs as fused kernels; made by `fuse`.

    Calling it behaves as calling the function, with one more keyword: ``out=``, an array (or a tuple of arrays for
    several results) to write into.
    """

    def __init__(self, function: Callable[P, R], request: Request, backend: str | None, threads: int | None) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._request = request
        self._backend = backend
        self._threads = threads
        self._entries: dict[Any, tuple[_Entry, ...]] = {}
        self._told: set[str] = set()
        self._last: tuple[_Entry | str, bool] | None = None
        self._owns_out = "out" in inspect.signature(function).parameters

    __wrapped__: Callable[P, R]

    def __repr__(self) -> str:
        return f"<fused {self._function!r}>"

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        out = None if self._owns_out else kwargs.pop("out", None)
        call = read_call(args, kwargs)
        if isinstance(call, Unfusable):
            return self._call_unfused(call, args, kwargs, out)
        if call.traced:
            return self._function(*args, **kwargs)
        entry, fresh = self._entry(call)
        self._last = entry, fresh
        threads = self._threads or default_threads()
        arguments = [*call.arguments, *entry.trace.captured]
        results = entry.program.run(arguments, threads, _output_arrays(entry.trace, out) if out is not None else ())
        return _rebuild(entry.trace, results)  # type: ignore[no-any-return]

    def explain(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return a report of how a call with these arguments runs: its kernels, their backends and all reasons.

        Compiles, if need be, but does not run.
        """
        call = self._read_fusable(args, kwargs)
        entry, _ = self._entry(call)
        return explain.report(self._function.__qualname__, entry.program, [*map(str, entry.trace.guards)], entry.captures.volatile)

    def code(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the code that the backends generated for a call with these arguments, at every stage."""
        entry, _ = self._entry(self._read_fusable(args, kwargs))
        return explain.code(entry.program)

    @property
    def last_run(self) -> LastRun | None:
        """What happened in the last call in this process; ``None`` before the first."""
        if self._last is None:
            return None
        entry, fresh = self._last
        if isinstance(entry, str):
            return LastRun("python", entry, "hit")
        backends, reason = explain.served_by(entry.program)
        compiled = fresh and any(group.fresh for group in entry.program.groups)
        return LastRun(backends, reason, "compiled" if compiled else "hit")

    def _read_fusable(self, args: Any, kwargs: Any) -> Call:
        call = read_call(args, kwargs)
        if isinstance(call, Unfusable):
            raise FusionDeclinedError(f"{self._function.__qualname__} is not fused for these arguments: {call.reason}")
        return call

    def _entry(self, call: Call) -> tuple[_Entry, bool]:
        """Return the entry that serves a call, and whether it was made now."""
        order = (self._backend,) if self._backend is not None else backend_order()
        request = self._request._replace(order=order)
        key = (call.key, request, flags.enabled(call.spec.device), registry.generation)
        for entry in self._entries.get(key, ()):
            if entry.holds(call.arguments):
                return entry, False
        entry = self._trace(call, request)
        if entry.captures.volatile is None and not call.volatile:
            current = tuple(old for old in self._entries.get(key, ()) if old.captures.hold())
            self._entries[key] = (*current, entry)
        else:
            what = entry.captures.volatile or call.volatile
            self._tell(f"{what!r} may change unseen, so the function is traced again for every call")
        self._warn_of_fallbacks(entry.program)
        return entry, True

    def _trace(self, call: Call, request: Request) -> _Entry:
        captures = survey(self._function)
        trace = trace_function(lambda tracers: call.replay(self._function, tracers), call.spec, call.arguments)
        arguments = [*call.arguments, *trace.captured]
        spec = describe_arguments(arguments)
        program = spec_of(register(trace.graph)).program(spec, arguments, request)
        return _Entry(captures, trace, describe_arguments(trace.captured), program)

    def _call_unfused(self, call: Unfusable, args: Any, kwargs: Any, out: Any) -> R:
        if not self._request.fallback:
            raise FusionDeclinedError(f"{self._function.__qualname__} cannot be fused here: {call.reason}")
        self._tell(f"{call.reason}; the function itself was called")
        self._last = call.reason, False
        result = self._function(*args, **kwargs)
        if out is None:
            return result
        np.copyto(out, result, casting="same_kind")  # type: ignore[arg-type]
        return out  # type: ignore[no-any-return]

    def _warn_of_fallbacks(self, program: Program) -> None:
        for group in program.groups:
            if group.compiled.plugin.role is Role.FALLBACK:
                for turned in group.turned:
                    self._tell(f"a part runs through {group.compiled.plugin.name}: {turned.backend}: {turned.reason}")

    def _tell(self, reason: str) -> None:
        """Warn, once per reason."""
        if reason not in self._told:
            self._told.add(reason)
            warnings.warn(f"{self._function.__qualname__}: {reason}", FuserWarning, stacklevel=4)


def _output_arrays(trace: TraceResult, out: Any) -> list[Any | None]:
    """Return, per output of the graph, the caller's array for it.

    Raises:
        ArgumentError: ``out`` does not match what the function returns, or holds no writeable array.
    """
    leaves: list[Any] = []
    structure = flatten(out, leaves)
    expected = trace.structure
    if structure != expected and (structure == LEAF or len(leaves) != len(trace.leaves)):
        raise ArgumentError(f"out= holds {len(leaves)} arrays and the function returns {len(trace.leaves)} results")
    for leaf in leaves:
        if leaf is not None and not (isinstance(leaf, np.ndarray) and leaf.flags.writeable):
            raise ArgumentError(f"out= must be a writeable numpy.ndarray, not a {type(leaf).__qualname__}")
    return [leaf for leaf, (position, _) in zip(leaves, trace.leaves, strict=True) if position is not None]


def _rebuild(trace: TraceResult, results: Sequence[Any]) -> Any:
    leaves = (static if position is None else results[position] for position, static in trace.leaves)
    return unflatten(trace.structure, leaves)


@overload
def fuse(function: Callable[P, R], /) -> FusedFunction[P, R]: ...
@overload
def fuse(
    *, backend: str | None = ..., fallback: bool = ..., fast_math: bool = ..., threads: int | None = ...
) -> Callable[[Callable[P, R]], FusedFunction[P, R]]: ...
def fuse(
    function: Callable[..., Any] | None = None,
    /,
    *,
    backend: str | None = None,
    fallback: bool = True,
    fast_math: bool = False,
    threads: int | None = None,
) -> Any:
    """Make a NumPy function run as one kernel, or as few as possible.

    Args:
        function: Plain NumPy code; it is run once on stand-ins for each kind of arguments.
        backend: Name of the only backend to use; whatever it declines raises.
        fallback: Whether NumPy may serve what compilers decline.
        fast_math: Whether results may differ from strict IEEE evaluation in the last digits and for NaN, inf, -0.0.
        threads: The most threads per call; by default ``FUSER_NUM_THREADS``, ``OMP_NUM_THREADS`` or what the
            process may use.

    Returns:
        A function of the same name, signature and docstring; or, without ``function``, a decorator.
    """
    if function is None:
        options = {"backend": backend, "fallback": fallback, "fast_math": fast_math, "threads": threads}
        return functools.partial(_fuse, **options)
    return _fuse(function, backend, fallback, fast_math, threads)


def _fuse(
    function: Callable[P, R], backend: str | None, fallback: bool, fast_math: bool, threads: int | None
) -> FusedFunction[P, R]:
    if threads is not None and threads < 1:
        raise ArgumentError(f"threads={threads} is not a positive number of threads")
    request = Request(None, fallback and backend is None, CompileOptions(fast_math))
    return FusedFunction(function, request, backend, threads)
