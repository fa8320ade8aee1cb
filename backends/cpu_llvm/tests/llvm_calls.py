"""What the tests of direct calls share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fuser_core import fuse
from fuser_cpu_llvm.entry import obstacle

__all__ = ["a", "b", "needs_entry", "ready", "rng", "same"]

needs_entry = pytest.mark.skipif(obstacle() is not None, reason=f"no calls in machine code here: {obstacle()}")

rng = np.random.default_rng(3)
a, b = rng.uniform(0.5, 2.0, (2, 40))


def ready(function: Any, *args: Any) -> Any:
    """Return a fused function whose calls with such arguments are direct."""
    fused = fuse(function, backend="cpu_llvm")
    for _ in range(3):
        fused(*args)
    assert fused.last_run.direct
    return fused


def same(left: Any, right: Any) -> None:
    """Assert that two results are of one type, dtype, layout and the same bits."""
    assert type(left) is type(right)
    if isinstance(left, tuple):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            same(one, other)
        return
    assert left.dtype == right.dtype
    assert left.shape == right.shape
    assert left.strides == right.strides
    assert left.tobytes() == right.tobytes()
