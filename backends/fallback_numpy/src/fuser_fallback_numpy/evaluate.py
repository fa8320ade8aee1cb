"""The kernel of the fallback: a group's schedule, run block by block with buffers that are used again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.backend import Group
from fuser_core.ops import REDUCTIONS
from fuser_core.plan import format_step
from fuser_fallback_numpy.accumulation import accumulation
from fuser_fallback_numpy.blocks import BLOCK_ELEMENTS, axis_order, blocks, common_shape, count, restrict
from fuser_fallback_numpy.schedule import make_schedule

__all__ = ["NumPyKernel"]

Array = np.ndarray[Any, np.dtype[Any]]


class NumPyKernel:
    """A group, ready to be evaluated.

    Attributes:
        artifacts: The steps as text, under ``"numpy"``.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self._schedule = make_schedule(group)
        self._reductions = group.reductions
        places = {value.id: place for place, value in enumerate(group.outputs)}
        self._results = tuple(places[reduction.output.id] for reduction in group.reductions)

    @property
    def artifacts(self) -> Mapping[str, str]:
        return MappingProxyType({"numpy": "\n".join(map(format_step, self._group.steps))})

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Evaluate the group into ``outputs``; shapes and dtypes are those of the group."""
        arrays = [*inputs, *(outputs[place] for place in self._schedule.written)]
        for read, write in self._schedule.hazards:
            if np.may_share_memory(arrays[read], arrays[write]):
                arrays[read] = arrays[read].copy(order="K")
        results = [outputs[place] for place in self._results]
        shape = common_shape([array.shape for array in arrays], len(self._group.shape))
        if len(shape) > 1 and not self._reductions and _is_flat(arrays, shape):
            arrays, shape = [array.reshape(-1) if array.ndim else array for array in arrays], (count(shape),)
        with np.errstate(all="ignore"):
            if count(shape) > BLOCK_ELEMENTS:
                self._run_blocks(arrays, shape, results)
                return
            registers = self._run_block(arrays, self._new_buffers(shape))
            for reduction, slot, out in zip(self._reductions, self._schedule.reduced, results, strict=True):
                REDUCTIONS[reduction.op].function(registers[slot], axis=reduction.axes, dtype=out.dtype, out=out)

    def _run_blocks(self, arrays: Sequence[Array], shape: tuple[int, ...], results: Sequence[Array]) -> None:
        accumulations = [accumulation(*pair) for pair in zip(self._reductions, results, strict=True)]
        buffers: dict[tuple[int, ...], list[Array]] = {}
        repeating = [array.shape != shape for array in arrays]
        for block in blocks(shape, axis_order(arrays, shape)):
            parts = [
                restrict(array, block) if odd else array[block] for array, odd in zip(arrays, repeating, strict=True)
            ]
            size = common_shape([part.shape for part in parts])
            if size not in buffers:  # at most two: the last run of the cut axis may be shorter
                buffers[size] = self._new_buffers(size)
            registers = self._run_block(parts, buffers[size])
            for each, slot in zip(accumulations, self._schedule.reduced, strict=True):
                each.add(registers[slot], block)

    def _run_block(self, arrays: Sequence[Any], buffers: Sequence[Array]) -> list[Any]:
        """Make the calls and return the registers."""
        registers = [*arrays, *self._schedule.constants, *buffers]
        for call in self._schedule.calls:
            outputs = tuple([registers[slot] for slot in call.outputs])
            call.function(*[registers[slot] for slot in call.inputs], out=outputs)
        return registers

    def _new_buffers(self, shape: tuple[int, ...]) -> list[Array]:
        return [np.empty(shape, dtype) for dtype in self._schedule.buffers]


def _is_flat(arrays: Sequence[Array], shape: tuple[int, ...]) -> bool:
    """Say whether every array is one contiguous run over the whole space, or a single element."""
    return all(array.ndim == 0 or (array.shape == shape and array.flags.c_contiguous) for array in arrays)
