"""Typing: the dtypes of a plan are NumPy's, for every ufunc, reduction and mix of arrays and weak numbers."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fuser_core.arguments import describe_arguments
from fuser_core.errors import DTypeError
from fuser_core.graph import GraphBuilder
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.plan import Elementwise, Value
from fuser_core.specialize import specialize

UFUNCS = sorted(name for name, op in ELEMENTWISE.items() if op.ufunc is not None)
CHARS = "? b h i q B H I Q e f d F D".split()
NUMBERS = [True, 2, 2.0, 2j]

_operand = st.sampled_from(CHARS).map(lambda char: np.ones(3, char)) | st.sampled_from(NUMBERS)


def _dtypes(op, arguments, **attributes):
    builder = GraphBuilder(len(arguments))
    outputs = 2 if op in ("np::divmod", "np::modf", "np::frexp") else 1
    node = builder.add(op, range(len(arguments)), outputs=outputs, **attributes)
    plan = specialize(builder.build(node.outputs), describe_arguments(arguments), arguments)
    return tuple(output.dtype for output in plan.outputs), plan


def _numpy_dtypes(function, arguments):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = function(*arguments)
    return tuple(result.dtype for result in (results if isinstance(results, tuple) else (results,)))


@pytest.mark.parametrize("name", UFUNCS)
@settings(max_examples=12)
@given(data=st.data())
def test_ufuncs_type_as_numpy(name, data):
    ufunc = ELEMENTWISE[name].ufunc
    arguments = [data.draw(_operand) for _ in range(ufunc.nin)]
    assume(any(isinstance(argument, np.ndarray) for argument in arguments))
    try:
        expected = _numpy_dtypes(ufunc, arguments)
    except TypeError:
        with pytest.raises(DTypeError, match=rf"numpy\.{ufunc.__name__} has no loop for \("):
            _dtypes(f"np::{name}", arguments)
        return
    actual, plan = _dtypes(f"np::{name}", arguments)
    assert actual == expected
    for step in plan.steps:  # every cast is explicit: operands are of the dtypes of one loop
        if isinstance(step, Elementwise) and step.op not in ("cast", "where"):
            loop = ELEMENTWISE[step.op].ufunc.resolve_dtypes(
                (*[item.dtype for item in step.inputs], *[None] * len(step.outputs))
            )
            assert loop == (*[item.dtype for item in step.inputs], *[item.dtype for item in step.outputs])


@pytest.mark.parametrize("name", [*sorted(name for name, op in REDUCTIONS.items() if op.ufunc), "mean", "var"])
@pytest.mark.parametrize("char", CHARS)
def test_reductions_type_as_numpy(name, char):
    array = np.ones((2, 3), char)
    assert _dtypes(f"np::{name}", [array], axis=0)[0] == _numpy_dtypes(
        lambda it: getattr(np, name)(it, axis=0), [array]
    )


@given(st.lists(_operand, min_size=3, max_size=3))
def test_where_types_as_numpy(arguments):
    assume(any(isinstance(argument, np.ndarray) for argument in arguments))
    assert _dtypes("np::where", arguments)[0] == _numpy_dtypes(np.where, arguments)


@given(st.sampled_from(CHARS[1:12]).map(lambda char: np.ones(3, char)), _operand, _operand)
def test_clip_types_as_numpy(array, low, high):
    try:
        expected = _numpy_dtypes(np.clip, [array, low, high])
    except TypeError:
        return
    assert _dtypes("np::clip", [array, low, high], bounds=("low", "high"))[0] == expected


@pytest.mark.parametrize("char", CHARS)
@pytest.mark.parametrize("target", CHARS)
def test_astype_types_as_numpy(char, target):
    assert _dtypes("np::astype", [np.ones(2, char)], dtype=np.dtype(target))[0] == (np.dtype(target),)


@pytest.mark.parametrize("name", ["add", "where", "copy"])
def test_byte_order_is_numpy_s(name):
    array = np.ones(3, ">f8")
    if name == "add":
        assert _dtypes("np::add", [array, array])[0] == (np.add(array, array).dtype,)
    elif name == "where":
        assert _dtypes("np::where", [array, array, array])[0] == (np.where(array, array, array).dtype,)
    else:
        assert _dtypes("np::astype", [array], dtype=array.dtype)[0] == (array.copy().dtype,)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
def test_the_dtype_option_selects_a_loop(dtype):
    array = np.ones(3, "i4")
    assert _dtypes("np::add", [array, array], dtype=np.dtype(dtype))[0] == (np.dtype(dtype),)
    assert _dtypes("np::sum", [array], dtype=np.dtype(dtype))[0] == (np.dtype(dtype),)


def test_only_numbers_type_as_numpy():
    actual = _dtypes("np::add", [2, 2.0])[0]
    assert actual == (np.add(2, 2.0).dtype,)
    assert all(isinstance(output, Value) for output in _dtypes("np::sqrt", [2])[1].outputs)
