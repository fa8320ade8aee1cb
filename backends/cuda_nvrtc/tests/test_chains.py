"""Chains of kernels that keep rows apart: one kernel does what they do one by one, to the bit."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import emulation
import fuser_cuda_nvrtc
from cuda_groups import CUDA, Described
from fuser_core import fuse, use_backends
from fuser_core.axes import look
from fuser_core.backend import CompileOptions, Decline, Device, hookimpl
from fuser_core.chain_layouts import Looks, lay_out
from fuser_core.testing.chaining import ChainingBackend, ChainKernel
from fuser_core.testing.fakes import installed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(emulation.COMPILER is None, reason="no C++ compiler is on PATH to run kernels with"),
]

HOST = Device("cpu")
SIZES = (1, 31, 33, 1000, 4096, 4097, 100_000)


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


def one_by_one(chain, kernels, inputs, outputs):
    """Fill outputs as the core does without the chain."""
    values = {value.id: array for value, array in zip(chain.inputs, inputs, strict=True)}
    values.update({value.id: array for value, array in zip(chain.outputs, outputs, strict=True)})
    layouts = lay_out(chain, inputs, outputs)
    for group, kernel in zip(chain.groups, kernels, strict=True):
        for value in group.outputs:
            if value.id not in values:
                own = layouts[value.id]
                base = np.empty(int(np.prod(own.shape)), value.dtype)
                values[value.id] = np.ndarray(own.shape, value.dtype, base, 0, own.strides)
        arrays = [[described(values[value.id]) for value in side] for side in (group.inputs, group.outputs)]
        kernel.launch(*arrays)
        for view in Looks(chain.views).of(group.outputs):
            values[view.output.id] = look(values[view.input.id], view.indices, view.axes)


def check(function, arguments, *, entry):
    """See that a chain does what its kernels do, to the bit, and by which entry; ``None`` is for one that declines."""
    chain, inputs, outputs = chain_of(function, arguments)
    inputs = [next((own for own in arguments if own is each), each) for each in inputs]
    kernels, kernel = kernels_of(chain)
    if isinstance(kernel, Decline):  # rows of one element, which the core knows to be of no other size
        assert entry is None
        return
    found, wanted = ([np.empty_like(each) for each in outputs] for _ in range(2))
    emulation.EMULATOR.launched.clear()
    declined = fuser_cuda_nvrtc.launch(kernel, [*map(described, inputs)], [Described(each) for each in found], 1)
    assert list(emulation.EMULATOR.launched) == ([entry] if entry else [])
    assert isinstance(declined, Decline) == (entry is None)
    if entry is None:
        return
    one_by_one(chain, kernels, inputs, wanted)
    for own, right in zip(found, wanted, strict=True):
        assert own.tobytes() == right.tobytes()
    with np.errstate(all="ignore"):
        expected = function(*[each.astype("f8") for each in arguments])
    if not isinstance(expected, tuple):
        np.testing.assert_allclose(found[0], expected, rtol=0.02, atol=1e-6 if found[0].itemsize > 2 else 0.02)


def sample(function, shape, dtype):
    rng = np.random.default_rng(len(shape))
    arguments = [rng.normal(1, 2, shape).astype(dtype)]
    if function is layer_norm:
        arguments += [rng.normal(1, 1, shape[-1:]).astype(dtype) for _ in range(2)]
    return arguments


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
def test_rows(name, dtype):
    for size in SIZES:
        arguments = sample(FUNCTIONS[name], (3 if size > 1000 else 11, size), dtype)
        packed = size * np.dtype(dtype).itemsize % 16 == 0 and size > 100
        entry = "chain_packs" if packed else "chain_elements"
        check(FUNCTIONS[name], arguments, entry=None if size in (1, 100_000) else entry)


def test_rows_of_a_batch_and_padded_ones():
    check(softmax, [np.random.default_rng(0).normal(size=(3, 5, 64)).astype("f4")], entry="chain_packs")
    wide = np.random.default_rng(0).normal(size=(7, 136)).astype("f4")
    check(softmax, [wide[:, :132]], entry="chain_packs")
    check(softmax, [wide[:, :129]], entry=None)  # what is computed of these rows has no room for packs
    check(softmax, [wide[::2, 1:130]], entry="chain_elements")
    check(softmax, [wide[:, ::-1]], entry=None)
    check(softmax, [np.asfortranarray(wide)], entry=None)


def test_layer_norm_over_two_axes():
    def norm(x):
        return (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)

    check(norm, [np.random.default_rng(0).normal(size=(5, 12, 16)).astype("f4")], entry="chain_packs")


def test_many_short_rows_and_nans():
    x = np.random.default_rng(0).normal(size=(700, 12)).astype("f4")
    x[5, 3], x[6, 2], x[7, 0] = np.nan, np.inf, -np.inf
    chain, inputs, outputs = chain_of(softmax, [x])
    kernels, kernel = kernels_of(chain)
    found, wanted = ([np.empty_like(each) for each in outputs] for _ in range(2))
    assert kernel.launch([*map(described, inputs)], [Described(each) for each in found]) is None
    one_by_one(chain, kernels, inputs, wanted)
    assert found[0].tobytes() == wanted[0].tobytes()


def test_rows_that_take_much_shared_memory():
    check(softmax, [np.random.default_rng(0).normal(size=(2, 16_384)).astype("f4")], entry="chain_packs")


def test_columns_are_left_to_the_kernels():
    def columns(x):
        e = np.exp(x - x.max(0))
        return e / e.sum(0)

    check(columns, [np.ones((64, 64), "f4")], entry=None)


def test_nothing_is_compiled_before_it_is_launched():
    chain, _, _ = chain_of(softmax, [np.ones((4, 64), "f4")])
    kernel = fuser_cuda_nvrtc.chain_kernels(chain, [emulation.emulated(group) for group in chain.groups])
    assert "_functions" not in vars(kernel)
    assert "chain_packs" in kernel.artifacts["cuda"]


def test_nvrtc_takes_it():
    from fuser_cuda_nvrtc import nvrtc

    for function, dtype in ((softmax, "f4"), (layer_norm, "f2"), (several, "f8")):
        chain, _, _ = chain_of(function, sample(function, (4, 64), dtype))
        text = kernels_of(chain)[1].artifacts["cuda"]
        for sm in (75, 90):
            assert nvrtc.assemble(text, nvrtc.target_for(sm), CompileOptions())
