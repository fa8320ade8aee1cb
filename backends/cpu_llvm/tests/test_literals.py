"""Divisors, shift counts and powers that are literals of the program, where LLVM knows what the result would be."""

from __future__ import annotations

import numpy as np
import pytest

from llvm_groups import Array, Builder, number, run

INTEGERS = [np.dtype(code) for code in "bBhHiIlL"]


def _edges(dtype: np.dtype[np.integer]) -> Array:
    limits = np.iinfo(dtype)
    values = [0, 1, 2, 7, limits.bits - 1, limits.bits, limits.bits + 1, limits.min, limits.min + 1, limits.max]
    return np.array([*values, *([-1, -2, -limits.bits] if dtype.kind == "i" else [])], dtype)


def _check(op: str, dtype: np.dtype[np.integer], literals: Array, *, first: bool) -> None:
    """Compare a kernel of one operation by each literal with NumPy's operation on arrays."""
    builder = Builder()
    x = builder.input(dtype)
    constants = [number(literal, dtype) for literal in literals]
    operands = [(constant, x) if first else (x, constant) for constant in constants]
    kernel = builder.kernel(*(builder.apply(op, *each, dtype=dtype) for each in operands))
    edges = _edges(dtype)
    results = [np.empty_like(edges) for _ in literals]
    run(kernel, [edges], results)
    for literal, result in zip(literals, results, strict=True):
        constant = np.full_like(edges, literal)
        with np.errstate(all="ignore"):
            wanted = getattr(np, op)(constant, edges) if first else getattr(np, op)(edges, constant)
        np.testing.assert_array_equal(result, wanted, f"{op} of {dtype} and the literal {literal}, first: {first}")


@pytest.mark.parametrize("together", [6, 13])  # more than six divisions are called, not written out
@pytest.mark.parametrize("op", ["floor_divide", "remainder", "fmod"])
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_divisions(op: str, dtype: np.dtype[np.integer], together: int) -> None:
    literals = _edges(dtype)
    for start in range(0, literals.size, together):
        _check(op, dtype, literals[start : start + together], first=False)
    _check(op, dtype, literals[:together], first=True)


@pytest.mark.parametrize("op", ["left_shift", "right_shift"])
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_shifts(op: str, dtype: np.dtype[np.integer]) -> None:
    for first in (False, True):
        _check(op, dtype, _edges(dtype), first=first)


@pytest.mark.parametrize("op", ["gcd", "lcm"])
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_divisors_and_multiples(op: str, dtype: np.dtype[np.integer]) -> None:
    _check(op, dtype, _edges(dtype), first=False)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_powers(dtype: np.dtype[np.integer]) -> None:
    literals = _edges(dtype)
    _check("power", dtype, literals[literals >= 0], first=False)
