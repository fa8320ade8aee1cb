"""Occasions: why a call needs a trace of its own, in words for the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fuser_core.arguments import ArraySpec, ScalarSpec
from fuser_core.calls import Call
from fuser_core.entries import Entry, Setting

__all__ = ["occasion_of"]

_PARTS = ("containers or names of arguments", "kinds of arguments", "static arguments", "repetitions of an array")
"""What the parts of a call's key are, in words."""


def occasion_of(call: Call, setting: Setting, kept: Mapping[Any, Sequence[Entry]], *, first: bool) -> str:
    """Return why no trace that is kept serves a call.

    Args:
        call: What is called.
        setting: Which backends serve it.
        kept: Traces by the key of the calls and the setting that they were made for.
        first: The function has not been called before.
    """
    if not kept:
        return "the first call" if first else "no trace is kept"
    entries = kept.get((call.key, setting), ())[-3:]
    if entries:
        return "; ".join(dict.fromkeys(entry.obstacle(call.arguments) for entry in entries))
    known = [old for old, *_ in list(kept)]
    if call.key in known:
        return "other backends are in use"
    alike = [old for old in known if old[1] == call.spec]
    if not alike:
        return f"new kinds of arguments: {', '.join(map(_kind, call.spec.args))}"
    parts = zip(_PARTS, alike[-1], call.key, strict=True)
    return next(f"other {part}" for part, old, new in parts if old != new)


def _kind(spec: ArraySpec | ScalarSpec) -> str:
    """Return a kind of argument as it is written: ``float64(n, 1)``, ``int``."""
    if isinstance(spec, ScalarSpec):
        return spec.type.__name__
    return f"{spec.dtype}({', '.join('1' if spec.ones >> axis & 1 else 'n' for axis in range(spec.ndim))})"
