"""Refusals: errors that say what a trace cannot hold, where, and what to do instead."""

from __future__ import annotations

from fuser_core.errors import UntraceableError
from fuser_core.location import user_line

__all__ = ["untraceable"]


def untraceable(what: str, instead: str | None = None) -> UntraceableError:
    """Return the error that a function, an option or an assignment at the user's line has no traced form.

    Args:
        what: As the user knows it.
        instead: Why it has none, or what to use; by default to leave it out.
    """
    reason = instead or "move it out of the fused function"
    return UntraceableError(f"{what} at {user_line()} has no traced form; {reason}")
