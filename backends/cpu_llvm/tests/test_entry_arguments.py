"""Direct calls with arguments that are no arrays: numbers that a function looks at, NumPy's scalars, constants."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_cpu_llvm import numpy_api
from llvm_calls import a, needs_entry, same

pytestmark = needs_entry

SCALARS = [np.dtype(character).type for character in "?bhilqBHILQefdFD"]


def test_numbers_that_a_function_looks_at_have_a_row_each() -> None:
    def function(x: Any, n: Any) -> Any:
        return x * n if n > 2 else x - n

    fused = fuse(function)
    for _ in range(4):
        for n in (1, 3, 2, 5):
            same(fused(a, n), function(a, n))
    assert fused.last_run.direct
    for n in (4, 10**6, 2.5, -1):
        for _ in range(4):
            same(fused(a, n), function(a, n))


def test_numbers_that_python_computes_with_and_looks_at() -> None:
    def function(x: Any, n: Any, m: Any) -> Any:
        return (x * (n + 1) if n * 2 > 3 else x) + m

    fused = fuse(function)
    for n in (1, 2, 1, 2):
        for m in (0.5, 1.5, 2.5, 3.5):
            same(fused(a, n, m), function(a, n, m))
            same(fused(a, n, m), function(a, n, m))
    assert fused.last_run.direct


def test_constants_have_a_row_each() -> None:
    def function(x: Any, axis: int = -1, keepdims: bool = False, mode: str = "sum", weights: Any = None) -> Any:
        values = x if weights is None else x * weights
        return values.sum(axis, keepdims=keepdims) if mode == "sum" else values.max(axis, keepdims=keepdims)

    fused = fuse(function)
    for axis, keepdims, mode, weights in itertools.product((0, -1), (False, True), ("sum", "max"), (None, 2.5)):
        for _ in range(4):
            found, expected = fused(a, axis, keepdims, mode, weights), function(a, axis, keepdims, mode, weights)
            np.testing.assert_allclose(found, expected, rtol=1e-15)
            assert type(found) is type(expected)
        assert fused.last_run.direct
        found = fused(a, axis=axis, keepdims=keepdims, mode=mode, weights=weights)
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_an_equal_text_that_is_another_object_goes_python_s_way() -> None:
    fused = fuse(lambda x, mode: x + 1 if mode == "plus" else x - 1)
    for _ in range(4):
        same(fused(a, "plus"), a + 1)
    assert fused.last_run.direct
    same(fused(a, str(b"plus", "ascii")), a + 1)
    assert not fused.last_run.direct
    same(fused(a, "minus"), a - 1)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
@given(st.sampled_from(SCALARS), st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_scalars_of_numpy_s_are_read_where_they_are(kind: Any, values: list[int]) -> None:
    fused = fuse(lambda x, scale: x * scale)
    for value in values:
        found, expected = fused(a, kind(value)), a * kind(value)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.bool_])
def test_calls_with_scalars_are_direct(kind: Any) -> None:
    fused = fuse(lambda x, scale: x * scale, backend="cpu_llvm")
    for value in range(6):
        same(fused(a, kind(value)), a * kind(value))
    assert fused.last_run.direct
    same(fused(a, kind(1).astype("f2")), a * kind(1).astype("f2"))


def test_numpy_without_values_behind_the_head_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert numpy_api._holds_its_value(np.float32(1))
    monkeypatch.setattr(numpy_api, "FIELDS", {**numpy_api.FIELDS, "data": numpy_api.FIELDS["data"] - 8})
    assert not numpy_api._holds_its_value(np.float32(1))
