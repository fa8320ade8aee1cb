"""Placement: the standard tests' NumPy arrays, put where a backend's device is, and its results brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.arrays import NUMPY, located
from fuser_core.backend import ArrayDesc, Device
from fuser_core.program import Program

__all__ = ["HOST", "PlacedProgram", "Placement"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Placement:
    """Where a backend's arrays are.

    Attributes:
        device: For which it compiles.
        place: Gives a copy of a NumPy array there, of the same strides where the library can.
        fetch: Gives such an array as NumPy's.
    """

    device: Device
    place: Callable[[Array], Any]
    fetch: Callable[[Any], Array]

    @property
    def on_host(self) -> bool:
        """Whether these are NumPy's own arrays."""
        return self.device.kind == "cpu"

    def native(self, argument: Any) -> Any:
        """Return an argument as it can be had there: devices know numbers in their own byte order only."""
        if self.on_host or not isinstance(argument, np.ndarray) or argument.dtype.isnative:
            return argument
        return argument.astype(argument.dtype.newbyteorder("="))

    def put(self, argument: Any) -> Any:
        """Return an argument as the backend gets it; only arrays move."""
        if self.on_host or not isinstance(argument, np.ndarray):
            return argument
        return self.place(self.native(argument))

    def get(self, result: Any) -> Any:
        """Return a result as NumPy has it."""
        return result if self.on_host or located(result) is None else self.fetch(result)

    def describe(self, array: Any) -> ArrayDesc:
        """Return what a backend is told of an array that `put` returned."""
        return NUMPY.describe(array) if self.on_host else located(array) or NUMPY.describe(array)


HOST = Placement(Device("cpu"), lambda array: array, lambda array: array)
"""NumPy's arrays, where they are."""


class PlacedProgram:
    """A program that is given NumPy's arrays and returns such, wherever it runs; else it is the program itself."""

    def __init__(self, program: Program, placement: Placement) -> None:
        self._program = program
        self._placement = placement

    def __getattr__(self, name: str) -> Any:
        return getattr(self._program, name)

    def run(
        self, arguments: Sequence[Any], threads: int, targets: Mapping[int, Any] = MappingProxyType({})
    ) -> list[Any]:
        """Execute; see `Program.run`. One array is one on the device too, and what is written there is written here."""
        if self._placement.on_host:
            return self._program.run(arguments, threads, targets)
        placed: dict[int, Any] = {}

        def put(item: Any) -> Any:
            if id(item) not in placed:
                placed[id(item)] = self._placement.put(item)
            return placed[id(item)]

        own = {position: put(target) for position, target in targets.items()}
        results = self._program.run([put(argument) for argument in arguments], threads, own)
        for position, target in targets.items():
            if results[position] is own[position]:
                target[...] = self._placement.get(results[position])
        return [
            targets[position] if result is own.get(position, self) else self._fetched(position, result)
            for position, result in enumerate(results)
        ]

    def _fetched(self, position: int, result: Any) -> Any:
        found = self._placement.get(result)
        return found[()] if isinstance(found, np.ndarray) and self._program.plan.unboxed[position] else found
