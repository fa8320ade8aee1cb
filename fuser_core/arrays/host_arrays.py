"""Arrays on the host of libraries that are known by DLPack only: their memory as NumPy's arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.arrays.dlpack import CPU
from fuser_core.arrays.known import find_kind
from fuser_core.errors import DTypeError

__all__ = ["HostLibrary", "host_library", "host_view"]


class HostLibrary:
    """The library of an array on the host, and the device that it says the array is on.

    Attributes:
        type: Of its arrays.
        device: As ``array.device`` says it; ``None`` where arrays say nothing.
        name: What its arrays are called in messages.
    """

    def __init__(self, array: Any) -> None:
        self.type = type(array)
        self.device = getattr(array, "device", None)
        self.name = f"{self.type.__module__}.{self.type.__qualname__}"
        own = getattr(self.type, "from_dlpack", None)
        self._from_dlpack = own or array.__array_namespace__().from_dlpack

    def is_as(self, other: HostLibrary) -> bool:
        """Say whether arrays are of the same type and on the same device."""
        return self.type is other.type and bool(self.device == other.device)

    def give(self, array: Any) -> Any:
        """Return a NumPy array or scalar as the library's, on the device; without a copy where that can be.

        Raises:
            DTypeError: The library has no such dtype.
        """
        shown = np.asarray(array)
        if not shown.flags.writeable:
            shown = shown.copy()
        options = {} if self.device is None else {"device": self.device}
        try:
            try:
                return self._from_dlpack(shown, **options)
            except TypeError:  # it is older than the option
                return self._from_dlpack(shown)
        except (TypeError, ValueError, BufferError, RuntimeError, KeyError) as error:
            raise DTypeError(
                f"{self.name} takes no array of dtype {shown.dtype} by DLPack ({error}); convert the result with "
                "astype inside the function, or pass NumPy's arrays"
            ) from error


def host_library(value: object) -> HostLibrary | None:
    """Return the library of an array on the host that gives and takes DLPack; ``None`` for anything else."""
    type_ = type(value)
    kind = None if not hasattr(type_, "__dlpack_device__") or isinstance(value, np.ndarray) else find_kind(type_)
    if kind is None or not kind.shows_host or not (hasattr(type_, "from_dlpack") or _has_namespace(value)):
        return None
    return HostLibrary(value) if int(value.__dlpack_device__()[0]) == CPU else None  # type: ignore[attr-defined]


def _has_namespace(value: object) -> bool:
    found = getattr(value, "__array_namespace__", None)
    return found is not None and hasattr(found(), "from_dlpack")


def host_view(array: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Return the memory of an array of such a library as NumPy's array."""
    return np.from_dlpack(array)
