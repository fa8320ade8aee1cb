"""The special functions, with SciPy and without it."""

import math
import sys

import numpy as np
import pytest

from fuser_core import definitions, parse_ir
from torchscript.comparison import run

FUNCTIONS = {"erf": math.erf, "erfc": math.erfc, "lgamma": math.lgamma}


@pytest.fixture(params=["with SciPy", "without"])
def _scipy(request, monkeypatch):
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "scipy.special", None)
    else:
        pytest.importorskip("scipy.special")
    definitions._function.cache_clear()
    yield
    definitions._function.cache_clear()


@pytest.mark.usefixtures("_scipy")
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_those_of_the_mathematical_function(name, dtype):
    array = np.array([0.25, 1.5, 0.75, 3.0, 2.25], dtype)
    (result,) = run(parse_ir(f"graph(%x):\n  %r = aten::{name}(%x)\n  return (%r)"), [array])
    assert result.dtype == dtype
    expected = np.array([FUNCTIONS[name](float(value)) for value in array])
    np.testing.assert_allclose(result, expected, rtol=16 * np.finfo(dtype).eps)


@pytest.mark.usefixtures("_scipy")
def test_the_poles_of_the_gamma_function():
    (result,) = run(
        parse_ir("graph(%x):\n  %r = aten::lgamma(%x)\n  return (%r)"),
        [np.array([0.0, -1.0, -np.inf, np.inf, 1e308, np.nan])],
    )
    np.testing.assert_array_equal(result, [np.inf, np.inf, np.inf, np.inf, np.inf, np.nan])


@pytest.mark.usefixtures("_scipy")
def test_a_0d_array_stays_one():
    (result,) = run(parse_ir("graph(%x):\n  %r = aten::erf(%x)\n  return (%r)"), [np.array(0.5)])
    assert isinstance(result, np.ndarray)
    assert result.shape == ()
