"""Errors of sums against `math.fsum`, beside NumPy's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fuser_core import fuse

rng = np.random.default_rng(0)
NUMBERS: dict[str, Callable[[tuple[int, int]], Any]] = {
    "uniform": rng.random,
    "normal": lambda shape: rng.normal(size=shape),
    "an offset": lambda shape: 1e8 + rng.normal(size=shape),
    "ten decades": lambda shape: 10 ** rng.uniform(-5, 5, shape),
}


def error(found: Any, exact: list[float], scale: list[float]) -> float:
    """Return the largest error, in units of the scale."""
    return max(abs(float(own) - true) / unit for own, true, unit in zip(found, exact, scale, strict=True))


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("axis", [0, 1])
def test_sums_are_as_near_to_the_true_ones_as_numpy_s(kind: str, dtype: str, axis: int) -> None:
    x = NUMBERS[kind]((1000, 1000)).astype(dtype)
    arrays = list(x.T if axis == 0 else x)
    exact = [math.fsum(array.astype("f8")) for array in arrays]
    scale = [float(np.finfo(dtype).eps) * math.fsum(abs(array.astype("f8"))) for array in arrays]
    own = error(fuse(lambda x: x.sum(axis), backend="cpu_llvm")(x), exact, scale)
    theirs = error(x.sum(axis), exact, scale)
    assert own <= max(theirs, 2.0)  # rows differ by chance, columns by an order of magnitude
