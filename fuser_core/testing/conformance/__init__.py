"""BackendConformance: every standard test of a backend, in one class to subclass."""

from __future__ import annotations

from inspect import getattr_static

import pytest

from fuser_core.testing.conformance.arrays import ArrayTests
from fuser_core.testing.conformance.base import ConformanceBase
from fuser_core.testing.conformance.caching import CacheTests
from fuser_core.testing.conformance.chains import ChainTests
from fuser_core.testing.conformance.errors import ErrorTests
from fuser_core.testing.conformance.kernels import KernelTests
from fuser_core.testing.conformance.lifetime import LifetimeTests
from fuser_core.testing.conformance.programs import ProgramTests
from fuser_core.testing.conformance.questions import QuestionTests
from fuser_core.testing.conformance.values import ValueTests

__all__ = ["BackendConformance"]

_OPEN = {"backend", "placement", "pytestmark"}
"""What a subclass may set."""


class BackendConformance(
    QuestionTests, ValueTests, ArrayTests, ErrorTests, KernelTests, LifetimeTests, CacheTests, ChainTests, ProgramTests
):
    """The tests that every backend must pass.

    Name the backend in a subclass; its methods are the tests. What the backend declines is skipped, with its reasons.
    A test that it cannot pass yet may be overridden only to mark it ``@pytest.mark.xfail(reason=...)``; whatever is
    overridden besides is a failure, and what was marked or left out is told with the grade.

    Attributes:
        backend: Name of the installed backend under test.
        placement: Where its arrays are: NumPy's, by default. A backend for a device names the device, and how arrays
            are copied there and back: ``Placement(Device("cuda"), cupy.asarray, cupy.asnumpy)``.
    """

    def test_standard_tests_are_not_overridden(self) -> None:
        """An overridden test would pass without testing anything, and so would one with another fixture."""
        replaced = [
            name
            for name in dir(BackendConformance)
            if not name.startswith("__")
            and name not in _OPEN
            and getattr_static(type(self), name, None) is not getattr_static(BackendConformance, name)
            and not (name.startswith("test_") and _expected_to_fail(getattr(type(self), name, None)))
        ]
        assert not replaced, f"{replaced} override standard tests; mark what cannot pass yet as xfail, with a reason"
        silent = [mark.name for mark in getattr(type(self), "pytestmark", []) if not _says_why(mark)]
        assert not silent, f"the class is marked {silent} without a reason; give one, as in skipif(..., reason=...)"

    def __init_subclass__(cls) -> None:
        """Refuse a class that overrides the very test that looks for overridden tests."""
        super().__init_subclass__()
        if "test_standard_tests_are_not_overridden" in vars(cls):
            raise TypeError(f"{cls.__qualname__} overrides test_standard_tests_are_not_overridden; remove the override")


def _expected_to_fail(test: object) -> bool:
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    return any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)


def _says_why(mark: pytest.Mark) -> bool:
    given = mark.kwargs.get("reason") or (mark.name == "skip" and mark.args)
    return mark.name not in ("skip", "skipif", "xfail") or bool(given)


assert issubclass(BackendConformance, ConformanceBase)
