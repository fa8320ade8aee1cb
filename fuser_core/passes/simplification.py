"""Simplification: constants are folded, equal steps computed once, and the rules of `fuser_core.passes.rules` applied.

Nothing that it does changes a bit of a result. One walk over the steps: where a value equals an operand that is known
already, whatever computes with the value computes with that operand instead. What needs memory of its own, because it
is returned or looked at, keeps it as a copy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fuser_core.ops import ELEMENTWISE
from fuser_core.passes.liveness import live_steps
from fuser_core.passes.rules import Rewritten, rules_of
from fuser_core.plan import Concat, Constant, Elementwise, HostValue, Operand, Plan, Reduce, Step, Value, View
from fuser_core.records import replace

__all__ = ["simplify"]

_SYMMETRIC = frozenset("equal not_equal logical_and logical_or logical_xor".split())
"""Operations whose operands may be swapped: their results are booleans."""

_SYMMETRIC_IF_WHOLE = frozenset(
    "add multiply maximum minimum fmax fmin bitwise_and bitwise_or bitwise_xor gcd lcm".split()
)
"""The same for booleans and integers. Of two NaNs or zeros a float operation may return the first."""

_MIRRORED = {"greater": "less", "greater_equal": "less_equal"}


def simplify(plan: Plan) -> Plan:
    """Return a plan of the same results with fewer or cheaper steps, without those that nobody needs.

    Its dimensions must be spelled alike where they are equal; see `fuser_core.specialize`.
    """
    walk = _Simplification(plan)
    for step in plan.steps:
        walk.take(step)
    outputs = tuple(
        walk.fixed(output) if unboxed else output for output, unboxed in zip(plan.outputs, plan.unboxed, strict=True)
    )
    unboxed = tuple(flag and isinstance(value, Value) for flag, value in zip(plan.unboxed, outputs, strict=True))
    return replace(plan, steps=live_steps(walk.steps, outputs), outputs=outputs, unboxed=unboxed)


class _Simplification:
    """One walk over the steps of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.steps: list[Step] = []
        self._equal: dict[int, Operand] = {}  # what computes in the place of a value
        self._made: dict[int, Elementwise] = {}
        self._known: dict[object, tuple[Value, ...]] = {}
        self._owned = {output.id for output in plan.outputs if isinstance(output, Value | HostValue)}
        for step in plan.steps:
            if not isinstance(step, Elementwise) and not _computes(step):
                self._owned.update(item.id for item in step.inputs if isinstance(item, Value))

    def fixed(self, output: object) -> Operand:
        """Return the constant that an output is, or the output."""
        assert isinstance(output, Value)
        equal = self._equal.get(output.id)
        return equal if isinstance(equal, Constant) else output

    def take(self, step: Step) -> None:
        """Append what takes the place of a step, if anything has to."""
        match step:
            case Elementwise():
                self._take_elementwise(step)
            case Reduce(op, operand, axes, output):
                self.steps.append(Reduce(op, self._array(operand), axes, output))
            case Concat(inputs, axis, output):
                self.steps.append(Concat(tuple(map(self._array, inputs)), axis, output))
            case View():
                self._take_view(step)
            case _:
                self.steps.append(step)

    def _take_view(self, step: View) -> None:
        """Let everything read one of equal views, but for those that are returned or looked at."""
        (known,) = self._known.setdefault((step.input.id, step.indices, step.axes), (step.output,))
        if known is step.output or step.output.id in self._owned or known.shape != step.output.shape:
            self.steps.append(step)
        else:
            self._equal[step.output.id] = known

    def _take_elementwise(self, step: Elementwise) -> None:
        if self._equal:
            step = Elementwise(step.op, tuple([self._operand(item) for item in step.inputs]), step.outputs)
        results: tuple[Operand, ...] | None = _folded(step)
        if results is None:
            step, operand = self._rewritten(step)
            results = self._known.setdefault(_key(step), step.outputs) if operand is None else (operand,)
        if results == step.outputs:
            self.steps.append(step)
            self._made.update((output.id, step) for output in step.outputs)
            return
        for output, result in zip(step.outputs, results, strict=True):
            self._equal[output.id] = result
            if output.id in self._owned:
                self.steps.append(Elementwise("cast", (result,), (output,)))

    def _operand(self, item: Operand) -> Operand:
        return self._equal.get(item.id, item) if isinstance(item, Value) else item

    def _array(self, value: Value) -> Value:
        equal = self._operand(value)
        return equal if isinstance(equal, Value) else value

    def _rewritten(self, step: Elementwise) -> tuple[Elementwise, Operand | None]:
        """Apply rules until none does any more; return the step, and the operand that its result equals, if any."""
        while True:
            kind = step.inputs[-1].dtype.kind
            for rule in rules_of(step.op):
                found = rule.replace(step, self._made) if kind in rule.kinds else None
                if isinstance(found, Rewritten):
                    step = Elementwise(found.op, found.inputs, step.outputs)
                    break
                if found is not None and _fits(found, step.outputs[0]):
                    return step, found
            else:
                return step, None


def _computes(step: Step) -> bool:
    """Say whether a step reads the elements of its operands only, and not their memory; 0-d ones may be constants."""
    return isinstance(step, Reduce | Concat) and all(value.shape for value in step.inputs)


def _fits(operand: Operand, output: Value) -> bool:
    shape = operand.shape if isinstance(operand, Value) else ()
    return operand.dtype == output.dtype and shape == output.shape


def _folded(step: Elementwise) -> tuple[Constant, ...] | None:
    """Return the results of a step whose operands are constants, by the definition of its operation."""
    operands = [item.value for item in step.inputs if isinstance(item, Constant)]
    if len(operands) < len(step.inputs) or step.outputs[0].shape:
        return None
    results = tuple(np.empty((), output.dtype) for output in step.outputs)
    try:
        with np.errstate(all="ignore"):
            ELEMENTWISE[step.op].function(*operands, out=results)
    except (ValueError, TypeError):  # a negative power of an integer: an error of the call, if it is needed
        return None
    return tuple(Constant(result.dtype.type(result)) for result in results)


def _key(step: Elementwise) -> object:
    """Return a value that is equal for steps with the same results."""
    operands: Sequence[object] = [item.id if isinstance(item, Value) else item for item in step.inputs]
    op = step.op
    if op in _MIRRORED:
        op, operands = _MIRRORED[op], operands[::-1]
    whole = all(item.dtype.kind in "biu" for item in step.inputs)
    symmetric = op in _SYMMETRIC or (whole and op in _SYMMETRIC_IF_WHOLE)
    results = tuple([(output.dtype, output.shape) for output in step.outputs])
    return op, frozenset(operands) if symmetric else tuple(operands), results
