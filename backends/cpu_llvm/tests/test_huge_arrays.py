"""More elements, and longer steps between them, than 32 bits count; memory that is only looked at is never taken."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core import fuse
from llvm_groups import Array, Builder, Kernel, one_step, run

SIZE = 2**31 + 1003


@pytest.fixture(scope="module")
def zeros() -> Array:
    """Zeros that the system has promised and not given: all pages but the few that are written are one and the same."""
    return np.zeros(SIZE, np.int8)


def test_reductions(zeros: Array) -> None:
    fused = fuse(lambda a: ((a * 2).max(), (a + 1).min(), (a != 0).any(), a.sum(dtype=np.int64)), backend="cpu_llvm")
    zeros[[5, 2**31 - 1, 2**31, -2]] = 3, 10, -20, 40
    assert fused(zeros) == (80, -19, True, 33)
    zeros[[5, 2**31 - 1, 2**31, -2]] = 0
    assert fused(zeros) == (0, 1, False, 0)


def test_one_number_repeated(zeros: Array) -> None:
    repeated = np.broadcast_to(np.int8(3), zeros.shape)
    zeros[-1] = 7
    assert fuse(lambda a, b: (a * b).max(), backend="cpu_llvm")(repeated, zeros) == 21
    zeros[-1] = 0
    assert fuse(lambda a: (a + a).sum(dtype=np.int64), backend="cpu_llvm")(repeated) == 6 * SIZE


@pytest.mark.slow
def test_an_axis_of_a_table(zeros: Array) -> None:
    table = zeros[: 2**31].reshape(2**16, 2**15)
    table[-1, :3] = 1, 2, 3
    columns, rows = fuse(lambda a: ((a + 1).max(axis=0), (a + 1).max(axis=1)), backend="cpu_llvm")(table)
    np.testing.assert_array_equal(columns, [2, 3, 4, *[1] * (2**15 - 3)])
    np.testing.assert_array_equal(rows, [*[1] * (2**16 - 1), 4])
    table[-1, :3] = 0


@pytest.fixture(scope="module")
def sum_() -> Kernel:
    builder = Builder(2)
    return builder.kernel(builder.apply("add", builder.input("i1"), builder.input("i1"), dtype="i1"))


@pytest.mark.parametrize("threads", [1, 2])
def test_elementwise(sum_: Kernel, threads: int) -> None:
    row = np.arange(2**15 + 3).astype(np.int8)
    shape = (2**16 + 1, *row.shape)
    inputs, out = np.broadcast_to(row, shape), np.zeros_like(row)
    # Every row of the result is written to the same memory, so that it need not be four gigabytes.
    run(sum_, [inputs, inputs], [np.lib.stride_tricks.as_strided(out, shape, (0, 1))], threads)
    np.testing.assert_array_equal(out, row * 2)


@pytest.mark.parametrize("step", [2**20 + 1, 2**31 + 8, -(2**20) - 1, -(2**31) - 8])
def test_long_steps(step: int) -> None:
    memory = np.zeros(3 * (2**31), np.int8)
    x = memory[::step][:2000]
    out = memory[1 if step > 0 else -2 :: step][: x.size]
    x[:] = np.arange(x.size)
    run(one_step("subtract", ["i1", "i1"], "i1"), [x, x[::-1]], [out], threads=2)
    np.testing.assert_array_equal(out, x - x[::-1])
