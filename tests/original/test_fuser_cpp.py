"""The original's test_fuser.cpp: graphs launched by each compiler through the debug door, without the fallback."""

import numpy as np
import pytest

from fuser_core import debug_launch_graph, parse_ir, register_fusion
from fuser_core.kernel_spec import spec_of
from original.comparison import close
from original.lstm import sigmoid


def uniform(*shape, seed):
    """Return uniformly distributed numbers of single precision."""
    return np.random.default_rng(seed).random(shape, np.float32)


PRODUCT = """graph(%0 : Tensor,
      %1 : Tensor):
  %2 : Tensor = aten::mul(%0, %1)
  return (%2)"""


def test_simple(compiler):
    a, b = uniform(3, 4, seed=0), uniform(4, 3, seed=1).T
    outputs = debug_launch_graph(parse_ir(PRODUCT), [a, b])
    assert len(outputs) == 1
    close(a * b, outputs[0])


GATES = """graph(%0 : Tensor,
      %1 : Tensor,
      %2 : Tensor,
      %3 : Tensor,
      %4 : Tensor):
  %5 : Tensor = aten::sigmoid(%4)
  %6 : Tensor = aten::sigmoid(%3)
  %7 : Tensor = aten::tanh(%2)
  %8 : Tensor = aten::sigmoid(%1)
  %9 : Tensor = aten::mul(%6, %0)
  %10 : Tensor = aten::mul(%5, %7)
  %11 : int = prim::Constant[value=1]()
  %12 : Tensor = aten::add(%9, %10, %11)
  %13 : Tensor = aten::tanh(%12)
  %14 : Tensor = aten::mul(%8, %13)
  return (%14, %12)"""


@pytest.mark.parametrize("axes", [(0, 0), (0, 1), (1, 2), (0, 2)])
def test_one(compiler, axes):
    """Arrays of one shape whose memory is in another order."""
    shape = [128, 128, 32]
    shape[axes[0]], shape[axes[1]] = shape[axes[1]], shape[axes[0]]
    cell, out, step, forget, into = inputs = [uniform(*shape, seed=seed).swapaxes(*axes) for seed in range(5)]
    state = sigmoid(forget) * cell + sigmoid(into) * np.tanh(step)
    hidden, kept = debug_launch_graph(parse_ir(GATES), inputs)
    assert hidden.shape == kept.shape == (128, 128, 32)
    assert np.abs(hidden - sigmoid(out) * np.tanh(state)).max() < 1e-6
    assert np.abs(kept - state).max() < 1e-6


JOINED = """graph(%0 : Tensor,
      %1 : Tensor):
  %2 : Tensor = aten::mul(%0, %1)
  %3 : Tensor = prim::FusedConcat[dim=DIM](%0, %2)
  return (%2, %3)"""


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_fused_concat(compiler, dim):
    """An input of the graph is a piece, and the other piece is an output too."""
    a, b = uniform(3, 4, 5, seed=0), uniform(4, 3, 5, seed=1).swapaxes(0, 1)
    product, joined = debug_launch_graph(parse_ir(JOINED.replace("DIM", str(dim))), [a, b])
    close(a * b, product)
    close(np.concatenate([a, a * b], dim), joined)


ALIASED = """graph(%0 : Tensor,
      %1 : Tensor):
  %12 : int = prim::Constant[value=1]()
  %2.1 : Tensor = aten::mul(%0, %1)
  %2 : Tensor = aten::mul(%2.1, %1)
  %3 : Tensor = aten::add_(%2, %1, %12)
  %4 : Tensor = aten::mul(%2, %1)
  %5 : Tensor = aten::add(%2, %4, %12)
  return (%5)"""


def test_fusion_aliasing(compiler):
    """What reads an array after it was written into reads what was written; the arguments stay as they are."""
    x, y = uniform(4, 4, seed=0), uniform(4, 4, seed=1)
    kept = x.copy(), y.copy()
    written = x * y * y + y
    (result,) = debug_launch_graph(parse_ir(ALIASED), [x, y])
    close(written + written * y, result)
    close(kept[0], x)
    close(kept[1], y)


CACHED = """graph(%0 : Float(2, 3, 4),
      %1 : Float(2, 3, 4)):
  %c0 : Float(2, 3, 4) = aten::mul(%0, %1)
  %d0 : Float(2, 3, 4) = aten::mul(%c0, %0)
  return (%d0)"""


def test_kernel_caching():
    key = register_fusion(parse_ir(CACHED))
    assert register_fusion(parse_ir(CACHED.replace("%c0", "%c1").replace("%d0", "%d1"))) == key
    assert spec_of(key) is spec_of(register_fusion(parse_ir(CACHED.replace("Float(2, 3, 4)", "Tensor"))))
