"""The reduction to squared deviations: its definition, what a variance becomes, and backends that have it or not."""

from fractions import Fraction

import numpy as np
import pytest

from fuser_core import fuse, interface
from fuser_core.backend import hookimpl
from fuser_core.definitions import squared_deviations
from fuser_core.errors import DTypeError, FuserWarning, GraphError, VerificationError
from fuser_core.graph import GraphBuilder
from fuser_core.ops import REDUCTIONS
from fuser_core.testing.fakes import AcceptingBackend, OnlyBackend, installed

X = np.random.default_rng(3).normal(5, 2, (20, 30))
EVERYTHING_ELSE = "subtract add divide sqrt sum cast".split()


def _operations(backend):
    return [[step.op for step in group.steps] for group in backend.compiled]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("axis", [(0,), (1,), (0, 1)])
def test_the_definition_is_numpys(dtype, axis):
    array = X.astype(dtype)
    count = np.prod([array.shape[each] for each in axis])
    found = squared_deviations(array, axis=axis, dtype=array.dtype)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found / found.dtype.type(count), np.var(array, axis=axis))
    out = np.empty(np.shape(found), dtype)
    REDUCTIONS["squared_deviations"].function(array, axis=axis, dtype=array.dtype, out=out)
    np.testing.assert_array_equal(out, found)


def test_the_definition_of_nothing_is_zero():
    with np.errstate(all="ignore"):
        assert squared_deviations(np.empty((0, 3)), axis=(0,), dtype=np.dtype("f8")).tolist() == [0, 0, 0]


def test_a_ufunc_defines_every_other_reduction():
    assert [name for name, op in REDUCTIONS.items() if op.ufunc is None] == ["squared_deviations"]


def test_mean_and_variance_are_read_off_one_kernel(compiler):
    with np.errstate(all="ignore"):
        fuse(lambda x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5))(X)
    assert _operations(compiler) == [
        ["sum", "squared_deviations"],
        ["divide", "divide", "add", "sqrt"],
        ["subtract", "divide"],
    ]


def test_a_variance_is_one_reduction(compiler):
    assert fuse(np.var)(X) == pytest.approx(np.var(X))
    assert _operations(compiler) == [["squared_deviations"], ["divide"]]


def test_parts_of_complex_numbers_deviate_in_one_kernel(compiler):
    z = X + 1j * X[::-1]
    np.testing.assert_allclose(fuse(lambda z: z.var(0))(z), z.var(0), rtol=1e-13)
    assert _operations(compiler) == [["real", "imag", *["squared_deviations"] * 2], ["add", "divide"]]


@pytest.mark.parametrize("dtype", ["?", "i2", "u8", "e"])
def test_other_numbers_are_cast_first(dtype, compiler):
    x = (X > 4).astype(dtype)
    fused = fuse(lambda x: np.var(x, axis=0))
    found = fused(x)
    assert found.dtype == np.var(x, axis=0).dtype
    np.testing.assert_allclose(found, np.var(x, axis=0), rtol=8 * np.finfo(found.dtype).eps)
    wide = "float32" if dtype == "e" else "float64"
    assert f"{wide}(n0.1,) = squared_deviations[axes=(0,)]" in str(fused.explain(x))


def test_masked_variances_take_the_long_way(compiler):
    mask = X > 4
    np.testing.assert_allclose(fuse(lambda x, m: np.var(x, where=m))(X, mask), np.var(X, where=mask), rtol=1e-13)
    np.testing.assert_allclose(fuse(lambda x: np.var(x, mean=x.mean(keepdims=True)))(X), np.var(X), rtol=1e-13)
    assert not any("squared_deviations" in operations for operations in _operations(compiler))


def test_a_backend_without_it_is_helped_by_the_fallback():
    backend = OnlyBackend(EVERYTHING_ELSE)
    with installed("modest", backend):
        fused = fuse(lambda x: (x - x.mean()) / x.std(ddof=1))
        with pytest.warns(FuserWarning, match="modest: this fake has no squared_deviations"):
            np.testing.assert_allclose(fused(X), (X - X.mean()) / X.std(ddof=1), rtol=1e-13)
    assert backend.launches == 3


def test_no_axis_leaves_zeros_and_what_is_not_finite(compiler):
    x = np.array([1.0, np.inf, np.nan, -2.0])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(fuse(lambda x: np.var(x, axis=()))(x), np.var(x, axis=()))
        assert fuse(np.var)(np.array(3.0)) == 0


def test_what_the_operation_of_a_graph_refuses(compiler):
    def run(*arguments, **attributes):
        builder = GraphBuilder(len(arguments))
        graph = builder.build(builder.add("np::var", range(len(arguments)), **attributes).outputs)
        return interface.debug_launch_graph(graph, list(arguments))

    (found,) = run(X, 1, axis=0)
    np.testing.assert_allclose(found, X.var(0, ddof=1), rtol=1e-13)
    with pytest.raises(DTypeError, match="np::var of complex128 takes no dtype; take the variance of both parts"):
        run(X + 1j, dtype=np.dtype("f8"))
    with pytest.raises(GraphError, match="py::sub takes Python numbers, and was given an array"):
        run(X, np.array(1.0))


class _Textbook(AcceptingBackend):
    """Takes the square of the sum from the sum of squares, as nobody should."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        if kernel.group.reductions:
            (x,), (out,) = ([desc.array for desc in side] for side in (inputs, outputs))
            out[...] = (x * x).sum() - x.sum() ** 2 / x.size
        else:
            super().launch(kernel, inputs, outputs, threads)


def test_verification_knows_a_bad_formula_from_another_order(monkeypatch):
    monkeypatch.setenv("FUSER_VERIFY", "1")
    with installed("textbook", _Textbook()):
        fused = fuse(np.var)
        assert fused(X) == pytest.approx(np.var(X))
        with pytest.raises(VerificationError, match=r"textbook computed .* wrong: 1 of 1 elements"):
            fused(X + 1e7)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_blocks_of_the_fallback_are_joined_exactly(dtype):
    x = (1e8 + 64 * np.random.default_rng(1).standard_normal(400_000)).astype(dtype)
    sample = [Fraction(number) for number in x.tolist()]
    mean = sum(sample) / len(sample)
    exact = float(sum((number - mean) ** 2 for number in sample) / len(sample))
    found = fuse(np.var, backend="fallback_numpy")(x)
    assert abs(float(found) - exact) <= 4 * np.finfo(dtype).eps * exact
