"""How the values of a chain would be laid out as arrays of their own: as they are where its kernels run one by one.

In which order a kernel adds may hang on how its operands lie in memory. A backend that runs a chain asks here what it
has to keep to for the same bits; the core allocates what leaves a chain so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fuser_core.axes import NewAxis
from fuser_core.backend import Chain
from fuser_core.layout import Laid, dense_strides, kept_order, order_of
from fuser_core.plan import Value, View
from fuser_core.shapes import Dim

__all__ = ["Layout", "Looks", "lay_out", "look_at"]


class Layout(NamedTuple):
    """Sizes in elements, strides in bytes, and the order of the axes in memory, slowest first (``None``: C order)."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    order: tuple[int, ...] | None = None


class Looks:
    """The views of a chain, by what they look at."""

    def __init__(self, views: Iterable[View]) -> None:
        self._views: dict[int, list[View]] = {}
        for view in views:
            self._views.setdefault(view.input.id, []).append(view)

    def of(self, values: Iterable[Value]) -> Iterator[View]:
        """Return the views of values, and those of views of them, each behind the one that it looks at."""
        pending = list(values)
        for value in pending:
            found = self._views.get(value.id, ())
            yield from found
            pending += [view.output for view in found]


def lay_out(chain: Chain, inputs: Sequence[Laid], outputs: Sequence[Laid] = ()) -> dict[int, Layout]:
    """Return the layout of every value of a chain, by its number in the plan.

    Args:
        chain: Whose values.
        inputs: The arrays that it reads.
        outputs: Those that it writes, where they are there; else they are laid out like the inputs.
    """
    found = {value.id: Layout(each.shape, each.strides) for value, each in zip(chain.inputs, inputs, strict=True)}
    given = dict(zip([value.id for value in chain.outputs], outputs, strict=False))
    sizes: dict[Dim, int] = {}
    for value in chain.inputs:
        sizes.update(zip(value.shape, found[value.id].shape, strict=True))

    def shape_of(value: Value) -> tuple[int, ...]:
        return tuple([dim if isinstance(dim, int) else sizes[dim] for dim in value.shape])

    looks = Looks(chain.views)
    for group in chain.groups:
        order = order_of([found[value.id] for value in group.inputs], len(group.shape))
        gone = {step.output.id: step.axes for step in group.reductions}
        for value in group.outputs:
            shape, own = shape_of(value), kept_order(order, gone.get(value.id, ()))
            laid = given.get(value.id)
            strides = dense_strides(shape, value.dtype.itemsize, own) if laid is None else laid.strides
            found[value.id] = Layout(shape, strides, own)
        for view in looks.of(group.outputs):
            found[view.output.id] = seen = look_at(view, found[view.input.id])[0]
            sizes.update(zip(view.output.shape, seen.shape, strict=True))
    return found


def look_at(view: View, laid: Laid) -> tuple[Layout, int]:
    """Return how a view of an array is laid out, and how many bytes behind the array's first element it begins."""
    offset = sum(
        stride * (index + size * (index < 0))
        for index, size, stride in zip(view.indices, laid.shape, laid.strides, strict=True)
        if index is not None
    )
    shape, strides = [], []
    for axis in view.axes:
        if isinstance(axis, NewAxis):
            shape.append(1)
            strides.append(0)
            continue
        start, stop, step = axis.slice.indices(laid.shape[axis.axis])
        offset += start * laid.strides[axis.axis]
        shape.append(len(range(start, stop, step)))
        strides.append(step * laid.strides[axis.axis])
    return Layout(tuple(shape), tuple(strides)), offset
