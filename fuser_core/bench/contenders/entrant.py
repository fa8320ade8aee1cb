"""What an entrant is: how a contender is made, its settings in words, and how its results come back to the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.bench.place import Place
from fuser_core.bench.rounds import Call
from fuser_core.bench.workload import Workload

__all__ = ["Entrant", "Maker", "Unable", "results"]

Maker = Callable[[Workload, Sequence[Any], int | None, Place], Call]


class Unable(Exception):  # noqa: N818 - it says what a contender is, not what went wrong
    """A contender cannot take part, for a reason."""


def _fetch(array: Any, _place: Place) -> Any:
    return np.asarray(array)


@dataclass(frozen=True)
class Entrant:
    """A contender before it is given a workload.

    Attributes:
        make: Given a workload, its arguments on the host, the most threads and the place, returns the call.
        settings: In words.
        devices: The kinds of devices that it can serve.
        fetch: Returns a result as an array of NumPy's.
        distribution: What is to be installed, for its version; ``None`` for ours.
    """

    make: Maker
    settings: str
    devices: tuple[str, ...] = ("cpu",)
    fetch: Callable[[Any, Place], Any] = _fetch
    distribution: str | None = None


def results(found: Any) -> tuple[Any, ...]:
    """Return what a workload returned as a tuple."""
    return tuple(found) if isinstance(found, tuple | list) else (found,)
