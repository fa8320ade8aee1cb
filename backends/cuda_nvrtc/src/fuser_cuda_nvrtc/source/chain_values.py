"""What a chain of kernels holds where: which values are rows and which one number per row, and who passes what on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fuser_core.backend import Chain, Decline, Group, NewAxis, Value, View
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.arrangement import is_number

__all__ = ["Along", "ChainValues", "arrange_chain", "inside"]

_MIXED = Decline("a value of the chain walks a part of a row's axes: cuda_nvrtc chains whole rows and numbers only")


@frozen
class Along:
    """Where an array's axes are.

    Attributes:
        rows: Per axis of the chain, the array's; ``None`` where it repeats.
        inside: Those within a row, slowest first; none for one number per row.
    """

    rows: tuple[int | None, ...]
    inside: tuple[int, ...]


@frozen
class ChainValues:
    """The values of a chain.

    Attributes:
        numbers: Inputs without axes, as places in the chain's inputs.
        walked: Inputs with axes, likewise; they are the kernel's first arrays, and outputs the next.
        along: Per array, where its axes are.
        sources: What each view looks at, by their numbers in the plan.
        rows: The values that have a number for each element of a row, by their numbers in the plan.
        born: Those that are needed more than once, and the group that computes each, or is the first to read it.
        held: The most bytes that a thread holds of them at once for each element.
    """

    numbers: tuple[int, ...]
    walked: tuple[int, ...]
    along: tuple[Along, ...]
    sources: Mapping[int, int]
    rows: frozenset[int]
    born: Mapping[int, int]
    held: int

    def source(self, value: Value) -> int:
        """Return the number of what a value is, or is a view of."""
        return self.sources.get(value.id, value.id)


def arrange_chain(chain: Chain) -> ChainValues | Decline:
    """Return the values of a chain, or why a kernel cannot do a row of all groups in turn."""
    sources = _sources(chain)
    if sources is None:
        return Decline("a view in the chain is not of whole rows in their order")
    found = _Found(chain, sources)
    for number in range(len(chain.groups)):
        if not found.add_group(number):
            return _MIXED
    if not any(group.reductions for group in chain.groups):
        return Decline("no group of the chain reduces")
    numbers = tuple(place for place, value in enumerate(chain.inputs) if is_number(value))
    walked = tuple(place for place, value in enumerate(chain.inputs) if not is_number(value))
    arrays = [*(chain.inputs[place] for place in walked), *chain.outputs]
    born, held = _held(chain, sources, found.rows)
    along = tuple(found.along[value.id] for value in arrays)
    return ChainValues(numbers, walked, along, sources, frozenset(found.rows), born, held)


def inside(chain: Chain, number: int) -> tuple[int, ...]:
    """Return the axes of a group's space that are within a row."""
    group = chain.groups[number]
    return tuple(axis for axis, dim in enumerate(group.shape) if axis not in chain.axes[number] and dim != 1)


class _Found:
    """Tells rows from numbers, group by group."""

    def __init__(self, chain: Chain, sources: Mapping[int, int]) -> None:
        self._chain, self._sources = chain, sources
        self._dims: tuple[object, ...] = ()
        self.rows: set[int] = set()
        self.along: dict[int, Along] = {}

    def add_group(self, number: int) -> bool:
        """Take in what a group reads and computes; say whether that goes."""
        group, axes = self._chain.groups[number], inside(self._chain, number)
        dims = tuple(group.shape[axis] for axis in axes)
        if axes and self._dims not in ((), dims):
            return False
        self._dims = dims or self._dims
        if any({axis % len(group.shape) for axis in step.axes} < set(axes) for step in group.reductions):
            return False
        if group.reductions and not axes:
            return False
        for value in group.inputs:
            if not is_number(value) and not self._add_input(number, group, value, axes):
                return False
        reduced = {step.output.id for step in group.reductions}
        for value in group.outputs:
            own = () if value.id in reduced else axes
            self.along[value.id] = Along(self._chain.places(number, value), own)
            if own:
                self.rows.add(value.id)
        return True

    def _add_input(self, number: int, group: Group, value: Value, axes: tuple[int, ...]) -> bool:
        own = tuple(axis - len(group.shape) + len(value.shape) for axis in axes)
        walked = tuple(axis for axis in own if axis >= 0 and value.shape[axis] != 1)
        source = self._sources.get(value.id, value.id)
        if walked and walked != own:
            return False
        if source in self.along and source != value.id:  # a view of a computed value
            return bool(walked) == (source in self.rows)
        along = Along(self._chain.places(number, value), walked)
        if walked:
            self.rows.add(value.id)
        return self.along.setdefault(value.id, along) == along


def _sources(chain: Chain) -> dict[int, int] | None:
    """Return what each view looks at in the end; ``None`` where one is not of whole rows in their order."""
    found: dict[int, int] = {}
    for view in chain.views:
        if not _is_whole(view):
            return None
        found[view.output.id] = found.get(view.input.id, view.input.id)
    return found


def _is_whole(view: View) -> bool:
    walked = [axis for axis in view.axes if not isinstance(axis, NewAxis)]
    places = [axis.axis for axis in walked]
    return places == list(range(len(view.indices))) and all(axis.slice == slice(None) for axis in walked)


def _held(chain: Chain, sources: Mapping[int, int], rows: set[int]) -> tuple[dict[int, int], int]:
    """Return what is needed more than once, with who has it first, and how much has to be held at most.

    A group that takes squared deviations looks at its rows a second time, when their mean is known.
    """
    born: dict[int, int] = {}
    last: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for number, value in _touched(chain):
        source = sources.get(value.id, value.id)
        if source in rows:
            born.setdefault(source, number)
            again = any(step.op == "squared_deviations" for step in chain.groups[number].reductions)
            last[source], sizes[source] = number + again, value.dtype.itemsize
    most = max(
        sum(size for source, size in sizes.items() if born[source] <= number < last[source])
        for number in range(len(chain.groups))
    )
    return {source: number for source, number in born.items() if last[source] != number}, most


def _touched(chain: Chain) -> Iterator[tuple[int, Value]]:
    for number, group in enumerate(chain.groups):
        for value in (*group.inputs, *group.outputs):
            yield number, value
