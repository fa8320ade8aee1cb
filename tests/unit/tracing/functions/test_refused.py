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
    "numpy.i0": (lambda x: np.i0(x), X, "make it one call by fuser_core.opaque"),
    "numpy.linalg.lstsq": (lambda x: np.linalg.lstsq(x, x)[0], X, "use numpy.linalg.pinv"),
    "numpy.linalg.matrix_rank": (lambda x: np.linalg.matrix_rank(x[0]), X, "call it outside"),
    "the option kth= of numpy.partition": (lambda x: np.partition(x, x[0].astype(int)), X, "move it out"),
    "the option mode= of numpy.pad": (lambda x: np.pad(x, 1, lambda *_: None), X, "move it out"),
    "numpy.lexsort with one array as keys": (lambda x: np.lexsort(x), X, "pass a list of arrays"),
    "numpy.cumsum with dtype='O'": (lambda x: np.cumsum(x, dtype="O"), X, "move it out"),
    "numpy.ndarray.partition": (lambda x: x.partition(1), X, "move it out of the fused function"),
    "numpy.round of complex numbers": (lambda x: np.round(x, 1), Z, "apply it to the real and the imaginary part"),
    "numpy.nan_to_num of complex numbers": (lambda x: np.nan_to_num(x), Z, "apply it to the real and the imaginary"),
    "numpy.nanmin of complex numbers": (lambda x: np.nanmin(x), Z, "apply it to the real and the imaginary part"),
    "numpy.nan_to_num with values": (lambda x: np.nan_to_num(x, nan=X), X, "move it out of the fused function"),
    "the option order='K' of numpy.ravel": (lambda x: x.ravel("K"), X, "use 'C' or 'F'"),
    "the option order='A' of numpy.reshape": (lambda x: x.reshape(-1, order="A"), X, "use 'C' or 'F'"),
    "numpy.dot with more than two": (lambda x: np.dot(x, x.T[None]), X, "use numpy.matmul"),
    "numpy.cross of vectors": (lambda x: np.linalg.norm(np.cross(x[:, :2], x)), X, "move it out"),
    "numpy.linalg.norm with ord='nuc'": (lambda x: np.linalg.norm(x, "nuc"), X, "move it out"),
    "numpy.gradient with": (lambda x: np.gradient(x, axis=1, edge_order=2), X, "move it out"),
    "numpy.average with weights of this shape": (lambda x: np.average(x[None], (1, 2), X), X, "move it out"),
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

if np.linalg.eigvals(np.ones((1, 1))).dtype.kind == "f":  # from NumPy 2.5 on they are complex, whatever their values
    CASES["numpy.linalg.eigvals of real numbers"] = (lambda x: np.linalg.eigvals(x @ x.T), X, "use eigh or eigvalsh")


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
