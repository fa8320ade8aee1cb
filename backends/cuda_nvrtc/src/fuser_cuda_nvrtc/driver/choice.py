"""Which driver there is: pycuda's where it is installed and works, else that of cuda.bindings."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
import os
from pathlib import Path

from fuser_core.backend import Accept, Decline, Verdict
from fuser_core.forks import in_child
from fuser_cuda_nvrtc.driver.failures import forked, note_start
from fuser_cuda_nvrtc.driver.interface import Driver, DriverError
from fuser_cuda_nvrtc.driver.launching import LIBRARY

__all__ = ["CHOICE", "driver", "obstacle"]

CHOICE = "FUSER_CUDA_DRIVER"
"""Environment variable: ``pycuda`` or ``bindings`` where one of them is wanted."""


def obstacle(index: int) -> Verdict:
    """Say whether there is a driver, a package to reach it and a compiler for it; nothing is initialised."""
    if reason := forked():
        return Decline(reason)
    if not _is_installed("cuda.bindings"):
        return Decline("cuda-bindings is not installed: pip install cuda-bindings")
    if not (_is_installed("nvidia") or os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH")):
        return Decline("NVRTC is not installed: pip install nvidia-cuda-nvrtc")
    if not _has_driver():
        return Decline(f"no CUDA driver: {LIBRARY} not found")
    devices = _devices()
    if devices is not None and index >= devices:
        return Decline(f"no CUDA device {index}: this machine has {devices}")
    return Accept()


@functools.cache
def driver() -> Driver:
    """Return the driver of this process, and start it.

    Raises:
        DriverError: No package for it works; the message says why for each. Or this process is a fork of one that has
            started it.
    """
    if reason := forked():
        raise DriverError(reason)
    wanted = os.environ.get(CHOICE, "")
    made = {"pycuda": _pycuda, "bindings": _bindings}
    if wanted and wanted not in made:
        raise DriverError(f"{CHOICE}={wanted} names no driver; there are {' and '.join(made)}")
    reasons = []
    for name in [wanted] if wanted else list(made):
        try:
            found = made[name]()
        except (ImportError, OSError, DriverError) as error:
            reasons.append(f"{name}: {error}")
        else:
            note_start()
            return found
    raise DriverError(f"no CUDA driver can be used: {'; '.join(reasons)}")


in_child(driver.cache_clear)


def _pycuda() -> Driver:
    from fuser_cuda_nvrtc.driver.with_pycuda import PycudaDriver

    return PycudaDriver()


def _bindings() -> Driver:
    from fuser_cuda_nvrtc.driver.bindings import BindingsDriver

    return BindingsDriver()


@functools.cache
def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


@functools.cache
def _has_driver() -> bool:
    """Whether the driver's library can be loaded. It does nothing yet when it is."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


def _devices() -> int | None:
    """Return how many devices the kernel's driver knows; ``None`` where it is not said."""
    folder = Path("/proc/driver/nvidia/gpus")
    try:
        return len(list(folder.iterdir()))
    except OSError:
        return None
