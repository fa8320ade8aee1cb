"""Operations are counted as NumPy does them."""

import numpy as np
import pytest

from fuser_core.bench.operations import operations_per_element
from fuser_core.bench.workload import Workload, squares, vectors
from fuser_core.bench.workloads import WORKLOADS


@pytest.mark.parametrize(
    ("function", "arguments", "count"),
    [
        (lambda a, b: a * b + a, vectors(2), 2),
        (lambda a: np.where(a > 0.5, a, -a), vectors(1), 3),
        (lambda a: a.sum(1), squares(1), 1),
        (lambda a: a - np.max(a, 1, keepdims=True), squares(1), 2),
        (lambda a: (a[:50] * 2, a[:50] * 3), vectors(1), 1),
        (lambda a: a[::2], vectors(1), 1),
    ],
)
def test_elements_of_operations_are_counted(function, arguments, count):
    assert operations_per_element(Workload("", function, arguments, "memory", "kernel", "")) == count


def test_every_workload_can_be_counted():
    counts = {name: operations_per_element(workload) for name, workload in WORKLOADS.items()}
    assert counts["softmax_single"] == 5
    assert counts["sea_water"] > 100
