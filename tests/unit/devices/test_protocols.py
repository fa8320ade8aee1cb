"""Arrays of libraries that are known by DLPack or by CUDA's array interface only, on memory of the host."""

import gc

import numpy as np
import pytest

from fuser_core import ArgumentError, FusionDeclinedError, fuse
from fuser_core.arrays import dlpack, known, located
from fuser_core.arrays.lent_array import LentArray
from fuser_core.backend import Device
from fuser_core.testing.devices import DeviceBackend
from fuser_core.testing.fakes import installed
from fuser_core.testing.pools import HostPool, LendingBackend

X = np.arange(12.0).reshape(3, 4)


class Shown:
    """An array that shows its memory by DLPack."""

    place = (dlpack.CUDA, 0)

    def __init__(self, host):
        self.host, self.shape, self.streams = host, host.shape, []

    def __dlpack_device__(self):
        return self.place

    def __dlpack__(self, *, stream=None):
        self.streams.append(stream)
        host = self.host
        return dlpack.export(self.place, host.ctypes.data, host.dtype, host.shape, host.strides, keeper=self)


class Taker(Shown):
    """One of a library that takes DLPack as well."""

    @classmethod
    def from_dlpack(cls, other):
        assert other.__dlpack_device__() == cls.place
        made = cls(other.copy_to_host())
        made.capsule = other.__dlpack__(stream=5)
        return made


class InNamespace(Shown):
    def __array_namespace__(self):
        return Taker


class Interface:
    """An array that shows its memory by CUDA's array interface."""

    def __init__(self, host, version=3, read_only=False, **more):
        self.host, self.shape, self.version, self.read_only, self.more = host, host.shape, version, read_only, more

    @property
    def __cuda_array_interface__(self):
        host = self.host
        strides = None if host.flags.c_contiguous else host.strides
        data = (host.ctypes.data, self.read_only)
        base = {"shape": host.shape, "typestr": host.dtype.str, "data": data, "strides": strides}
        return {**base, "version": self.version, **self.more}


@pytest.fixture(autouse=True)
def _afresh(monkeypatch):
    monkeypatch.setattr(known, "by_type", {})


@pytest.fixture
def pool():
    """What the installed backend lends."""
    backend = LendingBackend()
    with installed("lends", backend):
        yield backend.lent


def to_host(array):
    return array.copy_to_host() if isinstance(array, LentArray) else array.host


def several(x, s):
    return np.exp(x) * s, x.sum(axis=0), x[1:, ::2], x.T + x.max(), x * np.array([1, 2, 3, 4.0]), x[::-1], x


@pytest.mark.parametrize("make", [Shown, Taker, InNamespace, Interface])
def test_functions(pool, make):
    x, fused = make(X), fuse(several)
    own = {Taker: Taker, InNamespace: Taker}.get(make, LentArray)
    for _ in range(4):
        results = fused(x, 2.0)
        for found, wanted in zip(results[:-1], several(X, 2.0), strict=False):
            assert type(found) is own
            np.testing.assert_allclose(to_host(found), wanted)
        assert results[-1] is x
    assert fused.last_run.cache == "hit"


def test_arrays_are_described(pool):
    for x in (Shown(X.T), Interface(X.T)):
        desc = located(x)
        assert (desc.device, desc.dtype, desc.shape, desc.strides) == (Device("cuda"), X.dtype, (4, 3), X.T.strides)
        assert (desc.pointer, desc.stream, desc.read_only) == (X.ctypes.data, 77, False)
        assert desc.array is x


def test_the_producer_is_told_the_stream_and_is_kept_until_the_kernel_is_done(pool):
    x = Shown(X)
    fused = fuse(lambda x: x * 2)
    fused(x)
    gc.collect()  # the trace, which knows its argument
    pool.kept.clear()
    del x.streams[:]
    fused(x)
    assert set(x.streams) == {77}
    assert len(pool.kept) == len(x.streams)  # the capsules
    assert not pool.ordered


@pytest.mark.parametrize(
    ("version", "more", "stream", "kept"),
    [(3, {}, 77, 1), (3, {"stream": None}, 77, 1), (3, {"stream": 9}, 9, 0), (3, {"stream": 1}, 1, 0), (2, {}, 1, 1)],
)
def test_the_stream_of_the_interface(pool, version, more, stream, kept):
    desc = located(Interface(X, version, **more))
    assert desc.stream == stream
    del desc
    assert len(pool.kept) == kept


def test_results_are_shown_to_others(pool):
    result = fuse(lambda x: x * 2)(Shown(X))
    assert repr(result) == "<LentArray float64[3, 4] on cuda:0>"
    assert result.ndim == 2
    interface = result.__cuda_array_interface__
    assert interface["stream"] == 77
    assert (interface["shape"], interface["typestr"], interface["data"]) == ((3, 4), "<f8", (result.pointer, False))
    for stream, ordered in ((None, [(1, 77)]), (0, [(1, 77)]), (1, [(1, 77)]), (9, [(9, 77)]), (-1, [])):
        pool.ordered.clear()
        pool.settled.clear()
        capsule = result.__dlpack__(stream=stream, max_version=(1, 0))
        assert pool.ordered == ordered
        assert dlpack.read(capsule).pointer == result.pointer
        del capsule
        assert pool.settled == [(ordered[0][0] if ordered else None, False)]
    with pytest.raises(BufferError, match="shown where it is, and not copied"):
        result.__dlpack__(copy=True)
    with pytest.raises(BufferError, match="shown where it is, and not copied"):
        result.__dlpack__(dl_device=(1, 0))
    assert result.__dlpack__(dl_device=(2, 0)) is not None


def test_results_go_in_again(pool):
    fused = fuse(lambda x, y: x * y + 1)
    result = fused(Shown(X), 2.0)
    again = fused(result, result)
    np.testing.assert_array_equal(to_host(again), (X * 2 + 1) ** 2 + 1)
    assert fuse(lambda x: x + 1)(result, out=again) is again
    np.testing.assert_array_equal(to_host(again), X * 2 + 2)


def test_memory_lives_as_long_as_a_view_of_it(pool):
    whole = fuse(lambda x: x * 2)(Shown(X))
    part = fuse(lambda x: x[1:, ::2])(whole)
    assert part.pointer == whole.pointer + 32
    del whole
    gc.collect()
    np.testing.assert_array_equal(part.copy_to_host(), X[1:, ::2] * 2)


def test_what_must_not_be_written(pool):
    x = Interface(X.copy(), read_only=True)
    with pytest.raises(ArgumentError, match="out= is a read-only array"):
        fuse(lambda x: x + 1)(x, out=x)
    part = fuse(lambda x: x[1:])(x)
    assert part.__cuda_array_interface__["data"] == (x.host.ctypes.data + 32, True)
    with pytest.raises(BufferError, match="must not be written"):
        part.__dlpack__()


def test_empty_arrays(pool):
    for x in (Shown(X[:0]), Interface(X[:0])):
        doubled, total = fuse(lambda x: (x * 2, x.sum(axis=0)))(x)
        assert doubled.copy_to_host().shape == (0, 4)
        assert total.copy_to_host().tolist() == [0] * 4


def test_more_than_the_device_has():
    backend = LendingBackend(HostPool(most=1000))
    with installed("lends", backend):
        fused, x = fuse(lambda x: (x * 2, np.concatenate([x] * 20))), Shown(X)
        for _ in range(2):
            with pytest.raises(
                MemoryError, match=r"float64 array of shape \(60, 4\), 1,920 bytes, was wanted on cuda:0"
            ):
                fused(x)
        assert len(backend.lent.kept) > 0  # descriptions have gone, so what they held of the argument has too
        np.testing.assert_array_equal(to_host(fused(Shown(X[:1]))[0]), X[:1] * 2)


class _Refusing(Shown):
    def __dlpack__(self, *, stream=None):
        raise BufferError("lent to somebody else")


class _Nowhere(Shown):
    def __dlpack_device__(self):
        raise RuntimeError("not allocated yet")


class _OnHost(Shown):
    place = (dlpack.CPU, 0)


class _OnOther(Shown):
    place = (10, 0)


class _Shapeless(Shown):
    def __init__(self, host):
        super().__init__(host)
        del self.shape


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (_Refusing(X), r"_Refusing\.__dlpack__\(\) raised BufferError: lent to somebody else"),
        (_Nowhere(X), r"_Nowhere\.__dlpack_device__\(\) raised RuntimeError: not allocated yet"),
        (_OnHost(X), r"_OnHost is on the host; numpy\.from_dlpack shows its memory to NumPy, without a copy"),
        (_OnOther(X), r"_OnOther is on a device of type 10 of DLPack, and only CUDA's are known"),
        (_Shapeless(X), r"_Shapeless has no attribute shape that says its sizes"),
        (Interface(X, mask=X), r"Interface has a mask, which a kernel does not look at"),
        (Interface(X, typestr=None, data=None), r"Interface\.__cuda_array_interface__ cannot be read: TypeError"),
        (Interface(X.astype("M8[s]")), r"arrays of dtype datetime64\[s\] hold no numbers"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_is_refused(pool, x, words):
    with pytest.raises(FusionDeclinedError, match=words):
        fuse(lambda x: x + 1, fallback=False)(x)


def test_nobody_lends():
    with installed("gpu", DeviceBackend("cuda")):
        with pytest.raises(
            FusionDeclinedError, match=r"a result on cuda:0 needs memory.* no backend in use lends any th"
        ):
            fuse(lambda x: x + 1)(Shown(X))
        assert located(Shown(X)).stream == 1


def test_arrays_of_the_host_among_them(pool):
    with pytest.raises(ArgumentError, match=r"x \(.*Shown\) is on cuda:0, y \(numpy\.ndarray\) is on the host; copy"):
        fuse(lambda x, y: x + y)(Shown(X), X)
