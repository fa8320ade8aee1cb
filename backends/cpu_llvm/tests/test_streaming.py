"""Writing past the cache: the same values, and only where every output is one aligned run of memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from fuser_core import fuse
from fuser_cpu_llvm import streaming
from fuser_cpu_llvm.kernel import Kernel

N = 1_100_007  # fills no vector; even a mask of it is large enough to be aligned
A, B = np.random.default_rng(3).random((2, N))


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Kernel]]:
    """Every kernel that asked for its streaming body."""
    asked: list[Kernel] = []
    kept: list[object] = []  # machine code must outlive its launch
    own = Kernel._streaming.func

    def ask(kernel: Kernel) -> object:
        asked.append(kernel)
        kept.append(own(kernel))
        return kept[-1]

    monkeypatch.setattr(streaming, "_cache_size", lambda: 0)
    monkeypatch.setattr(Kernel, "_streaming", property(ask))
    yield asked
    kept.clear()


@pytest.mark.parametrize("threads", [1, 2])
def test_the_values_are_the_same(streamed: list[Kernel], threads: int) -> None:
    product, mask, narrow = fuse(
        lambda a, b: (a * b, a > b, (a - b).astype(np.float32)), backend="cpu_llvm", threads=threads
    )(A, B)
    assert streamed
    np.testing.assert_array_equal(product, A * B)
    np.testing.assert_array_equal(mask, A > B)
    np.testing.assert_array_equal(narrow, (A - B).astype(np.float32))


def test_an_output_may_be_an_input(streamed: list[Kernel]) -> None:
    memory = np.empty(N + 8)
    start = -memory.ctypes.data % 64 // 8
    own = memory[start : start + N]
    own[...] = A
    fuse(lambda a, b: a + b, backend="cpu_llvm")(own, B, out=own)
    assert streamed
    np.testing.assert_array_equal(own, A + B)


def test_unaligned_strided_and_reduced_results_are_not_streamed(streamed: list[Kernel]) -> None:
    memory = np.empty(2 * N + 16)
    start = -memory.ctypes.data % 64 // 8
    add = fuse(lambda a, b: a + b, backend="cpu_llvm")
    for out in (memory[start + 1 : start + 1 + N], memory[start : start + 2 * N : 2]):
        add(A, B, out=out)
        np.testing.assert_array_equal(out, A + B)
    fuse(lambda a, b: (a + b).sum(), backend="cpu_llvm")(A, B)
    assert streamed == []


def test_the_size_of_the_cache_is_known_or_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    streaming._cache_size.cache_clear()
    assert streaming._cache_size() >= 1 << 18
    monkeypatch.setattr(streaming.Path, "glob", lambda *_: iter(()))
    streaming._cache_size.cache_clear()
    assert streaming._cache_size() == 32 << 20
    streaming._cache_size.cache_clear()
