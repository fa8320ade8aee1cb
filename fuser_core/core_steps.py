"""Core steps: how the steps that no backend holds are carried out when a program runs."""

from __future__ import annotations

import numpy as np

from fuser_core.errors import ShapeError
from fuser_core.instructions import BoundStep, CoreStep, Frame
from fuser_core.joining import JoinParts
from fuser_core.plan import Box, Check, Concat, Host, Opaque, Reshape, View
from fuser_core.records import frozen
from fuser_core.semantics.host import run_host

__all__ = ["bind_core_step"]


@frozen
class _RunHost(BoundStep):
    step: Host

    def run(self, frame: Frame) -> None:
        run_host(self.step, frame.registers, frame.size_of)


@frozen
class _RunBox(BoundStep):
    step: Box

    def run(self, frame: Frame) -> None:
        number, dtype = frame.registers[self.step.input.id], self.step.output.dtype
        if dtype.kind in "fc":
            with np.errstate(over="ignore"):  # 1e300 is inf in float32, and a kernel would not warn either
                frame.registers[self.step.output.id] = np.asarray(number, dtype)
        else:
            frame.registers[self.step.output.id] = np.asarray(number, dtype)


@frozen
class _RunView(BoundStep):
    step: View

    def run(self, frame: Frame) -> None:
        view = self.step
        frame.registers[view.output.id] = frame.memory.look(frame.registers[view.input.id], view)


@frozen
class _RunReshape(BoundStep):
    step: Reshape

    def run(self, frame: Frame) -> None:
        array, output = frame.registers[self.step.input.id], self.step.output
        shape = None if self.step.contiguous else frame.shape(output.shape)
        frame.registers[output.id] = frame.memory.reshape(array, shape)


@frozen
class _RunOpaque(BoundStep):
    step: Opaque

    def run(self, frame: Frame) -> None:
        result = self.step.function(*[frame.operand(item) for item in self.step.inputs])
        results = result if len(self.step.outputs) > 1 else (result,)
        for value, array in zip(self.step.outputs, results, strict=True):
            declared = frame.shape(value.shape)
            if array.dtype != value.dtype or array.shape != declared:
                raise ShapeError(
                    f"{self.step.name} returned {array.dtype}{array.shape} and not {value.dtype}{declared}, which was "
                    "expected of it; give shape= and dtype= of fuser_core.opaque as they are"
                )
            frame.registers[value.id] = array


@frozen
class _RunCheck(BoundStep):
    step: Check

    def run(self, frame: Frame) -> None:
        arrays = [frame.registers[value.id] for value in self.step.inputs]
        passed = arrays[-1]
        looked_at = arrays[:-1] or arrays  # what others were computed for is not looked at itself
        self.step.function(*map(frame.memory.fetch, looked_at), *arrays[len(looked_at) :])
        frame.registers[self.step.output.id] = passed


def bind_core_step(step: CoreStep) -> BoundStep:
    """Return the instruction of a step that stays with the core."""
    match step:
        case Host():
            return _RunHost(step)
        case Box():
            return _RunBox(step)
        case View():
            return _RunView(step)
        case Reshape():
            return _RunReshape(step)
        case Concat():
            return JoinParts(step)
        case Opaque():
            return _RunOpaque(step)
        case Check():
            return _RunCheck(step)
