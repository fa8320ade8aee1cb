"""Which arrays a kernel has, in which order, and how many elements of them a thread holds at once."""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.backend import Elementwise, Group, Reduce, Value
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.operations import OPERATIONS, kind_of
from fuser_cuda_nvrtc.source.reducers import Reducer, reducer
from fuser_cuda_nvrtc.source.storage import storage

__all__ = ["BAND", "THREADS", "Arrangement", "arrange", "is_number", "lanes_of"]

THREADS = 256
"""Threads of a block, in every kernel."""

BAND = 4
"""Rows that a thread takes one below another, where arrays are shifted against each other. Sobel's operator on float32
takes 1.19 of a copy's time so, 1.21 by 8, 1.34 by 32 and 1.55 row by row, which reads each row three times."""

_PACK_BYTES = 16
"""What one instruction moves."""

_MOST_WORK = 600
"""Additions that are written out for one thread; beyond, packs are smaller."""

_MUCH_WORK = 200
"""The same; beyond, one pack is on its way at a time. So many threads are at work that it takes no more."""

_BLOCK = 32
"""Numbers that a thread adds one to another before their sum goes to the sum of all."""


@frozen
class Arrangement:
    """The arrays of a kernel.

    Attributes:
        walked: Inputs with axes, as places in the group's inputs; they are the kernel's first arrays.
        numbers: Inputs without, likewise.
        stored: Elementwise outputs, as places in the group's outputs; they come next.
        reduced: Outputs of reductions, in the order of the group's reductions; they come last.
        reducers: The accumulators of the reductions.
        rank: The most axes that a space of the group is walked along: its own, and two more where it has tiles.
        lanes: Elements that are moved as one, where arrays are dense.
        packs: So many of each array are on their way at once.
        elements: The same where elements are moved one by one.
        steps: Rough time per element, in additions.
    """

    walked: tuple[int, ...]
    numbers: tuple[int, ...]
    stored: tuple[int, ...]
    reduced: tuple[int, ...]
    reducers: tuple[Reducer, ...]
    rank: int
    lanes: int
    packs: int
    elements: int
    cost: int

    @property
    def arrays(self) -> int:
        """Number of arrays with axes."""
        return len(self.walked) + len(self.stored) + len(self.reduced)

    @property
    def moved(self) -> int:
        """Number of those that are walked over the whole space."""
        return len(self.walked) + len(self.stored)

    @property
    def block(self) -> int:
        """Elements that a thread adds before it joins their accumulator to that of all."""
        return _BLOCK

    @property
    def pack_block(self) -> int:
        """The same in packs."""
        return max(self.packs, _BLOCK // self.lanes)


def is_number(value: Value) -> bool:
    """Whether an input is one element, whatever the sizes are."""
    return all(dim == 1 for dim in value.shape)


def arrange(group: Group) -> Arrangement:
    """Return the arrays of a group's kernel."""
    walked = tuple(place for place, value in enumerate(group.inputs) if not is_number(value))
    numbers = tuple(place for place, value in enumerate(group.inputs) if is_number(value))
    places = {value.id: place for place, value in enumerate(group.outputs)}
    reduced = tuple(places[step.output.id] for step in group.reductions)
    stored = tuple(place for place in range(len(group.outputs)) if place not in reduced)
    sizes = [group.inputs[place].dtype.itemsize for place in walked]
    sizes += [group.outputs[place].dtype.itemsize for place in stored]
    cost = sum(_cost(step) for step in group.steps)
    lanes = lanes_of(sizes, cost)
    most = max(1, 4 // max(1, (len(walked) + 1) // 2))
    packs = _shrunk(most, lanes * cost)
    return Arrangement(
        walked,
        numbers,
        stored,
        reduced,
        tuple(reducer(step.op, step.input.dtype, is_narrow=_is_narrow(group, step.input)) for step in group.reductions),
        _most_axes(group),
        lanes,
        packs,
        _shrunk(_most_elements(len(sizes), is_reduction=bool(reduced)), cost),
        cost,
    )


def _is_narrow(group: Group, value: Value) -> bool:
    """Whether a value is a float of 16 bits, or was one."""
    made = next((step for step in group.steps if any(value.id == own.id for own in step.outputs)), None)
    dtypes = [value.dtype]
    if isinstance(made, Elementwise) and made.op == "cast":
        dtypes += [operand.dtype for operand in made.inputs]
    return any(storage(dtype).memory == "u16" and kind_of(dtype) != "u" for dtype in dtypes)


def lanes_of(sizes: Sequence[int], cost: int, most: int = _MOST_WORK) -> int:
    """Return how many elements are moved as one.

    Args:
        sizes: Bytes of an element of each array.
        cost: The time that one takes, in additions.
        most: That all together may take.
    """
    lanes = max(1, _PACK_BYTES // max(sizes, default=8))
    while lanes > 1 and lanes * cost > most:
        lanes //= 2
    return lanes


def _most_elements(arrays: int, *, is_reduction: bool) -> int:
    """Return how many elements of each array may be on their way; a reduction that reads little wants more of it."""
    if arrays > 6:
        return 1
    return 8 if is_reduction and arrays <= 2 else 4


def _most_axes(group: Group) -> int:
    rank = len(group.shape)
    return rank + 2 if rank > 1 and not group.reductions else max(1, rank)


def _shrunk(most: int, cost: int) -> int:
    """Return the greatest power of two up to a bound for which the written work is not too much."""
    count = 1
    while 2 * count <= most and 2 * count * cost <= _MUCH_WORK:
        count *= 2
    return count


def _cost(step: Elementwise | Reduce) -> int:
    if isinstance(step, Reduce):
        return 8 if step.op == "squared_deviations" else 2
    if step.op == "cast":
        return 1
    wide = 4 if any(value.dtype.kind == "c" or value.dtype.name == "float64" for value in step.outputs) else 1
    cost = OPERATIONS[step.op].cost
    return cost * wide if cost >= 8 else cost
