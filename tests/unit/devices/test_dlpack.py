"""Capsules of DLPack: read, made, and given back, whoever has them."""

import gc
import subprocess
import sys

import numpy as np
import pytest

from fuser_core.arrays import dlpack


class Keeper:
    def __init__(self, gone):
        self.gone = gone

    def __del__(self):
        self.gone.append(True)


class Given:
    """An array of NumPy's, shown by a capsule of ours."""

    def __init__(self, array, keeper):
        self.array, self.keeper = array, keeper

    def __dlpack_device__(self):
        return dlpack.CPU, 0

    def __dlpack__(self, **_):
        array = self.array
        place = dlpack.CPU, 0
        return dlpack.export(place, array.ctypes.data, array.dtype, array.shape, array.strides, keeper=self.keeper)


@pytest.mark.parametrize("dtype", "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16".split())
@pytest.mark.parametrize("view", [np.s_[:], np.s_[1:, ::2], np.s_[:0], np.s_[0, 0]], ids=str)
def test_numpy_makes_what_we_read_and_reads_what_we_make(dtype, view):
    array = np.arange(24).reshape(4, 6).astype(dtype)[view]
    array = np.asarray(array)
    tensor = dlpack.read(array.__dlpack__())
    assert (tensor.dtype, tensor.shape) == (array.dtype, array.shape)
    assert not array.size or (tensor.pointer, tensor.strides) == (array.ctypes.data, array.strides)
    found = np.from_dlpack(Given(array, array))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_without_ml_dtypes_doubles_are_doubles(monkeypatch):
    from fuser_core.arrays.dtypes import bfloat16, is_bfloat16

    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    bfloat16.cache_clear()
    try:
        assert bfloat16() is None
        assert not is_bfloat16(np.dtype("f8"))
        array = np.arange(6.0)
        np.testing.assert_array_equal(np.from_dlpack(Given(array, array)), array)
    finally:
        bfloat16.cache_clear()


def test_the_keeper_goes_with_the_last_who_has_the_memory():
    array, gone = np.arange(6.0), []
    found = np.from_dlpack(Given(array, Keeper(gone)))
    part = found[1:]
    del found
    gc.collect()
    assert not gone
    del part
    assert gone
    capsule = Given(array, Keeper(gone)).__dlpack__()
    del gone[:], capsule
    assert gone  # nobody took it


def test_what_somebody_has_taken():
    array = np.arange(3.0)
    capsule = Given(array, None).__dlpack__()

    class Once(Given):
        def __dlpack__(self, **_):
            return capsule

    found = np.from_dlpack(Once(array, None))
    with pytest.raises(BufferError, match="no tensor of DLPack that is not taken yet"):
        dlpack.read(capsule)
    with pytest.raises(BufferError, match="no tensor of DLPack"):
        dlpack.read(object())
    del found


@pytest.mark.interop
def test_bfloat16():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.arange(4).astype(ml_dtypes.bfloat16)
    assert dlpack.read(Given(array, None).__dlpack__()).dtype == array.dtype


@pytest.mark.parametrize("named", [(4, 8, 1), (2, 32, 4), (3, 64, 1), (2, 12, 1), (17, 8, 1)])
def test_dtypes_that_numpy_has_not(named):
    assert dlpack._dtype(*named) is None


def test_who_has_memory_when_python_ends():
    program = (
        "import numpy as np, ctypes\n"
        "from fuser_core.arrays import dlpack\n"
        "array = np.arange(3.0)\n"
        "kept = [dlpack.export((1, 0), array.ctypes.data, array.dtype, (3,), (8,), keeper=array) for _ in range(3)]\n"
        "kept.append(kept)\n"
        "ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept[0]))\n"
        "import sys; sys.kept = kept\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
