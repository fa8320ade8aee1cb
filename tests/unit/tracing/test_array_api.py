"""Every elementwise function of the array API standard, by its own name: it traces, and agrees with NumPy."""

import inspect

import numpy as np
import pytest

ELEMENTWISE = """
    abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or
    bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide greater
    greater_equal hypot imag isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and
    logical_not logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow real
    reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc
""".split()
"""The elementwise functions of the standard's version 2024.12."""
DTYPES = [np.dtype(name) for name in "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split()]
"""The dtypes of the standard."""
SCALARS = {"b": True, "i": 2, "u": 2, "f": 1.5, "c": 1.5 - 0.5j}


def positional(function):
    """Return how many arrays a function takes."""
    if isinstance(function, np.ufunc):
        return function.nin
    parameters = inspect.signature(function).parameters.values()
    return {"clip": 3}.get(function.__name__, sum(item.default is inspect.Parameter.empty for item in parameters))


def arrays(dtype, count):
    numbers = np.arange(12).reshape(3, 4)
    return [((numbers * (5 + item) % 7) / 2 + item).astype(dtype) for item in range(count)]


def has_loop(function, *arguments):
    try:
        function(*arguments)
    except TypeError:
        return False
    return True


def traced(agree, function, *arguments):
    fused = agree(function, *arguments)
    assert fused.last_run.backend != "python", fused.last_run.reason


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(agree, name):
    function = getattr(np, name)
    dtypes = [dtype for dtype in DTYPES if has_loop(function, *arrays(dtype, positional(function)))]
    assert dtypes
    for dtype in dtypes:
        traced(agree, lambda *operands: function(*operands), *arrays(dtype, positional(function)))  # noqa: PLW0108


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if positional(getattr(np, name)) == 2])
def test_elementwise_with_a_scalar(agree, name):
    function = getattr(np, name)
    for dtype in DTYPES:
        (array,), scalar = arrays(dtype, 1), SCALARS[dtype.kind]
        if has_loop(function, array, scalar):
            traced(agree, lambda array: function(array, scalar), array)  # noqa: B023  called at once
            traced(agree, lambda array: function(scalar, array), array)  # noqa: B023
            traced(agree, function, array, scalar)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_where(agree, dtype):
    condition = arrays(bool, 1)[0]
    traced(agree, np.where, condition, *arrays(dtype, 2))
    traced(
        agree, lambda condition, array: np.where(condition, array, SCALARS[dtype.kind]), condition, *arrays(dtype, 1)
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_astype(agree, dtype):
    targets = [target for target in DTYPES if target.kind == "c" or dtype.kind != "c"]
    for target in targets:
        traced(agree, lambda array: array.astype(target), *arrays(dtype, 1))  # noqa: B023
        if hasattr(np, "astype"):  # from NumPy 2.1 on
            traced(agree, lambda array: np.astype(array, target), *arrays(dtype, 1))  # noqa: B023


def test_the_list_is_the_standard_s():
    assert len(ELEMENTWISE) == len(set(ELEMENTWISE)) == 67
    assert all(hasattr(np, name) for name in ELEMENTWISE)
