"""Chains of kernels that keep rows apart: one kernel does what they do one by one."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import emulation
import fuser_cuda_nvrtc
from cuda_groups import CUDA, Described
from fuser_core import fuse, use_backends
from fuser_core.backend import CompileOptions, Decline, Device, hookimpl
from fuser_core.testing.chaining import ChainingBackend, ChainKernel
from fuser_core.testing.fakes import installed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler is on PATH to run kernels with"),
]

HOST = Device("cpu")


def softmax(x):
    e = np.exp(x - np.max(x, -1, keepdims=True))
    return e / np.sum(e, -1, keepdims=True)


def log_softmax(x):
    shifted = x - np.max(x, -1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), -1, keepdims=True))


def layer_norm(x, weight, bias):
    spread = np.sqrt(np.var(x, -1, keepdims=True) + x.dtype.type(1e-5))
    return (x - np.mean(x, -1, keepdims=True)) / spread * weight + bias


def rms_norm(x):
    return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + x.dtype.type(1e-5))


def several(x):
    """Rows and numbers per row leave the chain."""
    centred = x - np.mean(x, -1, keepdims=True)
    spread = np.sqrt(np.mean(centred * centred, -1))
    return centred, spread, centred / spread[..., None], np.any(centred > 1, -1)


FUNCTIONS = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "layer_norm": layer_norm,
    "rms": rms_norm,
    "several": several,
}


class Witness(ChainingBackend):
    """Remembers what a chain was launched with, and declines."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        if not isinstance(kernel, ChainKernel):
            return super().launch(kernel, inputs, outputs, threads)
        self.seen = kernel.chain, [desc.array for desc in inputs], [desc.array for desc in outputs]
        return Decline("seen")


def chain_of(function, arguments):
    """Return the chain that the core makes of a function, and the arrays that it reads and writes."""
    backend = Witness()
    with installed("fake", backend), use_backends("fake"):
        fuse(function)(*arguments)
    return backend.seen


@functools.cache
def kernels_of(chain):
    """Return the kernels of a chain's groups, and that of the chain, for the emulator."""
    kernels = [emulation.emulated(group) for group in chain.groups]
    return kernels, fuser_cuda_nvrtc.chain_kernels(chain, kernels)


def described(array):
    return Described(array, device=HOST if array.ndim == 0 else CUDA)


def check(function, arguments, hold):
    """See that a chain is near to exact, no farther than NumPy is, and how much of a row a thread holds.

    ``hold`` is threads of a block, elements moved as one, packs of a thread, and whether a row has a block of its own;
    ``None`` is for a chain that declines.
    """
    chain, inputs, outputs = chain_of(function, arguments)
    inputs = [next((own for own in arguments if own is each), each) for each in inputs]
    _, kernel = kernels_of(chain)
    if isinstance(kernel, Decline):  # rows of one element, which the core knows to be of no other size
        assert hold is None
        return
    found = [np.empty_like(each) for each in outputs]
    emulation.EMULATOR.launched.clear()
    declined = fuser_cuda_nvrtc.launch(kernel, [*map(described, inputs)], [Described(each) for each in found], 1)
    assert list(emulation.EMULATOR.launched) == ([] if hold is None else ["chain"])
    assert isinstance(declined, Decline) == (hold is None)
    if hold is None:
        return
    assert any(hold == (each.threads, each.lanes, each.packs, each.is_whole) for each in kernel._functions)
    exact = results_of(function, [each.astype("f8") for each in arguments])
    for own in found:
        best = min((distance(own, each) for each in exact if each.shape == own.shape), default=np.inf)
        limit = 4 * np.finfo(own.dtype).eps if own.dtype.kind == "f" else 0.0
        near = [distance(each, best) for each, best in zip(results_of(function, arguments), exact, strict=True)]
        assert best <= max(limit, 2 * max(near))


def results_of(function, arguments):
    with np.errstate(all="ignore"):
        found = function(*arguments)
    return found if isinstance(found, tuple) else (found,)


def distance(found, exact):
    """The greatest distance between results, over the greatest of them."""
    if found.dtype.kind == "b" or exact.dtype.kind == "b":
        return 0.0 if found.dtype == exact.dtype and (found == exact).all() else np.inf
    return float(np.abs(found.astype("f8") - exact).max() / np.abs(exact).max())


def sample(function, shape, dtype):
    rng = np.random.default_rng(len(shape))
    arguments = [rng.normal(1, 2, shape).astype(dtype)]
    if function is layer_norm:
        arguments += [rng.normal(1, 1, shape[-1:]).astype(dtype) for _ in range(2)]
    return arguments


ROWS = {
    "f4": {31: (256, 1, 4, False), 1000: (256, 4, 4, False), 4096: (256, 4, 4, True), 4097: (256, 1, 17, True)},
    "f8": {31: (256, 1, 4, False), 1000: (256, 2, 8, False), 4096: (256, 2, 8, True), 4097: (512, 1, 9, True)},
    "f2": {31: (256, 1, 4, False), 1000: (256, 8, 2, False), 4096: (256, 8, 2, True), 16_384: (256, 8, 8, True)},
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ROWS)
def test_rows(name, dtype):
    for size, hold in ROWS[dtype].items():
        check(FUNCTIONS[name], sample(FUNCTIONS[name], (3 if size > 1000 else 11, size), dtype), hold)
    for size in (1, 100_000):
        check(FUNCTIONS[name], sample(FUNCTIONS[name], (3, size), dtype), None)


def test_rows_of_a_batch_and_padded_ones():
    whole = (256, 4, 2, False)
    check(softmax, [np.random.default_rng(0).normal(size=(3, 5, 64)).astype("f4")], whole)
    wide = np.random.default_rng(0).normal(size=(7, 136)).astype("f4")
    check(softmax, [wide[:, :132]], (256, 4, 3, False))
    check(softmax, [wide[:, :129]], (256, 1, 9, False))
    check(softmax, [wide[::2, 1:130]], (256, 1, 9, False))
    check(softmax, [wide[:, ::-1]], None)
    check(softmax, [np.asfortranarray(wide)], None)


def test_layer_norm_over_two_axes():
    def norm(x):
        return (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)

    check(norm, [np.random.default_rng(0).normal(size=(5, 12, 16)).astype("f4")], (256, 4, 3, False))


def test_many_short_rows_and_nans():
    x = np.random.default_rng(0).normal(size=(700, 12)).astype("f4")
    x[5, 3], x[6, 2], x[7, 0] = np.nan, np.inf, -np.inf
    chain, inputs, outputs = chain_of(softmax, [x])
    _, kernel = kernels_of(chain)
    found = [np.empty_like(each) for each in outputs]
    assert kernel.launch([*map(described, inputs)], [Described(each) for each in found]) is None
    (expected,) = results_of(softmax, [x])
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
def test_variances_lose_no_digits(offset):
    def spread(x):
        return (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)

    noise = np.random.default_rng(0).normal(size=(3, 5000))
    noise[1, 0] = 1e6  # an outlier in the first place
    check(spread, [noise + offset], (512, 2, 5, True))
    check(spread, [(noise + min(offset, 1e4)).astype("f4")], (256, 4, 5, True))


def test_the_longest_rows():
    check(softmax, [np.random.default_rng(0).normal(size=(2, 32_768)).astype("f4")], (1024, 4, 8, True))
    check(softmax, [np.random.default_rng(0).normal(size=(2, 32_772)).astype("f4")], None)


def test_columns_are_left_to_the_kernels():
    def columns(x):
        e = np.exp(x - x.max(0))
        return e / e.sum(0)

    check(columns, [np.ones((64, 64), "f4")], None)


def test_nothing_is_compiled_before_it_is_launched():
    chain, _, _ = chain_of(softmax, [np.ones((4, 64), "f4")])
    kernel = fuser_cuda_nvrtc.chain_kernels(chain, [emulation.emulated(group) for group in chain.groups])
    assert not kernel._functions
    assert "void body2(" in kernel.artifacts["cuda"]


def test_nvrtc_takes_it():
    from fuser_cuda_nvrtc import nvrtc

    for function, dtype in ((softmax, "f4"), (layer_norm, "f2"), (several, "f8")):
        chain, _, _ = chain_of(function, sample(function, (4, 64), dtype))
        text = kernels_of(chain)[1].artifacts["cuda"]
        for sm in (75, 90):
            assert nvrtc.assemble(text, nvrtc.target_for(sm), CompileOptions())
