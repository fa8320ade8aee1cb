"""Prepared launches: the kernels of one launch, bound to their grids, which want addresses and numbers and no more."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from fuser_core.backend import ArrayDesc
from fuser_cuda_nvrtc.driver.interface import Driver, Function, Launchable
from fuser_cuda_nvrtc.layout import Launch

__all__ = ["KernelLaunch", "Numbers", "launch_on"]

_LEGACY_STREAM = 1
"""CUDA's name for its default stream (``CU_STREAM_LEGACY``)."""

_WORD = (1 << 64) - 1

_NUMBER_BYTES = 16
"""What a number takes in a kernel's argument."""

_CODES = {"b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}
_CODES |= {"f2": "e", "f4": "f", "f8": "d"}
"""How `struct` writes numbers of a dtype; others are written as bytes."""


class Numbers:
    """How inputs without axes stand in a kernel's argument: two words each, and a word that says which are values.

    Attributes:
        places: Among inputs and outputs.
        format: For `struct`, of what a launch writes.
        words: Those behind, which are the same in all launches.
        hosted: Of those on the host the place among all numbers, the dtype, and whether they are written as bytes.
    """

    def __init__(self, places: Sequence[int], inputs: Sequence[ArrayDesc]) -> None:
        self.places, self.format = tuple(places), ""
        found = []
        for number, place in enumerate(places):
            dtype, host = inputs[place].dtype, inputs[place].device.kind == "cpu"
            code = _CODES.get(f"{dtype.kind}{dtype.itemsize}", f"{_NUMBER_BYTES}s") if host else "Q"
            self.format += f"{code}{_NUMBER_BYTES - struct.calcsize('<' + code)}x"
            if host:
                found.append((number, dtype, code.endswith("s")))
        self.hosted = tuple(found)
        self.words = (sum(1 << number for number, _, _ in found),) if places else (0, 0, 0)


class KernelLaunch:
    """What a launch needs besides addresses and numbers; a `fuser_core.backend.PreparedLaunch`.

    Attributes:
        places: Of arrays with axes, then of numbers, among inputs and outputs.
        workspace: Bytes of all partial results.
        launches: The kernels, in order.
        launch: Launches them; see `fuser_core.backend.PreparedLaunch`.
    """

    def __init__(self, arrays: Sequence[int], numbers: Numbers, sizes: Sequence[int] = ()) -> None:
        """Begin without kernels.

        Args:
            arrays: Places of arrays with axes among inputs and outputs.
            numbers: The other inputs.
            sizes: Bytes of the partial results of each reduction, if there are any.
        """
        self.places, self.workspace = (*arrays, *numbers.places), sum(sizes)
        self.launches: tuple[Launchable, ...] = ()
        self._head, self._numbers = f"{len(arrays)}Q{numbers.format}", numbers
        self._starts = tuple(accumulate(sizes[:-1], initial=0)) if sizes else ()
        self._hosted = tuple([(len(arrays) + number, dtype, raw) for number, dtype, raw in numbers.hosted])
        self._raw = any(raw for _, _, raw in self._hosted)
        self.launch: Callable[[Sequence[Any], int | None], None] = self._launch_all

    def bind(self, function: Function, launch: Launch, *, reduced: int = 0) -> None:
        """Add a kernel.

        Args:
            function: The kernel.
            launch: Its grid and its numbers.
            reduced: How many reductions have a word for their partial results, used or not.
        """
        head, words = self._head, tuple([word & _WORD for word in launch.words])
        if self.workspace:
            head += f"{len(self._numbers.words) + reduced}Q"
        else:
            words = (*self._numbers.words, *[0] * reduced, *words)
        self.launches += (function.bind(launch.grid, launch.block, head, words),)
        if len(self.launches) == 1 and not self.workspace and not self._hosted:
            self.launch = self.launches[0]  # as most are: nothing is left to do here
        else:
            self.launch = self._launch_all

    def _launch_all(self, values: Sequence[Any], stream: int | None) -> None:
        if self._raw:
            values = self._converted(values)
        if self.workspace:
            *values, memory = values
            values += (*self._numbers.words, *[memory + start for start in self._starts])
        try:
            for launch in self.launches:
                launch(values, stream)
        except (struct.error, OverflowError):  # a number that its dtype does not hold; nothing was launched yet
            values = self._converted(values)
            for launch in self.launches:
                launch(values, stream)

    def _converted(self, values: Sequence[Any]) -> list[Any]:
        """Return values with numbers as NumPy converts them."""
        converted = list(values)
        for place, dtype, raw in self._hosted:
            if type(converted[place]) is not bytes:  # as it is once it has been converted
                with np.errstate(over="ignore"):  # 1e300 is inf in float32
                    number = np.asarray(converted[place], dtype)
                converted[place] = number.tobytes() if raw else number.item()
        return converted


def launch_on(
    prepared: KernelLaunch, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], driver: Driver, index: int
) -> None:
    """Launch on arrays that it was prepared for, in order with what is on their streams."""
    if not prepared.launches:
        return
    operands = (*inputs, *outputs)
    described = [operands[place] for place in prepared.places]
    values = [each.array if each.device.kind == "cpu" else each.pointer for each in described]
    stream = outputs[0].stream or _LEGACY_STREAM
    others = _other_streams(inputs, stream)
    for other in others:
        driver.order(index, stream, other)
    memory = driver.allocate(index, prepared.workspace, stream) if prepared.workspace else None
    if memory is not None:
        values.append(memory.pointer)
    prepared.launch(values, stream)
    del memory  # goes back in the order of the stream
    for other in others:
        driver.order(index, other, stream)


def _other_streams(inputs: Sequence[ArrayDesc], stream: int) -> Collection[int]:
    """Return the streams besides one that inputs are in use on; numbers of the host are on none."""
    for each in inputs:
        if each.stream != stream and each.stream is not None:
            return {each.stream for each in inputs if each.stream is not None} - {stream}
    return ()
