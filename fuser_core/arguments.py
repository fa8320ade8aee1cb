"""ArgSpec: what a plan is specialised for, read off the arguments of a call.

It holds the device and, per argument, the kind, the dtype, the rank and which axes have size 1 (they broadcast). It
holds no other size, no stride and no value of a scalar: those may change from call to call without a new plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fuser_core.arrays import DeviceDesc, described, refusal
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

Names = Callable[[], Sequence[str]]

_MOST_NAMED = 8


class ArgSpec(NamedTuple):
    """What a plan is specialised for."""

    device: Device
    args: tuple[ArraySpec | ScalarSpec, ...]


def describe(argument: Any) -> ArraySpec | ScalarSpec | None:
    """Return what a plan rests on of one argument; ``None`` when it is neither an array nor a Python number."""
    array = described(argument)
    if array is not None:
        shape = array.shape
        ones = sum([1 << axis for axis, size in enumerate(shape) if size == 1]) if 1 in shape else 0
        return ArraySpec(array.dtype, len(shape), ones, isinstance(argument, np.generic))
    return _SCALARS.get(type(argument))


def describe_arguments(arguments: Sequence[Any], names: Names | None = None) -> ArgSpec:
    """Return the `ArgSpec` of a call.

    Args:
        arguments: Arrays and Python numbers.
        names: Gives what the user calls each of them.

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
    return ArgSpec(common_device(arguments, names), tuple(specs))


def common_device(arguments: Sequence[Any], names: Names | None = None) -> Device:
    """Return the device of the arrays among some arguments; the CPU when there are none.

    What has no dimensions and is on the host goes with arrays on any device: a kernel is given the number.

    Args:
        arguments: Anything.
        names: Gives what the user calls each of them.

    Raises:
        ArgumentError: They are on different devices.
    """
    arrays = [described(argument) for argument in arguments]
    devices = dict.fromkeys(array.device for array in arrays if type(array) is DeviceDesc)
    if not devices:
        return _CPU
    hosts = [array for array in arrays if array is not None and type(array) is not DeviceDesc and array.shape]
    if len(devices) > 1 or hosts:
        raise ArgumentError(_scattered(arguments, arrays, names() if names is not None else ()))
    return next(iter(devices))


def _scattered(arguments: Sequence[Any], arrays: Sequence[Any], names: Sequence[str]) -> str:
    """Say which argument is where."""
    places: list[str] = []
    for position, array in enumerate(arrays):
        if array is not None and (array.shape or type(array) is DeviceDesc):
            name = names[position] if position < len(names) else f"argument {position}"
            type_ = type(arguments[position])
            device = array.device if type(array) is DeviceDesc else "the host"
            places.append(f"{name} ({type_.__module__}.{type_.__qualname__}) is on {device}")
    more = len(places) - _MOST_NAMED
    places = [*places[:_MOST_NAMED], f"and {more} more arrays are elsewhere"] if more > 0 else places
    return (
        f"the arrays of a call have to be on one device, and {', '.join(places)}; copy all of them to one device "
        "before the call (numbers and arrays without dimensions may stay on the host)"
    )
