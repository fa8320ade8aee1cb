"""Chains: kernels that run in turn on one part of an axis after another, with the results of separate ones."""

import numpy as np
import pytest

from fuser_core import fuse, use_backends
from fuser_core.backend import Decline, hookimpl
from fuser_core.testing.chaining import ChainingBackend
from fuser_core.testing.fakes import installed

ROWS = 100


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def normalised(x, gain, shift):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * gain + shift


def means_too(x):
    mean = x.mean(-1, keepdims=True)
    return x - mean, mean


def over_planes(x):
    return x / x.sum((1, 2), keepdims=True), x.max(1)


def columns(x):
    centred = x - x.mean(0)
    return centred / np.sqrt((centred * centred).mean(0) + 1e-5)


def channels(x):
    return (x - x.mean((0, 2), keepdims=True)) / x.std((0, 2), keepdims=True)


def middle(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def turned(x):
    shares = x / x.sum(0)
    return shares - shares.T.max(1), shares[::-1]


def pooled(x):
    rows = x / x.sum(2, keepdims=True)
    return rows, rows.max(1)


def first_by_last(x):
    rows = softmax(x)
    return rows / rows.sum(0)


def steps(x):
    mean = x.mean(2)
    return x - mean[:, :, None], mean[:, 1:] - mean[:, :-1], mean[:, 2] + 1


def whole(x):
    centred = x - x.mean(-1, keepdims=True)
    return centred.sum() * centred


def outer(x, y):
    return (x / x.sum(-1, keepdims=True))[:, :, None] + y


CASES = {
    "softmax": (softmax, [(ROWS, 33)], [[0]]),
    "three axes": (softmax, [(ROWS, 5, 33)], [[0, 1]]),
    "normalised": (normalised, [(ROWS, 33), (33,), (1, 33)], [[0]]),
    "means too": (means_too, [(ROWS, 33)], [[0]]),
    "planes": (over_planes, [(ROWS, 5, 6)], [[0]]),
    "columns": (columns, [(ROWS, 33)], [[1]]),
    "channels": (channels, [(ROWS, 33, 4)], [[1]]),
    "middle": (middle, [(ROWS, 5, 33)], [[0, 2]]),
    "one row": (middle, [(1, 5, 33)], [[2]]),
    "turned": (turned, [(ROWS, 33)], [[1]]),
    "pooled": (pooled, [(ROWS, 5, 33)], [[0]]),
    "first by last": (first_by_last, [(ROWS, 5, 33)], [[0, 1], [1, 2]]),
    "steps": (steps, [(ROWS, 5, 33)], [[0]]),
    "all axes": (whole, [(ROWS, 33)], []),
    "a new axis behind": (outer, [(ROWS, 9), (ROWS, 9, 4)], []),
}
"""Functions, shapes, and the axes of every chain in the space of its first kernel."""


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def backend():
    plugin = ChainingBackend()
    with installed("fake", plugin), use_backends("fake"):
        yield plugin


def _arrays(shapes, rng):
    return [rng.uniform(0.5, 2.0, shape) for shape in shapes]


def _agree(found, expected):
    found, expected = (each if isinstance(each, tuple) else (each,) for each in (found, expected))
    for own, true in zip(found, expected, strict=True):
        assert own.shape == true.shape
        assert own.dtype == true.dtype
        np.testing.assert_allclose(own, true, rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_results_are_those_of_separate_kernels(name, backend, rng):
    function, shapes, axes = CASES[name]
    fused = fuse(function)
    arrays = _arrays(shapes, rng)
    _agree(fused(*arrays), function(*arrays))
    assert [list(chain.axes[0]) for chain in backend.chains] == axes
    for rows in (64, 7, 1):
        arrays = [array[:rows] if len(array) == ROWS else array for array in _arrays(shapes, rng)]
        _agree(fused(*arrays), function(*arrays))


@pytest.mark.parametrize("turn", [np.asfortranarray, lambda x: x[::-1], lambda x: x[:, ::2], lambda x: x.T.copy().T])
def test_other_layouts(turn, backend, rng):
    x = turn(rng.uniform(size=(ROWS, 40)))
    found = fuse(softmax)(x)
    _agree(found, softmax(x))
    assert found.strides == softmax(x).strides


def test_out(backend, rng):
    x = rng.uniform(size=(ROWS, 40))
    expected, result = softmax(x), np.empty_like(x)
    assert fuse(softmax)(x, out=result) is result
    _agree(result, expected)
    fuse(softmax)(x, out=x)
    _agree(x, expected)


def test_an_empty_row_has_no_maximum(backend):
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum which has no identity"):
        fuse(softmax)(np.empty((ROWS, 0)))


def test_explain_says_so(backend, rng):
    text = fuse(softmax).explain(rng.uniform(size=(ROWS, 40)))
    assert "the next 3 kernels run as one, in turn on one part of n0.0 after another, where that pays" in text
    assert "softmax: 3 kernels by fake" in text
    assert "waits" not in text
    text = fuse(middle).explain(rng.uniform(size=(ROWS, 4, 40)))
    assert "the next 3 kernels run as one, in turn on one part of n0.0 and n0.2 after another, where that pays" in text


def test_explain_says_why_not(backend, rng):
    text = fuse(lambda x: x / x.sum()).explain(rng.uniform(size=(ROWS, 40)))
    assert "  kernel 1 waits for all of kernel 0: no axis is kept apart by all of them\n  kernel 1: fake" in text
    text = fuse(lambda x: softmax(columns(x))).explain(rng.uniform(size=(ROWS, 40)))
    assert (
        "  kernel 4 waits for all of kernels 0 to 3: no axis is kept apart by all of them\n  the next 3 kernels" in text
    )


def test_a_backend_that_declines_at_launch(backend, rng):
    fused = fuse(softmax)
    for rows, launches in ((ROWS, 1), (7, 3), (7, 3), (ROWS, 1)):  # the fake wants a second part
        x, before = rng.uniform(size=(rows, 40)), backend.launches
        _agree(fused(x), softmax(x))
        assert backend.launches - before == launches
        out = np.empty_like(x)
        fused(x, out=out)
        _agree(out, softmax(x))


def test_a_declined_chain_is_launched_kernel_by_kernel(rng):
    class Declining(ChainingBackend):
        @hookimpl(specname="chain")
        def chain_kernels(self, chain, kernels):
            return Decline("not today")

    plugin = Declining()
    x = rng.uniform(size=(ROWS, 40))
    with installed("fake", plugin), use_backends("fake"):
        _agree(fuse(softmax)(x), softmax(x))
    assert plugin.launches == 3
