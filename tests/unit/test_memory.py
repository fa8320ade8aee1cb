"""Recycled memory: reused when nobody holds it, never while somebody does, and given back in the end."""

import sys
import threading

import numpy as np
import pytest

from fuser_core import memory
from fuser_core.memory import _Recycler, empty

SHAPE, DOUBLE = (512, 512), np.dtype(float)
BYTES = 512 * 512 * 8 + 64

pytestmark = pytest.mark.skipif(
    not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="without a GIL counts of references tell nothing"
)


@pytest.fixture(autouse=True)
def recycler(monkeypatch):
    own = _Recycler(20 * BYTES)
    monkeypatch.setattr(memory, "_recycler", own)
    return own


def test_large_arrays_are_aligned_and_writeable():
    array = empty(SHAPE, DOUBLE)
    array[...] = 1
    assert array.ctypes.data % 64 == 0
    assert array.flags.c_contiguous
    assert array.shape == SHAPE


def test_small_arrays_are_ordinary():
    assert empty((3, 4), DOUBLE).flags.owndata


def test_memory_that_nobody_holds_is_taken_again():
    array = empty(SHAPE, DOUBLE)
    place = array.ctypes.data
    del array
    assert empty(SHAPE, DOUBLE).ctypes.data == place


@pytest.mark.parametrize("hold", [lambda a: a[::2, 3:], lambda a: a.T, memoryview, lambda a: a.view(np.int64)])
def test_a_view_holds_it_all(hold):
    array = empty(SHAPE, DOUBLE)
    place, held = array.ctypes.data, hold(array)
    del array
    assert empty(SHAPE, DOUBLE).ctypes.data != place
    del held
    assert empty(SHAPE, DOUBLE).ctypes.data == place


def test_two_results_never_share():
    arrays = [empty(SHAPE, DOUBLE) for _ in range(5)]
    assert len({array.ctypes.data for array in arrays}) == 5


def test_a_block_that_nobody_wants_is_given_back(recycler):
    del_me = empty(SHAPE, DOUBLE)
    del del_me
    kept = [empty((1024, 1024), DOUBLE) for _ in range(12)]
    assert all(block.memory.nbytes != BYTES for block in recycler._blocks)
    assert len(kept) == 12


def test_there_is_a_most(recycler):
    arrays = [empty(SHAPE, DOUBLE) for _ in range(30)]
    assert sum(block.memory.nbytes for block in recycler._blocks) <= 20 * BYTES
    assert len(arrays) == 30


def test_threads_never_get_the_same_block():
    clashes = []

    def work(number):
        for _ in range(200):
            array = empty(SHAPE, DOUBLE)
            array[0, :8] = number
            array[-1, -8:] = number
            if not ((array[0, :8] == number).all() and (array[-1, -8:] == number).all()):
                clashes.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
