"""The testing kit: what an author needs to know that a backend is right.

Subclass `BackendConformance` in a test module::

    from fuser_core.testing import BackendConformance


    class TestMyBackend(BackendConformance):
        backend = "my_backend"

or, without writing anything, run ``pytest --pyargs fuser_core.testing --fuser-backend my_backend``. What is right is
said by the oracle, `evaluate`. Beside the tests there are strategies that draw arrays and programs, and fake backends
that behave well or badly on purpose. Names are loaded when first used: pytest imports this package in every session.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

# Before the modules are imported, or their asserts would not say what they compared.
pytest.register_assert_rewrite("fuser_core.testing.compare", "fuser_core.testing.conformance")

if TYPE_CHECKING:
    from fuser_core.testing.capabilities import Capabilities, probe
    from fuser_core.testing.compare import Expectation, assert_agrees, expect
    from fuser_core.testing.conformance import BackendConformance
    from fuser_core.testing.fakes import (
        AcceptingBackend,
        AnsweringBackend,
        DecliningBackend,
        OnlyBackend,
        RaisingBackend,
        SlowBackend,
        WrongBackend,
        installed,
        make_distribution,
    )
    from fuser_core.testing.growth import Case
    from fuser_core.testing.oracle import evaluate
    from fuser_core.testing.placement import Placement
    from fuser_core.testing.strategies import argument_lists, arrays, graphs

__all__ = [
    "AcceptingBackend",
    "AnsweringBackend",
    "BackendConformance",
    "Capabilities",
    "Case",
    "DecliningBackend",
    "Expectation",
    "OnlyBackend",
    "Placement",
    "RaisingBackend",
    "SlowBackend",
    "WrongBackend",
    "argument_lists",
    "arrays",
    "assert_agrees",
    "evaluate",
    "expect",
    "graphs",
    "installed",
    "make_distribution",
    "probe",
]

_MODULES = {
    "AcceptingBackend": "fakes",
    "AnsweringBackend": "fakes",
    "BackendConformance": "conformance",
    "Capabilities": "capabilities",
    "Case": "growth",
    "DecliningBackend": "fakes",
    "Expectation": "compare",
    "OnlyBackend": "fakes",
    "Placement": "placement",
    "RaisingBackend": "fakes",
    "SlowBackend": "fakes",
    "WrongBackend": "fakes",
    "argument_lists": "strategies",
    "arrays": "strategies",
    "assert_agrees": "compare",
    "evaluate": "oracle",
    "expect": "compare",
    "graphs": "strategies",
    "installed": "fakes",
    "make_distribution": "fakes",
    "probe": "capabilities",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
