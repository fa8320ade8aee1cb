"""Values: what the steps of a plan read and compute, arrays, typed constants and Python numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.records import frozen
from fuser_core.shapes import Shape, format_shape

__all__ = ["Constant", "DType", "HostValue", "Operand", "Value"]

DType = np.dtype[Any]


@frozen
class Value:
    """An array of the plan: SSA number, dtype and symbolic shape."""

    id: int
    dtype: DType
    shape: Shape

    def __hash__(self) -> int:
        return self.id  # the values of a plan differ in it, and whatever holds steps hashes them again and again

    def __str__(self) -> str:
        return f"%{self.id}: {self.dtype}{format_shape(self.shape)}"


@frozen
class Constant:
    """A number of the program, of a definite dtype and without a shape; equal only to one of the same bits."""

    value: np.generic

    @property
    def dtype(self) -> DType:
        return self.value.dtype

    def __eq__(self, other: object) -> bool:
        # By bits: NaN must equal itself, -0.0 must differ from 0.0, and 1 from 1.0.
        return isinstance(other, Constant) and self._bits == other._bits

    def __hash__(self) -> int:
        return hash(self._bits)

    @property
    def _bits(self) -> tuple[str, bytes]:
        return self.dtype.str, self.value.tobytes()

    def __str__(self) -> str:
        return f"{self.value!r}"


@frozen
class HostValue:
    """A Python number that is computed once per call, before any kernel runs.

    Attributes:
        id: SSA number, shared with the plan's arrays.
        type: ``bool``, ``int``, ``float`` or ``complex``.
    """

    id: int
    type: type

    def __str__(self) -> str:
        return f"${self.id}"


Operand = Value | Constant
