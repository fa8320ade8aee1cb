"""Places: where a workload's arrays lie, on the host or on a CUDA device, and what is done to them there."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fuser_core.bench.rounds import Call
from fuser_core.errors import ArgumentError

__all__ = ["Place", "find_place"]


@dataclass(frozen=True)
class Place:
    """A kind of device, and the library that has its arrays.

    Attributes:
        device: ``"cpu"`` or ``"cuda"``.
        name: Of the device; ``None`` for the host.
        put: Makes an array there of NumPy's.
        get: Makes an array of NumPy's of one from there.
        wait: Waits until all that was begun there is done.
        copy: Returns a copy that moves so many bytes, half of them in.
        batch_seconds: How long a sample is to take at least.
    """

    device: str
    name: str | None
    put: Callable[[Any], Any]
    get: Callable[[Any], Any]
    wait: Callable[[Any], Any]
    copy: Callable[[int], Call]
    batch_seconds: float


def find_place(device: str) -> Place:
    """Return the place of that kind on this machine.

    Raises:
        ArgumentError: There is no such device here, or no library that puts arrays on it.
    """
    return _host() if device == "cpu" else _cuda()


def _host() -> Place:
    def copy(moved: int) -> Call:
        source = np.ones(max(moved // 16, 1))
        target = np.empty_like(source)
        return Call(lambda: np.copyto(target, source))

    return Place("cpu", None, lambda array: array, np.asarray, lambda _: None, copy, 2e-3)


def _cuda() -> Place:
    reasons = []
    for library, make in {"cupy": _of_cupy, "torch": _of_torch}.items():
        try:
            return make(importlib.import_module(library))
        except Exception as error:  # noqa: BLE001 - a library without its driver raises what it likes
            reasons.append(f"{library}: {type(error).__name__}: {error}".splitlines()[0])
    raise ArgumentError(
        f"--device cuda: no library here puts arrays on a CUDA device ({'; '.join(reasons)}); install CuPy or PyTorch"
    )


def _of_cupy(cupy: Any) -> Place:
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()

    def wait(_result: Any) -> None:
        cupy.cuda.runtime.deviceSynchronize()

    def copy(moved: int) -> Call:
        source = cupy.ones(max(moved // 16, 1))
        target = cupy.empty_like(source)
        return Call(lambda: cupy.copyto(target, source), wait)

    return Place("cuda", name, cupy.asarray, cupy.asnumpy, wait, copy, 5e-3)


def _of_torch(torch: Any) -> Place:
    name = torch.cuda.get_device_name(0)

    def put(array: Any) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array)).cuda()

    def wait(_result: Any) -> None:
        torch.cuda.synchronize()

    def copy(moved: int) -> Call:
        source = torch.ones(max(moved // 16, 1), dtype=torch.float64, device="cuda")
        target = torch.empty_like(source)
        return Call(lambda: target.copy_(source), wait)

    return Place("cuda", name, put, lambda array: array.cpu().numpy(), wait, copy, 5e-3)
