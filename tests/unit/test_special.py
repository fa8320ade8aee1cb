"""Ufuncs of scipy.special inside fused functions, with SciPy as the judge."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.errors import DTypeError
from fuser_core.semantics import names
from fuser_core.testing.compare import assert_agrees

special = pytest.importorskip("scipy.special")

NAMES = [name.removeprefix("scipy::") for name in names() if name.startswith("scipy::")]
POINTS = [0.0, -0.0, 1e-300, 1e-8, 0.1, 0.25, 0.3, 0.5, 0.65, 0.9, 1.0, 1.5, 2.0, 5.0, 30.0, 1e5, np.inf, np.nan]


def _points(dtype):
    with np.errstate(all="ignore"):
        values = np.array(POINTS)
        values = np.concatenate([values, -values])
        if np.dtype(dtype).kind in "biu":
            values = np.nan_to_num(values, nan=3, posinf=7, neginf=-7).clip(-100 * (np.dtype(dtype).kind == "i"), 100)
        return values.astype(dtype)


def _apply(name, arrays):
    ufunc = getattr(special, name)
    function = fuse(ufunc, backend="fallback_numpy")
    with np.errstate(all="ignore"):
        return function(*arrays), ufunc(*arrays)


def test_what_the_design_names_is_there():
    assert {"erf", "erfc", "expit", "logit", "gammaln", "ndtr", "xlogy"} <= set(NAMES)


@pytest.mark.parametrize("dtype", ["?", "i1", "i8", "u4", "e", "f", "d"])
@pytest.mark.parametrize("name", NAMES)
def test_values_and_dtypes_are_those_of_scipy(name, dtype):
    arrays = [_points(dtype)]
    if getattr(special, name).nin == 2:
        arrays = [arrays[0][:, None], arrays[0]]
    result, expected = _apply(name, arrays)
    assert result.dtype == expected.dtype
    eps = np.finfo(expected.dtype).eps
    np.testing.assert_allclose(result, expected, rtol=16 * eps, atol=4 * np.finfo(expected.dtype).smallest_normal)


@pytest.mark.parametrize("name", NAMES)
def test_a_numpy_scalar_gives_a_numpy_scalar(name):
    arrays = [np.float32(0.25)] * getattr(special, name).nin
    result, expected = _apply(name, arrays)
    assert type(result) is type(expected) is np.float32


def test_xlogy_promotes_a_python_number_as_scipy_does():
    result, expected = _apply("xlogy", [np.ones(3, np.float32), 2.0])
    assert result.dtype == expected.dtype
    assert_agrees(result, expected, exact=False, what="xlogy")


def test_complex_operands_are_left_to_scipy():
    with pytest.raises(DTypeError, match=r"scipy.special.erf of complex numbers has no kernel; call it outside"):
        fuse(special.erf, fallback=False)(np.ones(3, complex))
