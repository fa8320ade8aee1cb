"""Effects: what a function may not do to its surroundings while it is traced, because it would leave tracers there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from fuser_core.errors import UntraceableError
from fuser_core.tracing.tracer import Tracer

__all__ = ["unchanged"]


@contextlib.contextmanager
def unchanged(objects: Sequence[Any]) -> Iterator[None]:
    """Check that no traced value stays behind in an attribute or an item of some objects; put back what was there.

    Raises:
        UntraceableError: One did.
    """
    states = [
        (each, dict(vars(each))) for each in objects if hasattr(each, "__dict__") and not isinstance(each, Tracer)
    ]
    lists = [(each, list(each)) for each in objects if isinstance(each, list)]
    yield
    for each, before in states:
        changed = [name for name, value in vars(each).items() if isinstance(value, Tracer)]
        if changed:
            vars(each).clear()
            vars(each).update(before)
            raise UntraceableError(
                f"the function stores a traced value in the attribute {changed[0]!r} of a {type(each).__qualname__}; "
                "return the new value instead"
            )
    for each, old in lists:
        if each != old:
            each[:] = old
            raise UntraceableError("the function changes a list that it was given; return the new values instead")
