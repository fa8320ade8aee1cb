"""Nodes that no tracer would record, which a text can ask for all the same: told in words, in bounded time."""

import numpy as np
import pytest

from fuser_core import GraphError, parse_ir, register_fusion, run_fusion
from fuser_core.fused import fuse

ARRAY = np.ones(3)


def run(line, *arguments):
    names = ", ".join(f"%x{place}" for place in range(len(arguments)))
    stack = list(arguments)
    run_fusion(register_fusion(parse_ir(f"graph({names}):\n  {line}\n  return (%r)")), stack)
    return stack


@pytest.mark.parametrize(
    ("line", "arguments", "message"),
    [
        ("%r = py::neg[type=int](%x0)", [ARRAY], "py::neg takes Python numbers, and was given an array; use the np::"),
        ("%r = py::size[axis=0](%x0)", [3], "py::size takes an array, and was given a number"),
        ("%r = py::sub[type=int](%x0, %x0, %x0)", [3], "py::sub takes 2 operands and got 3; correct the node"),
        ("%r = np::sum[foo=1](%x0)", [ARRAY], "np::sum has no attribute 'foo'; it knows axis, keepdims, dtype"),
        ("%r = np::add[foo=1](%x0, %x0)", [ARRAY], "np::add has no attribute 'foo'; it knows dtype"),
        ("%r = np::reshape()", [ARRAY], "np::reshape takes an array and its new sizes, and got nothing; correct the"),
        (
            "%r = np::astype[dtype=dtype('float64')](%x0, %x0)",
            [ARRAY],
            "np::astype takes 1 operands and got 2; correct the node",
        ),
    ],
)
def test_they_are_told(line, arguments, message):
    with pytest.raises(GraphError, match=message):
        run(line, *arguments)


@pytest.mark.parametrize("op", ["pow", "lshift"])
def test_a_short_text_cannot_ask_for_an_endless_number(op):
    text = f"""graph(%x):
      %a : int = prim::Constant[value=1000000007]()
      %b : int = prim::Constant[value=1000000007]()
      %r = py::{op}[type=int](%a, %b)
      return (%r)"""
    with pytest.raises(GraphError, match=f"py::{op} of 30-bit and 1000000007 has over 65536 bits"):
        run_fusion(register_fusion(parse_ir(text)), [ARRAY])


def test_an_output_that_is_an_argument_is_what_it_was():
    x, y = np.arange(3.0), np.arange(3.0) + 10
    fuse(lambda x, y: (x + y, x))(x, y, out=(x, y))
    np.testing.assert_array_equal(x, [10, 12, 14])
    np.testing.assert_array_equal(y, [0, 1, 2])
