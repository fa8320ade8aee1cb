"""Functions and options without a traced form: what, where and the way out are told, and NumPy serves the call."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import re

import numpy as np
import pytest

from fuser_core import FuserWarning, UntraceableError, fuse
from fuser_core.tracing.functions import refused_functions

X = np.arange(1.0, 7.0).reshape(2, 3)
Z = X + 1j

CASES = {
    "numpy.where with one argument": (lambda x: np.where(x > 2)[0], X, "pass what to take instead"),
    "numpy.nonzero": (lambda x: np.nonzero(x)[0], X, "the size of its result depends on values"),
    "numpy.unique": (lambda x: np.unique(x), X, "choose elements with numpy.where"),
    "numpy.allclose": (lambda x: np.allclose(x, x), X, "use numpy.isclose(...).all()"),
    "numpy.array_equal": (lambda x: np.array_equal(x, x), X, "(x == y).all()"),
    "numpy.piecewise": (lambda x: np.piecewise(x, [x > 2], [7, -1]), X, "use numpy.select"),
    "numpy.shares_memory": (lambda x: np.shares_memory(x, x), X, "ask outside of the fused function"),
    "numpy.median": (lambda x: np.median(x), X, "move it out of the fused function"),
    "numpy.linalg.inv": (lambda x: np.linalg.inv(x @ x.T), X, "move it out of the fused function"),
    "numpy.ndarray.partition": (lambda x: x.partition(1), X, "move it out of the fused function"),
    "numpy.round of complex numbers": (lambda x: np.round(x, 1), Z, "apply it to the real and the imaginary part"),
    "numpy.nan_to_num of complex numbers": (lambda x: np.nan_to_num(x), Z, "apply it to the real and the imaginary"),
    "numpy.nanmin of complex numbers": (lambda x: np.nanmin(x), Z, "apply it to the real and the imaginary part"),
    "numpy.nan_to_num with values": (lambda x: np.nan_to_num(x, nan=X), X, "move it out of the fused function"),
    "numpy.reshape to another number of axes": (lambda x: x.reshape(-1), X, "it would join or split axes"),
    "numpy.reshape to other sizes": (lambda x: x.reshape(3, 2), X, "it would join or split axes"),
    "numpy.ravel of more than one dimension": (lambda x: x.ravel(), X, "it would join or split axes"),
    "numpy.ravel of a part": (lambda x: (x[0] * 2)[::2].ravel(), X, "whether it copies depends on memory"),
    "the flat form of an array of 2": (lambda x: np.cumsum(x), X, "give an axis"),
    "numpy.roll of the flat array": (lambda x: np.roll(x, 1), X, "give axis="),
    "numpy.dot with more than two": (lambda x: np.dot(x, x.T[None]), X, "use numpy.matmul"),
    "numpy.cross of vectors": (lambda x: np.linalg.norm(np.cross(x[:, :2], x)), X, "move it out"),
    "numpy.linalg.norm with ord='nuc'": (lambda x: np.linalg.norm(x, "nuc"), X, "move it out"),
    "numpy.gradient with": (lambda x: np.gradient(x, axis=1, edge_order=2), X, "move it out"),
    "numpy.average with weights of this shape": (lambda x: np.average(x[None], (1, 2), X), X, "move it out"),
    "numpy.take of one element": (lambda x: np.take(x, 1, 0), X, "index with an integer"),
    "a variance with a complex dtype=": (lambda x: np.var(x, dtype=complex), X, "move it out"),
    "the option initial= of numpy.max for an empty array": (lambda x: np.max(x[:0], initial=1), X, "move it out"),
    "the option initial= of numpy.sum of this kind": (lambda x: np.sum(x, initial=X[0], axis=0), X, "move it out"),
    "the option where= of numpy.min without": (lambda x: np.min(x, where=x > 2), X, "move it out"),
    "the option where= of another shape": (lambda x: np.sum(x[0], where=x > 0), X, "move it out"),
    "the option initial= of numpy.nanmax": (lambda x: np.nanmax(x, initial=0), X, "move it out"),
    "the option shape= of numpy.zeros_like": (lambda x: np.zeros_like(x, shape=(2,)), X, "move it out"),
    "the option order= of numpy.copy": (lambda x: np.copy(x, order="F"), X, "move it out"),
    "the option order= of astype": (lambda x: x.astype("f4", order="C"), X, "leave it out"),
    "numpy.full_like with dtype='O'": (lambda x: np.full_like(x, 1, dtype="O"), X, "move it out"),
    "astype('U9')": (lambda x: x.astype("U9"), X, "it makes no numbers"),
    "numpy.copyto into an array that is not traced": (lambda x: np.copyto(np.zeros(3), x[0]), X, "return the new"),
}


@pytest.mark.parametrize("what", CASES)
def test_what_where_and_the_way_out(what):
    function, argument, way_out = CASES[what]
    with pytest.raises(UntraceableError) as caught:
        fuse(fallback=False)(function)(argument)
    pattern = rf"{re.escape(what)}.* at .*test_refused\.py:\d+, in <lambda>.*{re.escape(way_out)}"
    assert re.search(pattern, str(caught.value)), str(caught.value)


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
@pytest.mark.parametrize("what", CASES)
def test_numpy_serves_the_call(what):
    function, argument, _ = CASES[what]
    expected = _outcome(function, argument)
    fused = fuse(function)
    with pytest.warns(FuserWarning, match="the function itself was called"):
        actual = _outcome(fused, argument)
    assert fused.last_run.backend == "python"
    assert type(actual) is type(expected)
    np.testing.assert_equal(actual, expected)


def _outcome(function, argument):
    try:
        return function(argument.copy())
    except (TypeError, ValueError) as error:
        return repr(error)


def test_every_reason_ends_in_a_way_out():
    for name, reason in refused_functions().items():
        assert re.search(r"; (use|choose|ask|return) \S+", reason), name
