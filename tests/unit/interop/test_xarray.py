"""Fused functions on xarray's objects, and in its `apply_ufunc`."""

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse

xr = pytest.importorskip("xarray", reason="xarray is not installed")

pytestmark = pytest.mark.interop

A = xr.DataArray(np.arange(12.0).reshape(3, 4) / 10, dims=("x", "y"), coords={"x": [1, 2, 3]}, name="a")
B = xr.DataArray(np.arange(4.0), dims="y")


def curve(x, y, n=2.0):
    return np.exp(x) * y + n


def test_names_and_coordinates_are_kept():
    fused = fuse(curve)
    xr.testing.assert_allclose(fused(A, B), np.exp(A) * B + 2)
    xr.testing.assert_allclose(fused(B, A, n=1), np.exp(B) * A + 1)
    assert fused.last_run.backend == "fallback_numpy"
    both = fuse(lambda x, y: (x + y, x * y))(A, B)
    xr.testing.assert_allclose(both[1], A * B)


def test_other_labels_are_joined_as_xarray_joins_them():
    other = A.assign_coords(x=[2, 3, 4])
    for join in ("inner", "outer"):
        with xr.set_options(arithmetic_join=join):
            xr.testing.assert_allclose(fuse(lambda x, y: x + y)(A, other), A + other)


def test_lazy_chunks_stay_lazy():
    pytest.importorskip("dask.array", reason="Dask is not installed")
    lazy = fuse(curve)(A.chunk({"x": 2}), B)
    assert lazy.chunks is not None
    xr.testing.assert_allclose(lazy.compute(), np.exp(A) * B + 2)


def test_apply_ufunc():
    xr.testing.assert_allclose(xr.apply_ufunc(fuse(curve), A, B), np.exp(A) * B + 2)
    pytest.importorskip("dask.array", reason="Dask is not installed")
    for mode in ("parallelized", "allowed"):
        found = xr.apply_ufunc(fuse(curve), A.chunk({"x": 2}), B, dask=mode, output_dtypes=[float])
        assert found.chunks is not None
        xr.testing.assert_allclose(found.compute(), np.exp(A) * B + 2)


@pytest.mark.parametrize(
    "function",
    [lambda x: x - x.mean("x"), lambda x: x.sum(), lambda x: x.T + 1, lambda x: {"r": x + 1}["r"].rename("q").T],
)
def test_what_needs_xarray_is_called_as_it_is(function):
    with pytest.warns(FuserWarning, match="of xarray's objects only elementwise functions are fused"):
        xr.testing.assert_identical(fuse(function)(A), function(A))
