"""``aten::rand_like``: drawn anew each time, never taken for equal, from a generator that can be given."""

import numpy as np
import pytest

from fuser_core import DTypeError, parse_ir
from fuser_core.torchscript import set_generator
from torchscript.comparison import run

TWICE = """graph(%x : Tensor):
  %n : NoneType = prim::Constant()
  %a : Tensor = aten::rand_like(%x, %n, %n, %n, %n, %n)
  %b : Tensor = aten::rand_like(%x, %n, %n, %n, %n, %n)
  return (%a, %b)"""


@pytest.fixture(autouse=True)
def _own_generator():
    yield
    set_generator(None)


def test_two_draws_of_one_call_differ():
    first, second = run(parse_ir(TWICE), [np.zeros(50, np.float32)])
    assert not np.array_equal(first, second)


def test_two_calls_differ():
    graph = parse_ir(TWICE)
    assert not np.array_equal(run(graph, [np.zeros(50)])[0], run(graph, [np.zeros(50)])[0])


def test_a_given_generator_makes_it_repeatable():
    results = []
    for _ in range(2):
        set_generator(np.random.default_rng(7))
        results.append(run(parse_ir(TWICE), [np.zeros((3, 5))]))
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0][0], np.random.default_rng(7).random((3, 5)))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_numbers_are_of_the_dtype_and_below_one(dtype):
    for numbers in run(parse_ir(TWICE), [np.full(20_000, np.nan, dtype)]):
        assert numbers.dtype == dtype
        assert numbers.min() >= 0
        assert numbers.max() < 1
        assert 0.45 < numbers.mean(dtype=float) < 0.55


def test_one_number_per_element_of_its_own_array():
    text = """graph(%x : Tensor, %y : Tensor):
      %a : Tensor = aten::rand_like(%y)
      %r : Tensor = aten::mul(%x, %a)
      return (%r)"""
    (result,) = run(parse_ir(text), [np.ones((4, 3)), np.ones(3)])
    assert (result == result[0]).all()


def test_a_row_of_the_table_with_other_operations():
    (result,) = run(
        parse_ir("graph(%x):\n%p = aten::mul(%x, %x)\n%a = aten::rand_like(%p)\n%r = aten::add(%p, %a)\nreturn (%r)"),
        [np.full(10, 3.0)],
    )
    assert ((result >= 9) & (result < 10)).all()


def test_integers_are_refused():
    with pytest.raises(DTypeError, match="rand_like is not defined for int64"):
        run(parse_ir(TWICE), [np.arange(3)])
