"""Random graphs: programs grown one operation at a time, together with arguments for which NumPy can compute them.

Each operation is computed at once by the oracle. So every operand's dtype and shape is known from its value, and
whatever NumPy itself refuses (integers to negative powers, a number that a dtype cannot hold, the minimum of nothing)
simply is not added. Nothing else is avoided: where NumPy has no single answer, `fuser_core.testing.disturbance` knows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.graph import Graph, GraphBuilder
from fuser_core.ops import ELEMENTWISE
from fuser_core.testing.disturbance import is_rounded
from fuser_core.testing.oracle import apply_node
from fuser_core.testing.samples import Choose, pick, sample_arguments, sample_family, sample_number
from fuser_core.testing.values import LAYOUTS

__all__ = ["Case", "grow_case"]

_BITWISE = frozenset("bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm".split())
_MOST = 20_000
_REFUSED = (TypeError, ValueError, OverflowError, ZeroDivisionError, IndexError)
"""What NumPy and Python raise on purpose."""


@dataclass(frozen=True)
class Case:
    """A program and arguments for it."""

    graph: Graph
    arguments: list[Any]

    def __repr__(self) -> str:
        lines = [str(self.graph)]
        for position, argument in enumerate(self.arguments):
            text = f"{type(argument).__name__} {argument!r}"
            if isinstance(argument, np.ndarray):
                text = f"{argument.dtype.str} {argument.shape} strides {argument.strides} {argument.tolist()!r}"
            lines.append(f"  %{position} is {text[:400]}")
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print the fields


@functools.cache
def _names(arity: int, *, exact: bool) -> tuple[str, ...]:
    """Return the names of elementwise operations; what is exact for real numbers only is left out as it is tried."""
    names = [op.name for op in ELEMENTWISE.values() if op.arity == arity and op.ufunc is not None and op.exact >= exact]
    return tuple(names)


class _Growth:
    """A graph in the making, with the value that each of its numbers has."""

    def __init__(self, choose: Choose, arguments: Sequence[Any], *, exact: bool, dtypes: Sequence[Any]) -> None:
        self.choose = choose
        self.exact = exact
        self.dtypes = dtypes
        self.builder = GraphBuilder(len(arguments))
        self.values: list[Any] = list(arguments)

    def add(self, op: str, operands: Sequence[int], **attributes: Any) -> None:
        """Add an operation, unless NumPy refuses it or the result is too large to compute many of."""
        trial = GraphBuilder(len(self.values)).add(op, operands, **attributes)
        values = [self.values[value] for value in operands]
        try:
            results = apply_node(trial, values)
        except _REFUSED:
            return
        if any(np.size(result) > _MOST or np.result_type(result) not in self.dtypes for result in results):
            return
        if self.exact and is_rounded(trial, values, results):
            return
        if op.startswith("py::") and op != "py::size":
            attributes["type"] = type(results[0])
        self.builder.add(op, operands, outputs=len(results), **attributes)
        self.values += results

    def constant(self, value: Any) -> int:
        """Add a constant."""
        self.values.append(value)
        return self.builder.constant(value)

    def flip(self) -> bool:
        """Toss a coin."""
        return self.choose(2) == 1

    def take(self, accept: Callable[[Any], bool] | None = None) -> int | None:
        """Return the number of a value, if there is one like that; the latest come first: programs are deep."""
        fitting = [number for number, value in enumerate(self.values) if accept is None or accept(value)]
        return pick(self.choose, fitting[::-1]) if fitting else None

    def operand(self, *others: Any) -> int:
        """Return an operand that broadcasts with other values: a value, or now and then a constant."""
        kind = self.choose(16)
        if kind < 12:
            found = self.take(lambda value: _broadcast(value, *others))
            if found is not None:
                return found
        number = sample_number(self.choose, self.dtypes)
        return self.constant(number if kind < 15 else pick(self.choose, self.dtypes).type(_modest(number)))


def _modest(number: Any) -> Any:
    """Return a number that every dtype can hold."""
    return abs(number) if np.isfinite(number) and abs(number) < 100 else 1


def _broadcast(*values: Any) -> bool:
    try:
        np.broadcast_shapes(*map(np.shape, values))
    except ValueError:
        return False
    return True


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _grow_unary(growth: _Growth) -> None:
    operand = growth.take()
    assert operand is not None
    growth.add(f"np::{pick(growth.choose, _names(1, exact=growth.exact))}", [operand])


def _grow_binary(growth: _Growth) -> None:
    name = pick(growth.choose, _names(2, exact=growth.exact))
    kinds = "biu" if name in _BITWISE else "biufc"
    left = growth.take(lambda value: np.result_type(value).kind in kinds)
    if left is not None:
        operands = [left, growth.operand(growth.values[left])]
        growth.add(f"np::{name}", operands[::-1] if growth.flip() else operands)


def _grow_selection(growth: _Growth) -> None:
    first = growth.take()
    assert first is not None
    second = growth.operand(growth.values[first])
    third = growth.operand(growth.values[first], growth.values[second])
    if growth.flip():
        growth.add("np::where", [first, second, third])
    else:
        bounds = pick(growth.choose, [("low", "high"), ("low",), ("high",)])
        growth.add("np::clip", [first, second, third][: 1 + len(bounds)], bounds=bounds)


def _grow_cast(growth: _Growth) -> None:
    operand = growth.take(lambda value: isinstance(value, np.ndarray | np.generic))
    if operand is not None:
        growth.add("np::astype", [operand], dtype=pick(growth.choose, growth.dtypes))


def _grow_reduction(growth: _Growth) -> None:
    operand = growth.take(_is_array)
    if operand is None:
        return
    rank = np.ndim(growth.values[operand])
    axis: Any = None
    if rank and growth.flip():
        axes = tuple(axis for axis in range(rank) if growth.flip()) or (growth.choose(2 * rank) - rank,)
        axis = axes[0] if len(axes) == 1 else axes
    names = "sum max min any all prod mean var".split()
    growth.add(f"np::{pick(growth.choose, names)}", [operand], axis=axis, keepdims=growth.flip())


def _grow_view(growth: _Growth) -> None:
    operand = growth.take(_is_array)
    if operand is None:
        return
    rank = np.ndim(growth.values[operand])
    if growth.flip():
        growth.add("np::getitem", [operand], index=_index(growth.choose, rank))
    else:
        axes = list(range(rank))
        shuffled = tuple(axes.pop(growth.choose(len(axes))) for _ in range(rank))
        growth.add("np::transpose", [operand], axes=shuffled if growth.flip() else None)


def _index(choose: Choose, rank: int) -> tuple[Any, ...]:
    bounds = (None, 0, 1, 2, -1, -2, 5)
    items: list[Any] = []
    for _ in range(choose(rank + 2)):
        match choose(8):
            case 6:
                items.append(choose(4) - 2)
            # More axes make no new cases.
            case 7 if rank < 4:
                items.append(None)
            case _:
                items.append(slice(pick(choose, bounds), pick(choose, bounds), pick(choose, (None, 2, -1, -2))))
    if choose(3) == 2:
        items.insert(choose(len(items) + 1), Ellipsis)
    return tuple(items)


def _grow_host(growth: _Growth) -> None:
    """Add arithmetic on Python numbers, or the size of an axis."""
    number = growth.take(lambda value: type(value) in (bool, int, float))
    array = growth.take(lambda value: _is_array(value) and value.ndim > 0)
    if number is not None and growth.flip():
        other = growth.constant(growth.choose(7) - 3)
        # Powers and shifts are left out: their numbers grow without bounds.
        name = pick(growth.choose, "add sub mul truediv floordiv mod lt ge eq neg abs".split())
        growth.add(f"py::{name}", [number] if name in ("neg", "abs") else [number, other])
    elif array is not None:
        growth.add("py::size", [array], axis=growth.choose(np.ndim(growth.values[array])))


def _grow_matmul(growth: _Growth) -> None:
    left = growth.take(lambda value: np.ndim(value) > 0)
    right = growth.take(lambda value: np.ndim(value) > 0)
    if left is not None and right is not None:
        growth.add("np::matmul", [left, right])


_STEPS: Sequence[Callable[[_Growth], None]] = (
    *(_grow_binary, _grow_unary, _grow_binary, _grow_unary, _grow_binary, _grow_unary, _grow_binary),
    *(_grow_selection, _grow_cast, _grow_selection, _grow_cast, _grow_reduction, _grow_view),
    *(_grow_reduction, _grow_view, _grow_host, _grow_matmul),
)


def grow_case(
    choose: Choose,
    *,
    exact: bool = False,
    dtypes: Sequence[np.dtype[Any]] | None = None,
    max_steps: int = 12,
    layouts: Sequence[str] = tuple(LAYOUTS),
) -> Case:
    """Return a program with several outputs, and arguments for it.

    Args:
        choose: Source of choices; the smaller they are, the simpler is the program.
        exact: Use only operations whose results must agree with the oracle's to the bit.
        dtypes: What its values may have; by default those of one of `fuser_core.testing.values.FAMILIES`.
        max_steps: The most operations.
        layouts: Which of `fuser_core.testing.values.LAYOUTS` the arguments may have.
    """
    allowed = sample_family(choose) if dtypes is None else dtypes
    arguments = sample_arguments(choose, allowed, layouts=layouts)
    growth = _Growth(choose, arguments, exact=exact, dtypes=allowed)
    for _ in range(choose(max_steps) + 1):
        pick(choose, _STEPS)(growth)
    # A Python number is something that a program reads, not something that it computes.
    results = [number for number, value in enumerate(growth.values) if isinstance(value, np.ndarray | np.generic)]
    outputs = [results[-1], *(pick(choose, results[::-1]) for _ in range(choose(4)))]
    return Case(growth.builder.build(outputs), arguments)
