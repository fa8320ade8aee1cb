"""Arguments and arrays: what a plan is specialised for, and which objects are arrays at all."""

import numpy as np
import pytest

from fuser_core import ArgumentError
from fuser_core.arguments import ArraySpec, ScalarSpec, describe_arguments
from fuser_core.arrays import NUMPY, NumPyDesc, described
from fuser_core.backend import Device

NUMERIC = "? b h i q B H I Q e f d F D".split()


def test_what_is_described():
    spec = describe_arguments([np.ones((1, 3), np.float32), np.float64(2), np.array(3), 2, 2.5, True, 1j])
    assert spec.device == Device("cpu")
    assert spec.args == (
        ArraySpec(np.dtype("f4"), 2, 0b01, False),
        ArraySpec(np.dtype("f8"), 0, 0, True),
        ArraySpec(np.dtype("i8"), 0, 0, False),
        ScalarSpec(int),
        ScalarSpec(float),
        ScalarSpec(bool),
        ScalarSpec(complex),
    )


def test_neither_sizes_nor_strides_nor_values_are_described():
    base = np.ones((4, 6))
    specs = {describe_arguments([array, value]) for value in (1.5, -2.0) for array in (base, base.T, base[::2, ::-3])}
    assert len(specs) == 1


@pytest.mark.parametrize(
    "other", [np.ones((4, 1)), np.ones(4), np.ones((4, 6), "f4"), np.ones((4, 6), ">f8"), np.float64(1)]
)
def test_what_matters_is_described(other):
    assert describe_arguments([other]) != describe_arguments([np.ones((4, 6))])


def test_no_arguments_are_on_the_cpu():
    assert describe_arguments([]).device == Device("cpu")


@pytest.mark.parametrize("thing", ["text", None, [1], np.array(["a"]), np.ma.ones(3), np.array([None])])
def test_what_is_no_array_is_told(thing):
    with pytest.raises(ArgumentError, match=rf"argument 1 is a {type(thing).__name__}.*convert it with numpy\.asarray"):
        describe_arguments([1.0, thing])


@pytest.mark.parametrize("char", NUMERIC)
def test_numeric_arrays_and_scalars_have_a_kind(char):
    array = np.ones(2, char)
    assert described(array) is array
    assert described(array[0]) is not None
    assert described(array.astype(array.dtype.newbyteorder())) is not None


@pytest.mark.parametrize(
    "value",
    [
        np.array([None]),
        np.array(["a"]),
        np.array([b"a"]),
        np.array(["2020"], "M8[D]"),
        np.ones(2, "m8[s]"),
        np.ones(2, [("a", "f8")]),
        np.ones(2, "g"),
        np.ones(2, "G"),
        np.ma.ones(2),
        np.ones((1, 1)).view(np.matrix),
        np.ones(2).view(np.recarray),
        [1.0],
        1.0,
        None,
        np.datetime64("2020"),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'dtype', '')}",
)
def test_other_things_have_none(value):
    assert described(value) is None


def test_a_description_is_the_array_s():
    array = np.arange(12.0).reshape(3, 4)[::2, ::-1]
    desc = NumPyDesc(array)
    assert (desc.dtype, desc.shape, desc.strides, desc.device) == (
        array.dtype,
        array.shape,
        array.strides,
        Device("cpu"),
    )
    assert desc.pointer == array.__array_interface__["data"][0]
    assert desc.array is array


@pytest.mark.parametrize("order", [None, (0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_arrays_are_allocated_in_an_order(order):
    array = NUMPY.allocate((2, 3, 4), np.dtype("f4"), order)
    assert array.shape == (2, 3, 4)
    assert array.dtype == np.float32
    assert sorted(range(3), key=lambda axis: -array.strides[axis]) == list(order or range(3))


def test_devices_as_text():
    assert str(Device("cpu")) == "cpu"
    assert str(Device("cuda", 2)) == "cuda:2"
