"""Arrays of CuPy, PyTorch, PyCUDA and Numba: recognised, described, allocated and looked at, on stand-ins for them."""

import numpy as np
import pytest

from fuser_core import FusionDeclinedError, fuse
from fuser_core.arrays import DeviceDesc, known, located, refusal, register_array_kind
from fuser_core.backend import Decline, Device
from fuser_core.testing.devices import DeviceArrays, DeviceBackend
from fuser_core.testing.fakes import installed
from unit.devices import libraries

X = np.arange(12.0).reshape(3, 4)


@pytest.fixture(params=["cupy", "torch", "pycuda", "numba"])
def library(request, monkeypatch):
    return _load(request.param, monkeypatch)


def _load(name, monkeypatch):
    """Return what gives an array of a library, and the type of its arrays."""
    modules = getattr(libraries, name)()
    for each, module in modules.items():
        monkeypatch.setitem(__import__("sys").modules, each, module)
    monkeypatch.setattr(known, "by_type", {})
    module = list(modules.values())[1 if name in ("pycuda", "numba") else 0]
    return {
        "cupy": lambda array: module.asarray(array, "C"),
        "torch": lambda array: module.from_numpy(array).to(("cuda", 0)),
        "pycuda": lambda array: module.to_gpu(array, libraries._new),
        "numba": getattr(module, "to_device", None),
    }[name]


@pytest.fixture
def torch(monkeypatch):
    return _load("torch", monkeypatch), __import__("sys").modules["torch"]


@pytest.fixture
def gpu():
    with installed("gpu", DeviceBackend("cuda")) as plugin:
        yield plugin


def test_arrays_are_described(library):
    array = library(X)
    desc = located(array)
    assert (desc.dtype, desc.shape, desc.strides) == (X.dtype, X.shape, X.strides)
    assert desc.pointer == array.memory.ptr
    assert desc.device == Device("cuda", 1 if "pycuda" in type(array).__module__ else 0)
    assert desc.stream == 1  # the default stream, whatever the library calls it
    assert desc.array is array
    assert not desc.read_only
    assert type(desc.shape) is type(desc.strides) is tuple


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_arrays_are_allocated(library, order):
    like = located(library(X))
    strides = np.empty([(2, 3, 4)[axis] for axis in order], "f4").transpose(np.argsort(order)).strides
    desc = like.kind.allocate(like, (2, 3, 4), np.dtype("f4"), strides)
    again = located(desc.array)
    for each in (desc, again):
        assert (each.dtype, each.shape, each.strides) == (np.dtype("f4"), (2, 3, 4), strides)
        assert (each.device, each.pointer, each.stream) == (like.device, desc.array.memory.ptr, like.stream)
    empty = like.kind.allocate(like, (0, 3), np.dtype("f4"), (12, 4))
    assert empty.array.shape == (0, 3)


@pytest.mark.parametrize("index", [np.s_[1:, ::2], np.s_[2], np.s_[:, None, 1], np.s_[1:1]], ids=str)
def test_views(library, gpu, index):
    array = library(X)
    seen = fuse(lambda x: x[index])(array)
    assert type(seen) is type(array)
    np.testing.assert_array_equal(seen.host, X[index])
    assert seen.memory.block is array.memory.block


def test_functions(library, gpu):
    fused = fuse(lambda x, s: (np.exp(x) * s, x.sum(axis=0), x.T + x.max(), x[::-1], np.concatenate([x, x + 1])))
    array = library(X)
    expected = (np.exp(X) * 3, X.sum(axis=0), X.T + X.max(), X[::-1], np.concatenate([X, X + 1]))
    for _ in range(3):
        results = fused(array, 3.0)
        for found, wanted in zip(results, expected, strict=True):
            assert type(found) is type(array)
            np.testing.assert_allclose(found.host, wanted)
    assert results[2].host.strides == (X.T + 1).strides


def test_constants_checks_and_empty_arrays(library, gpu):
    z = library(np.arange(1, 5))
    np.testing.assert_array_equal(fuse(lambda x: x**x * np.array([1, 2, 3, 4]))(z).host, [1, 8, 81, 1024])
    with pytest.raises(ValueError, match="negative integer powers"):
        fuse(lambda x: x ** (x - 9))(z)
    empty = fuse(lambda x: (x[:, 4:] * 2, x[:, 4:].sum(axis=1)))(library(X))
    assert [each.shape for each in empty] == [(3, 0), (3,)]
    np.testing.assert_array_equal(empty[1].host, 0)


def test_what_costs_least_to_read_tells_arrays_apart(library):
    arrays = [library(each) for each in (X, X + 1, X[:2], X.astype("f4"), X.reshape(4, 3))]
    kind = located(arrays[0]).kind
    keys, pointers = zip(*[kind.peek(array) for array in arrays], strict=True)
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(arrays) - 1
    assert list(pointers) == [array.memory.ptr for array in arrays]
    assert [kind.stream(array) for array in arrays] == [located(array).stream for array in arrays]


def test_calls_are_prepared(library, gpu):
    fused = fuse(lambda x, y, s: (x * s + y, x.sum(axis=0)))
    for turn in range(5):
        x, y = X + turn, X * turn
        found = fused(library(x), library(y), float(turn))
        np.testing.assert_array_equal(found[0].host, x * turn + y)
        np.testing.assert_array_equal(found[1].host, x.sum(axis=0))
        assert (fused.last_run.seconds is None) == (turn > 1)


def test_other_objects_of_the_library_are_no_arrays(library):
    other = type("Other", (), {"__module__": type(library(X)).__module__})()
    assert located(other) is None
    assert refusal(other) is None


def test_cupy_arrays_of_another_device(monkeypatch):
    make = _load("cupy", monkeypatch)
    cupy = __import__("sys").modules["cupy"]
    with cupy.cuda.Device(1):
        array = make(X)
    desc = located(array)
    assert (desc.device, desc.stream) == (Device("cuda", 1), 16)
    made = desc.kind.allocate(desc, (3,), np.dtype("f8"), (8,))
    assert made.array.data.device_id == desc.kind.upload(desc, X).array.data.device_id == 1
    assert cupy.current == [0]


def test_streams_of_torch_and_numba(torch, monkeypatch):
    make, module = torch
    tensor = make(X)
    tensor.memory.device_id = 2
    assert (located(tensor).device, located(tensor).stream) == (Device("cuda", 2), 32)
    del module._C
    module.cuda = type("cuda", (), {"current_stream": lambda index: type("s", (), {"cuda_stream": 5})})
    known.by_type.clear()
    assert located(tensor).stream == 5
    array = _load("numba", monkeypatch)(X)
    array.stream = 9
    assert located(array).stream == 9


def test_pycuda_results_come_from_the_allocator_of_the_argument(gpu, monkeypatch):
    make = _load("pycuda", monkeypatch)
    asked = []

    def pool(size):
        asked.append(size)
        return libraries._new(size)

    array = make(X)
    array.allocator = pool
    assert fuse(lambda x: x * 2)(array).allocator is pool
    assert asked == [96]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_cuda": False, "device": "cpu"}, r"the torch\.Tensor is on cpu, .* tensor\.numpy\(\) gives its memory"),
        ({"requires_grad": True}, r"requires a gradient, .*; pass tensor\.detach\(\)"),
        ({"layout": "torch.sparse_coo"}, r"the torch\.Tensor is torch\.sparse_coo; pass tensor\.to_dense\(\)"),
        ({"dtype": "float8"}, r"NumPy has no dtype for torch\.float8; convert the torch\.Tensor"),
        ({"is_conj": lambda: True}, r"a lazy conjugate or negative; tensor\.resolve_conj\(\)\.resolve_neg\(\)"),
        ({"is_neg": lambda: True}, r"a lazy conjugate or negative; tensor\.resolve_conj\(\)\.resolve_neg\(\)"),
    ],
    ids=["cpu", "gradient", "sparse", "float8", "conjugate", "negative"],
)
def test_tensors_that_are_refused(torch, gpu, change, words):
    make, module = torch
    tensor = make(X.astype(complex) if "is_conj" in change else X)  # no other dtype has conjugates
    fused = fuse(lambda x: x + 1, fallback=False)
    for _ in range(3):
        fused(tensor)
    if "layout" in change:
        change = {**change, "stride": _raise}
    for name, value in change.items():
        setattr(tensor, name, getattr(module, value) if name == "dtype" else value)
    assert located(tensor) is None
    with pytest.raises(FusionDeclinedError, match=words):
        fused(tensor)


def _raise():
    raise RuntimeError("sparse tensors do not have strides")


@pytest.mark.interop
def test_bfloat16_is_that_of_ml_dtypes(torch, gpu):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    make, module = torch
    tensor = make((X * 8).astype("i2"))
    half = (X - 5).astype(ml_dtypes.bfloat16)
    tensor.dtype = module.bfloat16
    tensor.host[...] = half
    product, total, mean, spread, clipped, wide = fuse(
        lambda x: (x * x, x.sum(axis=0), x.mean(), x.std(axis=1), np.clip(x, -1, 1), x.astype("f4"))
    )(tensor)
    for found, right in (
        (product, half * half),
        (total, half.sum(axis=0)),
        (mean, half.mean()),
        (spread, half.std(axis=1)),
        (clipped, np.clip(half, -1, 1)),
        (wide, half.astype("f4")),
    ):
        assert found.host.dtype == right.dtype
        np.testing.assert_allclose(found.host.astype("f4"), np.asarray(right).astype("f4"), rtol=1 / 64)


def test_bfloat16_without_ml_dtypes(torch, gpu, monkeypatch):
    make, module = torch
    monkeypatch.setattr("fuser_core.arrays.torch_tensors.bfloat16", lambda: None)
    tensor = make(X)
    tensor.dtype = module.bfloat16
    with pytest.raises(FusionDeclinedError, match=r"package ml_dtypes only, which is not installed: pip install ml_dt"):
        fuse(lambda x: x + 1, fallback=False)(tensor)


def test_views_with_negative_strides_are_no_tensors(torch, gpu):
    desc = located(torch[0](X))
    assert desc.view((3,), (-8,), 16).array is None
    assert desc.view((3,), (8,), 4).array is None
    np.testing.assert_array_equal(desc.view((2, 2), (0, 8), 8).array.host, [[1, 2], [1, 2]])


def test_libraries_that_nobody_knows():
    array = type("Array", (), {"__array__": None, "__module__": "stranger"})()
    assert located(array) is None
    assert refusal(array) == "stranger.Array is an array of a library that fuser_core does not know"
    nowhere = type("Array", (), {"__dlpack__": None, "__module__": "stranger"})()
    assert refusal(nowhere) == "stranger.Array has __dlpack__ and no __dlpack_device__, so nobody knows where it is"


def test_subclasses_have_semantics_of_their_own(library):
    type_ = type(library(X))
    own = type("Own", (type_,), {"__module__": "stranger"})
    array = own.__new__(own)
    assert located(array) is None
    name = f"{type_.__module__}.{type_.__qualname__}"
    assert refusal(array) == f"stranger.Own is a subclass of {name} with semantics of its own"


def test_types_are_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr(known, "by_type", {})
    for _ in range(known._MOST_TYPES + 1):
        assert located(type("Thing", (), {})()) is None
    assert len(known.by_type) == 1


def test_the_kind_that_was_registered_last_is_asked_first(library, monkeypatch):
    class Own(DeviceArrays):
        def takes(self, type_):
            return type_ is type(array)

        def describe(self, array):
            return Decline("these arrays are mine")

    array = library(X)
    monkeypatch.setattr(known, "_kinds", ())
    register_array_kind(DeviceArrays())
    assert located(array) is not None
    register_array_kind(Own())
    assert located(array) is None
    assert refusal(array) == "these arrays are mine"


def test_a_description_is_taken_as_it_is(library):
    desc = located(library(X))
    assert located(desc) is desc
    assert isinstance(desc, DeviceDesc)
