"""Group ``call``: what a call on few elements costs, by each backend, beside one ufunc of NumPy."""

import numpy as np
import pytest
from call_costs import FUNCTIONS

from fuser_core import fuse

pytestmark = pytest.mark.benchmark(group="call")


@pytest.mark.parametrize("inputs", FUNCTIONS)
def test_backend(benchmark, fuser_backend, inputs):
    arrays = list(np.random.default_rng(inputs).random((inputs, 100)))
    function = fuse(backend=fuser_backend)(FUNCTIONS[inputs][0])
    for _ in range(3):  # compiled, then offered to the backend, then as it stays
        np.testing.assert_allclose(function(*arrays), FUNCTIONS[inputs][0](*arrays))
    benchmark(function, *arrays)


@pytest.mark.parametrize("inputs", FUNCTIONS)
def test_numpy(benchmark, inputs):
    benchmark(FUNCTIONS[inputs][0], *np.random.default_rng(inputs).random((inputs, 100)))


def test_one_ufunc(benchmark):
    benchmark(np.add, *np.random.default_rng(2).random((2, 100)))
