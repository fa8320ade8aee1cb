"""Corners of NumPy's semantics that random programs have found, each as the smallest program that shows it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from fuser_core.interface import register_fusion, run_fusion
from fuser_core.testing import assert_agrees, evaluate, expect
from fuser_core.testing.runner import build
from fuser_core.testing.values import specials


def run(graph, *arguments):
    stack = list(arguments)
    run_fusion(register_fusion(graph), stack)
    return stack


def agrees(graph, *arguments):
    for result, expectation in zip(run(graph, *arguments), expect(graph, arguments), strict=True):
        expectation.check(result, f"an output of\n{graph}\n")


def single(name, arity, **attributes):
    return build(arity, lambda graph: graph.add(f"np::{name}", range(arity), **attributes).outputs)


def with_constant(name, number, **attributes):
    return build(1, lambda graph: graph.add(f"np::{name}", [0, graph.constant(number)], **attributes).outputs)


@pytest.mark.parametrize("number", [-1, 300, 2**31])
@pytest.mark.parametrize("dtype", ["u1", "i2"])
def test_where_treats_python_integers_as_this_numpy_does(dtype, number):
    condition, array = np.array([True, False]), np.array([1, 2], dtype)
    graph = build(2, lambda graph: graph.add("np::where", [0, 1, graph.constant(number)]).outputs)
    try:
        np.where(condition, array, number)
    except OverflowError:  # from NumPy 2.5 on; before, it wraps
        for fused, arguments in ((single("where", 3), [condition, array, number]), (graph, [condition, array])):
            with pytest.raises(OverflowError, match="out of bounds"):
                run_fusion(register_fusion(fused), arguments)
    else:
        agrees(single("where", 3), condition, array, number)
        agrees(graph, condition, array)


@pytest.mark.parametrize(("bound", "number"), [("low", -128), ("high", 2**31), ("low", -(2**40)), ("high", 255)])
@pytest.mark.parametrize("dtype", ["u1", "i2", "u8"])
def test_clip_ignores_bounds_beyond_the_dtype(dtype, bound, number):
    array = np.array([0, 1, 100], dtype)
    graph = single("clip", 2, bounds=(bound,))
    try:
        evaluate(graph, [array, number])
    except OverflowError:
        pytest.skip("NumPy refuses this bound for this dtype")
    agrees(graph, array, number)
    agrees(with_constant("clip", number, bounds=(bound,)), array)


def test_clip_of_a_python_number_has_its_own_dtype():
    agrees(single("clip", 3, bounds=("low", "high")), 3, np.array([1, 2], np.float32), 3)
    agrees(single("clip", 3, bounds=("low", "high")), 3.0, np.array([1, 2], np.float32), 3)


@pytest.mark.parametrize("name", ["equal", "less", "greater_equal"])
@pytest.mark.parametrize("number", [-3, 2**63, 2**64, -(2**70)])
@pytest.mark.parametrize("dtype", ["u8", "i8", "u1"])
def test_comparisons_with_any_python_integer(name, number, dtype):
    array = np.array([0, 1, 100], dtype)
    agrees(single(name, 2), array, number)
    agrees(build(2, lambda graph: graph.add(f"np::{name}", [1, 0]).outputs), array, number)
    agrees(with_constant(name, number), array)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "any"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "c16"])
def test_reductions_of_swapped_bytes(name, dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(np.dtype(dtype).newbyteorder())
    for axis in (None, 1):
        agrees(single(name, 1, axis=axis), array)


def test_a_scalar_sum_does_not_unbox_an_equal_cast():
    def body(graph):
        (total,) = graph.add("np::sum", [0]).outputs
        (copy,) = graph.add("np::astype", [0], dtype=np.dtype("u8")).outputs
        return [total, copy]

    agrees(build(1, body), np.array(6, "u8"))


@pytest.mark.parametrize("size", [1, 2])
def test_a_size_is_a_python_integer(size):
    agrees(build(1, lambda graph: graph.add("py::size", [0], axis=0).outputs), np.ones(size))


@pytest.mark.parametrize("number", [1e300, -1e300, np.inf])
def test_literals_beyond_the_dtype_do_not_warn(number):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        agrees(with_constant("less", number), np.ones(3, np.float32))
        agrees(single("less", 2), np.ones(3, np.float32), number)


def test_negative_zero_survives():
    array = np.array([-0.0, 0.0])
    for name in ("positive", "sqrt", "rint", "trunc", "conjugate"):
        agrees(single(name, 1), array)
    agrees(single("add", 2), array, -0.0)
    agrees(single("multiply", 2), array, -1)


@pytest.mark.parametrize("name", ["deg2rad", "degrees", "rad2deg", "radians"])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i2", "?"])
def test_angles_are_rounded_as_numpy_rounds_them(name, dtype):
    agrees(single(name, 1), specials(np.dtype(dtype)))
    agrees(build(0, lambda graph: graph.add(f"np::{name}", [graph.constant(0.1)]).outputs))


@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_clip_has_an_order_of_complex_numbers_of_its_own(dtype):
    parts = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]
    numbers = np.array([complex(real, imag) for real in parts for imag in parts], dtype)
    array, low, high = np.meshgrid(numbers, numbers, numbers, indexing="ij", sparse=True)
    agrees(single("clip", 3, bounds=("low", "high")), array, low, high)
    for bounds in (("low",), ("high",)):
        agrees(single("clip", 2, bounds=bounds), array, low)
    agrees(single("clip", 3, bounds=("low", "high")), numbers, -1, 2j)


@pytest.mark.parametrize("dtype", ["u1", "i4", "i8", "f4", "?", "c8"])
def test_casts_of_complex_numbers_take_the_real_part_without_a_warning(dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        agrees(single("astype", 1, dtype=np.dtype(dtype)), specials(np.dtype("c16")))


def test_powers_of_half_precision_are_rounded_once():
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    for exponent in (3, 4, 3.0):
        with np.errstate(all="ignore"):
            expected = np.power(halves, exponent)
        assert_agrees(*run(with_constant("power", exponent), halves), expected)
