"""The original's test_jit_fuser.py: random numbers. More of them: tests/torchscript/test_random.py."""

import numpy as np
import pytest

from fuser_core.torchscript import set_generator
from original.comparison import kernels_of, run, samples

pytestmark = pytest.mark.usefixtures("backend", "_own_generator")

RAND = """graph(%x : Tensor):
  %1 : NoneType = prim::Constant()
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::mul(%x, %x)
  %4 : Tensor = aten::add(%3, %x, %2)
  %5 : Tensor = aten::rand_like(%x, %1, %1, %1, %1, %1)
  %6 : Tensor = aten::add(%4, %5, %2)
  return (%6)"""


@pytest.fixture
def _own_generator():
    yield
    set_generator(None)


def test_rand(backend):
    """All but the drawing itself, which is a call of NumPy's generator, is one kernel."""
    x = np.zeros((3, 4, 5), np.float32)
    (first,), (second,) = run(RAND, x), run(RAND, x)
    assert not np.array_equal(first, second)
    for result in (first, second):
        assert ((result >= 0) & (result < 1)).all()
    assert kernels_of(RAND, x) == ([backend], ["numpy.random.Generator.random"])


def test_rand_with_a_seed():
    x = samples(3, 4)
    set_generator(np.random.default_rng(1))
    (result,) = run(RAND, x)
    np.testing.assert_array_equal(result, x * x + x + np.random.default_rng(1).random((3, 4), np.float32))


RAND_BROADCAST = """graph(%x : Tensor, %y : Tensor):
  %1 : NoneType = prim::Constant()
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::rand_like(%y, %1, %1, %1, %1, %1)
  %4 : Tensor = aten::mul(%3, %x)
  %5 : Tensor = aten::add(%4, %x, %2)
  return (%5)"""


def test_rand_broadcast():
    """One number per element of the array that is drawn like, repeated along the rows of the other."""
    (result,) = run(RAND_BROADCAST, np.ones((4, 4), np.float32), np.ones(4, np.float32))
    np.testing.assert_array_equal(result, result[:1].repeat(4, 0))
    assert len(np.unique(result)) > 1


DROPOUT = """graph(%x : Tensor):
  %1 : NoneType = prim::Constant()
  %2 : float = prim::Constant[value=0.5]()
  %3 : Tensor = aten::rand_like(%x, %1, %1, %1, %1, %1)
  %4 : Tensor = aten::lt(%3, %2)
  %5 : Tensor = aten::type_as(%4, %x)
  %6 : Tensor = aten::mul(%x, %5)
  %7 : Tensor = aten::div(%6, %2)
  %8 : Tensor = aten::relu(%7)
  return (%8)"""


def test_dropout_forward(backend):
    """Dropout and a rectifier as PyTorch decomposes them; there is no backward pass."""
    x = samples(40, 40)
    (result,) = run(DROPOUT, x)
    kept = result != 0
    np.testing.assert_array_equal(result[kept], 2 * x[kept])
    assert (result[x <= 0] == 0).all()
    assert 0.4 < kept[x > 0].mean() < 0.6
    assert kernels_of(DROPOUT, x)[0] == [backend]
