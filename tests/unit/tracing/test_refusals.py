"""What a trace refuses: every message names the user's line and the way out."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import re

import numpy as np
import pytest

from fuser_core import TraceError, fuse

X = np.array([1.0, 2.0, 3.0])


def _branch(x):
    return x if (x > 0).all() else -x


def _while(x):
    while x.max() > 1:
        x = x / 2
    return x


def _iteration(x):
    return sum(item for item in x)


def _unpacking(x):
    first, _, _ = x
    return first


def _setitem(x):
    t = x * 2
    t[::2] = 0
    return t


CASES = {
    "branch": (_branch, "a branch on the value of a traced array", "numpy.where"),
    "while": (_while, "a branch on the value of a traced array", "numpy.where"),
    "and": (lambda x: x > 0 and x < 1, "a branch on the value of a traced array", "numpy.where"),
    "if": (lambda x: 1 if x[0] else 2, "a branch on the value of a traced array", "numpy.where"),
    "max": (lambda x: max(x, 0), "a branch on the value of a traced array", "numpy.where"),
    "float": (lambda x: float(x[0]), "float() of a traced array", "keep it as an array"),
    "int": (lambda x: x * int(x.sum()), "() of a traced array", "keep it as an array"),
    "complex": (lambda x: complex(x.sum()), "() of a traced array", "keep it as an array"),
    "index": (lambda x: [1, 2, 3, 4, 5, 6, 7][x.astype(int).sum()], "of a traced array", "keep it as an array"),
    "asarray": (lambda x: np.asarray(x), "conversion of a traced array to a numpy.ndarray", "leave out numpy.asarray"),
    "array": (lambda x: np.array([x[0], x[1]]), "conversion of a traced array to a numpy.ndarray", "fuser_core.opaque"),
    "iteration": (_iteration, "iteration over a traced array", "whole-array operations"),
    "unpacking": (_unpacking, "iteration over a traced array", "index with integers"),
    "in": (lambda x: 1.0 in x, "`in` on a traced array", "(x == value).any()"),
    "setitem": (_setitem, "assigning to a part of a traced array", "numpy.where"),
    "fancy": (lambda x: x[None, np.array([0.5])], "indexing with", "use integers, slices"),
    "mask": (lambda x: x[x > 1], "indexing with", "numpy.where"),
    "list": (lambda x: x[[True, False, True]], "indexing with", "use integers, slices"),
    "tolist": (lambda x: x.tolist(), "numpy.ndarray.tolist", "move it out of the fused function"),
    "item": (lambda x: x.item(0), "numpy.ndarray.item", "move it out of the fused function"),
    "other": (lambda x: x + "text", "an object of type str meets a traced array", "arrays of numbers"),
    "none": (lambda x: np.add(x, None), "meets a traced array", "arrays of numbers"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_names_what_where_and_the_way_out(case):
    function, what, way_out = CASES[case]
    line = function.__code__.co_firstlineno
    with pytest.raises(TraceError) as caught:
        fuse(fallback=False)(function)(X)
    text = str(caught.value)
    assert what in text
    assert way_out in text
    (found,) = set(map(int, re.findall(r"test_refusals\.py:(\d+)", text)))
    assert line <= found <= line + 4


def _hiding(x):
    try:
        return x * float(x.sum())
    except Exception:  # noqa: BLE001 - what the test is about
        return -x


def _converting(x):
    out = np.zeros((2, 3))
    out[0] = x
    return out


@pytest.mark.parametrize("function", [_hiding, _converting])
def test_a_refusal_cannot_be_hidden_by_the_function(function):
    with pytest.raises(TraceError, match=r"test_refusals\.py:\d+"):
        fuse(function)(X)


def test_a_refused_function_of_numpy_names_the_line():
    with pytest.raises(TraceError, match=r"numpy\.\S*histogram at .*test_refusals\.py:\d+, in <lambda>"):
        fuse(fallback=False)(lambda x: np.histogram(x))(X)


def test_an_unknown_attribute_is_no_attribute():
    with pytest.raises(AttributeError, match="a traced array has no attribute 'shapes'"):
        fuse(lambda x: x * x.shapes[0])(X)
    assert fuse(lambda x: x * (2 if hasattr(x, "unit") else 3))(X)[0] == 3


def test_a_leaked_tracer_is_refused():
    leaked = []

    def leak(x):
        leaked.append(x * 2)
        return x * 2

    with pytest.warns(UserWarning, match="'leaked' may change unseen"):
        fuse(leak)(X)
    tracer = leaked[0]
    with pytest.raises(TraceError, match=r"a traced value outlived its trace and was used again at .*return it"):
        fuse(lambda x: x + tracer)(X)


def test_shapes_that_do_not_fit_are_told_in_numpy_s_words(agree):
    agree(lambda x, y: x + y, np.ones(3), np.ones(4))
    with pytest.raises(
        ValueError, match=r"operands could not be broadcast together with shapes \(2,3\) \(2,\)"
    ) as caught:
        fuse(lambda x, y: x * y)(np.ones((2, 3)), np.ones(2))
    assert any("while tracing" in note and "test_refusals.py" in note for note in caught.value.__notes__)


def test_an_axis_out_of_bounds_raises_as_numpy_does(agree):
    agree(lambda x: x.sum(axis=1), X)
    agree(lambda x: x.sum(axis=(0, 0)), X)
    with pytest.raises(np.exceptions.AxisError, match="axis 1 is out of bounds for array of dimension 1"):
        fuse(lambda x: x.sum(axis=1))(X)


def test_an_index_out_of_bounds_raises_as_numpy_does(agree):
    agree(lambda x: x[5], X)
    agree(lambda x: x[0, 0], X)
    agree(lambda x: x[-4], X)
    with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 3"):
        fuse(lambda x: x[5])(X)
    with pytest.raises(IndexError, match="too many indices for array: array is 1-dimensional, but 2 were indexed"):
        fuse(lambda x: x[0, 0])(X)


def test_a_missing_loop_is_told():
    with pytest.raises(TypeError, match=r"numpy.left_shift has no loop for \(float64, int\)"):
        fuse(lambda x: x << 1)(X)
    with pytest.raises(TypeError, match=r"has no loop for \(bool, bool\)"):
        fuse(lambda x: x - x)(X > 0)


def test_an_error_of_the_function_itself_is_its_own():
    def plain(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fuse(plain)(X)


def test_wrong_arguments_raise_as_a_call_of_the_function():
    fused = fuse(lambda x, y: x + y)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        fused(X)
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        fused(X, X, z=1)
