"""Planted defects of arrays: strides, sizes, and memory that belongs to somebody else."""

import numpy as np

from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend
from planted.base import Defect, Planted


class _OnArrays(Planted):
    """Changes the arrays before they are evaluated, or after."""

    def given(self, array):
        return array

    def finish(self, out):
        """Spoil a result."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        kernel.run([self.given(desc.array) for desc in inputs], [desc.array for desc in outputs])
        for desc in outputs:
            self.finish(desc.array)


class _Dense(_OnArrays):
    def given(self, array):
        return array if array.flags.c_contiguous else array.ravel(order="K").reshape(array.shape)


class _DenseRows(_Dense):
    """The same, in reductions only."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        reads = self.given if kernel.group.reductions else np.asarray
        kernel.run([reads(desc.array) for desc in inputs], [desc.array for desc in outputs])


class _Forward(_OnArrays):
    def given(self, array):
        turned = [slice(None, None, -1 if stride < 0 else 1) for stride in array.strides]
        return array[tuple(turned)]


class _Same(_OnArrays):
    """Reads every input as if it had the shape of the first."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        shape = outputs[0].shape
        arrays = [desc.array for desc in inputs]
        super().launch(kernel, inputs, outputs, threads)
        if any(array.ndim and array.shape != shape for array in arrays) and not kernel.group.reductions:
            kernel.run([np.resize(array, shape) for array in arrays], [desc.array for desc in outputs])


class _Tailless(_OnArrays):
    def finish(self, out):
        if out.ndim == 1 and out.size > 8:
            out[out.size - out.size % 8 :] = 0


class _Short(_OnArrays):
    """Counts elements in 32 bits."""

    def given(self, array):
        return array if array.size < 2**31 else array.reshape(-1)[: array.size % 2**31 or 1]


class _Partial(_OnArrays):
    """Loses what is left over when a million elements are shared out to threads."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            left = desc.array.size % threads
            if desc.array.size > 2**20 and left and desc.array.ndim == 1:
                desc.array[-left:] = 0


class _Nothing(_OnArrays):
    def given(self, array):
        array.reshape(-1)[:1].item()
        return array


class _Flat(_OnArrays):
    def given(self, array):
        if not array.ndim:
            raise ValueError("cannot iterate over an array without axes")
        return array


class _Echoing(Planted):
    """Returns its first result in the place of all of the same dtype."""

    def store(self, group, values, outputs):
        super().store(group, values, outputs)
        for value, out in zip(group.outputs[1:], outputs[1:], strict=True):
            if value.dtype == group.outputs[0].dtype and out.shape == outputs[0].shape:
                np.copyto(out, outputs[0])


class _Eager(AcceptingBackend):
    """Evaluates each output by itself, into its place, so that the next reads what is no longer there."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        for number, out in enumerate(outputs):
            spare = [np.empty(desc.shape, desc.dtype) for desc in outputs]
            spare[number] = out.array
            kernel.run([desc.array for desc in inputs], spare)


class _Cleared(AcceptingBackend):
    """Clears its outputs before it reads its inputs."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        for desc in outputs:
            desc.array[...] = 0
        super().launch(kernel, inputs, outputs, threads)


class _Scribbling(AcceptingBackend):
    """Uses an input as room for what it computes."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in inputs:
            if not desc.read_only and not any(np.shares_memory(desc.array, out.array) for out in outputs):
                desc.array[...] = 0


class _Overlong(AcceptingBackend):
    """Writes whole vectors, behind the end too."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            whole = desc.array.base
            if desc.array.ndim == 1 and desc.array.size % 4 and isinstance(whole, np.ndarray) and whole.ndim == 1:
                end = (desc.pointer - whole.ctypes.data) // whole.itemsize + desc.array.size
                whole[end : end + 1] = 0


class _Idle(Planted):
    """Computes its results and leaves the outputs as they are."""

    def store(self, group, values, outputs):
        """Write nothing."""


class _Aligned(_OnArrays):
    def given(self, array):
        if not array.flags.aligned:
            raise ValueError("a load from an address that is no multiple of the item's size")
        return array


class _Upright(_OnArrays):
    """Writes results in C order, wherever they are."""

    def finish(self, out):
        if out.ndim == 2 and out.flags.f_contiguous and not out.flags.c_contiguous:
            out.T.reshape(-1)[...] = out.reshape(-1).copy()


ARRAYS = (
    Defect(
        "idle",
        "leaves its outputs as they are",
        _Idle,
        "test_layout[C]",
        (
            "test_elementwise[add]",
            "test_elementwise[negative]",
            "test_python_numbers[2]",
            "test_broadcasting",
            "test_no_dimensions",
            "test_several_outputs",
            "test_random_programs",
        ),
    ),
    Defect("dense", "reads memory in its order, whatever the strides say", _Dense, "test_layout[F]"),
    Defect("dense_rows", "does so in reductions only", _DenseRows, "test_reduction_of_layout[F]"),
    Defect("forward", "takes negative strides for positive ones", _Forward, "test_layout[reversed]"),
    Defect("aligned", "cannot read what is not aligned", _Aligned, "test_layout[unaligned]"),
    Defect("same", "repeats elements instead of axes", _Same, "test_broadcasting"),
    Defect("upright", "writes results in C order, wherever they belong", _Upright, "test_output_array"),
    Defect("nothing", "reads the first element of arrays that have none", _Nothing, "test_empty"),
    Defect("flat", "cannot take arrays without axes", _Flat, "test_no_dimensions"),
    Defect("tailless", "leaves out what fills no vector", _Tailless, "test_sizes_around_vectors"),
    Defect("partial", "leaves out what is left over when threads share", _Partial, "test_large"),
    Defect("short", "counts elements in 32 bits", _Short, "test_huge"),
    Defect("echoing", "returns its first result twice", _Echoing, "test_several_outputs"),
    Defect("cleared", "clears an output before it reads an input that lies there", _Cleared, "test_in_place"),
    Defect("eager", "writes one output before it reads for the next", _Eager, "test_several_in_place"),
    Defect("scribbling", "uses an input as room of its own", _Scribbling, "test_inputs_are_left_alone"),
    Defect("overlong", "writes behind the end of an output", _Overlong, "test_inputs_are_left_alone"),
)
