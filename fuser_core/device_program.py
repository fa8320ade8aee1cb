"""The program of a call whose arrays are on a device: the plan and the kernels of any program, other memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.arrays import DeviceDesc, located
from fuser_core.backend import Device
from fuser_core.copies import CopyKernels
from fuser_core.device_memory import DeviceMemory
from fuser_core.instructions import DeviceFrame, Frame
from fuser_core.plan import Value
from fuser_core.program import Program
from fuser_core.records import frozen

__all__ = ["DeviceProgram"]

_NONE: Mapping[int, Any] = MappingProxyType({})


@frozen
class DeviceProgram(Program):
    """A plan, ready to run on a device.

    Attributes:
        place: The device.
        copies: What copies and casts arrays there.
    """

    place: Device
    copies: CopyKernels

    @property
    def device(self) -> Device:
        return self.place

    def frame(self, arguments: Sequence[Any], threads: int, targets: Mapping[int, Any] = _NONE) -> Frame:
        values = [argument if (desc := located(argument)) is None else desc for argument in arguments]
        memory = DeviceMemory.of(values, self.copies, threads)
        described = {position: located(target) for position, target in targets.items()}
        registers = dict(zip([value.id for value in self.plan.inputs], values, strict=True))
        return DeviceFrame(registers, self.usable(described, values, memory), threads, memory)

    def result(self, position: int, frame: Frame) -> Any:
        """Return one of the results; what was computed is on the device, without dimensions too."""
        output = self.plan.outputs[position]
        if not isinstance(output, Value):
            return Program.result(self, position, frame)
        register, memory = frame.registers[output.id], frame.memory
        assert isinstance(memory, DeviceMemory)
        if type(register) is DeviceDesc:
            return register.owner if register.whole and not register.kind.lends else memory.given(register)
        if any(output.id == value.id for value in self.plan.inputs):
            return register  # a scalar of NumPy's that is passed through
        return memory.given(memory.placed(register))

    def store(self, results: Sequence[Any], targets: Sequence[Any], threads: int) -> list[Any]:
        """Fill the caller's arrays, as if all results had been computed before the first is stored.

        Args:
            results: Of a call.
            targets: Arrays on the device, or ``None`` for a result that has no place yet.
            threads: The most threads to use.

        Returns:
            What the caller gets.

        Raises:
            TypeError: A result cannot be cast to its array's dtype (NumPy's own message); nothing is stored then.
            ValueError: A result does not fit into its array's shape (NumPy's own message); nothing is stored then.
        """
        pending = [
            (result if (desc := located(result)) is None else desc, located(target))
            for result, target in zip(results, targets, strict=True)
            if target is not None and result is not target
        ]
        places = [target for _, target in pending if target is not None]
        if places:
            memory = DeviceMemory.of(places, self.copies, threads)
            pairs = [(memory.placed(result), target) for result, target in pending if target is not None]
            for result, target in pairs:
                _check(result, target)
            shared = [any(memory.may_share(result, place) for place in places) for result, _ in pairs]
            apart = [
                memory.duplicate(result) if each and not memory.same(result, target) else result
                for (result, target), each in zip(pairs, shared, strict=True)
            ]
            for result, (_, target) in zip(apart, pairs, strict=True):
                if not memory.same(result, target):
                    memory.copy(target, result)
        return [result if target is None else target for result, target in zip(results, targets, strict=True)]


def _check(result: DeviceDesc, target: DeviceDesc) -> None:
    np.copyto(np.empty((), target.dtype), np.empty((), result.dtype), casting="same_kind")
    np.broadcast_to(np.broadcast_to(0, result.shape), target.shape)
