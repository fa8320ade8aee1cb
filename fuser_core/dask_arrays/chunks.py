"""What runs on the workers: a fused function on the chunks of its arguments, by one thread unless it asks for more.

A worker keeps what it has compiled: a function is pickled by reference where it can be, and by value else, and then it
is known again by its content.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fuser_core.discovery import registry
from fuser_core.dispatch import Dispatcher
from fuser_core.errors import ShapeError
from fuser_core.fused import FusedFunction, FuseOptions
from fuser_core.location import warn_user
from fuser_core.log import logger
from fuser_core.tree import flatten, unflatten

__all__ = ["ChunkCall", "ChunkKernel", "Slot"]

_KIND = "chunks of Dask's arrays"
_MOST_MADE = 256

_told: set[str] = set()
_made: dict[str, FusedFunction[..., Any]] = {}


class Slot(int):
    """The place of an argument that is a chunk, among the chunks."""

    __slots__ = ()


class ChunkCall:
    """A call of a fused function with chunks in the place of arrays; returns some of its results."""

    def __init__(
        self,
        function: FusedFunction[..., Any],
        structure: Any,
        leaves: Sequence[Any],
        wanted: Sequence[int],
        backends: Sequence[str],
        together: Sequence[Sequence[tuple[int, int]]],
    ) -> None:
        """Note the call.

        Args:
            function: The fused function.
            structure: Of its arguments.
            leaves: Those; a `Slot` for each chunk.
            wanted: Positions of the results to return: one itself, several as a tuple.
            backends: What would serve the call where it was made.
            together: Axes of chunks, as pairs of a slot and an axis, that have to be of one size.
        """
        self.function = function
        self.structure = structure
        self.leaves = tuple(leaves)
        self.wanted = tuple(wanted)
        self.backends = tuple(backends)
        self.together = tuple(map(tuple, together))

    @property
    def __name__(self) -> str:
        """What Dask's diagnostics call it."""
        return str(getattr(self.function, "__name__", "fused"))

    @property
    def is_plain(self) -> bool:
        """Whether it is the function on the chunks, one after the other, and returns its only result."""
        slots = [leaf for leaf in self.leaves if isinstance(leaf, Slot)]
        arguments = (tuple, (tuple, *["*"] * len(slots)), (dict, ()))
        return slots == list(range(len(self.leaves))) and self.structure == arguments and self.wanted == (0,)

    def __call__(self, *chunks: Any) -> Any:
        for axes in self.together:
            if len({chunks[slot].shape[axis] for slot, axis in axes}) > 1:
                sizes = ", ".join(str(chunks[slot].shape) for slot, _ in axes)
                raise ShapeError(
                    f"{self.__name__} got chunks of shapes {sizes}, of arrays whose chunk sizes were unknown; call "
                    "compute_chunk_sizes() on the arrays before"
                )
        leaves = [chunks[leaf] if isinstance(leaf, Slot) else leaf for leaf in self.leaves]
        args, kwargs = unflatten(self.structure, iter(leaves))
        results: list[Any] = []
        flatten(_dispatcher_of(self.function, self.backends).call(args, kwargs), results)
        found = tuple(results[position] for position in self.wanted)
        return found if len(found) > 1 else found[0]


class ChunkKernel:
    """A chain of operations on chunks as one fused function, written as source."""

    def __init__(self, source: str, names: Mapping[str, Any], token: str, backends: Sequence[str]) -> None:
        """Note the chain.

        Args:
            source: A module with one function, ``chain``, which takes the chunks.
            names: What the source reads.
            token: Equal for equal chains.
            backends: See `ChunkCall`.
        """
        self.source, self.names, self.token, self.backends = source, dict(names), token, tuple(backends)

    __name__ = "chain"

    def __call__(self, *chunks: Any) -> Any:
        function = _made.get(self.token)
        if function is None:
            if len(_made) >= _MOST_MADE:
                _made.clear()
            function = _made.setdefault(self.token, FusedFunction(self.function(), FuseOptions()))
        return _dispatcher_of(function, self.backends).call(chunks, {})

    def function(self) -> Callable[..., Any]:
        """Return the chain as a Python function."""
        code = compile(self.source, "<a chain of Dask's>", "exec")
        (body,) = (item for item in code.co_consts if isinstance(item, types.CodeType))
        return types.FunctionType(body, {"__builtins__": {}, "__name__": __name__, **self.names}, "chain")


def _dispatcher_of(function: FusedFunction[..., Any], backends: Sequence[str]) -> Dispatcher:
    """Return what serves the calls of a function with chunks: workers have a thread per core already."""
    outer = function._dispatcher  # noqa: SLF001 - a part of it
    inner = outer.inner.get(_KIND)
    if inner is None:
        options = function._options  # noqa: SLF001 - a part of it
        missing = _tell_missing(backends)
        kept = None if options.backend in missing else options.backend
        fallback = options.fallback or bool(missing)
        alone = options._replace(threads=options.threads or 1, backend=kept, fallback=fallback)
        inner = outer.inner.setdefault(_KIND, Dispatcher(function.__wrapped__, alone, _leave))
    return inner


def _tell_missing(backends: Sequence[str]) -> frozenset[str]:
    """Return which backends this process lacks; each is told once."""
    there = {record.name for record in registry.records() if record.plugin is not None}
    missing = frozenset(backends) - there
    for name in sorted(missing - _told):
        _told.add(name)
        reason = f"the backend {name}, which would serve where the call was made, is not on this worker; others serve"
        logger().warning("%s", reason)
        warn_user(reason)
    return missing


def _leave(entry: Any) -> None:
    """Install nothing: Dask calls chunks by way of Python."""
