"""The axes that the groups of a chain keep apart, followed from the first group through all that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fuser_core.axes import NewAxis
from fuser_core.backend import Group
from fuser_core.plan import Value, View

__all__ = ["KeptAxes"]

Places = Mapping[int, int]
"""Where axes are in a value or a group: by their number in the first group."""


class KeptAxes:
    """Where the axes of the first group that nothing has mixed so far are in every later group and value."""

    def __init__(self) -> None:
        self._groups: list[Places] = []
        self._values: dict[int, Places] = {}
        self._dims: dict[int, object] = {}

    @property
    def common(self) -> tuple[int, ...]:
        """The axes that all groups so far keep apart."""
        return tuple(self._groups[-1]) if self._groups else ()

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """Per group, where those are in its space."""
        return tuple(tuple(places[axis] for axis in self.common) for places in self._groups)

    def of_group(self, group: Group) -> Places:
        """Return the axes that a next group keeps apart too, and that all it reads of earlier ones walks."""
        gone = {axis for step in group.reductions for axis in step.axes}
        if not self._groups:
            return {axis: axis for axis, dim in enumerate(group.shape) if axis not in gone and dim != 1}
        rank = len(group.shape)
        read = [value for value in group.inputs if value.id in self._values]
        found: dict[int, int] = {}
        for axis in self.common:
            places = {self._place(axis, value, rank) for value in read}
            place = places.pop() if len(places) == 1 else None
            if place is not None and place not in gone and group.shape[place] == self._dims[axis]:
                found[axis] = place
        return found

    def _place(self, axis: int, value: Value, rank: int) -> int | None:
        place = self._values[value.id].get(axis)
        return None if place is None else place + rank - len(value.shape)

    def of_view(self, view: View) -> Places:
        """Return the axes that a view of a value walks from end to end."""
        walked = {
            axis.axis: place
            for place, axis in enumerate(view.axes)
            if not isinstance(axis, NewAxis) and axis.slice == slice(None)
        }
        places = self._values.get(view.input.id, {})
        return {axis: walked[place] for axis, place in places.items() if place in walked}

    def walks(self, value: Value) -> bool:
        """Say whether a value has all the axes that are kept apart."""
        return set(self.common) <= self._values[value.id].keys()

    def add_group(self, group: Group, places: Places) -> None:
        """Go on behind a group of which `of_group` has returned the places."""
        if not self._groups:
            self._dims = {axis: group.shape[axis] for axis in places}
        self._groups.append(places)
        gone = {step.output.id: step.axes for step in group.reductions}
        for value in group.outputs:
            self._values[value.id] = _left(places, gone.get(value.id, ()))

    def add_view(self, view: View, places: Places) -> None:
        """Go on behind a view of which `of_view` has returned the places."""
        self._values[view.output.id] = places


def _left(places: Places, gone: Sequence[int]) -> Places:
    return {axis: place - sum(other < place for other in gone) for axis, place in places.items()}
