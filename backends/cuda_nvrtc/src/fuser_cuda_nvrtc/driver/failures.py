"""Failures: what a status of the driver means for the user, and which exception says it."""

from __future__ import annotations

import os

from fuser_cuda_nvrtc.driver.interface import DriverError

__all__ = ["DeviceMemoryError", "LostContextError", "failure", "forked", "note_start"]

_LOST = frozenset(
    f"CUDA_ERROR_{name}"
    for name in (
        "ILLEGAL_ADDRESS MISALIGNED_ADDRESS ILLEGAL_INSTRUCTION INVALID_ADDRESS_SPACE INVALID_PC LAUNCH_FAILED "
        "LAUNCH_TIMEOUT HARDWARE_STACK_ERROR ASSERT ECC_UNCORRECTABLE NVLINK_UNCORRECTABLE CONTEXT_IS_DESTROYED "
        "CONTAINED EXTERNAL_DEVICE DEVICE_UNAVAILABLE"
    ).split()
)
"""After one of these every call fails until the process ends."""

_CUT_OFF = ("CUDA_ERROR_NOT_INITIALIZED", "CUDA_ERROR_DEINITIALIZED")


class DeviceMemoryError(DriverError, MemoryError):
    """A device has not so much memory; the next call may fit."""


class LostContextError(DriverError):
    """A kernel of anybody's has failed, and nothing runs on the device any more in this process."""


class _State:
    """What is known of the driver in this process."""

    started_in: int | None = None
    lost: str | None = None


def note_start() -> None:
    """Note that the driver has been started, in this process."""
    _State.started_in, _State.lost = os.getpid(), None


def forked() -> str | None:
    """Return why the driver cannot be used in a child of the process that started it; ``None`` elsewhere."""
    if _State.started_in in (None, os.getpid()):
        return None
    return (
        f"CUDA was started in process {_State.started_in}, of which this one, {os.getpid()}, is a fork, and CUDA does "
        "not outlive a fork; fork before the first call on a device, or start processes by "
        "multiprocessing.get_context('spawn')"
    )


def failure(what: str, name: str, text: str) -> DriverError:
    """Return the exception for a call that failed.

    Args:
        what: What was tried: ``cannot <what>``.
        name: The status, such as ``CUDA_ERROR_OUT_OF_MEMORY``.
        text: The driver's words for it.
    """
    said = f"cannot {what}: {text} ({name})"
    if name in _CUT_OFF and (reason := forked()):
        return DriverError(f"cannot {what}: {reason}")
    if name == "CUDA_ERROR_OUT_OF_MEMORY":
        return DeviceMemoryError(
            f"{said}; what other libraries keep for later is given back by torch.cuda.empty_cache() and "
            "cupy.get_default_memory_pool().free_all_blocks()"
        )
    if name not in _LOST:
        return DriverError(said)
    if _State.lost is not None:
        return LostContextError(f"cannot {what}: the device was lost before ({_State.lost}); restart the process")
    _State.lost = name
    return LostContextError(
        f"{said}: a kernel launched earlier, by this or any other library, has failed, and nothing runs on the device "
        "any more in this process; restart it. With CUDA_LAUNCH_BLOCKING=1 the call that launched the kernel raises"
    )
