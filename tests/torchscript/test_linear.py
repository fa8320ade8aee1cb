"""Products of matrices: a call between kernels, with PyTorch's dtypes and refusals."""

import numpy as np
import pytest

from fuser_core import DTypeError, ShapeError, parse_ir
from torchscript.comparison import run

LEFT = np.arange(6.0).reshape(2, 3)
RIGHT = np.linspace(-1, 1, 12).reshape(3, 4)


def _run(line, *arguments):
    names = ", ".join(f"%{name}" for name in "abcd"[: len(arguments)])
    (result,) = run(parse_ir(f"graph({names}):\n  %r = {line}\n  return (%r)"), arguments)
    return result


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "c8"])
@pytest.mark.parametrize("name", ["mm", "matmul"])
def test_products_are_numpys(name, dtype):
    left, right = (array.astype(dtype) for array in (LEFT, np.abs(RIGHT) * 9))
    np.testing.assert_array_equal(_run(f"aten::{name}(%a, %b)", left, right), left @ right)


def test_stacks_and_vectors():
    stack = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(_run("aten::bmm(%a, %b)", stack, stack.swapaxes(1, 2)), stack @ stack.swapaxes(1, 2))
    np.testing.assert_array_equal(_run("aten::matmul(%a, %b)", stack, RIGHT.T), stack @ RIGHT.T)
    dot = _run("aten::matmul(%a, %b)", LEFT[0], LEFT[1])
    assert isinstance(dot, np.ndarray)
    assert dot.tolist() == 14.0


def test_linear():
    bias = np.array([0.5, -2.0])
    np.testing.assert_array_equal(_run("aten::linear[bias=None](%a, %b)", RIGHT.T, LEFT), RIGHT.T @ LEFT.T)
    np.testing.assert_array_equal(_run("aten::linear(%a, %b, %c)", RIGHT.T, LEFT, bias), RIGHT.T @ LEFT.T + bias)


@pytest.mark.parametrize(("beta", "alpha"), [(1, 1), (1, 2), (0.5, 1), (0, 1), (0, -0.25)])
def test_addmm(beta, alpha):
    start = np.full((2, 4), np.nan if beta == 0 else 3.0)
    result = _run(f"aten::addmm[beta={beta}, alpha={alpha}](%a, %b, %c)", start, LEFT, RIGHT)
    np.testing.assert_array_equal(result, (0 if beta == 0 else beta * start) + alpha * (LEFT @ RIGHT))


@pytest.mark.parametrize(
    ("line", "arguments", "error", "message"),
    [
        ("aten::mm(%a, %b)", (LEFT[0], RIGHT), ShapeError, "takes arrays of 2 dimensions, and was given 1 and 2; use"),
        ("aten::bmm(%a, %b)", (LEFT, RIGHT), ShapeError, "takes arrays of 3 dimensions, and was given 2 and 2; use"),
        (
            "aten::mm(%a, %b)",
            (LEFT, LEFT),
            ValueError,
            "matmul: Input operand 1 has a mismatch in its core dimension 0",
        ),
        ("aten::mm(%a, %b)", (LEFT, RIGHT.astype("f4")), DTypeError, "aten::mm of float64 and float32; both arrays"),
        ("aten::matmul(%a, %b)", (LEFT > 1, RIGHT > 1), DTypeError, "aten::matmul is not defined for bool in PyTorch"),
        (
            "aten::addmm(%c, %a, %b)",
            (LEFT, RIGHT, np.ones(4, "f4")),
            DTypeError,
            "adds float32 to a product of float64",
        ),
        (
            "aten::addmm[alpha=0.5](%a, %a, %a)",
            (np.ones((2, 2), int),),
            DTypeError,
            "aten::addmm of int64 with the float 0.5; integers take an integer",
        ),
    ],
)
def test_what_does_not_fit_is_told(line, arguments, error, message):
    with pytest.raises(error, match=message):
        _run(line, *arguments)
