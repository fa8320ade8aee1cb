"""ArgSpec: what a plan is specialised for, read off the arguments of a call.

It holds the device and, per argument, the kind, the dtype, the rank and which axes have size 1 (they broadcast). It
holds no other size, no stride and no value of a scalar: those may change from call to call without a new plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fuser_core.arrays import kind_of
from fuser_core.backend import Device
from fuser_core.errors import ArgumentError

__all__ = ["ArgSpec", "ArraySpec", "ScalarSpec", "describe_arguments"]

_SCALARS = frozenset({bool, int, float, complex})


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


class ArgSpec(NamedTuple):
    """What a plan is specialised for."""

    device: Device
    args: tuple[ArraySpec | ScalarSpec, ...]


def describe_arguments(arguments: Sequence[Any]) -> ArgSpec:
    """Return the `ArgSpec` of a call.

    Raises:
        ArgumentError: An argument is neither an array of a known kind nor a Python number, or the arrays live on
            different devices.
    """
    specs: list[ArraySpec | ScalarSpec] = []
    device: Device | None = None
    for position, argument in enumerate(arguments):
        if type(argument) in _SCALARS:
            specs.append(ScalarSpec(type(argument)))
            continue
        kind = kind_of(argument)
        if kind is None:
            raise ArgumentError(
                f"argument {position} is a {type(argument).__qualname__}, which is neither an array that fuser_core "
                "knows nor a Python number; convert it with numpy.asarray"
            )
        place = kind.device(argument)
        if device is not None and place != device:
            raise ArgumentError(
                f"argument {position} is on {place}, but the arrays before it are on {device}; move all arrays of a "
                "call to one device"
            )
        device = place
        specs.append(_describe_array(argument))
    return ArgSpec(device or Device("cpu"), tuple(specs))


def _describe_array(array: Any) -> ArraySpec:
    shape = array.shape
    ones = 0
    if 1 in shape:
        for axis, size in enumerate(shape):
            if size == 1:
                ones |= 1 << axis
    return ArraySpec(array.dtype, len(shape), ones, isinstance(array, np.generic))
