"""Liveness: what no output needs is dropped, and Python numbers are computed first."""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.plan import Box, Host, HostValue, Step, Value, numbers_read, numbers_written

__all__ = ["live_steps"]


def live_steps(steps: Sequence[Step], outputs: Sequence[object]) -> tuple[Step, ...]:
    """Drop steps whose results nobody reads.

    Args:
        steps: In an order in which they can be executed.
        outputs: What the program returns.
    """
    needed = {output.id for output in outputs if isinstance(output, Value | HostValue)}
    live: list[Step] = []
    for step in reversed(steps):
        if not needed.isdisjoint(numbers_written(step)):
            live.append(step)
            needed.update(numbers_read(step))
    # Python numbers wait for no kernel; computed first, they never stand between steps that could join one group.
    live.reverse()
    live.sort(key=lambda step: not isinstance(step, Host | Box))
    return tuple(live)
