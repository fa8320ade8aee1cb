"""The tests that the original fuser had for graphs in text form, on these functions of the interface."""

import numpy as np
import pytest

from fuser_core import debug_launch_graph, parse_ir, register_fusion, run_fusion

GATES = """graph(%c : Tensor, %o : Tensor, %g : Tensor, %f : Tensor, %i : Tensor):
  %5 : Tensor = aten::sigmoid(%i)
  %6 : Tensor = aten::sigmoid(%f)
  %7 : Tensor = aten::tanh(%g)
  %8 : Tensor = aten::sigmoid(%o)
  %9 : Tensor = aten::mul(%6, %c)
  %10 : Tensor = aten::mul(%5, %7)
  %11 : int = prim::Constant[value=1]()
  %12 : Tensor = aten::add(%9, %10, %11)
  %13 : Tensor = aten::tanh(%12)
  %14 : Tensor = aten::mul(%8, %13)
  return (%14, %12)"""


def _run(graph, *arguments):
    stack = ["below", *arguments]
    run_fusion(register_fusion(graph), stack)
    assert stack.pop(0) == "below"
    return stack


def test_a_product_of_two_layouts():
    left, right = np.random.default_rng(0).random((3, 4)), np.random.default_rng(1).random((4, 3)).T
    graph = parse_ir("graph(%0 : Tensor, %1 : Tensor):\n  %2 : Tensor = aten::mul(%0, %1)\n  return (%2)")
    (result,) = _run(graph, left, right)
    assert np.array_equal(result, left * right)


@pytest.mark.parametrize("axes", [(0, 0), (0, 1), (1, 2), (0, 2)])
def test_the_gates_of_an_lstm(axes):
    numbers = np.random.default_rng(2)
    cell, out, step, forget, into = (
        np.swapaxes(np.swapaxes(numbers.random((8, 16, 4), np.float32), *axes).copy(), *axes) for _ in range(5)
    )

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    state = sigmoid(forget) * cell + sigmoid(into) * np.tanh(step)
    hidden, kept = _run(parse_ir(GATES), cell, out, step, forget, into)
    np.testing.assert_allclose(kept, state, atol=1e-6)
    np.testing.assert_allclose(hidden, sigmoid(out) * np.tanh(state), atol=1e-6)
    assert hidden.dtype == kept.dtype == np.float32


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_an_intermediate_is_an_output_and_a_piece(dim):
    left, right = np.random.default_rng(3).random((2, 3, 4, 5))[0], np.random.default_rng(4).random((3, 4, 5))
    graph = parse_ir(
        f"""graph(%0 : Tensor, %1 : Tensor):
          %2 : Tensor = aten::mul(%0, %1)
          %3 : Tensor = prim::FusedConcat[dim={dim}](%0, %2)
          return (%2, %3)"""
    )
    product, joined = _run(graph, left, right)
    assert np.array_equal(product, left * right)
    assert np.array_equal(joined, np.concatenate([left, left * right], dim))


def test_typed_and_renamed_graphs_share_a_key():
    first = """graph(%0 : Float(2, 3, 4), %1 : Float(2, 3, 4)):
      %c0 : Float(2, 3, 4) = aten::mul(%0, %1)
      %d0 : Float(2, 3, 4) = aten::mul(%c0, %0)
      return (%d0)"""
    second = """graph(%0 : Float(2, 3, 4), %1 : Float(2, 3, 4)):
      %c1 : Float(2, 3, 4) = aten::mul(%0, %1)
      %d1 : Float(2, 3, 4) = aten::mul(%c1, %0)
      return (%d1)"""
    assert register_fusion(parse_ir(first)) == register_fusion(parse_ir(second))


def test_text_reaches_the_debug_door():
    graph = parse_ir("graph(%x : Tensor):\n  %r : Tensor = aten::relu(%x)\n  return (%r)")
    pytest.importorskip("fuser_cpu_llvm")
    (result,) = debug_launch_graph(graph, [np.array([-1.0, 2.0])])
    assert result.tolist() == [0.0, 2.0]
