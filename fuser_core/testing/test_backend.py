"""The conformance tests for the backends named by ``--fuser-backend``, or for every installed one.

``pytest --pyargs fuser_core.testing --fuser-backend NAME`` collects this module.
"""

from __future__ import annotations

import pytest

from fuser_core.testing import BackendConformance

__all__ = ["TestBackend"]


@pytest.mark.usefixtures("fuser_backend")
class TestBackend(BackendConformance):
    """Every standard test, once per backend."""
