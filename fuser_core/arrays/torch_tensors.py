"""PyTorch's tensors on CUDA devices. Those on the CPU are refused: ``tensor.numpy()`` copies nothing."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from fuser_core.arrays.device_arrays import Allocator, ArrayKind, DeviceDesc
from fuser_core.arrays.devices import cuda, stream_handle
from fuser_core.arrays.dtypes import NO_BFLOAT16, bfloat16, is_bfloat16
from fuser_core.backend import Decline, Device
from fuser_core.errors import DTypeError

__all__ = ["TorchTensors"]

_NAMES = ("bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 float32 float64 complex64 complex128").split()


class TorchTensors(ArrayKind):
    """``torch.Tensor`` with plain memory on a GPU; new ones come from PyTorch's caching allocator.

    Subclasses have semantics of their own and are not taken.
    """

    def __init__(self) -> None:
        self._torch: Any = sys.modules["torch"]
        pairs = [(getattr(self._torch, name), np.dtype(name)) for name in _NAMES if hasattr(self._torch, name)]
        half = bfloat16()
        if half is not None:
            pairs.append((self._torch.bfloat16, half))
        self._of_torch = dict(pairs)
        self._to_torch = {dtype: own for own, dtype in pairs}
        self._raw_stream = self._quickest_stream()

    def takes(self, type_: type) -> bool:
        return type_ is self._torch.Tensor

    def describe(self, array: Any) -> DeviceDesc | Decline:
        dtype = self._of_torch.get(array.dtype)
        if dtype is None or not array.is_cuda or array.requires_grad or array.layout is not self._torch.strided:
            return Decline(_reason(array))
        if array.is_conj() or array.is_neg():
            return Decline(
                "the tensor is a lazy conjugate or negative; tensor.resolve_conj().resolve_neg() computes it"
            )
        device, itemsize = cuda(array.get_device()), dtype.itemsize
        strides = tuple([stride * itemsize for stride in array.stride()])
        stream = self.stream(array)
        return DeviceDesc(self, array, device, dtype, tuple(array.shape), strides, array.data_ptr(), stream)

    def peek(self, array: Any) -> tuple[Hashable, int] | None:
        try:
            steps = array.stride()
        except RuntimeError:  # a sparse tensor has none
            return None
        dtype = array.dtype
        conjugate = dtype.is_complex and array.is_conj()
        flags = array.requires_grad, array.is_neg(), conjugate
        return (dtype, array.shape, steps, array.device, flags), array.data_ptr()

    def stream(self, array: Any) -> int:
        return stream_handle(self._raw_stream(array.get_device()))

    def allocator(
        self,
        device: Device,  # noqa: ARG002 - where the tensors are that are given
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        strides: tuple[int, ...],
    ) -> Allocator:
        own = self._to_torch.get(dtype)
        if own is None:
            raise DTypeError(f"a result is of dtype {dtype}, which this PyTorch has not; convert it with astype()")
        steps = tuple([stride // dtype.itemsize for stride in strides])

        def allocate(like: Any) -> tuple[Any, int]:
            if like.dtype is own:  # to read a dtype and a device takes as long as to allocate
                array = like.new_empty_strided(shape, steps)
            else:
                array = like.new_empty_strided(shape, steps, dtype=own)
            return array, array.data_ptr()

        return allocate

    def view(self, array: Any, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
        itemsize = array.element_size()
        if any(stride < 0 or stride % itemsize for stride in (*strides, abs(offset))):
            return None  # PyTorch has no negative strides
        steps = [stride // itemsize for stride in strides]
        return array.as_strided(shape, steps, array.storage_offset() + offset // itemsize)

    def upload(self, like: DeviceDesc, array: np.ndarray[Any, np.dtype[Any]]) -> DeviceDesc:
        dense, bits = np.array(array, order="C"), None
        if is_bfloat16(dense.dtype):  # PyTorch takes none of NumPy's arrays of it, and gives none
            dense, bits = dense.view(np.int16), self._torch.bfloat16
        copied = self._torch.from_numpy(dense).to(self._place(like.device.index))
        desc = self.describe(copied if bits is None else copied.view(bits))
        assert isinstance(desc, DeviceDesc)
        return desc

    def download(self, array: Any) -> np.ndarray[Any, np.dtype[Any]]:
        half = bfloat16() if array.dtype is self._torch.bfloat16 else None
        if half is not None:
            return np.asarray(array.view(self._torch.int16).cpu().numpy()).view(half)
        return np.asarray(array.cpu().numpy())

    @functools.cache  # noqa: B019 - there is one object of this class in a process
    def _place(self, index: int) -> Any:
        return self._torch.device("cuda", index)

    def _quickest_stream(self) -> Callable[[int], int]:
        """Return what gives a device's current stream; the public way makes an object, which takes long."""
        inside = getattr(self._torch, "_C", None)
        raw: Callable[[int], int] | None = getattr(inside, "_cuda_getCurrentRawStream", None)
        return raw or (lambda index: int(self._torch.cuda.current_stream(index).cuda_stream))


def _reason(tensor: Any) -> str:
    """Return why a tensor is not taken."""
    if not tensor.is_cuda:
        return (
            f"the torch.Tensor is on {tensor.device}, and only those on CUDA devices are taken as they are; on the CPU "
            "tensor.numpy() gives its memory as an array, without a copy"
        )
    if tensor.requires_grad:
        return "the torch.Tensor requires a gradient, which a fused function does not compute; pass tensor.detach()"
    name = str(tensor.dtype)
    if str(tensor.layout) != "torch.strided":
        return f"the torch.Tensor is {tensor.layout}; pass tensor.to_dense()"
    if name == "torch.bfloat16":
        return f"{NO_BFLOAT16}; or convert the torch.Tensor, for instance with tensor.float()"
    return f"NumPy has no dtype for {name}; convert the torch.Tensor, for instance with tensor.float()"
