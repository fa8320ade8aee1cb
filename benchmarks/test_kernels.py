"""What a kernel costs on large arrays, and a call on small ones, beside plain NumPy; grouped by ``make bench``."""

import numpy as np
import pytest

from fuser_core.bench.contenders.entrant import results

SIZE = 4_000_000


def test_fused(benchmark, fused, workload, rng):
    arguments = workload.arguments(rng, SIZE)
    found, expected = results(fused(*arguments)), results(workload.function(*arguments))
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own, other, rtol=workload.tolerance, atol=workload.tolerance)
    benchmark(fused, *arguments)


def test_numpy(benchmark, workload, rng):
    benchmark(workload.function, *workload.arguments(rng, SIZE))


@pytest.mark.parametrize("size", [1, 1_000])
def test_call(benchmark, fused, workload, rng, size):
    benchmark(fused, *workload.arguments(rng, size))
