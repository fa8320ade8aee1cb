"""Dispatch: from the arguments of a call to a program that serves it.

A call is described, an entry that still holds is looked up (same kinds of arguments, same surroundings, same values
where the function looked at one), and its program is run. Only when there is none is the function traced.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fuser_core import explain, flags
from fuser_core.arguments import ArgSpec, describe_arguments
from fuser_core.backend import CompileOptions, Role
from fuser_core.calls import Call, Unfusable, read_call
from fuser_core.config import backend_order, default_threads
from fuser_core.discovery import registry
from fuser_core.errors import FusionDeclinedError, TraceError, UntraceableError
from fuser_core.fused import FuseOptions
from fuser_core.kernel_spec import KernelSpec, Request, intern
from fuser_core.location import user_line, warn_user
from fuser_core.outputs import deliver, rebuild, targets_of
from fuser_core.program import Program
from fuser_core.tracing import ArrayTracer, Trace, TraceResult, trace_function
from fuser_core.tracing.captures import Captures, obstacle, survey
from fuser_core.tracing.substitution import substitute_arrays

__all__ = ["Dispatcher", "LastRun"]

_MOST_ENTRIES = 64
"""Traces kept for one kind of arguments: a function that looks at ever new values must not grow for ever."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """What happened in the last call of a fused function.

    Attributes:
        backend: Names of the backends that ran, joined by ``" + "``; ``"python"`` when the function itself was called.
        reason: Why these and no other.
        cache: ``"compiled"`` when a kernel was made for this call, ``"hit"`` when there was one, ``"none"`` when the
            function itself was called.
    """

    backend: str
    reason: str
    cache: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A trace, what it rests on, and its program."""

    captures: Captures
    trace: TraceResult
    captured_spec: ArgSpec
    spec: KernelSpec
    program: Program

    def holds(self, arguments: Sequence[Any]) -> bool:
        """Say whether this entry gives the right answer for these arguments, now."""
        return (
            self.captures.hold()
            and self.trace.holds(arguments)
            and (not self.trace.captured or describe_arguments(self.trace.captured) == self.captured_spec)
            and self.program.accepts([*arguments, *self.trace.captured])
        )


class Dispatcher:
    """Serves the calls of one fused function.

    Attributes:
        last_run: What happened in the last call; worked out when it is read.
    """

    def __init__(self, function: Callable[..., Any], options: FuseOptions) -> None:
        self._function = function
        self._name = getattr(function, "__qualname__", repr(function))
        self._options = options
        self._request = Request(None, options.fallback and options.backend is None, CompileOptions(options.fast_math))
        self._owns_out = "out" in _parameters(function)
        self._entries: dict[Any, tuple[_Entry, ...]] = {}
        self._untraceable: dict[Any, str] = {}
        self._told: set[str] = set()
        self._last: tuple[_Entry | str, bool] | None = None

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function."""
        out = None if self._owns_out else kwargs.pop("out", None)
        call = read_call(args, kwargs)
        if isinstance(call, Unfusable):
            return self._call_unfused(call.reason, args, kwargs, out)
        if call.traced:
            return self._inline(args, kwargs, out)
        if call.key in self._untraceable:
            return self._call_unfused(self._untraceable[call.key], args, kwargs, out)
        try:
            entry, compiled = self._entry(call)
        except UntraceableError as error:
            if not self._request.fallback:
                raise
            if call.volatile is None and len(self._untraceable) < _MOST_ENTRIES:
                self._untraceable[call.key] = str(error)  # no need to find it out again, the answer is right anyway
            return self._call_unfused(str(error), args, kwargs, out)
        self._last = entry, compiled
        targets = {} if out is None else targets_of(entry.trace, out)
        threads = self._options.threads or default_threads()
        results = entry.program.run([*call.arguments, *entry.trace.captured], threads, targets)
        return rebuild(entry.trace, results, out)

    def explain(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Report how a call runs."""
        call, entry = self._fusable(args, kwargs)
        guards = [str(guard) for guard in entry.trace.guards]
        labels = call.labels(_parameters(self._function))
        return explain.report(self._name, entry.program, labels, guards, entry.captures.volatile)

    def code(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return the code that is generated for a call."""
        return explain.code(self._fusable(args, kwargs)[1].program)

    @property
    def last_run(self) -> LastRun | None:
        if self._last is None:
            return None
        entry, compiled = self._last
        if isinstance(entry, str):
            return LastRun("python", entry, "none")
        backends, reason = explain.served_by(entry.program)
        return LastRun(backends, reason, "compiled" if compiled else "hit")

    def _fusable(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Call, _Entry]:
        call = read_call(args, kwargs)
        if isinstance(call, Unfusable):
            raise FusionDeclinedError(f"{self._name} cannot be fused: {call.reason}")
        return call, self._entry(call)[0]

    def _inline(self, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
        """Run as a part of another function's trace."""
        result = self._function(*args, **kwargs)
        if out is None:
            return result
        if not isinstance(out, ArrayTracer) or not isinstance(result, ArrayTracer):
            raise TraceError(
                f"out= of a fused function inside another at {user_line()} takes one array; return the rest"
            )
        out.overwrite(result)
        return out

    def _entry(self, call: Call) -> tuple[_Entry, bool]:
        """Return the entry that serves a call, and whether a kernel was made ready for it."""
        order = backend_order() if self._options.backend is None else (self._options.backend,)
        request = self._request if order is None else self._request._replace(order=order)
        key = (call.key, request, flags.enabled(call.spec.device), registry.generation)
        for entry in self._entries.get(key, ()):
            if entry.holds(call.arguments):
                return entry, False
        entry, compiled = self._trace(call, request)
        volatile = entry.captures.volatile or call.volatile
        if volatile is None:
            current = [old for old in self._entries.get(key, ()) if old.captures.hold()]
            self._entries[key] = (*current, entry)[-_MOST_ENTRIES:]
        else:
            self._tell(f"{volatile!r} may change unseen, so the function is traced again for every call")
        self._warn_of_fallbacks(entry.program)
        return entry, compiled

    def _trace(self, call: Call, request: Request) -> tuple[_Entry, bool]:
        reason = obstacle(self._function)
        if reason is not None:
            raise UntraceableError(reason)
        captures = survey(self._function)
        try:
            trace = self._trace_with(captures, call)
        except TraceError:
            if not captures.arrays:
                raise
            # It needs the values of a captured array, for a branch or an index: right for this call only.
            captures = replace(captures, arrays=False, volatile="a captured array")
            trace = self._trace_with(captures, call)
        arguments = [*call.arguments, *trace.captured]
        spec = intern(trace.graph)
        program, compiled = spec.program(describe_arguments(arguments), arguments, request)
        return _Entry(captures, trace, describe_arguments(trace.captured), spec, program), compiled

    def _trace_with(self, captures: Captures, call: Call) -> TraceResult:
        def replay(trace: Trace) -> Any:
            function = substitute_arrays(self._function, trace.capture) if captures.arrays else self._function
            return call.replay(function, trace.arguments)

        return trace_function(replay, call.spec, call.arguments)

    def _call_unfused(self, reason: str, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
        """Call the function itself, unless the caller ruled the fallback out."""
        if not self._request.fallback:
            raise FusionDeclinedError(f"{self._name} cannot be fused: {reason}")
        self._tell(f"{reason}; the function itself was called")
        self._last = reason, False
        return deliver(self._function(*args, **kwargs), out)

    def _warn_of_fallbacks(self, program: Program) -> None:
        for group in program.groups:
            if group.compiled.plugin.role is Role.FALLBACK:
                for turned in group.turned:
                    self._tell(f"a part runs through {group.compiled.plugin.name}: {turned.backend}: {turned.reason}")

    def _tell(self, reason: str) -> None:
        """Warn, once per reason."""
        if reason not in self._told:
            self._told.add(reason)
            warn_user(f"{self._name}: {reason}")


def _parameters(function: Callable[..., Any]) -> Sequence[str]:
    try:
        return list(inspect.signature(function).parameters)
    except ValueError:  # a function written in C may have no signature that Python can read
        return ()
