"""Fourier transforms."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from fuser_core.semantics.library.extents import changed, half, lessened, same
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Dim, Shape, product

__all__: list[str] = []


def _whole(a: Shape, n: Dim | None, axis: Any) -> Shape:
    return a if n is None else changed(a, axis, n)


def _half(a: Shape, n: Dim | None, axis: Any) -> Shape:
    return changed(a, axis, half(a[operator.index(axis)] if n is None else n))


def _doubled(a: Shape, n: Dim | None, axis: Any) -> Shape:
    return changed(a, axis, _twice(a[operator.index(axis)]) if n is None else n)


def _twice(dim: Dim) -> Dim:
    """Return the number of real numbers that so many frequencies come from, where it is not told."""
    return product([2, lessened(dim, 1)])


called("fft.fft fft.ifft", "a", _whole, counts="n")
called("fft.rfft fft.ihfft", "a", _half, counts="n")
called("fft.irfft fft.hfft", "a", _doubled, counts="n")
called("fft.fftshift fft.ifftshift", "x", same)


def _sizes(a: Shape, s: Any, axes: Any) -> tuple[Sequence[int], list[Dim]]:
    """Return the axes of a transform, in the order in which NumPy names them, and how many elements each has."""
    if axes is None:
        axes = range(len(a)) if s is None else range(-len(s), 0)
    given = [None] * len(axes) if s is None else s
    sizes = [a[axis] if size is None or size == -1 else size for axis, size in zip(axes, given, strict=True)]
    return axes, sizes


def _whole_of_many(a: Shape, s: Any, axes: Any) -> Shape:
    axes, sizes = _sizes(a, s, axes)
    return _transformed(a, axes[::-1], sizes[::-1])


def _half_of_many(a: Shape, s: Any, axes: Any) -> Shape:
    axes, sizes = _sizes(a, s, axes)
    return _transformed(changed(a, axes[-1], half(sizes[-1])), axes[:-1][::-1], sizes[:-1][::-1])


def _doubled_of_many(a: Shape, s: Any, axes: Any) -> Shape:
    axes, sizes = _sizes(a, s, axes)
    last = _twice(a[axes[-1]]) if s is None else sizes[-1]
    return changed(_transformed(a, axes[:-1], sizes[:-1]), axes[-1], last)


def _transformed(a: Shape, axes: Sequence[int], sizes: Sequence[Dim]) -> Shape:
    """Give axes their sizes, one after the other: an axis may be transformed twice."""
    for axis, size in zip(axes, sizes, strict=True):
        a = changed(a, axis, size)
    return a


called("fft.fft2 fft.ifft2 fft.fftn fft.ifftn", "a", _whole_of_many)
called("fft.rfft2 fft.rfftn", "a", _half_of_many)
called("fft.irfft2 fft.irfftn", "a", _doubled_of_many)
