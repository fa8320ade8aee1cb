"""Recomputation: which values had better be computed wherever they are looked at than be kept in memory for it.

A filter in two passes looks at the first one's result in three places. Kept in memory, that is written and read again,
and takes a kernel of its own; computed three times, it costs some additions, which a processor does while it waits for
memory. One walk over the steps, first to last, decides of each value in turn.
"""

from __future__ import annotations

from collections.abc import Sequence

from fuser_core.axes import Axis, composed
from fuser_core.plan import Elementwise, Step, Value, View, numbers_read

__all__ = ["Recomputation"]

_CHEAP = frozenset(
    """
    add subtract multiply negative positive square absolute fabs sign copysign maximum minimum fmax fmin where
    equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor logical_not
    bitwise_and bitwise_or bitwise_xor invert left_shift right_shift cast
    """.split()
)
"""Operations of about one instruction. Divisions and functions take as long as the memory that they would save."""

_WORTH = 24
"""Cheap operations an element that cost no more than writing and reading it: on two cores with AVX2, which move a
double in 0.8 ns, some twenty to forty, and more on a GPU."""

_Look = tuple[tuple[int | None, ...], tuple[Axis, ...]]
_Cone = frozenset[tuple[int, tuple[_Look, ...]]]
"""What is computed for one element: the numbers of values, and from where each is looked at, seen from the element."""

_IN_MEMORY: _Cone = frozenset()


class Recomputation:
    """The values of a plan that are worth computing again.

    Args:
        steps: The plan's, in an order in which they can be executed, before views have moved.
        kept: Numbers of the values that the program returns, which are in memory anyway.
    """

    def __init__(self, steps: Sequence[Step], kept: frozenset[int]) -> None:
        self._kept = kept
        self._readers: dict[int, list[Step]] = {}
        for step in steps:
            for number in set(numbers_read(step)):
                self._readers.setdefault(number, []).append(step)
        self._again: set[int] = set()
        self._cones: dict[int, _Cone | None] = {}  # None: too much to compute twice
        for step in steps:
            if isinstance(step, Elementwise) and len(step.outputs) == 1:
                self._cones[step.outputs[0].id] = cone = self._cone(step)
                self._decide(step.outputs[0].id, cone)

    def pays(self, value: Value) -> bool:
        """Say whether a value that is looked at in several places is cheaper to compute for each than to keep."""
        return value.id in self._again

    def _cone(self, step: Elementwise) -> _Cone | None:
        """Return what has to be computed for an element, up to what is in memory."""
        if step.op not in _CHEAP:
            return None
        result: set[tuple[int, tuple[_Look, ...]]] = {(step.outputs[0].id, ())}
        for item in step.inputs:
            # What repeats along an axis is computed in a kernel of its own.
            if isinstance(item, Value) and item.shape == step.outputs[0].shape:
                cone = self._cones.get(item.id, _IN_MEMORY)
                if cone is None:
                    return None
                result |= cone
        return frozenset(result) if len(result) <= _WORTH else None

    def _decide(self, number: int, cone: _Cone | None) -> None:
        """Decide of a value, and give the views of it what has to be computed for an element of theirs."""
        views = self._views(number)
        if cone is None or views is None:
            return
        seen = {view.output.id: _seen(cone, (view.indices, view.axes)) for view in views}
        if len(_IN_MEMORY.union(*seen.values())) - len(cone) <= _WORTH:
            self._again.update(each for each, _ in cone)  # what a value is computed from goes along with it
            self._cones.update(seen)
            for view in views:
                self._decide(view.output.id, seen[view.output.id])

    def _views(self, number: int) -> list[View] | None:
        """Return the readers of a value if there are any, all of them are views, and it is not returned."""
        readers = self._readers.get(number, ())
        views = [reader for reader in readers if isinstance(reader, View)]
        return views if number not in self._kept and 0 < len(views) == len(readers) else None


def _seen(cone: _Cone, look: _Look) -> _Cone:
    """Return what has to be computed for an element of a view."""
    return frozenset((number, _joined(path, look)) for number, path in cone)


def _joined(path: tuple[_Look, ...], look: _Look) -> tuple[_Look, ...]:
    whole = composed(path[-1], look) if path else None
    return (*path, look) if whole is None else (*path[:-1], whole)
