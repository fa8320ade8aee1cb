"""How far results may be from NumPy's: where an order of summation decides what is not finite, any order is right."""

import numpy as np
import pytest

from fuser_core.testing.compare import expect
from fuser_core.testing.runner import build

GREAT = 1.7e308


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_part_that_may_overflow_beside_one_that_is_infinite(order):
    graph = build(1, lambda graph: graph.add("np::sum", [0], axis=None, keepdims=False).outputs)
    values = np.array([complex(np.nan, GREAT), complex(np.nan, GREAT), complex(0, -np.inf)])
    total = np.complex128(0)
    for value in values[order]:
        total += value
    (expected,) = expect(graph, [values])
    expected.check(total, "the sum")


def test_a_sum_that_is_finite_in_any_order_is_what_it_is():
    graph = build(1, lambda graph: graph.add("np::sum", [0], axis=None, keepdims=False).outputs)
    (expected,) = expect(graph, [np.array([1 + 2j, 3 - 4j])])
    expected.check(np.complex128(4 - 2j), "the sum")
    with pytest.raises(AssertionError, match="the sum"):
        expected.check(np.complex128(4 - 2.1j), "the sum")
