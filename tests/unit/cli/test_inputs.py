"""Specs of inputs, and what is assumed where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core.cli.inputs import choose_inputs, read_spec
from fuser_core.cli.source import Source
from fuser_core.graph import Graph

DTYPES = "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 >f8 float32 bool complex128".split()


@given(st.sampled_from(DTYPES), st.lists(st.integers(0, 10**6), max_size=4))
def test_an_array_of_any_size_takes_no_memory(name, shape):
    given_ = read_spec(f"{name}[{', '.join(map(str, shape))}]")
    assert type(given_.value) is np.ndarray
    assert (given_.value.dtype, given_.value.shape) == (np.dtype(name), tuple(shape))
    assert set(given_.value.strides) <= {0}
    again = read_spec(str(given_))
    assert again.value.dtype == given_.value.dtype
    assert again.value.shape == given_.value.shape
    assert not given_.assumed


@pytest.mark.parametrize(
    ("spec", "number"),
    [("3", 3), ("-3.5", -3.5), ("1e3", 1000.0), ("true", True), ("False", False), ("2j", 2j), ("inf", float("inf"))],
)
def test_numbers(spec, number):
    value = read_spec(f" {spec} ").value
    assert type(value) is type(number)
    assert value == number


@pytest.mark.parametrize(
    ("type_", "assumed"),
    [
        ("Tensor", "float32[16,16]"),
        ("", "float32[16,16]"),
        ("Double(2,3,strides=[3,1],requires_grad=0,device=cpu)", "float64[2,3]"),
        ("Half(4,*)", "float16[4,16]"),
        ("Long(*,*,*)", "int64[16,16,16]"),
        ("Bool()", "bool[]"),
        ("ComplexFloat(7)", "complex64[7]"),
        ("Float", "float32[16,16]"),
        ("int", "1"),
        ("float", "1.0"),
        ("bool", "True"),
        ("complex", "1j"),
        ("Scalar", "1.0"),
        ("int?", "1"),
    ],
)
def test_what_is_assumed_follows_the_type(type_, assumed):
    (found,) = choose_inputs(Source("a file", Graph((0,), (), (0,)), ("%x",), (type_,)), [])
    assert str(found) == assumed
    assert found.assumed
