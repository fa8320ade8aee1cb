"""Writing past the cache: the same values, and only where every output is one aligned run of memory."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core import fuse
from fuser_cpu_llvm import streaming
from fuser_cpu_llvm.kernel import Kernel

N = 1_100_007  # fills no vector; even a mask of it is large enough to be aligned
A, B = np.random.default_rng(3).random((2, N))


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> list[Kernel]:
    """Every kernel that asked for its streaming body."""
    asked: list[Kernel] = []
    own = Kernel.bodies

    def ask(kernel: Kernel, *, streaming: bool = False, accumulating: bool = False) -> object:
        if streaming:
            asked.append(kernel)
        return own(kernel, streaming=streaming, accumulating=accumulating)

    monkeypatch.setattr(streaming, "cache_size", lambda: 0)
    monkeypatch.setattr(Kernel, "bodies", ask)
    return asked


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


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("offset", range(9))
@pytest.mark.parametrize("dtype", ["f8", "f4", "u1", "c8", "c16"])
def test_a_single_result_may_begin_anywhere_in_a_line(
    streamed: list[Kernel], offset: int, dtype: str, threads: int
) -> None:
    add = fuse(lambda a, b: a + b, backend="cpu_llvm", threads=threads)
    x, y = (A * 100).astype(dtype)[: 250 * 1001], (B * 100).astype(dtype)[: 250 * 1001]
    memory = np.full(x.size + 300, 7, dtype)
    start = -memory.ctypes.data % 64 // memory.itemsize + offset
    out = memory[start : start + x.size]
    add(x, y, out=out)
    np.testing.assert_array_equal(out, x + y)
    assert (memory[:start] == 7).all()
    assert (memory[start + x.size :] == 7).all()
    out[...] = x
    add(out, y, out=out)
    np.testing.assert_array_equal(out, x + y)
    assert len(streamed) == 2


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("shape", [(700, 301), (20, 20_001), (300, 256), (5000, 133), (5, 70, 65)])
def test_rows_that_begin_anywhere(streamed: list[Kernel], shape: tuple[int, ...], threads: int) -> None:
    function = fuse(lambda a, b, c, d: a * b + c - d, backend="cpu_llvm", threads=threads)
    a = A[: np.prod(shape)].reshape(shape)
    b = np.asfortranarray(B[: np.prod(shape)].reshape(shape))
    c, d = A[: shape[-1]], B[: shape[-2], None]
    wide = np.full((*shape[:-1], shape[-1] + 9), 7.0)
    out = wide[..., 4:-5]
    function(a, b, c, d, out=out)
    np.testing.assert_array_equal(out, a * b + c - d)
    assert (wide[..., :4] == 7).all()
    assert (wide[..., -5:] == 7).all()
    assert streamed


def test_what_is_not_streamed(streamed: list[Kernel]) -> None:
    memory = np.empty(2 * N + 16)
    start = -memory.ctypes.data % 64 // 8
    add = fuse(lambda a, b: a + b, backend="cpu_llvm")
    odd = np.empty(8 * N + 1, np.uint8)[1:].view(np.float64)
    for out in (memory[start : start + 2 * N : 2], odd):
        add(A, B, out=out)
        np.testing.assert_array_equal(out, A + B)
    fuse(lambda a, b: (a + b).sum(), backend="cpu_llvm")(A, B)
    both = fuse(lambda a, b: (a + b, a - b), backend="cpu_llvm")
    outs = memory[start + 1 : start + 1 + N], np.empty(N)
    both(A, B, out=outs)
    np.testing.assert_array_equal(outs, (A + B, A - B))
    assert streamed == []


def test_views_of_one_array_are_read_once() -> None:
    least = int(streaming.cache_size() * streaming._SHARE)
    half, twice = least // 2 + 64, least + 64
    assert not streaming.pays(streaming.Traffic(((0, half), (0, half - 128)), (1, 1)), (64, 128))
    assert streaming.pays(streaming.Traffic(((0, half), (0, half)), (1, 1)), (64, 64 + half))
    assert streaming.pays(streaming.Traffic(((-half, twice), (0, 8)), (1, 8)), (half, half))
    assert not streaming.pays(streaming.Traffic(((0, twice),), (8,)), (4,))


def test_the_size_of_the_cache_is_known_or_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    streaming.cache_size.cache_clear()
    assert streaming.cache_size() >= 1 << 18
    monkeypatch.setattr(streaming.Path, "glob", lambda *_: iter(()))
    streaming.cache_size.cache_clear()
    assert streaming.cache_size() == 32 << 20
    streaming.cache_size.cache_clear()
