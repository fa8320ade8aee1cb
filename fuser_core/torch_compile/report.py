"""Reports: what became of a graph that PyTorch gave us to compile."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping

from fuser_core.log import logger
from fuser_core.records import frozen

__all__ = ["Compilation", "collect_compilations", "note_compilation"]


@frozen
class Compilation:
    """What became of one graph.

    Attributes:
        kind: ``"forward"``, ``"backward"`` or ``"inference"``.
        groups: How many operations of PyTorch's each group holds.
        eager: The operators that PyTorch runs itself, with how often.
        reasons: Why, by operator.
    """

    kind: str
    groups: tuple[int, ...]
    eager: Mapping[str, int]
    reasons: Mapping[str, str]

    def __str__(self) -> str:
        held = f"{self.kind}: {len(self.groups)} groups of {', '.join(map(str, self.groups)) or 'no'} operations"
        rest = ", ".join(f"{name} x{count}" if count > 1 else name for name, count in self.eager.items())
        return f"{held}; by PyTorch: {rest or 'nothing'}"


_collected: list[list[Compilation]] = []
"""What is collected into; a backward graph may be compiled in a thread of PyTorch's."""


@contextlib.contextmanager
def collect_compilations() -> Iterator[list[Compilation]]:
    """Collect what is compiled inside a ``with`` block, in any thread."""
    found: list[Compilation] = []
    _collected.append(found)
    try:
        yield found
    finally:
        _collected[:] = [each for each in _collected if each is not found]


def note_compilation(kind: str, groups: list[int], eager: Counter[str], reasons: Mapping[str, str]) -> None:
    """Log what became of a graph, and add it to what is collected."""
    made = Compilation(kind, tuple(groups), dict(eager), dict(reasons))
    for found in _collected:
        found.append(made)
    logger().info("torch.compile: %s", made)
    for name, reason in made.reasons.items():
        logger().debug("torch.compile: %s by PyTorch: %s", name, reason)
