"""NVRTC: from text to machine code for one generation of devices, on any machine."""

from __future__ import annotations

import functools
from typing import Any

from fuser_core.backend import CompileOptions
from fuser_core.errors import FuserError
from fuser_core.records import frozen

__all__ = ["CompilationError", "Target", "assemble", "flags", "known_targets", "target_for", "version"]


_KNOWS_MINIMAL = (12, 4)
"""From this version on what a kernel without headers never uses can be left out, which takes time in each program."""


class CompilationError(FuserError):
    """NVRTC refused a text; the message holds its log."""


@frozen
class Target:
    """What code is made for.

    Attributes:
        sm: Compute capability of the device, ten times its number: 90 for 9.0.
        is_portable: Whether the code is PTX, which a driver translates for devices newer than this NVRTC.
    """

    sm: int
    is_portable: bool = False

    @property
    def architecture(self) -> str:
        """Its name to NVRTC."""
        return f"{'compute' if self.is_portable else 'sm'}_{self.sm}"


@functools.cache
def version() -> tuple[int, int]:
    """Return the version of NVRTC."""
    from cuda.bindings import nvrtc

    major, minor = _checked(nvrtc.nvrtcVersion())
    return int(major), int(minor)


@functools.cache
def known_targets() -> tuple[int, ...]:
    """Return the compute capabilities that this NVRTC makes machine code for."""
    from cuda.bindings import nvrtc

    (found,) = _checked(nvrtc.nvrtcGetSupportedArchs())
    return tuple(sorted(map(int, found)))


def target_for(sm: int) -> Target:
    """Return the best target for a device; PTX of the newest that is known where the device is newer.

    Raises:
        CompilationError: The device is older than all that this NVRTC knows.
    """
    known = known_targets()
    if sm in known:
        return Target(sm)
    older = [each for each in known if each < sm]
    if not older:
        text = ".".join(map(str, version()))
        raise CompilationError(
            f"NVRTC {text} makes code for compute capability {known[0] / 10} and newer, and the device has {sm / 10}; "
            f"install an older nvidia-cuda-nvrtc"
        )
    # Machine code runs on later devices of the same generation as well.
    same = [each for each in older if each // 10 == sm // 10]
    return Target(same[-1]) if same else Target(older[-1], is_portable=True)


def flags(target: Target, options: CompileOptions) -> tuple[str, ...]:
    """Return NVRTC's options: IEEE arithmetic, unless the user asked for speed."""
    arithmetic = "true" if options.fast_math else "false"
    precise = "false" if options.fast_math else "true"
    return (
        f"--gpu-architecture={target.architecture}",
        f"--fmad={arithmetic}",
        f"--prec-div={precise}",
        f"--prec-sqrt={precise}",
        "--ftz=false",
        "--std=c++17",
        "--device-as-default-execution-space",
        *(("--minimal",) if version() >= _KNOWS_MINIMAL else ()),
    )


def assemble(text: str, target: Target, options: CompileOptions) -> bytes:
    """Compile a text: to machine code, or to PTX where the target is portable.

    Raises:
        CompilationError: NVRTC refuses it.
    """
    from cuda.bindings import nvrtc

    (program,) = _checked(nvrtc.nvrtcCreateProgram(text.encode(), b"fuser.cu", 0, [], []))
    try:
        arguments = [flag.encode() for flag in flags(target, options)]
        (status,) = nvrtc.nvrtcCompileProgram(program, len(arguments), arguments)
        if int(status) != 0:
            raise CompilationError(
                f"NVRTC cannot compile a kernel for {target.architecture} ({_text_of_error(status)}); this is a defect "
                f"of fuser_cuda_nvrtc. Its log:\n{_log(program)}\nThe text:\n{text}"
            )
        kind = "PTX" if target.is_portable else "CUBIN"
        (size,) = _checked(getattr(nvrtc, f"nvrtcGet{kind}Size")(program))
        code = bytearray(size)
        _checked(getattr(nvrtc, f"nvrtcGet{kind}")(program, code))
    finally:
        nvrtc.nvrtcDestroyProgram(program)
    return bytes(code)


def _log(program: Any) -> str:
    from cuda.bindings import nvrtc

    (size,) = _checked(nvrtc.nvrtcGetProgramLogSize(program))
    log = bytearray(size)
    _checked(nvrtc.nvrtcGetProgramLog(program, log))
    return log.rstrip(b"\0").decode(errors="replace").strip()


def _checked(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what a function returned besides its status."""
    if int(answer[0]) != 0:
        raise CompilationError(f"NVRTC failed: {_text_of_error(answer[0])}")
    return answer[1:]


def _text_of_error(status: Any) -> str:
    from cuda.bindings import nvrtc

    text = nvrtc.nvrtcGetErrorString(status)[1]
    return text.decode() if isinstance(text, bytes) else str(text)
