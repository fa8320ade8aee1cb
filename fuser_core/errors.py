"""Every error and warning that fuser_core raises on purpose, in one tree.

FuserError
├── TraceError                       the function does something that no trace can follow
│   └── UntraceableError             it uses something that has no traced form (yet)
├── GraphError (ValueError)          a graph is malformed
├── ShapeError (ValueError)          operands cannot be broadcast, an axis is out of bounds, ...
├── DTypeError (TypeError)           no loop of an operation takes these dtypes
├── ArgumentError (TypeError)        wrong number or kind of arguments
├── UnknownKeyError (KeyError)       run_fusion with a key that was never registered
├── FusionDeclinedError              no compiler accepted, where the caller insisted on one
├── UnknownBackendError (LookupError) a backend was named that is not installed
└── PluginError                      a defect of a backend plugin
    ├── PluginLoadError              it cannot be imported, or does not keep the contract
    ├── PluginHookError              one of its hooks raised
    └── VerificationError            one of its kernels computed something wrong

FuserWarning (UserWarning)           something works, but not as fast as it could

User mistakes also derive from the exception that NumPy raises for them, so that code which catches
``ValueError`` goes on working under ``@fuse``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

__all__ = [
    "ArgumentError",
    "DTypeError",
    "FuserError",
    "FuserWarning",
    "FusionDeclinedError",
    "GraphError",
    "PluginError",
    "PluginHookError",
    "PluginLoadError",
    "ShapeError",
    "TraceError",
    "UnknownBackendError",
    "UnknownKeyError",
    "UntraceableError",
    "VerificationError",
    "recording",
]

_RAISED: ContextVar[list[TraceError] | None] = ContextVar("TraceErrors of the running trace", default=None)


class FuserError(Exception):
    """Base of every error that fuser_core raises on purpose."""


class TraceError(FuserError):
    """The traced function does something that no trace can follow; the message names the user's line.

    It is noted with the running trace when it is made, so that a function that catches every exception cannot take a
    branch on it that it would not take without a trace.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        raised = _RAISED.get()
        if raised is not None:
            raised.append(self)


class UntraceableError(TraceError):
    """The traced function uses a function, an option or an object that has no traced form.

    Unless the caller ruled the fallback out, `fuse` then calls the function itself.
    """


@contextlib.contextmanager
def recording() -> Iterator[list[TraceError]]:
    """Collect every `TraceError` that is made inside a ``with`` block, raised further or not."""
    raised: list[TraceError] = []
    token = _RAISED.set(raised)
    try:
        yield raised
    finally:
        _RAISED.reset(token)


class GraphError(FuserError, ValueError):
    """A graph is malformed: an unknown operation, a wrong number of operands, an undefined value."""


class ShapeError(FuserError, ValueError):
    """Shapes do not fit together; the message says it in NumPy's words."""


class DTypeError(FuserError, TypeError):
    """An operation has no loop for the dtypes it was given."""


class ArgumentError(FuserError, TypeError):
    """A call has the wrong number of arguments, or one of a kind that cannot be used."""


class UnknownKeyError(FuserError, KeyError):
    """A fusion key was never returned by ``register_fusion``."""

    def __str__(self) -> str:  # KeyError shows the repr of its argument; a sentence reads better.
        return str(self.args[0]) if self.args else ""


class FusionDeclinedError(FuserError):
    """No compiler accepted the graph and the caller ruled the fallback out; lists every reason."""


class UnknownBackendError(FuserError, LookupError):
    """A backend was asked for by a name that no installed distribution provides."""


class PluginError(FuserError):
    """A backend plugin is at fault; the message names the plugin, its distribution and version."""


class PluginLoadError(PluginError):
    """A plugin cannot be imported or does not keep the contract of ``fuser_core.hookspecs``."""


class PluginHookError(PluginError):
    """An exception came out of a plugin's hook (raised to the user only under ``FUSER_STRICT=1``)."""


class VerificationError(PluginError):
    """A kernel's result differs from its definition (looked for only under ``FUSER_VERIFY=1``).

    The message says which output, where, what was computed, what is right, by which backend, and how to report it.
    """


class FuserWarning(UserWarning):
    """A call was served, but not by the backend that could be expected; the message says why."""
