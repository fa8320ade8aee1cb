"""Groups made by hand, and kernels run on NumPy arrays, for the tests of this backend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import fuser_cpu_llvm
from fuser_core.backend import (
    CompileOptions,
    Constant,
    Decline,
    Device,
    Elementwise,
    Group,
    GroupStep,
    Operand,
    Reduce,
    Value,
)
from fuser_core.plan import DType
from fuser_core.shapes import Dim, SizeOf
from fuser_cpu_llvm.kernel import Kernel

CPU = Device("cpu")
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Described:
    """A NumPy array as `launch` sees it."""

    array: Array

    device = CPU

    @property
    def dtype(self) -> DType:
        return self.array.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def strides(self) -> tuple[int, ...]:
        return self.array.strides

    @property
    def pointer(self) -> int:
        return int(self.array.ctypes.data)


class Builder:
    """Collects the steps of a group over a space of symbolic sizes."""

    def __init__(self, rank: int = 1) -> None:
        self.shape: tuple[Dim, ...] = tuple(SizeOf(0, axis) for axis in range(rank))
        self.inputs: list[Value] = []
        self.steps: list[GroupStep] = []
        self._count = 0

    def value(self, dtype: Any, shape: Sequence[Dim] | None = None) -> Value:
        self._count += 1
        return Value(self._count, np.dtype(dtype), self.shape if shape is None else tuple(shape))

    def input(self, dtype: Any, shape: Sequence[Dim] | None = None) -> Value:
        """Add an input; in ``shape`` None means the group's own size."""
        self.inputs.append(self.value(dtype, shape))
        return self.inputs[-1]

    def apply(self, op: str, *operands: Operand, dtype: Any) -> Value:
        self.steps.append(Elementwise(op, operands, (self.value(dtype),)))
        return self.steps[-1].outputs[0]

    def reduce(self, op: str, operand: Value, axes: Sequence[int]) -> Value:
        kept = [dim for axis, dim in enumerate(self.shape) if axis not in axes]
        self.steps.append(Reduce(op, operand, tuple(axes), self.value(operand.dtype, kept)))
        return self.steps[-1].outputs[0]

    def group(self, *outputs: Value) -> Group:
        return Group(CPU, self.shape, tuple(self.inputs), tuple(self.steps), outputs)

    def kernel(self, *outputs: Value, fast_math: bool = False) -> Kernel:
        """Compile; fails where the backend declines."""
        return compiled(self.group(*outputs), fast_math=fast_math)


def compiled(group: Group, *, fast_math: bool = False) -> Kernel:
    kernel = fuser_cpu_llvm.compile_group(group, CompileOptions(fast_math))
    assert not isinstance(kernel, Decline), kernel.reason
    assert isinstance(kernel, Kernel)
    return kernel


def run(kernel: Kernel, inputs: Sequence[Array], outputs: Sequence[Array], threads: int = 1) -> None:
    """Launch a kernel on NumPy arrays."""
    fuser_cpu_llvm.launch(kernel, [Described(each) for each in inputs], [Described(each) for each in outputs], threads)


def one_step(op: str, dtypes: Sequence[Any], result: Any) -> Kernel:
    """A kernel of one operation over one axis."""
    builder = Builder()
    return builder.kernel(builder.apply(op, *(builder.input(dtype) for dtype in dtypes), dtype=result))


def number(value: Any, dtype: Any) -> Constant:
    return Constant(np.dtype(dtype).type(value))


def bits(values: Array) -> Array:
    """Integers that are equal where values are the same to the bit; every NaN is the same."""
    if values.dtype.kind != "f":
        return values
    canonical = np.where(np.isnan(values), np.array(np.nan, values.dtype), values)
    return canonical.view(f"u{values.dtype.itemsize}")
