"""What a trace leaves behind: a graph, and what must still hold for the graph to be used again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fuser_core.graph import Graph
from fuser_core.plan import Host, HostValue, Value, numbers_read
from fuser_core.records import frozen
from fuser_core.semantics.host import run_host

__all__ = ["TraceResult", "ValueGuard"]


@frozen
class ValueGuard:
    """A Python number that the function looked at: the trace is valid only while it has the same value."""

    number: HostValue | Value
    expected: Any
    where: str

    def __str__(self) -> str:
        return f"{self.number} is {self.expected!r}, which the function asked for at {self.where}"


@frozen
class TraceResult:
    """What a trace leaves behind.

    Attributes:
        graph: The program; its inputs are the dynamic arguments, then the captured arrays.
        captured: Arrays that the function took from its surroundings.
        numbers: What these are called in the guards and the host steps; an argument is called by its position.
        guards: Numbers whose values the trace depends on.
        host_steps: What computes these numbers.
        structure: Of the returned tree.
        leaves: Of the returned tree: the position of a graph output, or ``None`` with the object itself.
    """

    graph: Graph
    captured: tuple[Any, ...]
    numbers: tuple[int, ...]
    guards: tuple[ValueGuard, ...]
    host_steps: tuple[Host, ...]
    structure: Any
    leaves: tuple[tuple[int | None, Any], ...]

    def holds(self, arguments: Sequence[Any]) -> bool:
        """Say whether the graph is what the function would do with these arguments."""
        if not self.guards:
            return True
        registers: dict[int, Any] = dict(enumerate(arguments))
        registers.update(zip(self.numbers, self.captured, strict=True))

        def size_of(value: int, axis: int) -> int:
            size: int = registers[value].shape[axis]
            return size

        for step in self.host_steps:
            run_host(step, registers, size_of)
        return all(_same(registers[guard.number.id], guard.expected) for guard in self.guards)

    @property
    def looked_at(self) -> frozenset[int]:
        """Positions of the arguments whose values the trace depends on."""
        needed = {guard.number.id for guard in self.guards}
        for step in reversed(self.host_steps):
            if step.output.id in needed:
                needed.update(numbers_read(step))
        return frozenset(needed)


def _same(value: Any, expected: Any) -> bool:
    # The representation tells 0.0 from -0.0 and 1 from True, and finds NaN equal to itself.
    return repr(value) == repr(expected)
