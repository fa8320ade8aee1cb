"""KernelSpec: a registered graph and the programs made of it; the two cache levels of the original fuser.

Level 1 finds the spec of a graph: graphs that differ only in the names of their values share a key. Level 2, inside a
spec, finds the program for an `ArgSpec`, a selection policy and options.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fuser_core import flags
from fuser_core.arguments import ArgSpec
from fuser_core.backend import CompileOptions
from fuser_core.compilation import compile_plan
from fuser_core.discovery import registry
from fuser_core.errors import UnknownKeyError
from fuser_core.graph import Graph
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


@dataclass(eq=False)
class KernelSpec:
    """A graph and its programs.

    Attributes:
        graph: The program in canonical form.
        key: What `register` returned, if it was registered.
    """

    graph: Graph
    key: int | None = None
    _programs: dict[Any, tuple[Program, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def program(self, spec: ArgSpec, arguments: Sequence[Any], request: Request) -> tuple[Program, bool]:
        """Return a program for these arguments, and whether a kernel was made ready for it just now.

        A program is compiled at most once for all threads that ask.

        Raises:
            ShapeError: The shapes do not fit together.
            DTypeError: An operation has no loop for these dtypes.
            FusionDeclinedError: No backend that the request allows accepts.
        """
        enabled = flags.enabled(spec.device)
        key = (spec, request, enabled, registry.generation)
        found = _first_accepting(self._programs.get(key, ()), arguments)
        if found is not None:
            return found, False
        with self._lock:
            programs = self._programs.get(key, ())
            found = _first_accepting(programs, arguments)
            fresh = found is None
            if found is None:
                plan = specialize(self.graph, spec, arguments)
                policy = Policy(request.order, request.fallback, enabled)
                found = compile_plan(plan, spec.device, policy, request.options)
                self._programs[key] = (*programs, found)
        return found, fresh and any(group.fresh for group in found.groups)


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
        raise UnknownKeyError(f"{key!r} is not the key of a registered graph; use what register_fusion returned")
    return _registered[key]
