"""The kernel: a program of the engine, launched on the memory of NumPy's arrays."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.backend import Group, Value
from fuser_core.ops import ELEMENTWISE
from fuser_opencl.engine import engine
from fuser_opencl.source import NAME, write_kernel

__all__ = ["OpenCLKernel"]

Array = np.ndarray[Any, np.dtype[Any]]

_LEAST = 1 << 14
"""Elements that make a part worth a thread."""


class OpenCLKernel:
    """A group as a program in OpenCL C."""

    def __init__(self, group: Group) -> None:
        """Write and build it.

        Raises:
            EngineError: There is no device, or it refuses the program.
        """
        self._group = group
        self._source = write_kernel(group)
        self._lock = threading.Lock()
        self._engine = engine()
        self._kernel: Any = None
        if self._engine is not None:
            self._kernel = getattr(self._engine.build(self._source), NAME)

    @property
    def artifacts(self) -> Mapping[str, str]:
        """The source."""
        return {"opencl": self._source}

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array], threads: int) -> None:
        """Compute the outputs; all arrays are contiguous.

        A buffer may not lie in the memory of another, so an output that does is computed apart and copied.
        """
        if not outputs[0].size:
            return
        if self._engine is None or engine() is not self._engine:
            _evaluate(self._group, inputs, outputs)
            return
        targets = [
            np.empty_like(out) if any(np.may_share_memory(out, array) for array in inputs) else out for out in outputs
        ]
        self._launch(inputs, targets, max(1, min(threads, outputs[0].size // _LEAST)))
        for out, target in zip(outputs, targets, strict=True):
            if target is not out:
                np.copyto(out, target)

    def _launch(self, inputs: Sequence[Array], outputs: Sequence[Array], parts: int) -> None:
        """Launch on the arrays' own memory, and wait: to map a buffer is how OpenCL hands it back to the host."""
        import pyopencl
        from pyopencl import mem_flags

        assert self._engine is not None
        queue, here = self._engine.queue, mem_flags.USE_HOST_PTR
        sources = [self._buffer(array, mem_flags.READ_ONLY | here) for array in inputs]
        targets = [self._buffer(array, mem_flags.WRITE_ONLY | here) for array in outputs]
        sizes = [np.int64(size) for size in outputs[0].shape]
        with self._lock:  # arguments are set in the kernel, which belongs to all threads
            self._kernel(queue, (parts,), (1,), *sources, *targets, *sizes)
        for buffer, array in zip(targets, outputs, strict=True):
            mapped, _ = pyopencl.enqueue_map_buffer(
                queue, buffer, pyopencl.map_flags.READ, 0, array.shape, array.dtype, is_blocking=True
            )
            mapped.base.release(queue)
        queue.finish()

    def _buffer(self, array: Array, flags: int) -> Any:
        import pyopencl

        assert self._engine is not None
        return pyopencl.Buffer(self._engine.context, flags, hostbuf=array)


def _evaluate(group: Group, inputs: Sequence[Array], outputs: Sequence[Array]) -> None:
    """Compute a group by the definitions of its operations: where there is no device any more, as after a fork."""
    values: dict[int, Any] = {value.id: array for value, array in zip(group.inputs, inputs, strict=True)}
    with np.errstate(all="ignore"):
        for step in group.steps:
            operands = [values[item.id] if isinstance(item, Value) else item.value for item in step.inputs]
            result = np.empty(np.broadcast_shapes(*map(np.shape, operands)), step.outputs[0].dtype)
            ELEMENTWISE[step.op].function(*operands, out=(result,))
            values[step.outputs[0].id] = result
    for value, out in zip(group.outputs, outputs, strict=True):
        np.copyto(out, values[value.id])
