"""The log: what fuser_core decides, on the standard logger ``fuser_core``; ``FUSER_LOG`` sends it to stderr."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable

from fuser_core.config import log_level
from fuser_core.location import warn_user

__all__ = ["LEVELS", "Later", "logger"]

LEVELS = ("debug", "info", "warning")
"""What ``FUSER_LOG`` may say."""


class Later:
    """A text that is made only when a handler writes it."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def __str__(self) -> str:
        return self._make()


class _StandardError(logging.Handler):
    """Writes to what ``sys.stderr`` is at that time, so that a redirection made later counts."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 - a log that cannot be written must not fail the user's call
            self.handleError(record)


_to_stderr = _StandardError()
_to_stderr.setFormatter(logging.Formatter("%(name)s %(levelname)s: %(message)s"))
_to_nobody = logging.NullHandler()


@functools.cache
def logger() -> logging.Logger:
    """Return the logger ``fuser_core``, set up at the first call as ``FUSER_LOG`` says.

    Unset, nothing is configured, as libraries do it: an application decides what becomes of the records. Set, they go
    to stderr and nowhere else. A value that is no level warns and counts as unset.
    """
    log = logging.getLogger("fuser_core")
    level = log_level()
    if level in LEVELS:
        log.addHandler(_to_stderr)  # a handler is added once, however many threads come here first
        log.setLevel(level.upper())
        log.propagate = False
        return log
    log.addHandler(_to_nobody)
    if level:
        warn_user(f"FUSER_LOG={level!r} is no level of the log; set it to one of {', '.join(LEVELS)}")
    return log
