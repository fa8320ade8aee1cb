"""A fake backend that chains kernels: it evaluates some indices of an axis in all groups, then the next, with NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.axes import look
from fuser_core.backend import ArrayDesc, Chain, Decline, FusedKernel, hookimpl
from fuser_core.records import frozen
from fuser_core.testing.fakes import AcceptingBackend, FakeKernel

__all__ = ["ChainKernel", "ChainingBackend"]

_INDICES = 7
"""Of a part, along the first of the chain's axes: a number that divides few sizes."""


@frozen
class ChainKernel:
    """Several fake kernels that run in turn on one part after another."""

    chain: Chain
    kernels: tuple[FakeKernel, ...]

    @property
    def artifacts(self) -> Mapping[str, str]:
        return MappingProxyType({"fake": str(self.chain)})

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> bool:
        """Run part by part; say whether there is more than one."""
        chain = self.chain
        given = {value.id: array for value, array in zip(chain.inputs, inputs, strict=True)}
        size = self._size(given)
        for start in range(0, size if size > _INDICES else 0, _INDICES):
            part = slice(start, min(start + _INDICES, size))
            values: dict[int, Any] = {}
            for number in range(len(chain.groups)):
                self._run_part(number, given, values, part)
            for value, output in zip(chain.outputs, outputs, strict=True):
                number = next(number for number, group in enumerate(chain.groups) if value in group.outputs)
                output[_along(chain.places(number, value)[0], part)] = values[value.id]
        return size > _INDICES

    def _size(self, given: Mapping[int, Any]) -> int:
        """Return the size of the chain's first axis."""
        dim = self.chain.groups[0].shape[self.chain.axes[0][0]]
        inputs = self.chain.inputs
        sizes = {own: size for value in inputs for own, size in zip(value.shape, given[value.id].shape, strict=True)}
        return dim if isinstance(dim, int) else sizes[dim]

    def _run_part(self, number: int, given: Mapping[int, Any], values: dict[int, Any], part: slice) -> None:
        """Compute a part of what a group does; ``values`` holds that part of what was computed before."""
        group = self.chain.groups[number]
        operands = [
            values[value.id]
            if value.id in values
            else given[value.id][_along(self.chain.places(number, value)[0], part)]
            for value in group.inputs
        ]
        shape = np.broadcast_shapes(*(np.shape(operand) for operand in operands))
        reduced = {step.output.id: step.axes for step in group.reductions}
        for value in group.outputs:
            kept = [size for axis, size in enumerate(shape) if axis not in reduced.get(value.id, ())]
            values[value.id] = np.empty(kept, value.dtype)
        self.kernels[number].run(operands, [values[value.id] for value in group.outputs])
        for view in self.chain.views:
            if view.input.id in values:
                values[view.output.id] = look(values[view.input.id], view.indices, view.axes)


def _along(place: int | None, part: slice) -> tuple[slice, ...]:
    """Return the index of a part along an axis; of everything where there is none."""
    return () if place is None else (*[slice(None)] * place, part)


class ChainingBackend(AcceptingBackend):
    """Accepts everything, chains included.

    Attributes:
        chains: The chains that it was asked to make, in order.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.chains: list[Chain] = []

    @hookimpl(specname="chain")
    def chain_kernels(self, chain: Chain, kernels: Sequence[FakeKernel]) -> FusedKernel | Decline:
        self.chains.append(chain)
        return ChainKernel(chain, tuple(kernels))

    @hookimpl
    def launch(
        self, kernel: Any, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        if not isinstance(kernel, ChainKernel):
            return super().launch(kernel, inputs, outputs, threads)
        if not kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs]):
            return Decline("there is no second part")
        self.launches += 1
        return None
