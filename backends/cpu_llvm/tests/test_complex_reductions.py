"""Sums and products of complex numbers; their layouts and dtypes are tried with those of all others."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core.backend import Decline, Reduce, Value
from fuser_cpu_llvm import supports
from llvm_groups import CPU, Builder, run

DTYPE_NAMES = ["c8", "c16"]


@pytest.mark.parametrize("op", ["min", "max"])
def test_the_greatest_is_declined(op: str) -> None:
    x, y = Value(0, np.dtype("c16"), (3,)), Value(1, np.dtype("c16"), ())
    verdict = supports(Reduce(op, x, (0,), y), CPU)
    assert isinstance(verdict, Decline)
    assert verdict.reason.startswith(f"complex128 {op}: cpu_llvm has it for bool")


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("op", ["sum", "prod"])
@pytest.mark.parametrize("shape", [(600_001,), (1_000, 700), (3, 250_000), (200_000, 3)])
def test_reductions_on_threads(op: str, dtype: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(6)
    x = (random.uniform(0.999, 1.001, shape) * np.exp(1j * random.uniform(-1, 1, shape))).astype(dtype)
    for axes in ((0,), (1,), (0, 1))[: 3 if len(shape) > 1 else 1]:
        builder = Builder(len(shape))
        kernel = builder.kernel(builder.reduce(op, builder.input(dtype), axes))
        kept = [size for axis, size in enumerate(shape) if axis not in axes]
        alone, together = np.empty(kept, dtype), np.empty(kept, dtype)
        run(kernel, [x], [alone], 1)
        run(kernel, [x], [together], 2)
        np.testing.assert_array_equal(alone, together)
        wanted = getattr(np, op)(x.astype("c16"), axis=axes)
        np.testing.assert_allclose(alone, wanted, rtol=1e-5 if dtype == "c8" else 1e-10)


@pytest.mark.parametrize("dtype", DTYPE_NAMES)
@pytest.mark.parametrize("size", [*range(1, 60), 1000])
def test_sums_and_products_of_every_size(dtype: str, size: int) -> None:
    random = np.random.default_rng(size)
    x = (random.uniform(0.9, 1.1, size) * np.exp(1j * random.uniform(-1, 1, size))).astype(dtype)[::-1]
    builder = Builder()
    value = builder.input(dtype)
    outs = [np.empty((), dtype), np.empty((), dtype)]
    run(builder.kernel(builder.reduce("sum", value, (0,)), builder.reduce("prod", value, (0,))), [x], outs)
    np.testing.assert_allclose(outs, [x.sum(), x.prod()], rtol=200 * np.finfo(dtype).eps)
