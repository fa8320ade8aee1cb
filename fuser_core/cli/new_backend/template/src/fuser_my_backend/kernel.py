"""The kernel: here it interprets the steps of a group with NumPy; a backend of your own calls its engine instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from fuser_core.backend import Group, GroupStep, Value

from fuser_my_backend.operations import OPERATIONS

__all__ = ["Kernel"]

Array = np.ndarray[Any, np.dtype[Any]]


class Kernel:
    """A group, ready to be run: it never changes, so several threads may launch it at once."""

    def __init__(self, group: Group) -> None:
        self._group = group

    @property
    def artifacts(self) -> Mapping[str, str]:
        """The generated code by the name of its language, for ``f.code(...)``."""
        return {"steps": "\n".join(map(_line, self._group.steps))}

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
        """Compute the outputs.

        Args:
            inputs: One array per ``group.inputs``, of any size and with any strides; they broadcast together.
            outputs: One per ``group.outputs``, to be filled. One may be the very memory of an input, so nothing is
                written before all has been computed.
        """
        values: dict[int, Any] = {value.id: array for value, array in zip(self._group.inputs, inputs, strict=True)}
        with np.errstate(all="ignore"):  # a fused function does not warn
            for step in self._group.steps:
                operands = [values[item.id] if isinstance(item, Value) else item.value for item in step.inputs]
                values[step.outputs[0].id] = OPERATIONS[step.op](*operands)
        for value, out in zip(self._group.outputs, outputs, strict=True):
            np.copyto(out, values[value.id])


def _line(step: GroupStep) -> str:
    operands = [f"%{item.id}" if isinstance(item, Value) else str(item.value) for item in step.inputs]
    return f"%{step.outputs[0].id} = {step.op}({', '.join(operands)})"
