"""ArgSpec: what a plan is specialised for, read off the arguments of a call.

It holds the device and, per argument, the kind, the dtype, the rank and which axes have size 1 (they broadcast). It
holds no other size, no stride and no value of a scalar: those may change from call to call without a new plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fuser_core.arrays import kind_of, refusal
from fuser_core.backend import Device
from fuser_core.errors import ArgumentError

__all__ = ["ArgSpec", "ArraySpec", "ScalarSpec", "common_device", "describe", "describe_arguments"]


class ArraySpec(NamedTuple):
    """An array argument.

    Attributes:
        dtype: Its elements, byte order included.
        ndim: Its rank.
        ones: Bit ``i`` is set when axis ``i`` has size 1.
        unboxed: It is a NumPy scalar, not a 0-d array.
    """

    dtype: np.dtype[Any]
    ndim: int
    ones: int
    unboxed: bool


class ScalarSpec(NamedTuple):
    """A Python number, which promotes weakly; only its type is part of the key."""

    type: type


_SCALARS = {type_: ScalarSpec(type_) for type_ in (bool, int, float, complex)}
_CPU = Device("cpu")


class ArgSpec(NamedTuple):
    """What a plan is specialised for."""

    device: Device
    args: tuple[ArraySpec | ScalarSpec, ...]


def describe(argument: Any) -> ArraySpec | ScalarSpec | None:
    """Return what a plan rests on of one argument; ``None`` when it is neither an array nor a Python number."""
    if kind_of(argument) is not None:
        shape = argument.shape
        ones = sum([1 << axis for axis, size in enumerate(shape) if size == 1]) if 1 in shape else 0
        return ArraySpec(argument.dtype, len(shape), ones, isinstance(argument, np.generic))
    return _SCALARS.get(type(argument))


def describe_arguments(arguments: Sequence[Any]) -> ArgSpec:
    """Return the `ArgSpec` of a call.

    Raises:
        ArgumentError: An argument is neither an array of a known kind nor a Python number, or the arrays live on
            different devices.
    """
    specs: list[ArraySpec | ScalarSpec] = []
    for position, argument in enumerate(arguments):
        spec = describe(argument)
        if spec is None:
            reason = refusal(argument)
            raise ArgumentError(
                f"argument {position} is a {type(argument).__qualname__}, which is neither an array that fuser_core "
                f"knows nor a Python number{f' ({reason})' if reason else ''}; convert it with numpy.asarray"
            )
        specs.append(spec)
    return ArgSpec(common_device(arguments), tuple(specs))


def common_device(arguments: Sequence[Any]) -> Device:
    """Return the device of the arrays among some arguments; the CPU when there are none.

    Raises:
        ArgumentError: They are on different devices.
    """
    device: Device | None = None
    for position, argument in enumerate(arguments):
        kind = kind_of(argument)
        if kind is None:
            continue
        place = kind.device(argument)
        if device is not None and place != device:
            raise ArgumentError(
                f"argument {position} is on {place}, but the arrays before it are on {device}; move all arrays of a "
                "call to one device"
            )
        device = place
    return device or _CPU
