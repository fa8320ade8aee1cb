"""Prepared calls: warm calls on a device of which nothing is left but to allocate and to launch.

A backend that prepares launches is given addresses and numbers in the end, no descriptions of arrays. So of each array
nothing is read but what its library gives at least cost (`fuser_core.arrays.ArrayKind.peek`). That is the key of a
call's record, and the record is a table of addresses to fill, from which each launch picks what it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.arrays import ArrayKind, known
from fuser_core.arrays.device_arrays import Allocator
from fuser_core.backend import ALIGNMENT
from fuser_core.entries import Served
from fuser_core.prepared_table import Derivation, Launch
from fuser_core.records import frozen
from fuser_core.warm import CONSTANTS, NUMBERS, SCALARS

__all__ = ["MISPLACED", "PreparedCall", "ReadCall", "read_call"]

ReadCall = tuple[tuple[Any, ...], Sequence[Any], list[Any]]
"""A call's key, its arguments, and the table that is begun: an address for each array, everything else as it is."""

MISPLACED = ALIGNMENT - 1
"""What of an address a launch that was prepared depends on."""

_NUMBERS = frozenset(NUMBERS) | SCALARS


def read_call(args: Sequence[Any], kwargs: Mapping[str, Any]) -> ReadCall | None:
    """Read the arguments of a call; ``None`` where no call of their kind can have been prepared."""
    key: list[Any] = []
    table: list[Any] = []
    pointers: list[int] = []
    low = 0
    if kwargs:
        args = (*args, *kwargs.values())
        key.append(tuple(kwargs))
    for arg in args:
        type_ = type(arg)
        kind = known.by_type.get(type_)
        if kind is not None:
            found = kind.peek(arg)
            if found is None:
                return None
            layout, pointer = found
            key.append(kind)
            key.append(layout)
            pointers.append(pointer)
            table.append(pointer)
            low |= pointer
        elif type_ in _NUMBERS:
            key.append(type_)
            table.append(arg)
        elif type_ in CONSTANTS:
            key += (type_, arg)
            table.append(arg)
        elif type_ is np.ndarray and not arg.shape:
            key += (type_, arg.dtype)
            table.append(arg)
        else:
            return None
    if low & MISPLACED:
        key.append(tuple([pointer & MISPLACED for pointer in pointers]))
    if len(pointers) > 1 and len(set(pointers)) < len(pointers) and _is_repeated(args):
        return None
    return tuple(key), args, table


def _is_repeated(args: Sequence[Any]) -> bool:
    """Say whether an array is given twice."""
    arrays = [id(arg) for arg in args if known.by_type.get(type(arg)) is not None]
    return len(set(arrays)) < len(arrays)


@frozen
class PreparedCall:
    """What serves calls of one key while all that it rests on is as it was.

    Its table is that of `fuser_core.prepared_table`.

    Attributes:
        served: What `last_run` tells.
        watched: Says whether everything that is watched is as it was.
        exactly: Arguments that must have one value: the place, and its ``repr``.
        captured: Arrays in the function's surroundings: the kind, the array, its layout, and what is `MISPLACED` of it.
        like: The argument that new memory is like.
        stream: Returns the stream of such an array.
        made: What makes each result and, behind these, working memory.
        derived: What makes each further entry of the table of those before it.
        launches: Each takes values out of the table, and a stream.
        returned: From the new arrays to what the function returns.
        anyhow: Serves the call's arguments in another way, should memory not lie as expected.
    """

    served: Served
    watched: Callable[[], bool]
    exactly: tuple[tuple[int, str], ...]
    captured: tuple[tuple[ArrayKind, Any, Any, int], ...]
    like: int
    stream: Callable[[Any], int | None]
    made: tuple[Allocator, ...]
    derived: tuple[Derivation, ...]
    launches: tuple[Launch, ...]
    returned: Callable[[list[Any]], Any]
    anyhow: Callable[[Sequence[Any]], Any]

    def takes(self, table: list[Any]) -> bool:
        """Say whether it gives the right answer for a call of its key, now; if so the table has captured arrays too."""
        if not self.watched():
            return False
        for place, expected in self.exactly:
            if repr(table[place]) != expected:
                return False
        if self.captured:
            pointers = []
            for kind, array, layout, misplaced in self.captured:
                seen = kind.peek(array)
                if seen is None or seen[0] != layout or seen[1] & MISPLACED != misplaced:
                    return False
                pointers.append(seen[1])
            table += pointers
        return True

    def run(self, args: Sequence[Any], table: list[Any]) -> Any:
        """Allocate and launch; return what the function returns."""
        like = args[self.like]
        stream = self.stream(like)
        arrays = []
        for make in self.made:
            array, pointer = make(like)
            if pointer & MISPLACED:
                return self.anyhow(args)
            arrays.append(array)
            table.append(pointer)
        for derive in self.derived:
            table.append(derive(table))
        for pick, launch in self.launches:
            launch(pick(table), stream)
        return self.returned(arrays)
