"""The layouts of a chain's values are those of the arrays that its kernels, run one by one, pass on to each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import fuse, use_backends
from fuser_core.backend import NewAxis, SourceAxis, Value, View, look
from fuser_core.chain_layouts import lay_out, look_at
from fuser_core.instructions import BoundGroup
from fuser_core.testing.chaining import ChainingBackend
from fuser_core.testing.fakes import installed


def normalised(x, y):
    shares = x / x.sum(1, keepdims=True) + y
    return shares / shares.max(1, keepdims=True), shares.sum(1)


ORDERS = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("other", ORDERS[::2])
def test_layouts_are_those_of_separate_kernels(order, other, monkeypatch):
    plugin, seen = ChainingBackend(), {}
    monkeypatch.setattr("fuser_core.chaining.BoundChain.may_run_as_one", lambda *_: False)
    original = BoundGroup.launch

    def launch(self, frame, results):
        done = original(self, frame, results)
        seen.update({value.id: frame.registers[value.id] for value, _, _ in results})
        seen.update({value.id: frame.registers[value.id] for value in self.group.inputs})
        return done

    monkeypatch.setattr(BoundGroup, "launch", launch)
    x, y = (np.ones([(9, 5, 3)[axis] for axis in own]).transpose(np.argsort(own)) for own in (order, other))
    with installed("fake", plugin), use_backends("fake"):
        fuse(normalised)(x, y)
    (chain,) = plugin.chains
    found = lay_out(chain, [seen[value.id] for value in chain.inputs])
    assert found.keys() == seen.keys()
    for number, array in seen.items():
        assert (found[number].shape, found[number].strides) == (array.shape, array.strides)


@st.composite
def views(draw):
    shape = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    indices = [draw(st.none() | st.integers(-size, size - 1)) if size else None for size in shape]
    bounds = st.none() | st.integers(-6, 6)
    walked = [
        SourceAxis(axis, draw(bounds), draw(bounds), draw(st.none() | st.sampled_from([1, 2, -1, -3])))
        for axis, index in enumerate(indices)
        if index is None
    ]
    axes = draw(st.permutations([*walked, *[NewAxis()] * draw(st.integers(0, 2))]))
    return tuple(shape), tuple(indices), tuple(axes)


@given(views())
def test_a_view_is_laid_out_as_numpy_lays_it_out(case):
    shape, indices, axes = case
    array = np.arange(np.prod(shape, dtype=int), dtype="i8").reshape(shape)
    seen = look(array, indices, axes)
    value = Value(0, array.dtype, shape)
    laid, offset = look_at(View(value, indices, axes, Value(1, array.dtype, seen.shape)), array)
    assert laid.shape == seen.shape
    if seen.size:
        assert [own for own, size in zip(laid.strides, seen.shape, strict=True) if size > 1] == [
            own for own, size in zip(seen.strides, seen.shape, strict=True) if size > 1
        ]
        assert offset == seen.ctypes.data - array.ctypes.data
