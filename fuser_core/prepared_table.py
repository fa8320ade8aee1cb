"""The table of a prepared call: where each address and number of a recorded call stands when it is done again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from fuser_core.arrays import DeviceDesc, NumPyDesc
from fuser_core.arrays.device_arrays import Allocator
from fuser_core.backend import ArrayDesc, Decline, Exactly, KernelCall, Located, PreparedLaunch, WarmCall
from fuser_core.layout import dense_strides
from fuser_core.plugin import Plugin
from fuser_core.warm_calls import ComputedNumber

__all__ = ["Derivation", "Launch", "Table"]

Derivation = Callable[[list[Any]], Any]
"""Makes an entry of a table of those before it."""

Launch = tuple[Callable[[list[Any]], Sequence[Any]], Callable[[Sequence[Any], int | None], None]]
"""Takes values out of a table, and launches with them on a stream."""

_MOST_INNER = 256 << 20
"""Bytes of memory between kernels; it lives as long as the call, all of it."""

_BOUNDARY = 256
"""Where in working memory arrays begin."""

_BYTE = np.dtype(np.uint8)


class Table:
    """Where everything stands.

    First come the arguments, the captured arrays and new memory; then what is derived of these: numbers that are the
    same in every call, computed numbers, and addresses some bytes from others.
    """

    def __init__(self, call: WarmCall, given: Sequence[Any], like: DeviceDesc) -> None:
        """Lay out the table of a call.

        Args:
            call: As it was recorded.
            given: Its arguments, then the captured arrays; those on the device described.
            like: The array that new ones are like.
        """
        self._call, self._given, self._like = call, given, like
        self._constants = len(given) + len(call.results)
        self._boxes = self._constants + len(call.constants)
        self._spaces = self._boxes + len(call.boxes)
        self._starts: list[int] = []
        self._inner = 0
        for size in call.spaces:
            self._starts.append(self._inner)
            self._inner += -(-size // _BOUNDARY) * _BOUNDARY
        self._workspace = 0
        self._offsets: dict[tuple[int, int], int] = {}

    def launches(self, plugin: Plugin) -> tuple[Launch, ...] | None:
        """Have a backend prepare the launches; ``None`` where it does not, or too much memory is between them."""
        if any(isinstance(each, DeviceDesc) for each in self._call.constants):
            return None
        made: list[tuple[PreparedLaunch, KernelCall]] = []
        for kernel in self._call.kernels:
            sides = [[self._described(each) for each in side] for side in (kernel.inputs, kernel.outputs)]
            launch = plugin.prepare(kernel.kernel, *sides)
            if isinstance(launch, Decline):
                return None
            made.append((launch, kernel))
        self._workspace = max(launch.workspace for launch, _ in made)
        if self._inner + self._workspace > _MOST_INNER:
            return None
        return tuple([(self._picker(launch, kernel), launch.launch) for launch, kernel in made])

    def derived(self) -> tuple[Derivation, ...]:
        """Return what makes all that stands behind new memory."""
        numbers = [partial(_always, number) for number in self._call.constants]
        computed = [self._computing(each) for each in self._call.computed]
        return (*numbers, *computed, *[partial(_beside, place, offset) for place, offset in self._offsets])

    def _computing(self, computed: ComputedNumber) -> Derivation:
        function, inputs = computed.function, computed.inputs
        known = [each.value if isinstance(each, Exactly) else None for each in inputs]
        places = [(at, self._number(each)) for at, each in enumerate(inputs) if not isinstance(each, Exactly)]

        def compute(table: list[Any]) -> Any:
            given = known.copy()
            for at, place in places:
                given[at] = table[place]
            return function(*given)

        return compute

    def _number(self, place: int) -> int:
        """Return where in the table an argument or a computed number stands."""
        arguments = len(self._call.arguments)
        return place if place < arguments else self._first_computed + place - arguments

    @property
    def _first_computed(self) -> int:
        return self._constants + self._has_working_memory + len(self._call.constants)

    def made(self) -> tuple[Allocator, ...]:
        """Return what makes the results and, behind these, working memory."""
        kind, device = self._like.kind, self._like.device
        made = [kind.allocator(device, each.shape, each.dtype, _strides(each)) for each in self._call.results]
        size = self._inner + self._workspace
        return (*made, *([kind.allocator(device, (size,), _BYTE, (1,))] if size else ()))

    def _is_number(self, buffer: int) -> bool:
        if buffer < len(self._given):
            return type(self._given[buffer]) is not DeviceDesc
        return self._constants <= buffer < self._spaces

    def _described(self, located: Located) -> ArrayDesc:
        """Return what a backend is told of an array: as much of its address as it may depend on."""
        buffer, like = located.buffer, self._like
        if self._is_number(buffer):
            return NumPyDesc(np.zeros((), located.dtype))
        pointer = located.offset + (self._given[buffer].pointer if buffer < len(self._given) else 0)
        return DeviceDesc(
            like.kind, None, like.device, located.dtype, located.shape, located.strides, pointer, like.stream
        )

    def _picker(self, launch: PreparedLaunch, kernel: KernelCall) -> Callable[[list[Any]], Sequence[Any]]:
        """Return what takes out of the table what a launch is given."""
        operands = (*kernel.inputs, *kernel.outputs)
        places = [self._place(operands[place]) for place in launch.places]
        if launch.workspace:
            places.append(self._at(self._constants, self._inner))
        if len(places) == 1:
            return lambda table: (table[places[0]],)
        return itemgetter(*places)

    def _place(self, located: Located) -> int:
        """Return where in the table an array's address, or a number, stands."""
        buffer, offset = located.buffer, located.offset
        if buffer >= self._spaces:
            return self._at(self._constants, self._starts[buffer - self._spaces] + offset)
        if buffer >= self._boxes:
            return self._number(self._call.boxes[buffer - self._boxes][0])
        if buffer >= self._constants:
            return buffer + self._has_working_memory
        return self._at(buffer, offset)

    @property
    def _has_working_memory(self) -> bool:
        return self._inner + self._workspace > 0

    def _at(self, place: int, offset: int) -> int:
        """Return where the address stands that is some bytes from another."""
        if offset == 0:
            return place
        first = self._first_computed + len(self._call.computed)
        return self._offsets.setdefault((place, offset), first + len(self._offsets))


def _always(number: Any, _: list[Any]) -> Any:
    return number


def _beside(place: int, offset: int, table: list[Any]) -> Any:
    return table[place] + offset


def _strides(located: Located) -> tuple[int, ...]:
    """Return the strides of a new array; where only axes of one element have others, those of C order."""
    dense = dense_strides(located.shape, located.dtype.itemsize, None)
    steps = zip(located.shape, located.strides, dense, strict=True)
    return dense if all(size == 1 or own == usual for size, own, usual in steps) else located.strides
