"""The pytest plugin: ``--fuser-backend``, a fixture for it, and a line that says which backends were found.

It is loaded in every pytest session of an environment that holds fuser-core, so it imports nothing of the core before
a test asks for a backend.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fuser_core.discovery import BackendRecord

__all__ = [
    "GRADED",
    "fuser_backend",
    "pytest_addoption",
    "pytest_generate_tests",
    "pytest_report_collectionfinish",
    "pytest_sessionstart",
    "pytest_terminal_summary",
]

GRADED = "fuser_core backend"
"""The property by which a report is known for that of a standard test."""

_FIXTURE = "fuser_backend"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--fuser-backend``."""
    parser.getgroup("fuser_core").addoption(
        "--fuser-backend",
        action="append",
        default=[],
        metavar="NAME",
        help="run the conformance tests for this backend (repeatable; default: every installed backend for the CPU)",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse the name of a backend that is not installed."""
    names = session.config.getoption("--fuser-backend")
    installed = [record.name for record in _records()] if names else []
    for name in names:
        if name not in installed:
            raise pytest.UsageError(f"--fuser-backend: no backend named {name!r}; installed: {', '.join(installed)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes ``fuser_backend`` once per backend."""
    if _FIXTURE not in metafunc.fixturenames:
        return
    names = metafunc.config.getoption("--fuser-backend") or [
        record.name for record in _records() if _is_for_cpu(record)
    ]
    metafunc.parametrize(_FIXTURE, names, indirect=True, scope="session")


def _is_for_cpu(record: BackendRecord) -> bool:
    devices = None if record.plugin is None else record.plugin.devices
    return record.plugin is not None and (devices is None or "cpu" in devices)


@pytest.fixture(scope="session")
def fuser_backend(request: pytest.FixtureRequest) -> str:
    """The name of an installed backend; a test that takes it runs once per backend."""
    name: str = request.param
    return name


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """Say which backends were found and which failed, when a test of backends was collected."""
    asked = bool(config.getoption("--fuser-backend"))
    if not asked and not any(_FIXTURE in getattr(item, "fixturenames", ()) for item in items):
        return []
    return [f"fuser_core backend {_describe(record)}" for record in _records()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the grade of each backend whose standard tests ran; where backends were named, what they hold too."""
    reports = (each for reports in terminalreporter.stats.values() for each in reports)
    if not any(GRADED in dict(getattr(each, "user_properties", ())) for each in reports):
        return  # no standard test ran, here or in another process of pytest-xdist's
    from fuser_core.testing.grade import report

    lines = list(report(terminalreporter.stats, tables=bool(config.getoption("--fuser-backend"))))
    if lines:
        terminalreporter.section("fuser_core backends")
        for line in lines:
            terminalreporter.write_line(line)


def _records() -> tuple[BackendRecord, ...]:
    from fuser_core.discovery import registry

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what failed is reported, and must not end the session
        return registry.records()


def _describe(record: BackendRecord) -> str:
    text = f"{record.name} of {record.distribution}: {record.state.value}"
    return f"{text} ({record.reason})" if record.reason else text
