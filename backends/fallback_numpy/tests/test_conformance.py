"""The standard tests, for the fallback."""

from __future__ import annotations

from fuser_core.testing import BackendConformance


class TestFallbackNumPy(BackendConformance):
    backend = "fallback_numpy"
