"""Wording: errors and values of plugins as text; one may be endless, or fail to write itself."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["raised", "shown"]

_MOST_WORDS = 500
"""Characters that a value may say."""


def raised(error: Exception) -> str:
    """Return an error as text, with its class."""
    return f"{type(error).__name__}: {_clipped(error, str)}"


def shown(value: object) -> str:
    """Return what a value says of itself."""
    return _clipped(value, repr)


def _clipped(value: object, write: Callable[[object], str]) -> str:
    try:
        text = write(value)
    except Exception:  # noqa: BLE001 - see above
        return f"a {type(value).__qualname__} that cannot be shown"
    return text if len(text) <= _MOST_WORDS else f"{text[:_MOST_WORDS]}..."
