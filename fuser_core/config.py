"""Settings: what the environment and the context managers say. Read when first needed, never at import."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from fuser_core.watches import MISSING, Reading, Watch

__all__ = [
    "backend_order",
    "default_threads",
    "disabled_backends",
    "log_level",
    "strict",
    "use_backends",
    "verify",
    "watch_order",
]

_ORDER: ContextVar[tuple[str, ...] | None] = ContextVar("fuser_core backend order", default=None)


_BACKENDS: Any = os.environ.encodekey("FUSER_BACKENDS") if hasattr(os.environ, "_data") else "FUSER_BACKENDS"
"""The variable's name as the dict that `os.environ` keeps has it: every call asks, and the dict answers at once."""


@contextlib.contextmanager
def use_backends(*names: str) -> Iterator[None]:
    """Consider only these compilers, in this order, inside a ``with`` block.

    The fallback still serves whatever they decline; naming only the fallback switches compilation off. The order of
    precedence is: ``backend=`` of `fuse`, this context manager, ``FUSER_BACKENDS``, the backends' declared priority.

    Args:
        names: Names of installed backends, as ``fuser-core backends`` lists them.

    Raises:
        UnknownBackendError: At the first fused call, when no such backend is installed.
    """
    token = _ORDER.set(names)
    try:
        yield
    finally:
        _ORDER.reset(token)


def backend_order() -> tuple[str, ...] | None:
    """Return the backends to consider, in order, or ``None`` for all of them by priority."""
    names = _ORDER.get()
    if names is not None or _BACKENDS not in getattr(os.environ, "_data", os.environ):
        return names
    return _names("FUSER_BACKENDS")


def watch_order() -> list[Watch]:
    """Return what to watch of what `backend_order` returns."""
    watches = [Watch(Reading.CONTEXT, _ORDER, None, _ORDER.get())]
    environment = getattr(os.environ, "_data", os.environ)  # the dict that os.environ keeps
    return [*watches, Watch(Reading.ITEM, environment, _BACKENDS, environment.get(_BACKENDS, MISSING))]


def disabled_backends() -> frozenset[str]:
    """Return the names in ``FUSER_DISABLE``."""
    return frozenset(_names("FUSER_DISABLE") or ())


def strict() -> bool:
    """Say whether a plugin's defect raises (``FUSER_STRICT=1``) instead of being contained."""
    return os.environ.get("FUSER_STRICT", "0") not in ("", "0")


def verify() -> bool:
    """Say whether every launch of a compiled kernel is verified (``FUSER_VERIFY=1``); asked when a plan is compiled."""
    return os.environ.get("FUSER_VERIFY", "0") not in ("", "0")


def log_level() -> str:
    """Return what ``FUSER_LOG`` says, in lower case; empty when it says nothing."""
    return os.environ.get("FUSER_LOG", "").strip().lower()


def _names(variable: str) -> tuple[str, ...] | None:
    text = os.environ.get(variable)
    return tuple(name.strip() for name in text.split(",") if name.strip()) or None if text else None


@functools.cache
def default_threads() -> int:
    """Return the most threads that one call uses.

    ``FUSER_NUM_THREADS``, then ``OMP_NUM_THREADS``, else the smaller of the processors that this process may run on
    and its control group's quota.

    Raises:
        ValueError: A variable is set to something else than a positive integer.
    """
    for variable in ("FUSER_NUM_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(variable, "").split(",")[0].strip()
        if text:
            if not text.isdecimal() or int(text) < 1:
                raise ValueError(f"{variable}={text!r} is not a positive integer; set it to a number of threads")
            return int(text)
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(available, _cgroup_quota() or available))


def _cgroup_quota() -> int | None:
    """Return the processors that the Linux control group grants (version 2, then 1), rounded up."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return -(-int(quota) // int(period))
    with contextlib.suppress(OSError, ValueError):
        quota = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text()
        period = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text()
        return -(-int(quota) // int(period)) if int(quota) > 0 else None
    return None
