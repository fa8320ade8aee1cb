"""Standard tests of chains: kernels that run as one do what they do one after the other, with any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fuser_core.chaining import BoundChain
from fuser_core.errors import FusionDeclinedError
from fuser_core.fused import fuse
from fuser_core.testing.conformance.base import Array, ConformanceBase
from fuser_core.testing.runner import Runner
from fuser_core.testing.values import LAYOUTS, arrange

__all__ = ["ChainTests"]

_SHAPE = (70, 9, 40)
_AXES = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]


class ChainTests(ConformanceBase):
    """Chains along every axis and in every layout; a backend that makes none passes by what it does without."""

    @pytest.mark.parametrize("axes", _AXES, ids=str)
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_chains(
        self, layout: str, axes: tuple[int, ...], runner: Runner, basic_dtype: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is shifted by an extremum and divided by a sum."""

        def shares(x: Array) -> tuple[Array, Array]:
            shifted = x - x.min(axes, keepdims=True) + 1
            total = shifted.sum(axes, keepdims=True)
            return shifted / total, total

        get = runner.placement.get
        own_x = arrange(np.random.default_rng(1).uniform(1, 9, _SHAPE).astype(basic_dtype), layout)
        x = runner.placement.put(own_x)
        try:
            together = [fuse(backend=runner.name, fallback=False, threads=count)(shares)(x) for count in (1, 2, 5)]
        except FusionDeclinedError as error:
            pytest.skip(str(error))
        monkeypatch.setattr(BoundChain, "may_run_as_one", lambda *_: False)
        apart = fuse(backend=runner.name, fallback=False)(shares)(x)
        for found in together:
            for own, first, other in zip(*(map(get, each) for each in (found, together[0], apart)), strict=True):
                assert (own.dtype, own.shape, own.strides) == (other.dtype, other.shape, other.strides)
                where = f"over the axes {axes} of an array laid out {layout}"
                assert own.tobytes() == first.tobytes(), f"the number of threads changes bits {where}"
                np.testing.assert_allclose(own, other, rtol=_near(own.dtype), err_msg=where)


def _near(dtype: np.dtype[Any]) -> float:
    """How far results of sums in another order may lie apart; nothing where sums are exact."""
    return 8 * float(np.finfo(dtype).eps) if dtype.kind in "fc" else 0.0
