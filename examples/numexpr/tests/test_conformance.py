"""The standard tests of fuser_core: every operation, dtype and layout that the backend does not decline."""

from __future__ import annotations

from fuser_core.testing import BackendConformance


class TestNumExpr(BackendConformance):
    backend = "numexpr"
