"""Random spaces: any strides, sizes and reduced axes, with the answers of NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import test_layouts
import test_reductions
from cuda_groups import Builder, check
from fuser_core.testing.values import LAYOUTS, arrange, mixture
from stations import station as find_station

pytest.importorskip("hypothesis")
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_layouts(data):
    station = find_station("emulation")
    dtype = np.dtype(data.draw(st.sampled_from(("f4", "f8", "i1"))))
    rank = data.draw(st.integers(1, 4))
    shape = tuple(data.draw(st.lists(st.sampled_from((1, 2, 3, 5, 16, 32)), min_size=rank, max_size=rank)))
    names = st.sampled_from([name for name in LAYOUTS if name != "byteswapped"])
    order = st.permutations(range(rank))

    def drawn(seed):
        axes = data.draw(order)
        array = arrange(mixture(dtype, tuple(shape[axis] for axis in axes), seed), data.draw(names))
        return array.transpose(np.argsort(axes))

    outputs = [
        np.empty(tuple(shape[axis] for axis in axes), kind).transpose(np.argsort(axes))
        for axes, kind in ((data.draw(order), dtype), (data.draw(order), "?"))
    ]
    group = test_layouts.sum_of(dtype.str[1:], rank)
    inputs = [drawn(1), drawn(2), mixture(dtype, (), 3)]
    station.run(group, inputs, outputs)
    check(group, inputs, outputs)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_random_spaces(data):
    station = find_station("emulation")
    rank = data.draw(st.integers(1, 4))
    shape = tuple(data.draw(st.lists(st.sampled_from((1, 2, 3, 8, 17)), min_size=rank, max_size=rank)))
    axes = tuple(sorted(data.draw(st.sets(st.integers(0, rank - 1), min_size=1))))
    layout = data.draw(st.sampled_from(("C", "F", "transposed", "strided", "reversed", "repeated")))
    group = _summed(rank, axes)
    x, y = (arrange(mixture(np.dtype("f4"), shape, seed, 0.0), layout) for seed in (1, 2))
    test_reductions.run(station, group, [x, y], shape, axes)


_made = {}


def _summed(rank, axes):
    if (rank, axes) not in _made:
        builder = Builder(rank)
        product = builder.apply("multiply", builder.input("f4"), builder.input("f4"), dtype="f4")
        _made[rank, axes] = builder.group(
            product, builder.reduce("sum", product, axes), builder.reduce("max", product, axes)
        )
    return _made[rank, axes]
