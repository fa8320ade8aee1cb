"""Symbolic sizes: how a plan speaks of shapes without knowing them.

A dimension is the integer 1 (statically broadcast), another integer fixed by the program, or an expression over the
sizes of the plan's inputs. Expressions are compared by structure; what only a call can decide (is this size equal to
that one?) becomes a guard of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Dim", "Shape", "SizeOf", "SliceLength", "evaluate", "format_shape"]


@dataclass(frozen=True, slots=True)
class SizeOf:
    """The size of one axis of a value that exists before any kernel runs."""

    value: int
    axis: int

    def __str__(self) -> str:
        return f"n{self.value}.{self.axis}"


@dataclass(frozen=True, slots=True)
class SliceLength:
    """The number of elements that ``slice(start, stop, step)`` takes from an axis of size ``dim``."""

    dim: SizeOf | SliceLength
    start: int | None
    stop: int | None
    step: int | None

    def __str__(self) -> str:
        bounds = ":".join("" if part is None else str(part) for part in (self.start, self.stop, self.step))
        return f"len({self.dim}[{bounds}])"


Dim = int | SizeOf | SliceLength
Shape = tuple[Dim, ...]


def evaluate(dim: Dim, size_of: Callable[[int, int], int]) -> int:
    """Return the size that ``dim`` has in one call.

    Args:
        dim: A dimension.
        size_of: Gives the actual size of an axis of a value: ``size_of(value, axis)``.
    """
    if isinstance(dim, SizeOf):
        return size_of(dim.value, dim.axis)
    slices: list[SliceLength] = []
    while isinstance(dim, SliceLength):
        slices.append(dim)
        dim = dim.dim
    size = size_of(dim.value, dim.axis) if isinstance(dim, SizeOf) else dim
    for taken in reversed(slices):
        size = len(range(*slice(taken.start, taken.stop, taken.step).indices(size)))
    return size


def format_shape(shape: Sequence[Dim]) -> str:
    """Render a shape as NumPy renders one: ``(n0.0, 1)``."""
    inner = ", ".join(map(str, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
