"""Array kinds: the one place that knows what an array is.

NumPy's arrays are the first kind. An array that lives on a device is known by its type, described by the kind of its
library, and handled by sizes, strides and addresses from then on; neither a plan nor a backend sees its library.
"""

from __future__ import annotations

from fuser_core.arrays.device_arrays import ArrayKind, DeviceDesc
from fuser_core.arrays.known import described, is_numeric, located, refusal, register_array_kind
from fuser_core.arrays.numpy_arrays import NUMPY, Memory, NumPyArrays, NumPyDesc

__all__ = [
    "NUMPY",
    "ArrayKind",
    "DeviceDesc",
    "Memory",
    "NumPyArrays",
    "NumPyDesc",
    "described",
    "is_numeric",
    "located",
    "refusal",
    "register_array_kind",
]
