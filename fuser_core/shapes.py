"""Symbolic sizes: how a plan speaks of shapes without knowing them.

A dimension is the integer 1 (statically broadcast), another integer fixed by the program, or an expression over the
sizes of the plan's inputs. Expressions are compared by structure; what only a call can decide (is this size equal to
that one?) becomes a guard of the plan.
"""

from __future__ import annotations

import functools
import math
import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fuser_core.records import derived, frozen

__all__ = [
    "Called",
    "Computed",
    "Dim",
    "Shape",
    "SizeOf",
    "SliceLength",
    "evaluate",
    "format_shape",
    "have_same_factors",
    "product",
    "quotient",
    "total",
]


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

    dim: SizeOf | SliceLength | Computed | Called
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


ARITHMETIC: Mapping[str, tuple[str, Callable[[int, int], int]]] = MappingProxyType(
    {
        "add": ("+", operator.add),
        "sub": ("-", operator.sub),
        "mul": ("*", operator.mul),
        "floordiv": ("//", lambda left, right: left // right if right else 0),
        "min": ("min", min),
        "max": ("max", max),
    }
)
"""How a size is computed from others, by the names of Python's `operator` module: the sign, and the function."""


@frozen
class Computed:
    """A size computed from others, from left to right: that of arrays put together, of axes joined or cut.

    Attributes:
        op: A name of `ARITHMETIC`.
        parts: Two sizes or more.
    """

    op: str
    parts: tuple[Dim, ...]
    _hash: int = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.op, self.parts)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return _are_equal(self, other)

    def __str__(self) -> str:
        sign, texts = ARITHMETIC[self.op][0], map(str, self.parts)
        return f"{sign}({', '.join(texts)})" if sign.isalpha() else f"({f' {sign} '.join(texts)})"


@frozen
class Called:
    """A size that a function of the user's computes from others.

    Attributes:
        function: Takes the sizes, and returns several.
        parts: The sizes.
        place: Of this one among those that it returns.
    """

    function: Callable[..., Sequence[int]]
    parts: tuple[Dim, ...]
    place: int
    _hash: int = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.function, self.parts, self.place)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return _are_equal(self, other)

    def __str__(self) -> str:
        return f"shape({', '.join(map(str, self.parts))})[{self.place}]"


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
        if isinstance(left, _Expression) and isinstance(right, _Expression):
            if _head(left) != _head(right):
                return False
            pairs += zip(_parts(left), _parts(right), strict=True)
        elif left != right:
            return False
    return True


_Expression = SliceLength | Computed | Called


def _head(dim: SliceLength | Computed | Called) -> tuple[object, ...]:
    """Return what a size does with its parts, and how many these are."""
    if isinstance(dim, SliceLength):
        return dim.bounds
    return (dim.op if isinstance(dim, Computed) else (dim.function, dim.place), len(dim.parts))


Dim = int | SizeOf | SliceLength | Computed | Called
Shape = tuple[Dim, ...]


def total(parts: Sequence[Dim]) -> Dim:
    """Return the sum of some sizes, as an integer where all of them are."""
    fixed = sum(part for part in parts if isinstance(part, int))
    open_ = [part for part in parts if not isinstance(part, int)]
    return _computed("add", [*open_, fixed] if fixed or not open_ else open_)


def product(parts: Sequence[Dim]) -> Dim:
    """Return the product of some sizes, as an integer where all of them are or one is 0."""
    factors = _factors(parts)
    fixed = math.prod(part for part in factors if isinstance(part, int))
    open_ = [part for part in factors if not isinstance(part, int)]
    if not open_ or fixed == 0:
        return fixed
    return _computed("mul", [*open_, fixed] if fixed != 1 else open_)


def quotient(dim: Dim, divisor: Dim) -> Dim:
    """Return how often a size contains another one that divides it, without the factors that both have."""
    above, below = Counter(_factors([dim])), Counter(_factors([divisor]))
    top, bottom = product([*(above - below).elements()]), product([*(below - above).elements()])
    if bottom == 1:
        return top
    if isinstance(top, int) and isinstance(bottom, int) and bottom:
        return top // bottom
    return Computed("floordiv", (top, bottom))


def have_same_factors(left: Dim, right: Dim) -> bool:
    """Say whether two sizes are products of the same sizes, in whatever order."""
    return Counter(_factors([left])) == Counter(_factors([right]))


def _factors(parts: Sequence[Dim]) -> list[Dim]:
    """Return sizes whose product is that of ``parts``, none of them a product itself."""
    factors: list[Dim] = []
    for part in parts:
        factors += part.parts if isinstance(part, Computed) and part.op == "mul" else (part,)
    return factors


def _computed(op: str, parts: Sequence[Dim]) -> Dim:
    return parts[0] if len(parts) == 1 else Computed(op, tuple(parts))


def evaluate(dim: Dim, size_of: Callable[[int, int], int], known: dict[Dim, int] | None = None) -> int:
    """Return the size that ``dim`` has in one call.

    Args:
        dim: A dimension.
        size_of: Gives the actual size of an axis of a value: ``size_of(value, axis)``.
        known: Sizes of expressions that this call has evaluated already; new ones are added.
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
    return dim.parts if isinstance(dim, Computed | Called) else ()


def _size(dim: Dim, known: Mapping[Dim, int], size_of: Callable[[int, int], int]) -> int:
    """Return the size of a dimension whose parts are known."""
    if isinstance(dim, SliceLength):
        return len(range(*slice(dim.start, dim.stop, dim.step).indices(known[dim.dim])))
    if isinstance(dim, Computed):
        return functools.reduce(ARITHMETIC[dim.op][1], [known[part] for part in dim.parts])
    if isinstance(dim, Called):
        return operator.index(dim.function(*[known[part] for part in dim.parts])[dim.place])
    return dim if isinstance(dim, int) else size_of(dim.value, dim.axis)


def format_shape(shape: Sequence[Dim]) -> str:
    """Render a shape as NumPy renders one: ``(n0.0, 1)``."""
    inner = ", ".join(map(str, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
