"""KernelSpec: a registered graph and the programs made of it; the two cache levels of the original fuser.

Level 1 finds the spec of a graph: graphs that differ only in the names of their values share a key. Level 2, inside a
spec, finds the program for an `ArgSpec`, a selection policy and options.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

from fuser_core import flags
from fuser_core.arguments import ArgSpec
from fuser_core.asking import refuse_hooks
from fuser_core.backend import CompileOptions
from fuser_core.compilation import compile_plan
from fuser_core.discovery import registry
from fuser_core.errors import UnknownKeyError
from fuser_core.forks import in_child, undivided
from fuser_core.graph import Graph
from fuser_core.log import logger
from fuser_core.program import Program
from fuser_core.selection import Policy
from fuser_core.specialize import specialize

__all__ = ["KernelSpec", "Request", "intern", "register", "spec_of"]


class Request(NamedTuple):
    """What a caller wants of a run besides its arguments.

    Attributes:
        order: Compilers to consider, in order; ``None`` for all, by priority.
        fallback: Whether the fallback may serve what they decline.
        options: What the code may do.
    """

    order: tuple[str, ...] | None = None
    fallback: bool = True
    options: CompileOptions = CompileOptions()


class _Key(NamedTuple):
    """What a program is kept for."""

    spec: ArgSpec
    request: Request
    enabled: bool
    generation: int


class KernelSpec:
    """A graph and its programs.

    Attributes:
        graph: The program in canonical form.
        key: What `register` returned, if it was registered.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.key: int | None = None
        self._programs: dict[_Key, tuple[Program, ...]] = {}
        self.make_lock()

    def make_lock(self) -> None:
        """Make the lock anew: in a forked child the thread that held it is not there."""
        self._lock = threading.RLock()  # a signal handler or a finaliser may come back here in the same thread

    def program(self, spec: ArgSpec, arguments: Sequence[Any], request: Request) -> tuple[Program, str]:
        """Return a program for these arguments, and where its kernels were found: see `Program.origin`.

        A program is compiled at most once for all threads that ask.

        Raises:
            ShapeError: The shapes do not fit together.
            DTypeError: An operation has no loop for these dtypes.
            FusionDeclinedError: No backend that the request allows accepts.
            PluginHookError: A hook of a plugin is asking.
        """
        enabled = flags.enabled(spec.device)
        key = _Key(spec, request, enabled, registry.generation)
        found = _first_accepting(self._programs.get(key, ()), arguments)
        if found is not None:
            return found, "hit"
        refuse_hooks()
        with undivided(), self._lock:
            programs = self._programs.get(key, ())
            found = _first_accepting(programs, arguments)
            fresh = found is None
            if found is None:
                plan = specialize(self.graph, spec, arguments)
                set_up = tuple(name for name, _ in request.options.settings)
                policy = Policy(request.order, request.fallback, enabled, set_up)
                found = compile_plan(plan, spec.device, policy, request.options)
                logger().debug("%s", plan)
                _log_choice(found)
                self._keep(key, (*programs, found))
        return found, found.origin if fresh else "hit"

    def _keep(self, key: _Key, programs: tuple[Program, ...]) -> None:
        """Keep programs, and drop those of backends that are no longer installed."""
        current = {old: kept for old, kept in self._programs.items() if old.generation == key.generation}
        self._programs = {**current, key: programs}


@in_child
def _make_locks() -> None:
    global _lock  # noqa: PLW0603 - see `KernelSpec.make_lock`
    _lock = threading.Lock()
    for spec in list(_known.values()):
        spec.make_lock()


def _log_choice(program: Program) -> None:
    """Log which backends serve a new program, and why others do not."""
    for refused in program.refused:
        _log_refusal(*refused)
    for number, group in enumerate(program.groups):
        for turned in group.turned:
            logger().info("kernel %d runs on %s, not on %s: %s", number, group.compiled.plugin.name, *turned)


@functools.cache
def _log_refusal(name: str, reason: str) -> None:
    """Log why a backend is not asked at all: once, since it is so for every program."""
    logger().info("%s is not asked: %s", name, reason)


def _first_accepting(programs: Sequence[Program], arguments: Sequence[Any]) -> Program | None:
    return next((program for program in programs if program.accepts(arguments)), None)


_lock = threading.Lock()
_known: weakref.WeakValueDictionary[object, KernelSpec] = weakref.WeakValueDictionary()
_registered: list[KernelSpec] = []


def intern(graph: Graph) -> KernelSpec:
    """Return the spec of a graph; alpha-equivalent graphs share one as long as somebody holds it. Compiles nothing."""
    canonical = graph.canonical()
    with _lock:
        return _known.setdefault(canonical.cache_key, KernelSpec(canonical))


def register(graph: Graph) -> int:
    """Return the key of a graph, which is valid for ever; alpha-equivalent graphs share one. Compiles nothing."""
    spec = intern(graph)
    with _lock:
        if spec.key is None:
            spec.key = len(_registered)
            _registered.append(spec)
        return spec.key


def spec_of(key: int) -> KernelSpec:
    """Return the spec of a key.

    Raises:
        UnknownKeyError: `register` never returned it.
    """
    if type(key) is not int or not 0 <= key < len(_registered):
        raise UnknownKeyError(f"{_shown(key)} is not the key of a registered graph; use what register_fusion returned")
    return _registered[key]


def _shown(key: object) -> str:
    """Return what was given as a key, if it is short: the digits of an integer may be too many to write."""
    if type(key) is int and key.bit_length() > 64:
        return f"an integer of {key.bit_length()} bits"
    if type(key) in (int, bool, float, str) and len(str(key)) <= 40:
        return repr(key)
    return f"a {type(key).__qualname__}"
