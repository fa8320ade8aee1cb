"""Symbolic sizes: how a plan speaks of shapes without knowing them.

A dimension is the integer 1 (statically broadcast), another integer fixed by the program, or an expression over the
sizes of the plan's inputs. Expressions are compared by structure; what only a call can decide (is this size equal to
that one?) becomes a guard of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fuser_core.records import derived, frozen

__all__ = ["Dim", "Shape", "SizeOf", "SliceLength", "Total", "evaluate", "format_shape", "total"]


@frozen
class SizeOf:
    """The size of one axis of a value that exists before any kernel runs."""

    value: int
    axis: int

    def __hash__(self) -> int:
        return self.value * 97 + self.axis

    def __str__(self) -> str:
        return f"n{self.value}.{self.axis}"


@frozen
class SliceLength:
    """The number of elements that ``slice(start, stop, step)`` takes from an axis of size ``dim``."""

    dim: SizeOf | SliceLength | Total
    start: int | None
    stop: int | None
    step: int | None
    _hash: int = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.dim, self.bounds)))

    @property
    def bounds(self) -> tuple[int | None, ...]:
        """Start, stop and step."""
        return self.start, self.stop, self.step

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return _are_equal(self, other)

    def __str__(self) -> str:
        texts: list[str] = []
        dim: Dim = self
        while isinstance(dim, SliceLength):
            texts.append(":".join("" if part is None else str(part) for part in dim.bounds))
            dim = dim.dim
        return f"len({dim}{''.join(f'[{text}]' for text in reversed(texts))})"


@frozen
class Total:
    """The sum of several sizes: what an axis has along which arrays were put together."""

    parts: tuple[Dim, ...]
    _hash: int = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.parts))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return _are_equal(self, other)

    def __str__(self) -> str:
        return f"({' + '.join(map(str, self.parts))})"


def _are_equal(left: object, right: object) -> bool:
    """Compare by structure, without recursion: slices of sums of slices may be thousands deep."""
    pairs = [(left, right)]
    seen: set[tuple[int, int]] = set()
    while pairs:
        left, right = pairs.pop()
        if left is right or (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        if type(left) is not type(right) or hash(left) != hash(right):
            return False
        if isinstance(left, SliceLength) and isinstance(right, SliceLength):
            if left.bounds != right.bounds:
                return False
            pairs.append((left.dim, right.dim))
        elif isinstance(left, Total) and isinstance(right, Total):
            if len(left.parts) != len(right.parts):
                return False
            pairs += zip(left.parts, right.parts, strict=True)
        elif left != right:
            return False
    return True


Dim = int | SizeOf | SliceLength | Total
Shape = tuple[Dim, ...]


def total(parts: Sequence[Dim]) -> Dim:
    """Return the sum of some sizes, as an integer where all of them are."""
    fixed = sum(part for part in parts if isinstance(part, int))
    open_ = [part for part in parts if not isinstance(part, int)]
    if len(open_) == 1 and not fixed:
        return open_[0]
    return Total((*open_, fixed) if fixed else tuple(open_)) if open_ else fixed


def evaluate(dim: Dim, size_of: Callable[[int, int], int], known: dict[Dim, int] | None = None) -> int:
    """Return the size that ``dim`` has in one call.

    Args:
        dim: A dimension.
        size_of: Gives the actual size of an axis of a value: ``size_of(value, axis)``.
        known: Sizes of sums and slices that this call has evaluated already; new ones are added.
    """
    if isinstance(dim, int):
        return dim
    if isinstance(dim, SizeOf):
        return size_of(dim.value, dim.axis)
    known = {} if known is None else known
    pending: list[Dim] = [dim]
    while pending:
        item = pending[-1]
        missing = [] if item in known else [part for part in _parts(item) if part not in known]
        if missing:
            pending += missing
        else:
            pending.pop()
            known[item] = known[item] if item in known else _size(item, known, size_of)
    return known[dim]


def _parts(dim: Dim) -> tuple[Dim, ...]:
    if isinstance(dim, SliceLength):
        return (dim.dim,)
    return dim.parts if isinstance(dim, Total) else ()


def _size(dim: Dim, known: Mapping[Dim, int], size_of: Callable[[int, int], int]) -> int:
    """Return the size of a dimension whose parts are known."""
    if isinstance(dim, SliceLength):
        return len(range(*slice(dim.start, dim.stop, dim.step).indices(known[dim.dim])))
    if isinstance(dim, Total):
        return sum([known[part] for part in dim.parts])
    return dim if isinstance(dim, int) else size_of(dim.value, dim.axis)


def format_shape(shape: Sequence[Dim]) -> str:
    """Render a shape as NumPy renders one: ``(n0.0, 1)``."""
    inner = ", ".join(map(str, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
