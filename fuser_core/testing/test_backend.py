"""The conformance tests for the backends named by ``--fuser-backend``, or for every installed one.

``pytest --pyargs fuser_core.testing --fuser-backend NAME`` collects this module.
"""

from __future__ import annotations

import pytest

from fuser_core.testing import BackendConformance
from fuser_core.testing.conformance.base import usable_runner
from fuser_core.testing.runner import Runner

__all__ = ["TestBackend"]


class TestBackend(BackendConformance):
    """Every standard test, once per backend."""

    @pytest.fixture
    def runner(self, fuser_backend: str) -> Runner:
        """The backend under test."""
        return usable_runner(fuser_backend)
