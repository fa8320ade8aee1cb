"""Chains of this backend: where they are cut, the same bits however that is, and what is launched kernel by kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.chaining import BoundChain
from fuser_cpu_llvm import chain_cut, kernel, reductions
from fuser_cpu_llvm.chain import ChainKernel
from fuser_cpu_llvm.chain_layout import Fitted

Array = np.ndarray[Any, Any]


def shares(x: Any) -> Any:
    total = x.sum(1)
    return x / total[:, None] + total[:, None].max(-1, keepdims=True), total


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each launch of a chain ran part by part."""
    answers: list[bool] = []
    original = ChainKernel.launch

    def launch(self: ChainKernel, *args: Any) -> Any:
        declined = original(self, *args)
        answers.append(declined is None)
        return declined

    monkeypatch.setattr(ChainKernel, "launch", launch)
    return answers


def test_results_with_more_axes_than_the_driver_copies(answers: list[bool]) -> None:
    x = np.random.default_rng(6).uniform(0.5, 2.0, (100, 6, 5, 7))
    fused = fuse(shares, backend="cpu_llvm")
    expected = fused(x)
    assert answers == [True]
    apart = np.empty((100, 11, 15))[:, :10:2, :14:2]
    result = fused(x, out=(np.empty_like(x), apart))
    assert answers == [True, False]
    for own, one, true in zip(result, expected, shares(x), strict=True):
        np.testing.assert_array_equal(own, one)
        np.testing.assert_allclose(own, true, rtol=1e-12)


def test_a_chain_cuts_its_work_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[int] = []
    original = Fitted._cut

    def cut(self: Fitted, parts: int) -> Any:
        cuts.append(parts)
        return original(self, parts)

    monkeypatch.setattr(Fitted, "_cut", cut)
    fused, x = fuse(shares, backend="cpu_llvm", threads=1), np.ones((90, 6, 5, 7))
    out = (np.empty_like(x), np.empty((90, 5, 7)))
    for _ in range(3):
        fused(x, out=out)
    assert len(cuts) == 1


def normalised(axis: Any) -> Callable[[Array], Array]:
    def function(x: Array) -> Array:
        centred = x - x.mean(axis, keepdims=True)
        return centred / np.sqrt((centred * centred).sum(axis, keepdims=True))

    return function


@pytest.mark.parametrize(
    ("shape", "axis", "threads", "cut"),
    [
        ((8, 50_000), 1, 2, True),  # few rows, one for a part
        ((1, 50_000), 1, 2, False),  # a single one is not cut
        ((2, 300_000), 1, 5, False),  # not one for each thread
        ((2, 300_000), 1, 1, True),
        ((100, 9000), 0, 2, True),  # strips of a thousand columns
        ((20_000, 60), 0, 2, False),  # they would be too thin
        ((100, 20), 0, 2, True),  # all of it is one part
        ((16, 32, 900), (0, 2), 2, True),
        ((3000, 40, 8), (0, 2), 2, False),
        ((30, 100, 100), 1, 2, True),
    ],
)
def test_what_pays_is_cut(
    shape: tuple[int, ...], axis: Any, threads: int, cut: bool, answers: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_cut, "cache_size", lambda: 32 << 20)
    x = np.random.default_rng(1).normal(size=shape).astype("f4")
    found = fuse(normalised(axis), backend="cpu_llvm", threads=threads)(x)
    assert any(answers) is cut
    np.testing.assert_allclose(found, normalised(axis)(x.astype("f8")), rtol=1e-4, atol=1e-6)


FUNCTIONS: dict[str, Callable[[Array, Any], Any]] = {
    "sums": lambda x, axis: (x * 1.375 / (x * 1.375).sum(axis, keepdims=True), (x * 1.375).sum(axis)),
    "two": lambda x, axis: (x - x.min(axis, keepdims=True)) * 1.625 / (x.max(axis) - 0.5).sum(),
    "extremes": lambda x, axis: ((x * 1.875).max(axis, keepdims=True) - x).min(axis),
    "products": lambda x, axis: ((x / x.max(axis, keepdims=True)) ** 2).prod(axis),
    "complex": lambda x, axis: (x + 2j) / ((x - 0.25j) / x.max(axis, keepdims=True)).prod(axis, keepdims=True),
    "deviations": lambda x, axis: (x / ((x * 1.3125).std(axis, keepdims=True) + 1), (x * 1.3125).var(axis)),
    "turned": lambda x, axis: x.T * 1.125 - (x / x.sum(axis, keepdims=True)).T.max(-1, keepdims=True),
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut everything as if it were large."""
    monkeypatch.setattr(chain_cut, "_PART_BYTES", 600)
    monkeypatch.setattr(chain_cut, "_RUN", 5)
    monkeypatch.setattr(chain_cut, "cache_size", lambda: 16 << 10)
    monkeypatch.setattr(reductions, "_PIECE_ELEMENTS", 40)
    monkeypatch.setattr(reductions, "_LEAST_COLUMNS", 16)
    monkeypatch.setattr(reductions, "_MOST_ACCUMULATED", 1 / 4)
    monkeypatch.setattr(kernel, "_MOST_PREPARED", 0)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Array, tuple[int, ...]]:
    shape = draw(st.lists(st.integers(1, 40), min_size=2, max_size=4).filter(lambda shape: np.prod(shape) < 9000))
    rank = len(shape)
    axis = draw(st.sets(st.integers(0, rank - 1), min_size=1, max_size=rank - 1))
    order = draw(st.permutations(range(rank)))
    steps = draw(st.tuples(*[st.sampled_from([1, 1, 1, -1, 2])] * rank))
    repeated = draw(st.sampled_from([None, None, None, *range(rank)]))
    memory = np.empty([2 * shape[axis] for axis in order], draw(st.sampled_from(["f4", "f8"])))
    x = memory.transpose(np.argsort(order))[tuple(slice(None, None, step) for step in steps)]
    x = x[tuple(slice(size) for size in shape)]
    x[...] = np.random.default_rng(draw(st.integers(0, 9))).uniform(0.5, 2.0, x.shape)
    if repeated is not None:
        x = np.broadcast_to(x.take([0], repeated), x.shape)
    return draw(st.sampled_from(sorted(FUNCTIONS))), x, tuple(sorted(axis))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases(), threads=st.sampled_from([1, 2, 5]))
def test_the_bits_are_those_of_separate_kernels(
    small: None, answers: list[bool], case: tuple[str, Array, tuple[int, ...]], threads: int
) -> None:
    name, x, axis = case
    function = FUNCTIONS[name]
    found = fuse(lambda x: function(x, axis), backend="cpu_llvm", threads=threads)(x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BoundChain, "may_run_as_one", lambda *_: False)
        single = fuse(lambda x: function(x, axis), backend="cpu_llvm", threads=1)(x)
    pairs = zip(*(each if isinstance(each, tuple) else (each,) for each in (found, single)), strict=True)
    for own, other in pairs:
        assert own.strides == other.strides
        assert own.tobytes() == other.tobytes()
    if len(answers) > 100:
        assert sum(answers) > 20


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("threads", [1, 3])
def test_sets_of_accumulators_are_joined_alike(
    dtype: str, threads: int, answers: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long reduced axis is cut into pieces, each with accumulators of its own, and parts keep to the pieces."""
    monkeypatch.setattr(reductions, "_PIECE_ELEMENTS", 40)
    monkeypatch.setattr(reductions, "_MOST_ACCUMULATED", 1 / 4)
    monkeypatch.setattr(kernel, "_MOST_PREPARED", 0)
    monkeypatch.setattr(chain_cut, "_RUN", 5)
    monkeypatch.setattr(chain_cut, "cache_size", lambda: 1 << 20)
    rng = np.random.default_rng(2)
    real, imaginary = rng.uniform(0.5, 2.0, (2, 400, 23))
    x = (real + 1j * imaginary if dtype[0] == "c" else real).astype(dtype)
    sets: list[int] = []
    original = reductions.Reduction.join_sets

    def join_sets(self: reductions.Reduction, own: Array) -> Array:
        sets.append(len(own))
        return original(self, own)

    def scaled(x: Array) -> Array:
        return x * 0.8125 / (x * 0.8125).sum(0)

    monkeypatch.setattr(reductions.Reduction, "join_sets", join_sets)
    found = fuse(scaled, backend="cpu_llvm", threads=threads)(x)
    monkeypatch.setattr(BoundChain, "may_run_as_one", lambda *_: False)
    single = fuse(scaled, backend="cpu_llvm")(x)
    assert answers == [True]
    assert sets == [58]
    assert found.tobytes() == single.tobytes()
    np.testing.assert_allclose(found, scaled(x), rtol=1e-4)
