"""Operations in place: functional where nobody can tell, refused where somebody could."""

import numpy as np
import pytest

from fuser_core import parse_ir
from fuser_core.errors import DTypeError, GraphError, ShapeError
from torchscript.comparison import run

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


def graph(*lines, results="%t"):
    body = "\n".join(["%one : int = prim::Constant[value=1]()", *lines])
    return parse_ir(f"graph(%x, %y):\n{body}\nreturn ({results})")


def test_the_old_name_and_the_new_one_have_the_new_values():
    text = graph("%t = aten::mul(%x, %y)", "%u = aten::add_(%t, %x, %one)", "%v = aten::exp(%t)", results="%t, %u, %v")
    for result, expected in zip(
        run(text, [X, X]), [X * X + X, X * X + X, np.exp(X * X + X, dtype=np.float32)], strict=True
    ):
        np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_what_was_computed_before_keeps_the_old_values():
    text = graph("%t = aten::mul(%x, %y)", "%e = aten::neg(%t)", "%u = aten::relu_(%t)", results="%t, %e")
    result, before = run(text, [X, X - 1])
    np.testing.assert_array_equal(result, np.maximum(X * (X - 1), 0))
    np.testing.assert_array_equal(before, -(X * (X - 1)))


def test_the_dtype_and_the_shape_stay():
    text = graph("%t = aten::neg(%x)", "%u = aten::mul_(%t, %y)")
    (result,) = run(text, [X, np.full((1, 3), 2.0)])
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, X * -2)
    (result,) = run(graph("%t = aten::neg(%x)", "%u = aten::copy_(%t, %y)"), [X, np.array([1.0, 2.0, 3.0])])
    np.testing.assert_array_equal(result, np.float32([[1, 2, 3], [1, 2, 3]]))


def test_results_that_do_not_fit_are_told():
    text = graph("%t = aten::neg(%x)", "%u = aten::add_(%t, %y, %one)")
    with pytest.raises(DTypeError, match="result type float32 can't be cast to int64 in place; use the operation that"):
        run(text, [np.arange(3), np.ones(3, np.float32)])
    with pytest.raises(ShapeError, match=r"an array of shape \(3,\) cannot hold values of shape \(2, 3\)"):
        run(text, [np.ones(3), np.ones((2, 3))])


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["%t = aten::add_(%x, %y, %one)"], "an input of the graph, which belongs to the caller; use aten::add"),
        (["%s = aten::flatten(%x)", "%t = aten::neg_(%s)"], "the result of aten::flatten, which may be a view"),
        (["%s = aten::t(%x)", "%t = aten::neg_(%s)"], "the result of aten::t, which may be a view of another array"),
        (
            ["%s = aten::neg(%x)", "%v = aten::t(%s)", "%t = aten::neg_(%s)"],
            "an array of which aten::t may have made a view; use aten::neg and its result",
        ),
        (
            [
                "%s = aten::neg(%x)",
                "%l = prim::ListConstruct(%s, %y)",
                "%u = aten::neg_(%s)",
                "%t = aten::cat(%l, %one)",
            ],
            "an array that a list holds",
        ),
    ],
)
def test_a_write_that_could_be_seen_elsewhere_is_refused(lines, reason):
    with pytest.raises(GraphError, match=f"line [34567], .*works in place on {reason}"):
        graph(*lines)


def test_the_first_operand_must_be_an_array():
    with pytest.raises(GraphError, match="writes to its first operand, and was given the constant 1; use"):
        graph("%t = aten::neg_(%one)")
