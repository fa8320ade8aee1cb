"""Calls that machine code serves: the same answers as Python's way, and Python's way for all that it does not know."""

from __future__ import annotations

import pickle
import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuser_core import FuserWarning, fuse
from fuser_core.fused import FusedFunction
from fuser_cpu_llvm import numpy_api
from fuser_cpu_llvm.entry import obstacle
from llvm_calls import a, b, needs_entry, ready, rng, same

pytestmark = needs_entry


FUNCTIONS = {
    "arithmetic": lambda x, y: x * y + x,
    "comparison": lambda x, y: x < y,
    "several": lambda x, y: (x + y, x - y, x * 2),
    "one of a tuple": lambda x, y: (x + y,),
    "sum": lambda x, y: (x * y).sum(),
    "sum of rows": lambda x, y: (x * y).sum(-1),
    "sum of columns": lambda x, y: (x * y).sum(0),
    "normalised": lambda x, y: (x - x.mean(-1, keepdims=True)) / y.max(),
    "view": lambda x, y: x.T + y.T,
    "part": lambda x, y: x[..., ::-1] * y[..., :1],
    "sizes": lambda x, y: x * x.shape[0] + y.size,
    "maximum": lambda x, y: (np.maximum(x, y), x.max(-1), y.min()),
}

DTYPES = ("f8", "f4", "i4", "i8", "u1", "?", "f2", "c16")


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
@settings(deadline=None)
@given(st.sampled_from(sorted(FUNCTIONS)), st.sampled_from(DTYPES), st.sampled_from("CFTR"), st.data())
def test_direct_calls_give_what_python_s_way_gives(name: str, dtype: str, layout: str, data: Any) -> None:
    shape = data.draw(st.sampled_from([(1,), (7,), (40,), (3, 5), (1, 6), (4, 1), (2, 3, 4), (0,), (0, 3)]))
    first, second = (rng.uniform(0, 3, shape).astype(dtype) for _ in range(2))
    if layout == "F":
        first, second = np.asfortranarray(first), np.asfortranarray(second)
    elif layout == "T":
        first = np.repeat(first, 2, axis=-1)[..., ::2]
    elif layout == "R":
        second = second[..., ::-1]
    function = FUNCTIONS[name]
    try:
        expected = fuse(function)(first, second)
    except (TypeError, ValueError):  # bools are not subtracted, nothing has no maximum
        return
    fused = fuse(function)
    for _ in range(4):
        same(fused(first, second), expected)
    changed = first.copy(order="K")
    if changed.strides == first.strides:
        same(fused(changed, second), expected)


def test_most_calls_are_direct() -> None:
    for name, function in FUNCTIONS.items():
        fused = fuse(function, backend="cpu_llvm")
        x, y = rng.uniform(0.5, 2.0, (2, 6, 5))
        for _ in range(3):
            fused(x, y)
        assert fused.last_run.direct, name
        assert fused.last_run.backend == "cpu_llvm"
        assert fused.last_run.cache == "hit"


def test_the_object_stays_what_it_is() -> None:
    fused = ready(lambda x: x + 1, a)
    assert isinstance(fused, FusedFunction)
    assert "fused <function" in repr(fused)
    assert fused.__wrapped__(1) == 2
    assert "add(%0" in fused.explain(a)
    assert pickle.loads(pickle.dumps(module_level)) is module_level  # noqa: S301
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        fused()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        fused(a, z=1)


@fuse
def module_level(x: Any) -> Any:
    return x * 2


@pytest.mark.parametrize(
    "arguments",
    [
        (a.astype("f4"), b),
        (a.astype(">f8"), b),
        (a[:20], b[:20]),
        (a[None], b),
        (a[::2], b[::2]),
        (a, a),
        (a, 3),
        (a, True),
        (a, 2j),
        (a, np.float64(2)),
        (a, b[0]),
        (a.tolist(), b),
        (a, b > 1),
        (np.ma.masked_array(a, a > 1), b),
    ],
)
def test_other_arguments_go_python_s_way(arguments: tuple[Any, ...]) -> None:
    def function(x: Any, y: Any) -> Any:
        return x + y * 2

    if isinstance(arguments[0], list):

        def function(x: Any, y: Any) -> Any:
            return np.add(x, y)

    fused = fuse(function)
    for _ in range(3):
        fused(a, b)
    assert fused.last_run.direct
    expected = function(*arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FuserWarning)
        result = fused(*arguments)
    assert type(result) is type(expected)
    assert result.dtype == expected.dtype
    np.testing.assert_allclose(result, expected)
    assert not fused.last_run.direct
    same(fused(a, b), function(a, b))
    assert fused.last_run.direct


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "u1", "f2", "c16"])
@pytest.mark.parametrize("number", [2.5, -0.0, 1e300, float("nan"), 3, -1, 2**31, 2**53 + 1, 2**63])
@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning", "ignore::RuntimeWarning")
def test_numbers_are_converted_as_numpy_does(dtype: str, number: float) -> None:
    def function(factor: float, x: Any) -> Any:
        return x + factor * x

    x = np.arange(7).astype(dtype)
    fused = fuse(function)
    other = type(number)(1)
    for _ in range(4):
        same(fused(other, x), function(other, x))
    assert fused.last_run.direct or dtype in ("f2", "c16")
    try:
        expected = function(number, x)
    except OverflowError as error:
        with pytest.raises(OverflowError, match=re.escape(str(error))):
            fused(number, x)
    else:
        same(fused(number, x), expected)


def test_numbers_that_python_computes_with_stay_with_it() -> None:
    fused = fuse(lambda x, n: x * (n + 1))
    for n in range(5):
        same(fused(a, n), a * (n + 1))
        assert not fused.last_run.direct


def test_keywords_and_out_go_python_s_way() -> None:
    fused = ready(lambda x, y: x + y, a, b)
    out = np.empty_like(a)
    assert fused(a, b, out=out) is out
    assert not fused.last_run.direct
    same(fused(a, y=b), a + b)
    same(out, a + b)


def test_an_equal_dtype_is_enough() -> None:
    fused = ready(lambda x: x + 1, a)
    other = pickle.loads(pickle.dumps(a))  # noqa: S301
    same(fused(other), a + 1)
    assert fused.last_run.direct


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of NumPy 2.5
def test_an_array_changed_in_place_is_another_kind() -> None:
    fused = ready(lambda x: x + 1, np.arange(6.0))
    x = np.arange(6.0)
    fused(x)
    x.shape = (2, 3)
    same(fused(x), x + 1)
    x.dtype = np.int64
    same(fused(x), x + 1)
    x.resize((3, 1), refcheck=False)
    same(fused(x), x + 1)


def test_inside_another_function_it_is_a_part_of_it() -> None:
    inner = ready(lambda x: x * 2, a)
    outer = fuse(lambda x: inner(x) + 1)
    same(outer(a), a * 2 + 1)
    assert outer.last_run.backend == "cpu_llvm"


def test_many_kinds_of_calls() -> None:
    fused = fuse(lambda x: x + 1)
    for _ in range(3):
        for size in range(1, 50):
            x = np.arange(float(size))
            for _ in range(3):
                same(fused(x), x + 1)
            assert fused.last_run.direct


def test_large_calls_and_results_stay_with_python() -> None:
    fused = fuse(lambda x: x + 1)
    x = np.zeros(1 << 18)
    for _ in range(4):
        fused(x)
    assert not fused.last_run.direct


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x, x + 1),
        lambda x: [x + 1, [x - 1]],
        lambda x: [y := x + 1, y[None]],
        lambda x: (x + 1)[::2],
        lambda x: (x + 1, 3),
        lambda x: np.sort(x) + 1,
    ],
)
def test_other_results_stay_with_python(function: Any) -> None:
    fused = fuse(function)
    for _ in range(4):
        result = fused(a)
    np.testing.assert_equal(result, fuse(function)(a))
    assert not fused.last_run.direct


def test_another_numpy_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_api, "FIELDS", {**numpy_api.FIELDS, "strides": numpy_api.FIELDS["dimensions"]})
    numpy_api.fields_are_right.cache_clear()
    obstacle.cache_clear()
    try:
        assert obstacle() == f"NumPy {np.__version__} keeps the fields of arrays elsewhere"
        fused = fuse(lambda x: x + 5)
        for _ in range(4):
            same(fused(a), a + 5)
        assert not fused.last_run.direct
    finally:
        monkeypatch.undo()
        numpy_api.fields_are_right.cache_clear()
        obstacle.cache_clear()
