"""Symbolic sizes: how a plan speaks of shapes without knowing them.

A dimension is the integer 1 (statically broadcast), another integer fixed by the program, or an expression over the
sizes of the plan's inputs. Expressions are compared by structure; what only a call can decide (is this size equal to
that one?) becomes a guard of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Dim", "Shape", "SizeOf", "SliceLength", "Total", "evaluate", "format_shape", "total"]


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

    dim: SizeOf | SliceLength | Total
    start: int | None
    stop: int | None
    step: int | None

    def __str__(self) -> str:
        bounds = ":".join("" if part is None else str(part) for part in (self.start, self.stop, self.step))
        return f"len({self.dim}[{bounds}])"


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of several sizes: what an axis has along which arrays were put together."""

    parts: tuple[Dim, ...]

    def __str__(self) -> str:
        return f"({' + '.join(map(str, self.parts))})"


Dim = int | SizeOf | SliceLength | Total
Shape = tuple[Dim, ...]


def total(parts: Sequence[Dim]) -> Dim:
    """Return the sum of some sizes, as an integer where all of them are."""
    fixed = sum(part for part in parts if isinstance(part, int))
    open_ = [part for part in parts if not isinstance(part, int)]
    if len(open_) == 1 and not fixed:
        return open_[0]
    return Total((*open_, fixed) if fixed else tuple(open_)) if open_ else fixed


def evaluate(dim: Dim, size_of: Callable[[int, int], int]) -> int:
    """Return the size that ``dim`` has in one call.

    Args:
        dim: A dimension.
        size_of: Gives the actual size of an axis of a value: ``size_of(value, axis)``.
    """
    if isinstance(dim, int):
        return dim
    if isinstance(dim, SizeOf):
        return size_of(dim.value, dim.axis)
    if isinstance(dim, Total):
        return sum([evaluate(part, size_of) for part in dim.parts])
    slices: list[SliceLength] = []
    while isinstance(dim, SliceLength):
        slices.append(dim)
        dim = dim.dim
    size = evaluate(dim, size_of)
    for taken in reversed(slices):
        size = len(range(*slice(taken.start, taken.stop, taken.step).indices(size)))
    return size


def format_shape(shape: Sequence[Dim]) -> str:
    """Render a shape as NumPy renders one: ``(n0.0, 1)``."""
    inner = ", ".join(map(str, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
