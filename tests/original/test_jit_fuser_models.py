"""The original's test_jit_fuser.py: recurrent cells, normalisation, intersections of boxes."""

# ruff: noqa: PLR0917  two boxes have eight edges

import numpy as np
import pytest

from fuser_core import debug_get_fused_kernel_code, fuse, parse_ir
from original import lstm
from original.comparison import agree, close, program_of, run, samples

each_backend = pytest.mark.usefixtures("backend")


def check(text, function, arguments):
    """Assert that a cell's graph and its function give the same pair as NumPy."""
    expected = function(*arguments)
    for results in (run(text, *arguments), fuse(function)(*arguments)):
        for wanted, found in zip(expected, results, strict=True):
            close(wanted, found, units=32)


@each_backend
def test_lstm():
    check(lstm.SCRIPTED, lstm.scripted, lstm.arguments())


@each_backend
def test_lstm_traced():
    check(lstm.TRACED, lstm.traced, lstm.arguments())


@each_backend
def test_milstm():
    check(lstm.MILSTM, lstm.milstm, lstm.arguments(biases=4))


@each_backend
def test_lstm_concat():
    arguments = lstm.arguments()
    (joined,) = run(lstm.JOINED, *arguments)
    close(np.concatenate(lstm.scripted(*arguments), 1), joined, units=32)


@each_backend
@pytest.mark.parametrize("order", lstm.ORDERS, ids=" ".join)
def test_lstm_gates_permutations(order):
    arguments = x, hx, _, w_ih, w_hh, b_ih, b_hh = lstm.arguments()
    summands = {"%wx": x @ w_ih.T, "%uh": hx @ w_hh.T, "%b_ih": b_ih, "%b_hh": b_hh}
    a, b, c, d = (summands[name] for name in order)
    into, forget, cell, out = lstm.four(a + b + c + d)
    (result,) = run(lstm.permuted(order), *arguments)
    close(into * forget * cell * out, result)


NORMALISED_TAIL = """graph(%x : Tensor, %y : Tensor, %mean : Tensor, %var : Tensor, %w : Tensor, %b : Tensor):
  %one : int = prim::Constant[value=1]()
  %eps : float = prim::Constant[value=1.0000000000000001e-05]()
  %1 : Tensor = aten::sub(%x, %mean, %one)
  %2 : Tensor = aten::add(%var, %eps, %one)
  %3 : Tensor = aten::sqrt(%2)
  %4 : Tensor = aten::div(%1, %3)
  %5 : Tensor = aten::mul(%4, %w)
  %6 : Tensor = aten::add(%5, %b, %one)
  %7 : Tensor = aten::relu(%6)
  %8 : Tensor = aten::add(%y, %7, %one)
  return (%8)"""
AXES = {"batch": (0, 2, 3), "layer": (3,)}


def _normalised(name):
    """Return two arrays, statistics of the first, and weights in shapes that broadcast against it."""
    x, y = samples(2, 16, 8, 8, count=2)
    mean, var = x.mean(AXES[name], keepdims=True), x.var(AXES[name], keepdims=True)
    weights = samples(16, 1, 1, count=2, seed=2) if name == "batch" else samples(8, count=2, seed=2)
    return x, y, mean, var, *weights


def tail(x, y, mean, var, w, b):
    """Return the pointwise part of a normalisation, and what follows it."""
    return y + np.maximum((x - mean) / np.sqrt(var + np.float32(1e-5)) * w + b, 0)


@each_backend
@pytest.mark.parametrize("name", AXES)
def test_fuse_decompose_normalization(name):
    """One kernel for the array, one for the few roots."""
    arguments = _normalised(name)
    agree(NORMALISED_TAIL, tail, *arguments, kernels=2)
    roots, whole = program_of(NORMALISED_TAIL, *arguments).groups
    assert "sqrt" in [step.op for step in roots.group.steps]
    assert {"subtract", "multiply", "add", "divide"} <= {step.op for step in whole.group.steps}


@each_backend
@pytest.mark.parametrize("name", AXES)
def test_a_normalisation_with_its_statistics_is_fused_too(name):
    axes = AXES[name]

    def function(x, y, w, b):
        centred = x - x.mean(axis=axes, keepdims=True)
        variance = (centred * centred).mean(axis=axes, keepdims=True)
        return y + np.maximum(centred / np.sqrt(variance + np.float32(1e-5)) * w + b, 0)

    x, y, _, _, w, b = _normalised(name)
    expected = function(*(array.astype(np.float64) for array in (x, y, w, b)))
    np.testing.assert_allclose(fuse(function)(x, y, w, b), expected, rtol=3e-5, atol=3e-5)


def test_batchnorm_fuser_cpu(compiler):
    assert "sqrt" in debug_get_fused_kernel_code(parse_ir(NORMALISED_TAIL), _normalised("batch"))


BOXES = "%l1 %t1 %r1 %b1 %l2 %t2 %r2 %b2".split()
IOU = f"""graph({", ".join(f"{name} : Tensor" for name in BOXES)}):
  %one : int = prim::Constant[value=1]()
  %zero : int = prim::Constant[value=0]()
  %inf : float = prim::Constant[value=inf]()
  %l : Tensor = aten::max(%l1, %l2)
  %t : Tensor = aten::max(%t1, %t2)
  %r : Tensor = aten::min(%r1, %r2)
  %b : Tensor = aten::min(%b1, %b2)
  %1 : Tensor = aten::sub(%r, %l, %one)
  %w : Tensor = aten::clamp(%1, %zero, %inf)
  %2 : Tensor = aten::sub(%b, %t, %one)
  %h : Tensor = aten::clamp(%2, %zero, %inf)
  %inter : Tensor = aten::mul(%w, %h)
  %3 : Tensor = aten::sub(%r1, %l1, %one)
  %4 : Tensor = aten::sub(%b1, %t1, %one)
  %area1 : Tensor = aten::mul(%3, %4)
  %5 : Tensor = aten::sub(%r2, %l2, %one)
  %6 : Tensor = aten::sub(%b2, %t2, %one)
  %area2 : Tensor = aten::mul(%5, %6)
  %7 : Tensor = aten::add(%area1, %area2, %one)
  %8 : Tensor = aten::sub(%7, %inter, %one)
  %9 : Tensor = aten::div(%inter, %8)
  return (%9)"""


def iou(l1, t1, r1, b1, l2, t2, r2, b2):
    """Return intersection over union of each box with each other."""
    width = np.clip(np.minimum(r1, r2) - np.maximum(l1, l2), 0, np.inf)
    height = np.clip(np.minimum(b1, b2) - np.maximum(t1, t2), 0, np.inf)
    inter = width * height
    return inter / ((r1 - l1) * (b1 - t1) + (r2 - l2) * (b2 - t2) - inter)


@each_backend
def test_fuser_iou():
    """The areas of the boxes are computed once for each box, the rest once for each pair: three kernels."""
    corners = [samples(5, 4, seed=seed) for seed in range(2)]
    first, second = ([box[:, :2], box[:, :2] + np.abs(box[:, 2:])] for box in corners)
    columns = [corner[:, axis : axis + 1] for corner in first for axis in range(2)]
    rows = [corner[:, axis][np.newaxis] for corner in second for axis in range(2)]
    agree(IOU, iou, *columns, *rows, kernels=3)
