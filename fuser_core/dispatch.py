"""Dispatch: from the arguments of a call to a program that serves it.

A call is described, an entry that still holds is looked up (same kinds of arguments, same surroundings, same values
where the function looked at one), and its program is run. Only when there is none is the function traced.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fuser_core import explain, flags
from fuser_core.arguments import describe_arguments
from fuser_core.backend import CallEntry, CompileOptions, Device, Role
from fuser_core.calls import Call, Unfusable, parameters_of, read_call
from fuser_core.config import backend_order, default_threads, log_level, watch_order
from fuser_core.direct import DirectCalls
from fuser_core.discovery import registry
from fuser_core.entries import MOST_ENTRIES, Entry, Served, Setting, Unserved, WarmEntries, WarmEntry
from fuser_core.epoch import watch_epoch
from fuser_core.errors import FusionDeclinedError, TraceError, UntraceableError
from fuser_core.forks import undivided
from fuser_core.fused import FuseOptions
from fuser_core.kernel_spec import Request, intern
from fuser_core.last_run import LastRun
from fuser_core.location import user_line, warn_user
from fuser_core.log import logger
from fuser_core.occasions import occasion_of
from fuser_core.outputs import deliver, rebuild, result_labels, targets_of
from fuser_core.preparing import PreparedCalls
from fuser_core.program import Program
from fuser_core.records import replace
from fuser_core.tracing import ArrayTracer, Trace, TraceResult, trace_function
from fuser_core.tracing.captures import Captures, obstacle, survey
from fuser_core.tracing.substitution import substitute
from fuser_core.warm import layout_of, layout_of_captured, place, warm_up
from fuser_core.watches import Watch

if TYPE_CHECKING:
    from fuser_core.picture import Picture

__all__ = ["Dispatcher"]

_CPU = Device("cpu")


class Dispatcher:
    """Serves the calls of one fused function.

    Attributes:
        last_run: What happened in the last call; worked out when it is read.
    """

    def __init__(
        self, function: Callable[..., Any], options: FuseOptions, install: Callable[[CallEntry], None]
    ) -> None:
        """Begin without entries.

        Args:
            function: The user's.
            options: As given to `fuse`.
            install: Lets a backend serve calls directly; see `fuser_core.direct`.
        """
        self._function = function
        self._name = getattr(function, "__qualname__", repr(function))
        self._options = options
        wanted = CompileOptions(options.fast_math, settings=options.settings)
        self._request = Request(None, options.fallback and options.backend is None, wanted)
        self._parameters = parameters_of(function)
        self._owns_out = "out" in self._parameters
        self._entries: dict[Any, tuple[Entry, ...]] = {}
        self._warm = WarmEntries()
        self._untraceable: dict[Any, str] = {}
        self._told: set[str] = set()
        self._last: Served | Unserved | None = None
        self._seconds: float | None = None
        self.owner: Any = None  # the fused function that it is a part of
        self.inner: dict[str, Dispatcher] = {}  # by what arguments carry, what serves calls with that
        self._tells = log_level() == "debug"  # of every call, which then is Python's
        self._prepared = PreparedCalls()
        self._direct = DirectCalls(lambda *args, **kwargs: self.call(args, kwargs), install)

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function."""
        if self._prepared.calls:
            found = self._prepared.find(args, kwargs)
            if found is not None:
                prepared, values, table = found
                self._direct.forget()
                self._last, self._seconds = prepared.served, None
                return prepared.run(values, table)
        start, before = time.perf_counter(), self._last
        self._seconds = None
        result = self._serve(args, kwargs)
        self._seconds = time.perf_counter() - start
        if self._tells and self._last is not before:
            logger().debug("%s: %s", self._name, self.last_run)
        return result

    def _serve(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._direct.forget()
        values = (*args, *kwargs.values())
        layout = None if "out" in kwargs and not self._owns_out else layout_of(values)
        key = layout, tuple(kwargs)
        threads = self._options.threads or default_threads()
        warm = None if layout is None else self._warm.find(key, self._setting(), values)
        if warm is not None:
            self._last = Served(warm.entry, "hit")
            if not self._tells and not self._direct.knows(warm):
                self._direct.offer(warm, key[1], values, threads, self._watches())
            return rebuild(warm.entry.trace, warm.run(values, threads), None)
        placed = place(values) if layout is None and ("out" not in kwargs or self._owns_out) else None
        if placed is not None:  # arrays on a device
            layout, values, device = placed
            key = layout, tuple(kwargs)
            warm = self._warm.find(key, self._setting(device), values)
            if warm is not None:
                self._last = Served(warm.entry, "hit")
                if not self._tells:
                    self._prepared.offer(warm, args, kwargs, threads, self._watches)
                return rebuild(warm.entry.trace, warm.run(values, threads), None)
        return self._call_anew(args, kwargs, key, values, threads)

    def _call_anew(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], key: Any, values: Sequence[Any], threads: int
    ) -> Any:
        """Run the function where no warm program serves the call; one that does from now on is kept under ``key``."""
        layout = key[0]
        out = None if self._owns_out else kwargs.pop("out", None)
        call = read_call(args, kwargs, self._parameters)
        if isinstance(call, Unfusable):
            from fuser_core.carriers import call_carried  # it calls dispatchers

            return call_carried(self, call.reason, args, kwargs, out)
        if call.traced:
            return self._inline(args, kwargs, out)
        if call.key in self._untraceable:
            return self.call_unfused(self._untraceable[call.key], args, kwargs, out)
        setting = self._setting(call.spec.device)
        try:
            served = self._entry(call, setting)
        except UntraceableError as error:
            if not self._request.fallback:
                raise
            if call.volatile is None and len(self._untraceable) < MOST_ENTRIES:
                self._untraceable[call.key] = str(error)  # no need to find it out again, the answer is right anyway
            return self.call_unfused(str(error), args, kwargs, out)
        self._last, entry = served, served.entry
        captured = layout_of_captured(entry.trace.captured)
        warmable = layout is not None and captured is not None and entry.program.device == call.spec.device
        if warmable and entry.may_warm_up and call.volatile is None:
            taken = [values[position] for position in call.dynamic]
            program, results = warm_up(entry.program, [*taken, *entry.trace.captured], threads)
            self._warm.keep(key, WarmEntry(entry, setting, program, captured, call.dynamic))
        else:
            targets = {} if out is None else targets_of(entry.trace, out, entry.program.device)
            results = entry.program.run([*call.arguments, *entry.trace.captured], threads, targets)
        return rebuild(entry.trace, results, out, entry.program)

    def _setting(self, device: Device = _CPU) -> Setting:
        """Return what decides which backends serve a call."""
        order = backend_order() if self._options.backend is None else (self._options.backend,)
        return Setting(order, flags.enabled(device), registry.generation)

    def _watches(self) -> list[Watch]:
        """Return what to watch of what `_setting` returns."""
        order = watch_order() if self._options.backend is None else []
        return [*order, watch_epoch()]

    def explain(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Report how a call runs."""
        call, entry = self._fusable(args, kwargs)
        guards = [str(guard) for guard in entry.trace.guards]
        labels = call.labels(self._parameters)
        return explain.report(self._name, entry.program, labels, guards, entry.captures.volatile)

    def code(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return the code that is generated for a call."""
        return explain.code(self._fusable(args, kwargs)[1].program)

    def picture(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Picture:
        """Return the picture of how a call runs."""
        from fuser_core.picture import Picture, draw_program  # most processes draw nothing

        call, entry = self._fusable(args, kwargs)
        labels = self._labels(call, entry.trace)
        return Picture(draw_program(entry.program, labels, result_labels(entry.trace)))

    def _labels(self, call: Call, trace: TraceResult) -> list[str]:
        """Return what the user calls each input of a program."""
        return call.labels(self._parameters) + ["captured array"] * len(trace.captured)

    @property
    def last_run(self) -> LastRun | None:
        direct = self._direct.last
        if direct is not None:
            return LastRun(*explain.served_by(direct.program), "hit", direct=True)
        if isinstance(self._last, Unserved):
            return LastRun("python", self._last.reason, "none", seconds=self._seconds)
        if self._last is None:
            return None
        entry, origin, preparation = self._last
        backends, reason = explain.served_by(entry.program)
        return LastRun(backends, reason, origin, seconds=self._seconds, preparation=preparation)

    def _fusable(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Call, Entry]:
        call = read_call(args, kwargs, self._parameters)
        if isinstance(call, Unfusable):
            from fuser_core.carriers import stand_ins  # see `_call_anew`

            call = read_call(*stand_ins(args, kwargs), self._parameters)
        if isinstance(call, Unfusable):
            raise FusionDeclinedError(f"{self._name} cannot be fused: {call.reason}")
        return call, self._entry(call, self._setting(call.spec.device)).entry

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

    def _entry(self, call: Call, setting: Setting) -> Served:
        """Return the entry that serves a call."""
        key = (call.key, setting)
        for entry in self._entries.get(key, ()):
            if entry.holds(call.arguments):
                return Served(entry, "hit")
        start = time.perf_counter()
        if logger().isEnabledFor(logging.INFO):
            why = occasion_of(call, setting, self._entries, first=self._last is None)
            logger().info("tracing %s for %s: %s", self._name, user_line(), why)
        entry, origin = self._trace(call, self._request._replace(order=setting.order))
        seconds = time.perf_counter() - start
        logger().info("%s: ready in %.1f ms", self._name, seconds * 1e3)
        volatile = entry.captures.volatile or call.volatile
        if volatile is None:
            current = [old for old in self._entries.get(key, ()) if old.captures.hold()]
            self._entries[key] = (*current, entry)[-MOST_ENTRIES:]
        else:
            reason = f"{volatile!r} may change unseen, so the function is traced again for every call"
            self._tell(logging.WARNING, reason)
        self._warn_of_fallbacks(entry.program)
        return Served(entry, origin, seconds)

    @undivided()
    def _trace(self, call: Call, request: Request) -> tuple[Entry, str]:
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
        argspec = describe_arguments(arguments, lambda: self._labels(call, trace))
        program, origin = spec.program(argspec, arguments, request)
        return Entry(captures, trace, describe_arguments(trace.captured), spec, program), origin

    def _trace_with(self, captures: Captures, call: Call) -> TraceResult:
        def replay(trace: Trace) -> Any:
            return call.replay(substitute(self._function, captures, trace.capture), trace.arguments)

        return trace_function(replay, call.spec, call.arguments)

    def call_unfused(self, reason: str, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> Any:
        """Call the function itself, unless the caller ruled the fallback out."""
        if not self._request.fallback:
            raise FusionDeclinedError(f"{self._name} cannot be fused: {reason}")
        self._tell(logging.INFO, f"{reason}; the function itself was called")
        self._last = Unserved(reason)
        return deliver(self._function(*args, **kwargs), out)

    def _warn_of_fallbacks(self, program: Program) -> None:
        for group in program.groups:
            if group.compiled.plugin.role is Role.FALLBACK:
                for turned in group.turned:
                    reason = f"a part runs through {group.compiled.plugin.name}: {turned.backend}: {turned.reason}"
                    self._tell(logging.DEBUG, reason)  # the choice of backends has been logged

    def _tell(self, level: int, reason: str) -> None:
        """Log and warn, once per reason."""
        if reason not in self._told:
            self._told.add(reason)
            logger().log(level, "%s: %s", self._name, reason)
            warn_user(f"{self._name}: {reason}")
