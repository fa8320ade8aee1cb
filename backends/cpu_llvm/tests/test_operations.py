"""Every operation on every dtype that NumPy has a loop for, against NumPy, special values included."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from fuser_core.backend import Accept, Decline, Device, Elementwise, Value
from fuser_core.definitions import cast_array
from fuser_core.ops import ELEMENTWISE
from fuser_cpu_llvm import mathematics, supports
from fuser_cpu_llvm.operations import OPERATIONS
from llvm_groups import Array, Builder, bits, number, one_step, run

DTYPES = [np.dtype(code) for code in "?bBhHiIlLefd"]
EXACT = [name for name in OPERATIONS if name not in mathematics.FUNCTIONS and ELEMENTWISE[name].ufunc]


def special(dtype: np.dtype[Any]) -> Array:
    """The values on which operations differ: limits, zeros of both signs, powers of two, NaN and inf."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind == "f":
        info = np.finfo(dtype)
        edges = [0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 7.0, 1e6 + 0.5, 2.0**23, 2.0**31, 2.0**52, 2.0**63, 1e-3, 1e17]
        edges += [info.max, info.tiny, info.smallest_subnormal, np.inf, np.nan]
        return np.array([*edges, *(-edge for edge in edges)], dtype)
    info_int = np.iinfo(dtype)
    small = [value for value in (-7, -3, -2, -1) if dtype.kind == "i"]
    return np.array([*small, 0, 1, 2, 3, 5, 7, 8, 31, 63, 64, 100, info_int.min, info_int.max], dtype)


def grid(dtypes: list[np.dtype[Any]]) -> list[Array]:
    """Every combination of special values."""
    return [axis.ravel() for axis in np.meshgrid(*map(special, dtypes), indexing="ij")]


def loops(name: str) -> list[tuple[list[np.dtype[Any]], list[np.dtype[Any]]]]:
    """NumPy's loops of an operation on dtypes of this backend."""
    ufunc = ELEMENTWISE[name].ufunc
    assert ufunc is not None
    known = {dtype.char for dtype in DTYPES}
    found = []
    for loop in dict.fromkeys(ufunc.types):
        left, right = loop.split("->")
        if set(left + right) <= known:
            found.append(([np.dtype(char) for char in left], [np.dtype(char) for char in right]))
    return found


def accepted(name: str, operands: list[np.dtype[Any]], results: list[np.dtype[Any]]) -> Accept | Decline:
    values = [Value(place, dtype, ()) for place, dtype in enumerate([*operands, *results])]
    step = Elementwise(name, tuple(values[: len(operands)]), tuple(values[len(operands) :]))
    return supports(step, Device("cpu"))


CASES = [
    pytest.param(name, *loop, id=f"{name}-{''.join(dtype.char for dtype in loop[0])}")
    for name in EXACT
    for loop in loops(name)
    if isinstance(accepted(name, *loop), Accept)
]


@pytest.mark.parametrize(("name", "operands", "results"), CASES)
def test_agrees_with_numpy_to_the_bit(name: str, operands: list[np.dtype[Any]], results: list[np.dtype[Any]]) -> None:
    arrays = grid(operands)
    builder = Builder()
    outputs = tuple(builder.value(dtype) for dtype in results)
    builder.steps.append(Elementwise(name, tuple(builder.input(dtype) for dtype in operands), outputs))
    got = [np.empty(arrays[0].shape, dtype) for dtype in results]
    run(builder.kernel(*outputs), arrays, got)
    ufunc = ELEMENTWISE[name].ufunc
    assert ufunc is not None
    with np.errstate(all="ignore"):
        wanted = ufunc(*arrays)
    for own, numpys in zip(got, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
        same = bits(own) == bits(numpys)
        if name in ("fmax", "fmin"):  # NumPy's choice between zeros varies with the place in the array.
            same |= own == numpys
        wrong = np.flatnonzero(~same)[:5]
        assert same.all(), [(*(array[at] for array in arrays), own[at], numpys[at]) for at in wrong]


def test_declines_only_what_is_meant() -> None:
    declined = {
        f"{name}-{operands[0].char}"
        for name in EXACT
        for operands, results in loops(name)
        if isinstance(accepted(name, operands, results), Decline)
    }
    integers_only = {f"reciprocal-{char}" for char in "bBhHiIlL"}
    assert declined == integers_only


@pytest.mark.parametrize("source", DTYPES, ids=str)
@pytest.mark.parametrize("target", DTYPES, ids=str)
def test_casts_as_the_table_of_the_core_says(source: np.dtype[Any], target: np.dtype[Any]) -> None:
    values = special(source)
    out, wanted = np.empty(values.shape, target), np.empty(values.shape, target)
    run(one_step("cast", [source], target), [values], [out])
    with np.errstate(all="ignore"):
        cast_array(values, wanted)
    np.testing.assert_array_equal(bits(out), bits(wanted))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_where_selects_to_the_bit(dtype: np.dtype[Any]) -> None:
    condition, yes, no = grid([np.dtype(bool), dtype, dtype])
    out = np.empty(yes.shape, dtype)
    run(one_step("where", [bool, dtype, dtype], dtype), [condition, yes, no], [out])
    np.testing.assert_array_equal(bits(out), bits(np.where(condition, yes, no)))


def test_any_nonzero_byte_is_true() -> None:
    bytes_ = np.arange(256, dtype=np.uint8)
    out = np.empty(256, np.uint8)
    run(one_step("logical_not", [bool], bool), [bytes_.view(bool)], [out.view(bool)])
    np.testing.assert_array_equal(out, bytes_ == 0)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_constants_are_exact(dtype: np.dtype[Any]) -> None:
    for value in special(dtype):
        builder = Builder()
        kernel = builder.kernel(
            builder.apply("where", builder.input(bool), number(value, dtype), number(0, dtype), dtype=dtype)
        )
        out = np.empty(3, dtype)
        run(kernel, [np.array([True, False, True])], [out])
        np.testing.assert_array_equal(bits(out), bits(np.array([value, 0, value], dtype)))


@pytest.mark.parametrize(("op", "dtype"), list(itertools.product(("remainder", "floor_divide", "fmod"), "fd")))
def test_float_division_on_random_bits(op: str, dtype: str) -> None:
    random = np.random.default_rng(3)
    kind = np.dtype(dtype)
    x, y = (random.integers(0, 256, 40000 * kind.itemsize, np.uint8).view(kind) for _ in range(2))
    with np.errstate(all="ignore"):
        near = (y * random.integers(-1000, 1000, y.shape)).astype(kind)
        for left in (x, near, np.nextafter(near, kind.type(np.inf)), np.nextafter(near, kind.type(-np.inf))):
            out = np.empty_like(left)
            run(one_step(op, [kind, kind], kind), [left, y], [out])
            np.testing.assert_array_equal(bits(out), bits(getattr(np, op)(left, y)))
