"""What happens in every call, through the driver's C interface: launches, and the order of streams.

Packages for the driver make objects of arguments, which takes as long as the launch itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import struct
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from fuser_cuda_nvrtc.driver.failures import failure
from fuser_cuda_nvrtc.driver.interface import DriverError, Launchable

__all__ = ["LIBRARY", "Context", "load_module"]

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"

_NO_TIMING = 2


class _Api:
    """Functions of the driver. Those that never wait keep Python's lock, which spares time; a launch may wait."""

    def __init__(self, name: str) -> None:
        waiting, quick = ctypes.CDLL(name), ctypes.PyDLL(name)
        self.launch = waiting.cuLaunchKernelEx
        self.load, self.unload = waiting.cuModuleLoadData, waiting.cuModuleUnload
        self.find = waiting.cuModuleGetFunction
        self.current, self.push, self.pop = quick.cuCtxGetCurrent, quick.cuCtxPushCurrent_v2, quick.cuCtxPopCurrent_v2
        self.device, self.retain = waiting.cuDeviceGet, waiting.cuDevicePrimaryCtxRetain
        self.create_event, self.record, self.wait = (
            waiting.cuEventCreate,
            waiting.cuEventRecord,
            waiting.cuStreamWaitEvent,
        )
        self._name, self._text = quick.cuGetErrorName, quick.cuGetErrorString

    def check(self, status: int, what: str) -> None:
        """Raise a `DriverError` where a function failed."""
        if status:
            words = []
            for function in (self._text, self._name):
                found = ctypes.c_char_p()
                function(status, ctypes.byref(found))
                words.append((found.value or b"unknown").decode())
            raise failure(what, words[1], words[0])


@functools.cache
def _api() -> _Api:
    return _Api(LIBRARY)


class Context:
    """The primary context of a device; a block in which it is current.

    Attributes:
        handle: What the driver calls it.
    """

    def __init__(self, index: int) -> None:
        """Share the context of a device, by its number. The driver has been started.

        Raises:
            DriverError: There is no such device.
        """
        self._api, self._own = _api(), ctypes.c_void_p()
        device, what = ctypes.c_int(), f"share the context of CUDA device {index}"
        self._api.check(self._api.device(ctypes.byref(device), index), what)
        self._api.check(self._api.retain(ctypes.byref(self._own), device), what)
        self.handle = self._own.value
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._api.check(self._api.push(self._own), "enter a context")

    def __exit__(self, *raised: object) -> None:
        self._api.pop(ctypes.byref(ctypes.c_void_p()))

    @functools.cached_property
    def _event(self) -> ctypes.c_void_p:
        event = ctypes.c_void_p()
        with self:
            self._api.check(self._api.create_event(ctypes.byref(event), _NO_TIMING), "make an event")
        return event

    def order(self, stream: int, other: int) -> None:
        """Make a stream wait for what is on another one now. One event does: to wait reads it at once."""
        with self._lock, self:
            event = self._event
            self._api.check(self._api.record(event, ctypes.c_void_p(other)), "mark the work on a stream")
            self._api.check(self._api.wait(ctypes.c_void_p(stream), event, 0), "make a stream wait")


def load_module(context: Context, image: bytes, names: Sequence[str]) -> Mapping[str, _Function]:
    """Load a module, and return its functions by name. It stays loaded as long as one of them is held."""
    module = _Module(context, image)
    return {name: module.function(name) for name in names}


class _Module:
    """A module; unloaded when no function of it is held any more."""

    def __init__(self, context: Context, image: bytes) -> None:
        self.api, self.context = _api(), context
        handle = ctypes.c_void_p()
        with context:
            self.api.check(self.api.load(ctypes.byref(handle), image), "load a module")
        self._handle = handle
        # Not when Python ends: the driver is on its way out as well.
        weakref.finalize(self, _unload, context, self.api, handle).atexit = False

    def function(self, name: str) -> _Function:
        found = ctypes.c_void_p()
        with self.context:
            what = f"find the kernel {name}"
            self.api.check(self.api.find(ctypes.byref(found), self._handle, name.encode()), what)
        return _Function(self, found)


def _unload(context: Context, api: _Api, handle: ctypes.c_void_p) -> None:
    with contextlib.suppress(DriverError), context:  # a context that is lost has lost its modules too
        api.unload(handle)


class _Function:
    """A kernel."""

    def __init__(self, module: _Module, handle: ctypes.c_void_p) -> None:
        self.module, self.handle = module, handle

    def bind(self, grid: tuple[int, int], block: tuple[int, int], head: str, words: Sequence[int]) -> Launchable:
        return _bind(self, (*grid, 1, *block, 1), struct.Struct(f"<{head}"), words)


class _Config(ctypes.Structure):
    """``CUlaunchConfig``: one argument instead of eight, each of which would be converted."""

    _fields_ = (
        *((name, ctypes.c_uint) for name in ("grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z", "shared")),
        ("stream", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("attributes_count", ctypes.c_uint),
    )


class _Slot:
    """What one launch at a time has for itself: the argument, the grid and the stream, and room for an answer.

    The driver copies the argument, so a slot is free again when the driver returns.
    """

    __slots__ = ("arguments", "asked", "buffer", "config", "found", "stream")

    def __init__(self, function: _Function, sizes: Sequence[int], open_words: int, words: Sequence[int]) -> None:
        self.buffer = (ctypes.c_uint64 * (open_words + len(words)))(*[0] * open_words, *words)
        self.config = _Config(*sizes)
        self.stream: int | None = None
        where = ctypes.byref(ctypes.c_void_p(ctypes.addressof(self.buffer)))
        self.arguments = (ctypes.byref(self.config), function.handle, where, None)
        self.found = ctypes.c_void_p()
        self.asked = ctypes.byref(self.found)


def _bind(function: _Function, sizes: Sequence[int], head: struct.Struct, words: Sequence[int]) -> Launchable:
    """Return what launches a kernel, with all that it needs at hand: every call comes here."""
    context, api = function.module.context, function.module.api
    write, do, current, own = head.pack_into, api.launch, api.current, context.handle
    free: list[_Slot] = []  # of which a thread takes one, or makes another: that takes half as long as a lock

    def launch(values: Sequence[Any], stream: int | None) -> None:
        try:
            slot = free.pop()
        except IndexError:
            slot = _Slot(function, sizes, head.size // 8, words)
        write(slot.buffer, 0, *values)
        if stream != slot.stream:
            slot.config.stream = slot.stream = stream
        if current(slot.asked) == 0 and slot.found.value == own:
            status = do(*slot.arguments)
        else:
            with context:
                status = do(*slot.arguments)
        free.append(slot)
        if status:
            api.check(status, "launch a kernel")

    return launch
