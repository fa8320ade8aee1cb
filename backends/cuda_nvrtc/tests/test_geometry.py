"""Spaces are collapsed to the fewest axes without an element being lost, and quotients are those of integers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fuser_cuda_nvrtc.geometry import Axes, aligned_strides, collapse, divider, in_tiles

pytest.importorskip("hypothesis")
from hypothesis import given
from hypothesis import strategies as st


def strides_of(shape, itemsize=4, order="C"):
    return np.empty(shape, f"V{itemsize}", order).strides


@pytest.mark.parametrize(
    ("shape", "strides", "sizes"),
    [
        ((3, 4, 5), [strides_of((3, 4, 5))], (60,)),
        ((3, 4, 5), [strides_of((3, 4, 5), order="F")], (60,)),
        ((3, 4, 5), [strides_of((3, 4, 5)), (0, 20, 4)], (20, 3)),
        ((3, 4, 5), [strides_of((3, 4, 5)), (80, 20, 0)], (5, 12)),
        ((3, 4, 5), [strides_of((3, 4, 5)), strides_of((3, 4, 5), order="F")], (5, 4, 3)),
        ((1, 1), [(0, 0)], ()),
        ((), [()], ()),
        ((4, 1, 5), [(20, 0, 4)], (20,)),
    ],
)
def test_collapsed_sizes(shape, strides, sizes):
    assert collapse(shape, strides)[0].sizes == sizes


def test_reduced_axes_are_merged_by_themselves():
    kept, gone = collapse((2, 3, 4, 5), [strides_of((2, 3, 4, 5))], reduced=(2, 3))
    assert (kept.sizes, gone.sizes) == ((6,), (20,))
    assert (kept.strides, gone.strides) == (((80,),), ((4,),))


def offsets(axes, array):
    """Return what every element of a space is away from the first, the innermost axis first."""
    ranges = [range(size) for size in reversed(axes.sizes)]
    steps = [own[array] for own in reversed(axes.strides)]
    return [sum(at * step for at, step in zip(place, steps, strict=True)) for place in itertools.product(*ranges)]


@given(st.data())
def test_no_element_is_lost(data):
    rank = data.draw(st.integers(0, 4))
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank)))
    step = st.sampled_from((0, 4, 8, -4, 12, 16, 48, 64))
    given_strides = [tuple(data.draw(st.lists(step, min_size=rank, max_size=rank))) for _ in range(2)]
    strides = [aligned_strides(rank, shape, each) for each in given_strides] + [strides_of(shape)]
    reduced = data.draw(st.sets(st.integers(0, max(0, rank - 1)))) if rank else ()
    kept, gone = collapse(shape, strides, tuple(reduced))
    assert kept.elements * gone.elements == np.prod(shape, dtype=int)
    whole = [
        tuple(sum(at * own[axis] for axis, at in enumerate(place)) for own in strides) for place in np.ndindex(*shape)
    ]
    pairs = [list(itertools.product(offsets(kept, array), offsets(gone, array))) for array in range(3)]
    walked = [tuple(sum(pairs[array][at]) for array in range(3)) for at in range(len(whole))]
    assert sorted(walked) == sorted(whole)


@pytest.mark.parametrize(("shape", "side"), [((64, 96), 32), ((48, 80), 16), ((24, 64), 8), ((64, 33), 0), ((2, 4), 0)])
def test_tiles(shape, side):
    order = np.empty(shape, "f4", "F").strides
    axes, _ = collapse(shape, [order, strides_of(shape)], leading=(1,))
    walked = in_tiles(axes, [4, 4])
    assert walked.elements == axes.elements
    pairs = [sorted(zip(offsets(each, 0), offsets(each, 1), strict=True)) for each in (axes, walked)]
    assert pairs[0] == pairs[1]
    assert walked.sizes[:2] == ((side, side) if side else axes.sizes[:2])


def test_nothing_is_turned():
    axes = Axes((64, 64), ((4, 1024), (4, 0)))
    assert in_tiles(axes, [4, 4]) is axes


def test_reach():
    kept, _ = collapse((3, 5), [(-40, 4)])
    assert kept.reach(0) == 2 * 40 + 4 * 4


@given(st.integers(1, (1 << 31) - 1), st.integers(0, (1 << 31) - 1))
def test_quotients(size, number):
    magic, shift = divider(size)
    assert 0 <= magic < 1 << 32
    for each in (number, 0, size - 1, size, (1 << 31) - 1):
        high = each * magic >> 32
        assert high + each < 1 << 32
        assert (high + each) >> shift == each // size


def test_what_is_divided_plainly():
    assert divider(1 << 31) == divider(1 << 40) == (0, 0)
