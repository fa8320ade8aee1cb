"""What direct calls return: containers of results, and results that are computed in another shape."""

from __future__ import annotations

import sys
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.tree import flatten
from llvm_calls import needs_entry, ready, rng, same

pytestmark = needs_entry

a = rng.uniform(0.5, 2.0, (5, 8))

Pair = namedtuple("Pair", "first second")  # noqa: PYI024 - the plain kind

FUNCTIONS = {
    "list": lambda x: [x + 1, x * 2],
    "list of one": lambda x: [x.sum()],
    "dict": lambda x: {"up": x + 1, "sum": x.sum(), 3: x * 2},
    "named tuple": lambda x: Pair(x + 1, x.sum(0)),
    "turned": lambda x: (x + 1).T,
    "flat": lambda x: (x * 2).ravel(),
    "kept axes": lambda x: x.sum(0, keepdims=True),
    "new axis": lambda x: ((x + 1)[None], x.mean(1, keepdims=True)),
    "joined axes": lambda x: np.exp(x).reshape(-1, 1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_results_are_what_the_function_returns(name: str) -> None:
    fused, expected = ready(FUNCTIONS[name], a), FUNCTIONS[name](a)
    result = fused(a)
    assert fused.last_run.direct
    assert type(result) is type(expected)
    found, wanted = [], []
    assert flatten(result, found) == flatten(expected, wanted)
    for own, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-15)
        assert type(own) is type(other)
        if isinstance(own, np.ndarray):
            assert (own.flags.c_contiguous, own.flags.f_contiguous) == (
                other.flags.c_contiguous,
                other.flags.f_contiguous,
            )
            assert own.flags.writeable


def test_each_call_returns_containers_of_its_own() -> None:
    for name in ("list", "dict"):
        fused = ready(FUNCTIONS[name], a)
        first, second = fused(a), fused(a)
        assert first is not second
        first.clear()
        assert len(second) == len(fused(a)) > 0


def test_containers_leave_no_references_behind() -> None:
    for name in ("list", "dict", "named tuple"):
        fused = ready(FUNCTIONS[name], a)
        watched = (a, Pair, list, dict, "up", a.dtype)
        before = list(map(sys.getrefcount, watched))
        for _ in range(1000):
            fused(a)
        assert list(map(sys.getrefcount, watched)) == before


def test_a_class_that_refuses_its_items_raises() -> None:
    class Checked(Pair):
        refuses = False

        def __new__(cls, *items: Any) -> Any:
            if cls.refuses:
                raise ValueError("no more")
            return super().__new__(cls, *items)

    fused = ready(lambda x: Checked(x + 1, x - 1), a)
    same(fused(a).first, a + 1)
    Checked.refuses = True
    with pytest.raises(ValueError, match="no more"):
        fused(a)


def test_a_part_of_a_result_stays_with_python() -> None:
    for function in (lambda x: (x + 1)[::2], lambda x: (x + 1)[0], lambda x: (x + 1)[::-1]):
        fused = fuse(function)
        for _ in range(4):
            np.testing.assert_array_equal(fused(a), function(a))
        assert not fused.last_run.direct
