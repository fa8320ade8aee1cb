"""Small launches over one dense run of elements, for which the walk over tiles would take longer than the body."""

from __future__ import annotations

import array
from collections.abc import Sequence

from fuser_cpu_llvm.geometry import aligned_strides, simplify
from fuser_cpu_llvm.kernel import Kernel
from fuser_cpu_llvm.places import Place
from fuser_cpu_llvm.scratch import aligned_memory
from fuser_cpu_llvm.tiling import Role

__all__ = ["Flat", "flatten"]

_ITEM = 16
"""Bytes of the largest element."""

_MOST_ELEMENTS = 1 << 14


class Flat:
    """What `text/flat.ll` needs for one launch, in memory of its own: only one thread at a time may use it.

    Attributes:
        address: Of the words.
        count: How many elements there are.
    """

    def __init__(self, kernel: Kernel, count: int) -> None:
        """Describe a launch of ``count`` elements."""
        self.count = count
        lanes, operands = kernel.lanes, kernel.operands
        full, rest = divmod(count, lanes)
        masks = [-1] * len(operands)
        self._tables = [array.array("q", [0] * len(operands) + masks) for _ in range(2)]
        self._blocks, block = aligned_memory(len(operands) * lanes * _ITEM)
        body = kernel.bodies()[0]
        words = [body, len(operands), full * lanes, lanes if rest else 0]
        words += [table.buffer_info()[0] for table in self._tables]
        for place, operand in enumerate(operands):
            if operand.role is Role.SCALAR:
                words += [0, 0]
            elif full:
                words += [(count - lanes) * operand.itemsize, 0]
            else:
                size = count * operand.itemsize
                words += [-size if operand.role is Role.OUTPUT else size, block + place * lanes * _ITEM]
        self._words = array.array("q", words)
        self.address = self._words.buffer_info()[0]


def flatten(kernel: Kernel, inputs: Sequence[Place], outputs: Sequence[Place]) -> Flat | None:
    """Return a launch as one run of elements, if it is that and small."""
    if kernel.reductions:
        return None
    shape = outputs[0].shape
    arrays = [*inputs, *outputs]
    space = simplify(shape, [aligned_strides(shape, each.shape, each.strides) for each in arrays], ())
    if len(space.sizes) > 1 or not 0 < space.elements <= _MOST_ELEMENTS:
        return None
    for operand, strides in zip(kernel.operands, space.strides, strict=True):
        if space.sizes and operand.role is not Role.SCALAR and strides != (operand.itemsize,):
            return None
    return Flat(kernel, space.elements)
