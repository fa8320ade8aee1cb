"""BackendConformance: every standard test of a backend, in one class to subclass."""

from __future__ import annotations

import pytest

from fuser_core.testing.conformance.arrays import ArrayTests
from fuser_core.testing.conformance.base import ConformanceBase
from fuser_core.testing.conformance.calls import CallTests
from fuser_core.testing.conformance.chains import ChainTests
from fuser_core.testing.conformance.kernels import KernelTests
from fuser_core.testing.conformance.programs import ProgramTests
from fuser_core.testing.conformance.values import ValueTests

__all__ = ["BackendConformance"]


class BackendConformance(ValueTests, ArrayTests, KernelTests, ChainTests, CallTests, ProgramTests):
    """The tests that every backend must pass.

    Name the backend in a subclass; its methods are the tests. What the backend declines is skipped, with its reasons.
    A test that it cannot pass yet may be overridden only to mark it ``@pytest.mark.xfail(reason=...)``.

    Attributes:
        backend: Name of the installed backend under test.
        placement: Where its arrays are: NumPy's, by default. A backend for a device names the device, and how arrays
            are copied there and back: ``Placement(Device("cuda"), cupy.asarray, cupy.asnumpy)``.
    """

    def test_standard_tests_are_not_overridden(self) -> None:
        """An overridden test would pass without testing anything."""
        replaced = [
            name
            for name in dir(BackendConformance)
            if name.startswith("test_")
            and getattr(type(self), name, None) is not getattr(BackendConformance, name)
            and not _expected_to_fail(getattr(type(self), name, None))
        ]
        assert not replaced, f"{replaced} override standard tests; mark what cannot pass yet as xfail, with a reason"

    def __init_subclass__(cls) -> None:
        """Refuse a class that overrides the very test that looks for overridden tests."""
        super().__init_subclass__()
        if "test_standard_tests_are_not_overridden" in vars(cls):
            raise TypeError(f"{cls.__qualname__} overrides test_standard_tests_are_not_overridden; remove the override")


def _expected_to_fail(test: object) -> bool:
    marks: list[pytest.Mark] = getattr(test, "pytestmark", [])
    return any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)


assert issubclass(BackendConformance, ConformanceBase)
