"""Tests of its own: what it serves, and in which words it declines the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fuser_core import FusionDeclinedError, fuse


def scaled(x: Any, y: Any) -> Any:
    return x * y - -x


def test_it_serves_what_it_says() -> None:
    function = fuse(backend="my_backend")(scaled)
    x, y = np.linspace(-1, 1, 7), np.linspace(0, 3, 7)
    assert np.array_equal(function(x, y), scaled(x, y))
    run = function.last_run
    assert run is not None
    assert run.backend == "my_backend"
    assert "multiply" in function.code(x, y)


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (np.spacing, np.ones(3), "my_backend: it has no spacing"),
        (np.negative, np.ones(3, np.float16), "negative of float16"),
        (np.sum, np.ones(3), "it has no reductions, and this is sum"),
    ],
)
def test_it_declines_the_rest_with_a_reason(function: Any, argument: Any, reason: str) -> None:
    with pytest.raises(FusionDeclinedError, match=reason):
        fuse(backend="my_backend")(lambda x: function(x))(argument)
