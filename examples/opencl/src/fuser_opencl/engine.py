"""The engine: the OpenCL device that is the processor, found when a kernel is first built."""

from __future__ import annotations

import threading
from typing import Any

__all__ = ["Engine", "EngineError", "engine", "forget_engine", "missing_engine"]


class EngineError(Exception):
    """There is no device to compute on, or it does not build a program; the words are for the user."""


class Engine:
    """A context on one device, and its queue."""

    def __init__(self) -> None:
        import pyopencl

        self.context = pyopencl.Context([_device()])
        self.queue = pyopencl.CommandQueue(self.context)

    def build(self, source: str) -> Any:
        """Return the program of a source.

        Raises:
            EngineError: The device's compiler refuses it.
        """
        import pyopencl

        try:
            return pyopencl.Program(self.context, source).build(options=["-cl-std=CL1.2", "-w"])
        except pyopencl.Error as error:
            raise EngineError(f"OpenCL refuses the program: {error}") from error


class _State:
    """What this process knows: of the engine, why there is none, and whether the parent had one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.engine: Engine | None = None
        self.missing = ""
        self.orphaned = False


_state = _State()


def engine() -> Engine | None:
    """Return the engine; ``None`` in a fork of a process that had one, where no other can be had.

    Raises:
        EngineError: There is no device.
    """
    with _state.lock:
        if _state.missing:
            raise EngineError(_state.missing)
        if _state.engine is None and not _state.orphaned:
            try:
                _state.engine = Engine()
            except EngineError as error:
                _state.missing = str(error)
                raise
        return _state.engine


def missing_engine() -> str:
    """Return why there is no engine, as far as it was looked for."""
    return _state.missing


def forget_engine() -> None:
    """Start anew in a forked child: the threads that computed for the parent, and locks of theirs, are not here."""
    orphaned = _state.orphaned or _state.engine is not None
    _state.__init__()  # type: ignore[misc]
    _state.orphaned = orphaned


def _device() -> Any:
    """Return the first CPU that computes in double precision.

    Raises:
        EngineError: There is none.
    """
    import pyopencl

    try:
        platforms = pyopencl.get_platforms()
    except pyopencl.Error as error:
        raise EngineError(f"no OpenCL is installed ({error}); pip install pocl-binary-distribution") from error
    found = [device for platform in platforms for device in platform.get_devices()]
    for device in found:
        if device.type & pyopencl.device_type.CPU and device.double_fp_config:
            return device
    names = ", ".join(device.name for device in found) or "none at all"
    raise EngineError(f"no device of OpenCL's is a CPU with float64; there is {names}; try pocl-binary-distribution")
