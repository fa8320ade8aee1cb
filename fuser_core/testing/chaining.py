"""A fake backend that chains kernels: it evaluates some rows of all groups, then the next rows, with NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.axes import look
from fuser_core.backend import ArrayDesc, Chain, Decline, FusedKernel, Group, Value
from fuser_core.hookspecs import hookimpl
from fuser_core.records import frozen
from fuser_core.testing.fakes import AcceptingBackend, FakeKernel

__all__ = ["ChainKernel", "ChainingBackend"]

_ROWS = 7
"""Of a part: a number that divides few sizes."""


@frozen
class ChainKernel:
    """Several fake kernels that run in turn on some rows."""

    chain: Chain
    kernels: tuple[FakeKernel, ...]

    @property
    def artifacts(self) -> Mapping[str, str]:
        return MappingProxyType({"fake": str(self.chain)})

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        rank = len(self.chain.groups[0].shape)
        aligned = [array for value, array in zip(self.chain.inputs, inputs, strict=True) if len(value.shape) == rank]
        rows = max([array.shape[0] for array in (*aligned, *outputs)])
        for start in range(0, rows, _ROWS):
            part = slice(start, min(start + _ROWS, rows))
            values = {value.id: array for value, array in zip(self.chain.inputs, inputs, strict=True)}
            for group, kernel in zip(self.chain.groups, self.kernels, strict=True):
                self._run_part(group, kernel, values, part)
            for value, output in zip(self.chain.outputs, outputs, strict=True):
                output[part] = values[value.id]

    def _run_part(self, group: Group, kernel: FakeKernel, values: dict[int, Any], part: slice) -> None:
        made = {value.id for each in self.chain.groups for value in each.outputs}
        for view in self.chain.views:
            if view.input.id in values and view.output.id not in values:
                values[view.output.id] = look(values[view.input.id], view.indices, view.axes)
        made |= {view.output.id for view in self.chain.views}
        operands = [
            values[value.id] if value.id in made else _rows_of(value, group, values[value.id], part)
            for value in group.inputs
        ]
        shape = np.broadcast_shapes(*(np.shape(operand) for operand in operands))
        reduced = {step.output.id: step.axes for step in group.reductions}
        for value in group.outputs:
            kept = [size for axis, size in enumerate(shape) if axis not in reduced.get(value.id, ())]
            values[value.id] = np.empty(kept, value.dtype)
        kernel.run(operands, [values[value.id] for value in group.outputs])


def _rows_of(value: Value, group: Group, array: Any, part: slice) -> Any:
    """Return the rows of an input that a part needs: all of one that has no rows."""
    return array[part] if len(value.shape) == len(group.shape) and value.shape[0] != 1 else array


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
    def launch(self, kernel: Any, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int) -> None:
        super().launch(kernel, inputs, outputs, threads)
