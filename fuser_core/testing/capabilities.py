"""Capabilities: which operations a backend holds, in which dtypes, as a table; nothing is compiled for it."""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.backend import Decline, Device, Elementwise, GroupStep, Reduce, Value
from fuser_core.errors import FuserError
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.plugin import Plugin
from fuser_core.semantics import PlanBuilder, rule_of
from fuser_core.testing.values import DTYPES

__all__ = ["OPERATIONS", "Capabilities", "graph_name", "operand_dtypes", "probe", "steps_of"]

DType = np.dtype[Any]

OPERATIONS = (*sorted(set(ELEMENTWISE) - {"cast"}), *REDUCTIONS)
"""Every neutral operation but conversions, which have two dtypes."""

_ELSEWHERE = {"squared_deviations": "np::var", **{name: f"scipy::{name}" for name in ("erf", "erfc", "gammaln")}}
_HELD, _DECLINED, _NONE = "+", "-", " "


def graph_name(op: str) -> str:
    """Return the name of a graph operation that becomes a neutral one."""
    return _ELSEWHERE.get(op, f"np::{op}")


def operand_dtypes(op: str, dtype: DType) -> list[DType]:
    """Return the dtypes of the operands of an operation in a dtype."""
    arity = ELEMENTWISE[op].arity if op in ELEMENTWISE else 1
    # The exponents of ldexp are integers whatever the first operand is.
    return [np.dtype(np.int32) if op == "ldexp" and place else dtype for place in range(arity)]


@functools.cache
def steps_of(op: str, dtype: DType) -> tuple[GroupStep, ...]:
    """Return what an operation is for operands of a dtype, conversions included; nothing where NumPy has none."""
    builder = PlanBuilder({})
    terms = [builder.value(each, (3,)) for each in operand_dtypes(op, dtype)]
    try:
        with warnings.catch_warnings(action="ignore"):
            rule_of(graph_name(op))(builder, terms, {})
    except (FuserError, TypeError):
        return ()
    return tuple(step for step in builder.steps if isinstance(step, Elementwise | Reduce))


@dataclass(frozen=True)
class Capabilities:
    """What a backend says that its kernels hold.

    Attributes:
        backend: Its name.
        device: Where.
        held: By operation, per dtype of operands whether all of its steps are held; ``None`` where NumPy has no such
            loop.
        conversions: Whether each pair of dtypes is converted, those of which one is none of its dtypes left out.
    """

    backend: str
    device: Device
    held: Mapping[str, Sequence[bool | None]]
    conversions: Mapping[tuple[DType, DType], bool]

    @property
    def served(self) -> int:
        """How many operations it holds, each dtype counted for itself, conversions included."""
        return sum(entry is True for entry in self._entries())

    @property
    def possible(self) -> int:
        """How many there are."""
        return sum(entry is not None for entry in self._entries())

    def _entries(self) -> Iterator[bool | None]:
        yield from itertools.chain.from_iterable(self.held.values())
        yield from self.conversions.values()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        width = max(map(len, self.held)) + 1
        yield (
            f"what kernels of {self.backend} hold on {self.device}, by operation and dtype of the operands "
            f"({_HELD} held, {_DECLINED} declined, blank: NumPy has none)"
        )
        yield " " * width + " ".join(f"{_short(dtype):>3}" for dtype in DTYPES)
        for op, held in self.held.items():
            marks = [_NONE if each is None else _HELD if each else _DECLINED for each in held]
            yield f"{op:{width}}" + " ".join(f"{mark:>3}" for mark in marks)
        held_pairs = sum(self.conversions.values())
        yield f"conversions: {held_pairs} of {len(self.conversions)} pairs of dtypes"


def probe(plugin: Plugin, device: Device) -> Capabilities:
    """Ask a backend about every operation in every dtype."""

    def holds(steps: Sequence[GroupStep]) -> bool:
        return not any(isinstance(plugin.supports(step, device), Decline) for step in steps)

    needed = {op: [steps_of(op, dtype) for dtype in DTYPES] for op in OPERATIONS}
    held = {op: [holds(steps) if steps else None for steps in own] for op, own in needed.items()}
    pairs = {pair: holds([_conversion(*pair)]) for pair in itertools.permutations(DTYPES, 2)}
    return Capabilities(plugin.name, device, held, pairs)


def _conversion(source: DType, target: DType) -> GroupStep:
    shape = PlanBuilder({}).value(source, (3,)).shape
    return Elementwise("cast", (Value(0, source, shape),), (Value(1, target, shape),))


def _short(dtype: DType) -> str:
    return "?" if dtype.kind == "b" else dtype.str[1:]
