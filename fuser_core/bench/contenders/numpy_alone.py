"""NumPy by itself: the workload as it is written, and the same ufuncs with memory for their results at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.bench.contenders.entrant import Entrant, Unable
from fuser_core.bench.place import Place
from fuser_core.bench.rounds import Call
from fuser_core.bench.workload import Workload

__all__ = ["ENTRANTS", "Tape"]

Step = tuple[np.ufunc, tuple[Any, ...], Any]


class _Noted(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that notes on a tape what ufuncs are called with it."""

    def __init__(self, tape: Tape, array: Any) -> None:
        self.tape, self.array = tape, array

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options or ufunc.nout != 1:
            raise Unable("it is not made of calls of ufuncs alone")
        operands = tuple(each.array if isinstance(each, _Noted) else each for each in inputs)
        result = np.asarray(ufunc(*operands))
        self.tape.steps.append((ufunc, operands, result))
        return _Noted(self.tape, result)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise Unable(f"it calls numpy.{function.__name__}, which is no ufunc")


class Tape:
    """The calls of ufuncs that a workload is made of, each with memory of its own for its result."""

    def __init__(self, workload: Workload, arguments: Sequence[Any]) -> None:
        """Record a workload.

        Raises:
            Unable: It does something else than call ufuncs.
        """
        self.steps: list[Step] = []
        try:
            found = workload.function(*(_Noted(self, argument) for argument in arguments))
        except (AttributeError, TypeError) as error:
            raise Unable("it is not made of calls of ufuncs alone") from error
        outputs = found if isinstance(found, tuple) else (found,)
        self.results = tuple(each.array for each in outputs)
        self._share()

    def replay(self) -> tuple[Any, ...]:
        """Call all ufuncs again and return the results, which lie where they lay before."""
        for ufunc, operands, result in self.steps:
            ufunc(*operands, out=result)
        return self.results

    def _share(self) -> None:
        """Let results lie where an array of the same kind lay that nobody reads any more."""
        last = {id(each): number for number, step in enumerate(self.steps) for each in step[1]}
        kept = {id(each) for each in self.results}
        own = {id(step[2]) for step in self.steps}
        places: dict[int, Any] = {}
        free: list[Any] = []
        steps: list[Step] = []
        for number, (ufunc, operands, result) in enumerate(self.steps):
            moved = tuple(places.get(id(each), each) for each in operands)
            read = {id(each) for each in operands}
            free += [places[each] for each in read if each in own - kept and last[each] == number]
            fits = [place for place in free if place.shape == result.shape and place.dtype == result.dtype]
            places[id(result)] = result if id(result) in kept or not fits else fits[-1]
            free = [place for place in free if place is not places[id(result)]]
            steps.append((ufunc, moved, places[id(result)]))
        self.steps = steps


def _numpy(workload: Workload, arguments: Sequence[Any], _threads: int | None, _place: Place) -> Call:
    function = workload.function
    return Call(lambda: function(*arguments))


def _numpy_out(workload: Workload, arguments: Sequence[Any], _threads: int | None, _place: Place) -> Call:
    return Call(Tape(workload, arguments).replay)


ENTRANTS = {
    "numpy": Entrant(_numpy, "as written, on the host, one thread", ("cpu", "cuda"), distribution="numpy"),
    "numpy_out": Entrant(
        _numpy_out, "the same ufuncs with out=, on arrays made beforehand and used again", distribution="numpy"
    ),
}
"""By name."""
