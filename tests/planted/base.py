"""What planted defects share: a backend that evaluates step by step, with a place for every kind of mistake."""

from dataclasses import dataclass

import numpy as np

from fuser_core.backend import Value, hookimpl
from fuser_core.testing.fakes import AcceptingBackend, FakeKernel, _evaluate


@dataclass(frozen=True)
class Defect:
    """A backend with a defect.

    Attributes:
        name: What it is called; the backend's name too.
        what: The defect in words.
        make: Makes the backend.
        caught_by: The standard test that must fail, with a parameter where it has some.
        also: Others that must.
    """

    name: str
    what: str
    make: type
    caught_by: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlantedKernel(FakeKernel):
    """A group, evaluated as its backend does it."""

    backend: object

    def run(self, inputs, outputs):
        values = {value.id: array for value, array in zip(self.group.inputs, inputs, strict=True)}
        with np.errstate(all="ignore"):
            for step in self.group.steps:
                results = self.backend.evaluate(step, values)
                values.update({value.id: result for value, result in zip(step.outputs, results, strict=True)})
        self.backend.store(self.group, values, outputs)


class Planted(AcceptingBackend):
    """Right, but for what a subclass overrides."""

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        return PlantedKernel(group, self)

    def evaluate(self, step, values):
        """Return the results of a step."""
        return _evaluate(step, values)

    def store(self, group, values, outputs):
        """Write the results."""
        for value, out in zip(group.outputs, outputs, strict=True):
            np.copyto(out, values[value.id])


def operands_of(step, values):
    """Return what a step reads."""
    return [values[item.id] if isinstance(item, Value) else item.value for item in step.inputs]


def instead(**functions):
    """Return a class of backends that compute some operations by other functions."""

    class Bent(Planted):
        def evaluate(self, step, values):
            if step.op not in functions:
                return super().evaluate(step, values)
            results = functions[step.op](*operands_of(step, values))
            results = results if isinstance(results, tuple) else (results,)
            return tuple(np.asarray(each, value.dtype) for value, each in zip(step.outputs, results, strict=True))

    return Bent
