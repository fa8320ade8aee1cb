"""What a kernel costs on large arrays, and a call on small ones, beside plain NumPy; grouped by ``make bench``."""

import numpy as np
import pytest

SIZE = 4_000_000


def test_fused(benchmark, fused, workload, rng):
    arguments = workload.arguments(rng, SIZE)
    np.testing.assert_allclose(fused(*arguments), workload.function(*arguments), rtol=workload.tolerance)
    benchmark(fused, *arguments)


def test_numpy(benchmark, workload, rng):
    benchmark(workload.function, *workload.arguments(rng, SIZE))


@pytest.mark.parametrize("size", [1, 1_000])
def test_call(benchmark, fused, workload, rng, size):
    benchmark(fused, *workload.arguments(rng, size))
