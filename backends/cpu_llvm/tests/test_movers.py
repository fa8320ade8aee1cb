"""Strided copies: every item comes to its place, nothing else is written, and nothing outside the pages is read."""

from __future__ import annotations

import ctypes
import mmap
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_cpu_llvm.movers import mover

SIZES = [1, 2, 4, 8, 16]
_CANARY = 0xA5
_MARGIN = 64

Counts = tuple[int, int]


def _move(size: int, to: int, to_steps: tuple[int, int], source: int, steps: tuple[int, int], count: Counts) -> None:
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 8)(mover(size))
    function(to, *to_steps, source, *steps, *count)


@pytest.mark.parametrize("size", SIZES)
@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 300),
    row_step=st.integers(-4, 9),
    step=st.sampled_from([-3, -2, -1, 0, 1, 2, 3, 4, 5, 8]),
    aside=st.integers(0, 3),
)
def test_rows_become_contiguous(size: int, rows: int, columns: int, row_step: int, step: int, aside: int) -> None:
    items = np.random.default_rng(1).bytes((abs(step) * columns + abs(row_step) * rows + 1) * size)
    source = np.frombuffer(items, np.uint8)
    first = (max(-step, 0) * (columns - 1) + max(-row_step, 0) * (rows - 1)) * size
    places = first + (row_step * np.arange(rows)[:, None] + step * np.arange(columns)) * size
    wanted = source[places[..., None] + np.arange(size)].reshape(rows, -1)
    width = columns * size + aside
    target = np.full(rows * width + 2 * _MARGIN, _CANARY, np.uint8)
    begin = target.ctypes.data + _MARGIN
    _move(size, begin, (width, size), source.ctypes.data + first, (row_step * size, step * size), (rows, columns))
    found = target[_MARGIN : _MARGIN + rows * width].reshape(rows, width)
    np.testing.assert_array_equal(found[:, : columns * size], wanted)
    assert (found[:, columns * size :] == _CANARY).all()
    assert (target[:_MARGIN] == _CANARY).all()
    assert (target[_MARGIN + rows * width :] == _CANARY).all()


@pytest.mark.parametrize("size", SIZES)
@given(rows=st.integers(1, 9), columns=st.integers(1, 100), step=st.sampled_from([-2, -1, 2, 3, 4, 7]))
def test_contiguous_rows_come_to_their_places(size: int, rows: int, columns: int, step: int) -> None:
    source = np.frombuffer(np.random.default_rng(2).bytes(rows * columns * size), np.uint8)
    stretch = abs(step) * columns * size
    target = np.full(rows * stretch, _CANARY, np.uint8)
    first = max(-step, 0) * (columns - 1) * size
    begin = target.ctypes.data + first
    _move(size, begin, (stretch, step * size), source.ctypes.data, (columns * size, size), (rows, columns))
    places = first + stretch * np.arange(rows)[:, None] + step * size * np.arange(columns)
    wanted = np.full_like(target, _CANARY)
    wanted[places[..., None] + np.arange(size)] = source.reshape(rows, columns, size)
    np.testing.assert_array_equal(target, wanted)


@pytest.fixture(scope="module")
def page() -> Any:
    """Bytes between two pages that nobody may read."""
    if sys.platform == "win32":
        pytest.skip("pages are protected by mprotect, which Windows lacks")
    pages = mmap.mmap(-1, 3 * mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    for place in (0, 2):
        assert protect(ctypes.c_void_p(address + place * mmap.PAGESIZE), mmap.PAGESIZE, 0) == 0
    return pages, address + mmap.PAGESIZE


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [-4, -3, -2, -1, 2, 3, 4, 5])
def test_nothing_is_read_before_the_first_item_or_behind_the_last(size: int, step: int, page: Any) -> None:
    pages, begin = page
    length = mmap.PAGESIZE
    assert len(pages) == 3 * length
    target = np.empty(length, np.uint8)
    for columns in range(1, 100):
        extent = (abs(step) * (columns - 1) + 1) * size
        for start in (begin, begin + length - extent):
            first = start if step > 0 else start + extent - size
            if extent <= length:
                _move(size, target.ctypes.data, (columns * size, size), first, (0, step * size), (1, columns))
