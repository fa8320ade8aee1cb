"""Tensors as arrays and back: on the CPU the same memory, on a GPU the tensor itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from fuser_core.arrays.dtypes import bfloat16
from fuser_core.backend import Device

__all__ = ["array_of", "device_of", "numpy_dtype", "tensor_of"]

_NAMES = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 float32 float64".split()
_DTYPES = {getattr(torch, name): np.dtype(name) for name in _NAMES if hasattr(torch, name)}
_CPU = Device("cpu")


def device_of(device: torch.device) -> Device | None:
    """Return what the core calls a device; ``None`` where it has no word for it."""
    if device.type == "cpu":
        return _CPU
    return Device("cuda", device.index or 0) if device.type == "cuda" else None


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any] | None:
    """Return the dtype of NumPy, or of ``ml_dtypes``, for PyTorch's; ``None`` where there is none for kernels."""
    return bfloat16() if dtype is torch.bfloat16 else _DTYPES.get(dtype)


def array_of(tensor: torch.Tensor) -> Any:
    """Return what a program is given for a tensor: on the CPU an array of its memory, else a plain tensor.

    Raises:
        RuntimeError: It has no memory that could be shown (PyTorch's own message).
        TypeError: NumPy has no such dtype (PyTorch's own message).
    """
    if tensor.requires_grad or type(tensor) is not torch.Tensor:
        tensor = tensor.detach()
    if tensor.is_cuda:
        return tensor
    return (tensor.resolve_neg() if tensor.is_neg() else tensor).numpy()


def tensor_of(array: Any) -> Any:
    """Return a result of a program as a tensor."""
    if isinstance(array, torch.Tensor):
        return array
    return torch.from_numpy(array if isinstance(array, np.ndarray) else np.asarray(array))
