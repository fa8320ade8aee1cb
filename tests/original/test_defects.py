"""The defects of the original fuser's arithmetic, each with the result of eager PyTorch, which is ours."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import math

import numpy as np
import pytest

from fuser_core import DTypeError, fuse
from fuser_core.torchscript import set_generator
from original.comparison import close, kernels_of, run, samples
from torchscript.table import text

pytestmark = pytest.mark.usefixtures("backend")

NAN, INF = math.nan, math.inf


def result(name, operands, *arguments):
    """Return what one operation gives; ``operands`` are words, ``t`` for an array, others constants of the text."""
    (array,) = run(text(name, operands), *arguments)
    return array


def single(*numbers):
    """Return an array of single precision."""
    return np.array(numbers, np.float32)


def double(*numbers):
    """Return an array of double precision."""
    return np.array(numbers, np.float64)


CUT_AND_JOINED = """graph(%x : Tensor):
  %1 : Tensor, %2 : Tensor = prim::ConstantChunk[chunks=2, dim=-1](%x)
  %3 : Tensor = aten::mul(%1, %2)
  %4 : Tensor = prim::FusedConcat[dim=-1](%3, %1)
  return (%4)"""


def test_axes_count_from_the_end():
    x = samples(3, 4, 6)
    close(np.concatenate([x[..., :3] * x[..., 3:], x[..., :3]], -1), run(CUT_AND_JOINED, x)[0])


def test_one_array_can_be_joined():
    (array,) = run(
        "graph(%x):\n  %p = aten::mul(%x, %x)\n  %r = prim::FusedConcat[dim=0](%p)\n  return (%r)", single(3)
    )
    close(single(9), array)


TESTS_JOINED = """graph(%x : Tensor, %y : Tensor):
  %1 : int = prim::Constant[value=0]()
  %2 : Tensor = aten::gt(%x, %1)
  %3 : Tensor = aten::lt(%y, %1)
  %4 : Tensor = prim::FusedConcat[dim=0](%2, %3)
  %5 : Tensor = prim::FusedConcat[dim=0](%2, %y)
  %6 : Tensor = prim::FusedConcat[dim=0](%x, %3)
  return (%4, %5, %6)"""


def test_arrays_are_joined_in_their_common_dtype():
    masks, mask_first, mask_last = run(TESTS_JOINED, single(1, -1), single(-2.5, 0.5))
    close(np.array([True, False, True, False]), masks)
    close(single(1, 0, -2.5, 0.5), mask_first)
    close(single(1, -1, 1, 0), mask_last)


LOWER_RANK_CUT = """graph(%x : Tensor, %y : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor, %3 : Tensor = prim::ConstantChunk[chunks=2, dim=0](%y)
  %4 : Tensor = aten::mul(%x, %2)
  %5 : Tensor = aten::add(%4, %3, %1)
  return (%5)"""


def test_pieces_of_lower_rank_broadcast():
    x, y = samples(4, 3), samples(6, seed=1)
    close(x * y[:3] + y[3:], run(LOWER_RANK_CUT, x, y)[0])
    close(x * y[:3] + y[3:], fuse(lambda x, y: x * y[:3] + y[3:])(x, y))


def test_logit():
    close(
        single(-INF, math.log(1 / 3), 0, math.log(3), INF, NAN),
        result("logit", "t", single(0, 0.25, 0.5, 0.75, 1, 2)),
        4,
    )
    close(single(-math.log(3), 0, math.log(3)), result("logit", "t 0.25", single(0, 0.5, 1)), units=4)
    assert len(kernels_of(text("logit", "t 0.25"), single(0.5))[0]) == 1


@pytest.mark.parametrize("make", [single, double])
def test_round_is_to_even(make):
    close(make(-2, -2, -0.0, 0, 2, 2), result("round", "t", make(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)))


@pytest.mark.parametrize("make", [single, double])
def test_remainder_of_a_tiny_negative_number_is_the_divisor(make):
    close(make(1, 1e-20, -0.0, 0), result("remainder", "t 1", make(-1e-20, 1e-20, -0.0, 0)))


def test_fmod_of_double_precision():
    x, y = double(1e16 + 2, 5.300000000000001, -(2.0**60) - 256), double(3, 0.1, 7)
    close(double(math.fmod(x[0], y[0]), math.fmod(x[1], y[1]), math.fmod(x[2], y[2])), result("fmod", "t t", x, y))


def test_literals_are_compared_in_the_precision_of_the_array():
    for make in (single, double):
        assert result("eq", "t 0.1", make(0.1)).tolist() == [True]
        assert result("lt", "t 0.1", make(0.1)).tolist() == [False]
        assert result("ge", "t 0.1", make(0.1)).tolist() == [True]


TIMES_NUMBER = "graph(%x : Tensor, %p : float):\n  %r : Tensor = aten::mul(%x, %p)\n  return (%r)"


def test_float_arguments_keep_their_digits():
    for number in (0.1, 1 / 3, 1e300, 5e-324):
        close(double(number), run(TIMES_NUMBER, double(1), number)[0])
        close(double(number), fuse(lambda x, p: x * p)(double(1), number))


@pytest.mark.parametrize("number", [1.282549830161864, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 0.30000000000000004])
def test_float_literals_keep_their_digits(number):
    constant = f"  %p : float = prim::Constant[value={number:.17g}]()"
    graph = TIMES_NUMBER.replace(", %p : float", "").replace("):\n", f"):\n{constant}\n")
    close(double(number, -number), run(graph, double(1, -1))[0])


def test_integers_divide_to_floats():
    seven, two = np.array([7, -7, 1, 0]), np.array([2, 2, 0, 0])
    close(single(3.5, -3.5, INF, NAN), result("div", "t t", seven, two))
    close(single(3.5, -3.5, 0.5, 0), result("div", "t 2", seven))


def test_functions_of_floats_make_floats_of_integers():
    whole = np.array([7, -7, 0])
    close((1 / (1 + np.exp(-whole))).astype(np.float32), result("sigmoid", "t", whole), units=4)
    close(single(math.sqrt(7), NAN, 0), result("pow", "t 0.5", whole), units=4)
    close(single(1 / 7, -1 / 7, INF), result("reciprocal", "t", whole))


def test_abs_of_large_integers():
    large = np.array([-(2**53) - 1, 2**62 + 1, -(2**63)])
    assert result("abs", "t", large).tolist() == [2**53 + 1, 2**62 + 1, -(2**63)]


@pytest.mark.parametrize(
    ("scalar", "array", "dtype"),
    [
        (np.array(0.1), single(1, 2), np.float32),
        (np.array(2), single(1, 2), np.float32),
        (np.array(2.5), np.array([1, 2]), np.float64),
        (np.array(True), np.array([1, 2], np.uint8), np.uint8),
    ],
)
def test_arrays_without_dimensions_raise_the_kind_only(scalar, array, dtype):
    product = result("mul", "t t", scalar, array)
    close(scalar.astype(dtype) * array.astype(dtype), product)


def test_clamp_of_integers_between_floats():
    whole = np.array([-1, 0, 3])
    close(single(0, 0, 1), result("clamp", "t 0.0 1.0", whole))
    close(single(0.5, 0.5, 1.5), result("clamp", "t 0.5 1.5", whole))
    close(np.array([0, 0, 1]), result("clamp", "t 0 1", whole))


def test_lerp_starts_from_the_nearer_end():
    start, end = single(1e8, -3), single(1, 7)
    close(end, result("lerp", "t t 1.0", start, end))
    close(start, result("lerp", "t t 0.0", start, end))
    assert result("lerp", "t t 0.29999999999999999", single(0.1), single(0.7)).item() == 0.2800000011920929
    assert result("lerp", "t t 0.90000000000000002", single(0.1), single(0.7)).item() == 0.6399999856948853


def test_dtypes_that_a_compiler_does_not_hold_are_served():
    half = np.array([1, 2048], np.float16)
    close(np.array([0.0999755859375, 204.75], np.float16), result("mul", "t 0.1", half))
    close(np.array([4 + 4j], np.complex64), result("add", "t t", np.array([1 + 4j], np.complex64), single(3)))
    set_generator(np.random.default_rng(0))
    assert result("rand_like", "t", single(0)).item() == np.random.default_rng(0).random(1, np.float32)
    set_generator(None)


def test_and_and_or_are_of_bits():
    six, three = np.array([6, 3]), np.array([3, 5])
    for name, numbers in {"__and__": [2, 1], "__or__": [7, 7], "__xor__": [5, 6]}.items():
        assert result(name, "t t", six, three).tolist() == numbers
        assert result(name, "t t", six > 3, three > 3).dtype == bool
    with pytest.raises(DTypeError, match="__and__ is not defined for float32"):
        result("__and__", "t t", single(1), single(1))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_random_numbers_stay_below_one(dtype):
    drawn = result("rand_like", "t", np.zeros(100_000, dtype))
    assert 0 <= drawn.min() <= drawn.max() < 1


# What was mended in the original before


def test_more_than_128_arrays_are_cut_where_a_kernel_holds_no_more():
    arrays = samples(3, count=200)
    lines = [f"  %s{place + 1} = aten::add(%s{place}, %x{place + 1})" for place in range(199)]
    names = ", ".join(["%s0", *(f"%x{place + 1}" for place in range(199))])
    graph = "\n".join([f"graph({names}):", *lines, "  return (%s199)"])
    total = arrays[0]
    for array in arrays[1:]:
        total = total + array
    close(total, run(graph, *arrays)[0])
    assert len(kernels_of(graph, *arrays)[0]) <= 2


def test_clamp_with_one_bound():
    x = single(NAN, -3, 3)
    close(single(NAN, -3, 2), result("clamp", "t None 2", x))
    close(single(NAN, 0, 3), result("clamp", "t 0 None", x))
    with pytest.raises(DTypeError, match="at least one of min and max must not be None"):
        result("clamp", "t None None", x)


@pytest.mark.parametrize(
    ("name", "function"), [("min", lambda x, y: np.minimum(x, y)), ("max", lambda x, y: np.maximum(x, y))]
)
def test_extrema_hand_nan_on(name, function):
    close(single(NAN, NAN, NAN), result(name, "t t", single(1, NAN, NAN), single(NAN, 2, NAN)))
    close(single(NAN, NAN, NAN), fuse(function)(single(1, NAN, NAN), single(NAN, 2, NAN)))


def test_masks_as_arguments():
    mask = np.array([True, False, True])
    close(single(2.5, 0, -1), result("mul", "t t", mask, single(2.5, 1, -1)))
    close(np.array([True, False, True]), result("add", "t t", mask, mask))
    close(single(1, 5, 3), result("where", "m t t", mask, single(1, 2, 3), single(4, 5, 6)))
