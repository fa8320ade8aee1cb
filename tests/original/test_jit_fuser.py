"""The original's test_jit_fuser.py, pointwise part: each graph and its NumPy form, by each backend."""

import itertools

import numpy as np
import pytest

from original.comparison import agree, samples

pytestmark = pytest.mark.usefixtures("backend")

NAN = np.array(np.nan, np.float32)

ABS = """graph(%x : Tensor):
  %2 : int = prim::Constant[value=2]()
  %3 : Tensor = aten::abs(%x)
  %4 : Tensor = aten::mul(%3, %2)
  return (%4)"""


def test_abs():
    agree(ABS, lambda x: np.abs(x) * 2, samples(5))


ATAN2 = """graph(%sin.1 : Tensor, %cos.1 : Tensor):
  %2 : NoneType = prim::Constant()
  %3 : bool = prim::Constant[value=0]()
  %4 : int = prim::Constant[value=6]()
  %5 : Tensor = aten::to(%sin.1, %4, %3, %3, %2)
  %6 : Tensor = aten::to(%cos.1, %4, %3, %3, %2)
  %7 : Tensor = aten::atan2(%5, %6)
  return (%7)"""


@pytest.mark.parametrize("shape", [(0,), (3, 0, 2), (5,)])
def test_zero_element_tensors(shape):
    def angle(sin, cos):
        return np.arctan2(sin.astype(np.float32), cos.astype(np.float32))

    agree(ATAN2, angle, *samples(*shape, count=2), units=4)


SCALE_SHIFT = """graph(%x : Tensor, %scale : Tensor, %shift : Tensor):
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::mul(%x, %scale)
  %5 : Tensor = aten::add(%4, %shift, %3)
  return (%5)"""


def test_broadcast():
    agree(SCALE_SHIFT, lambda x, scale, shift: x * scale + shift, samples(4, 4), *samples(4, count=2, seed=1))


REMAINDER = """graph(%x : Tensor, %y : Tensor):
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::remainder(%x, %y)
  %4 : Tensor = aten::add(%3, %2, %2)
  %5 : Tensor = aten::sub(%4, %2, %2)
  return (%5)"""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_remainder(dtype):
    x = np.array([[3.5, -3.5, 3.5, -3.5], [-1e-20, 1e-20, 6.0, -6.0], [0.75, -0.25, 1e10, 7.0]], dtype)
    y = np.array([[2.0, 2.0, -2.0, -2.0], [1.0, -1.0, 3.0, 3.0], [0.5, -0.5, 3.0, np.inf]], dtype)
    agree(REMAINDER, lambda x, y: 1 + np.remainder(x, y) - 1, x, y)
    agree(REMAINDER, lambda x, y: 1 + np.remainder(x, y) - 1, *samples(4, 4, count=2, dtype=dtype))


EXTREMUM = """graph(%a : Tensor, %b : Tensor):
  %2 : int = prim::Constant[value=2]()
  %3 : Tensor = aten::mul(%a, %2)
  %4 : Tensor = aten::OP(%3, %b)
  return (%4)"""


@pytest.mark.parametrize("other", ["array", "NaN", "NaN within"])
@pytest.mark.parametrize(("name", "function"), [("max", np.maximum), ("min", np.minimum)])
def test_minmax(name, function, other):
    a, b = samples(4, 4, count=2)
    b[0] = np.nan
    b = {"array": samples(4, 4, seed=3), "NaN": NAN, "NaN within": b}[other]
    agree(EXTREMUM.replace("OP", name), lambda a, b: function(2 * a, b), a, b)


CLAMP = """graph(%a : Tensor, %b : Tensor):
  %2 : int = prim::Constant[value=1]()
  %none : NoneType = prim::Constant()
  %low : int = prim::Constant[value=0]()
  %high : int = prim::Constant[value=2]()
  %inf : float = prim::Constant[value=inf]()
  %3 : Tensor = aten::add(%a, %b, %2)
  %4 : Tensor = aten::clamp(%3, BOUNDS)
  return (%4)"""
CLAMPS = {"%low, %high": (0, 2), "%low, %inf": (0, np.inf), "%none, %high": (None, 2), "%low, %none": (0, None)}


@pytest.mark.parametrize(("bounds", "other"), list(itertools.product(CLAMPS, ["array", "NaN"])))
def test_clamp(bounds, other):
    a, b = samples(4, 4, count=2)
    a[0, 0], low, high = np.nan, *CLAMPS[bounds]
    agree(CLAMP.replace("BOUNDS", bounds), lambda a, b: np.clip(a + b, low, high), a, b if other == "array" else NAN)


MASKS = """graph(%x : Tensor, %y : Tensor):
  %2 : int = prim::Constant[value=0]()
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::FIRST(%x, %2)
  %5 : Tensor = aten::type_as(%4, %x)
  %6 : Tensor = aten::mul(%x, %5)
  %7 : Tensor = aten::add(%6, %y, %3)
  %8 : Tensor = aten::SECOND(%x, %2)
  %9 : Tensor = aten::type_as(%8, %x)
  %10 : Tensor = aten::mul(%7, %9)
  %11 : Tensor = aten::add(%10, %y, %3)
  return (%11)"""


def masked(first, second):
    """Return the original's function of two comparisons with zero."""

    def function(x, y):
        z = x * first(x, 0).astype(x.dtype) + y
        return z * second(x, 0).astype(x.dtype) + y

    return function


@pytest.mark.parametrize(
    ("first", "second", "function"),
    [
        ("eq", "ne", masked(np.equal, np.not_equal)),
        ("gt", "lt", masked(np.greater, np.less)),
        ("ge", "le", masked(np.greater_equal, np.less_equal)),
    ],
)
def test_comparison(first, second, function):
    x, y = samples(4, 4, count=2)
    x[0] = 0, -0.0, 1, -1
    agree(MASKS.replace("FIRST", first).replace("SECOND", second), function, x, y)


ADDCMUL = """graph(%t : Tensor, %t2 : Tensor):
  %2 : float = prim::Constant[value=0.10000000000000001]()
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::add(%t, %3, %3)
  %5 : Tensor = aten::addcmul(%t, %4, %t2, %2)
  return (%5)"""


def test_addcmul():
    agree(ADDCMUL, lambda t, t2: t + 0.1 * (t + 1) * t2, *samples(1, 4, count=2))


LERP = """graph(%start : Tensor, %end : Tensor, %weight : Tensor):
  %3 : int = prim::Constant[value=1]()
  %4 : float = prim::Constant[value=0.5]()
  %5 : Tensor = aten::add(%start, %3, %3)
  %6 : Tensor = aten::lerp(%5, %end, WEIGHT)
  return (%6)"""


@pytest.mark.parametrize(("weight", "kernels"), [("%4", 2), ("%weight", 3)], ids=["number", "0-d array"])
def test_lerp(weight, kernels):
    def between(start, end, weight):
        start = start + 1
        return end - (end - start) * (1 - weight)  # what eager PyTorch computes for weights from 0.5

    arguments = samples(4, 1), samples(1, 4, seed=1), np.array(0.5, np.float32)
    # `start + 1` is computed 4 times, `1 - weight` once and the rest 16 times: one kernel for each size.
    agree(LERP.replace("WEIGHT", weight), between, *arguments, kernels=kernels)


EXP = """graph(%x : Tensor, %y : Tensor):
  %2 : float = prim::Constant[value=0.5]()
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::mul(%y, %2)
  %5 : Tensor = aten::add(%x, %4, %3)
  %6 : Tensor = aten::OP(%5)
  return (%6)"""


def test_exp():
    agree(EXP.replace("OP", "exp"), lambda x, y: np.exp(x + 0.5 * y), *samples(4, 4, count=2), units=4)


def test_relu():
    def function(x, y):
        total = x + 0.5 * y
        return np.where(total < 0, 0, total)

    x, y = samples(4, 4, count=2)
    x[0], y[0] = (np.nan, -0.0, np.inf, -np.inf), 0
    agree(EXP.replace("OP", "relu"), function, x, y)


THRESHOLD = """graph(%x : Tensor):
  %1 : int = prim::Constant[value=0]()
  %2 : int = prim::Constant[value=-10]()
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::threshold(%x, %1, %2)
  %5 : Tensor = aten::add(%4, %x, %3)
  %6 : Tensor = aten::add(%5, %x, %3)
  %7 : Tensor = aten::add(%6, %x, %3)
  return (%7)"""


def test_threshold():
    x = np.array([-1, -0.5, 0, 1, 2, 3, np.nan], np.float32)
    agree(THRESHOLD, lambda x: np.where(x <= 0, np.float32(-10), x) + x + x + x, x)
