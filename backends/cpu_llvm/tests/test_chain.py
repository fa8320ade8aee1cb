"""Chains where the driver cannot put results where they belong: then kernels are launched one by one, as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fuser_core import fuse
from fuser_cpu_llvm.chain import ChainKernel
from fuser_cpu_llvm.chain_layout import Fitted


def shares(x: Any) -> Any:
    total = x.sum(1)
    return x / total[:, None] + total[:, None].max(-1, keepdims=True), total


def test_results_with_more_axes_than_the_driver_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[ChainKernel] = []
    original = ChainKernel._launch_each

    def launch_each(self: ChainKernel, *args: Any) -> None:
        launched.append(self)
        original(self, *args)

    monkeypatch.setattr(ChainKernel, "_launch_each", launch_each)
    x = np.random.default_rng(6).uniform(0.5, 2.0, (100, 6, 5, 7))
    fused = fuse(shares, backend="cpu_llvm")
    expected = fused(x)
    assert launched == []
    apart = np.empty((100, 11, 15))[:, :10:2, :14:2]
    result = fused(x, out=(np.empty_like(x), apart))
    assert len(launched) == 1
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
    fused, x = fuse(shares, backend="cpu_llvm"), np.ones((90, 6, 5, 7))
    out = (np.empty_like(x), np.empty((90, 5, 7)))
    for _ in range(3):
        fused(x, out=out)
    assert len(cuts) == 1
