"""Recording: one run of a function on tracers, and what it leaves behind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuser_core.arguments import ArgSpec
from fuser_core.arrays import DeviceDesc, described, located
from fuser_core.errors import TraceError, UntraceableError, recording
from fuser_core.foreign import RUNNING
from fuser_core.graph import CONSTANT, GraphBuilder
from fuser_core.location import user_line
from fuser_core.plan import Constant, Host, HostValue, Step, Value, numbers_read
from fuser_core.semantics import PlanBuilder, Term
from fuser_core.semantics.calls import Answer
from fuser_core.semantics.foreign import ForeignCall, answer_of
from fuser_core.semantics.host import run_host
from fuser_core.semantics.sizes import says_size
from fuser_core.shapes import SizeOf
from fuser_core.specialize import apply_node, declare_inputs, sizes_of
from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.result import TraceResult, ValueGuard
from fuser_core.tracing.tracer import Tracer
from fuser_core.tracing.trust import is_immutable
from fuser_core.tree import flatten

__all__ = ["Trace", "trace_function"]

_NUMBERS = (bool, int, float, complex)


class Trace:
    """Writes down what a function does with its tracers."""

    def __init__(self, spec: ArgSpec, arguments: Sequence[Any]) -> None:
        self._graph = GraphBuilder(len(arguments))
        self._sizes = sizes_of(arguments)
        self._builder = PlanBuilder(self._sizes)
        self._hints: dict[int, Any] = {}
        self._computed = 0
        self._captured: dict[int, tuple[Any, ArrayTracer]] = {}
        self._copies: dict[int, tuple[Any, Any, Any]] = {}
        self._like: DeviceDesc | None = next(filter(None, map(located, arguments)), None)
        self.guards: list[ValueGuard] = []
        self.arguments: list[Tracer] = []
        for position, term in enumerate(declare_inputs(self._builder, spec)):
            if isinstance(arguments[position], np.generic | bool | int | float | complex):
                self._hints[term.id] = arguments[position]
            self.arguments.append(self._wrap(position, term, owned=False))

    def apply(self, op: str, operands: Sequence[Any], *, outputs: int = 1, **attributes: Any) -> tuple[Any, ...]:
        """Record one operation and return its results as tracers (or as numbers, where they are static)."""
        lifted = [self.lift(operand) for operand in operands]
        node = self._graph.add(op, [value for value, _ in lifted], outputs=outputs, **attributes)
        try:
            terms = apply_node(self._builder, node, [term for _, term in lifted])
        except Exception as error:
            error.add_note(f"while tracing {user_line()}")
            raise
        self._compute_hints()
        return tuple(self._wrap(value, term) for value, term in zip(node.outputs, terms, strict=True))

    def foresee(self, call: ForeignCall, operands: Sequence[Any]) -> Answer:
        """Return what a call of an opaque function will return."""
        return answer_of(call, self._builder, [self.lift(operand)[1] for operand in operands])

    def lift(self, operand: Any) -> tuple[int, Term]:
        """Return an operand as a graph value: a tracer's, a constant's or a captured array's.

        Raises:
            TraceError: It is none of these.
        """
        if isinstance(operand, Tracer):
            if operand.record is not self:
                raise TraceError(
                    f"a traced value outlived its trace and was used again at {user_line()}; return it instead"
                )
            return operand.value, operand.term
        if type(operand) in _NUMBERS:
            return self._graph.constant(operand), operand
        if isinstance(operand, list | tuple):
            operand = np.asarray(operand)  # a nest of numbers is an array to NumPy
        if described(operand) is None:
            what = f"array of dtype {operand.dtype}" if isinstance(operand, np.ndarray) else type(operand).__qualname__
            raise UntraceableError(
                f"an object of type {what} meets a traced array at {user_line()}; only arrays of numbers and Python "
                "numbers can take part in a fused computation"
            )
        if isinstance(operand, np.generic):
            return self._graph.add(CONSTANT, value=operand).outputs[0], Constant(operand)
        tracer = self.hold(operand)
        return tracer.value, tracer.term

    def number(self, op: str, operands: Sequence[Any], type_: type) -> Any:
        """Record an operation on Python numbers."""
        return self.apply(f"py::{op}", operands, type=type_)[0]

    def size(self, array: Tracer, axis: int) -> Any:
        """Return the size of an axis: a traced integer, or an ``int`` where the plan fixes it."""
        return self.apply("py::size", [array], axis=axis)[0]

    def hint(self, number: NumberTracer) -> Any:
        """Return the value that a number has in the call being traced."""
        return self._hints[number.term.id]

    def concretize(self, number: Tracer) -> Any:
        """Return the value of a number, or of a NumPy scalar that is an argument; the trace then rests on it."""
        value = self._hints[number.term.id]
        self.guards.append(ValueGuard(number.term, value, user_line()))
        return value

    def knows_value(self, array: ArrayTracer) -> bool:
        """Say whether a tracer stands for an argument that is a NumPy scalar."""
        return array.term.id in self._hints

    def is_scalar(self, array: Tracer) -> bool:
        """Say whether NumPy would have a scalar where this tracer is."""
        return array.term.id in self._builder.unboxed

    def is_one(self, array: ArrayTracer, axis: int) -> bool:
        """Say whether an axis has the size 1; of an axis of an argument that is known without a guard."""
        dim = self._builder.canonical(array.term.shape[axis])
        return dim == 1 or (not isinstance(dim, SizeOf) and bool(self.size(array, axis) == 1))

    def as_size(self, number: Any) -> Any:
        """Return a number if it is computed from sizes alone, and else its value, on which the trace then rests."""
        sized = isinstance(number, NumberTracer) and says_size(self._builder.steps, number.term)
        return number if sized and self.hint(number) >= 0 else operator.index(number)

    def maker(self, array: ArrayTracer) -> Step | None:
        """Return the step that computes an array or looks at another; ``None`` for what the trace starts from."""
        number = array.term.id
        steps = reversed(self._builder.steps)
        return next((step for step in steps if any(output.id == number for output in step.outputs)), None)

    @property
    def device(self) -> Any:
        """Where the arrays of the call are, as the array API wants it: ``"cpu"`` is NumPy's name."""
        return "cpu" if self._like is None else self._like.device

    def same_shape(self, left: ArrayTracer, right: ArrayTracer) -> bool:
        """Say whether two arrays have the same shape in this call, and if so, make the trace rest on it."""
        if left.ndim != right.ndim:
            return False
        dims = list(zip(left.term.shape, right.term.shape, strict=True))
        if any(self._builder.size(one) != self._builder.size(other) for one, other in dims):
            return False
        for one, other in dims:
            self._builder.equate(one, other)
        return True

    def finish(self, returned: Any) -> TraceResult:
        """Return the result of the trace."""
        leaves: list[Any] = []
        structure = flatten(returned, leaves)
        outputs: list[int] = []
        described: list[tuple[int | None, Any]] = []
        for leaf in leaves:
            if isinstance(leaf, Tracer):
                value, _ = self.lift(leaf)
                if value not in outputs:
                    outputs.append(value)
                described.append((outputs.index(value), None))
            elif isinstance(leaf, np.ndarray) or is_immutable(leaf):
                described.append((None, leaf))
            else:
                raise UntraceableError(
                    f"the function returns an object of type {type(leaf).__qualname__}; return arrays and numbers, in "
                    "tuples, lists or dicts"
                )
        graph = self._graph.build(outputs)
        captured = tuple(array for array, _ in self._captured.values())
        numbers = tuple(tracer.term.id for _, tracer in self._captured.values())
        guards = tuple(self.guards)
        return TraceResult(graph, captured, numbers, guards, self._needed_steps(), structure, tuple(described))

    def capture(self, array: Any) -> ArrayTracer:
        """Return the tracer of an array from the function's surroundings: one more input, read anew at each call."""
        if id(array) not in self._captured:
            value = self._graph.input()
            found = described(array)
            number = self._builder.value(found.dtype, ()).id
            shape = tuple(1 if size == 1 else SizeOf(number, axis) for axis, size in enumerate(found.shape))
            self._sizes.update({SizeOf(number, axis): size for axis, size in enumerate(found.shape)})
            tracer = ArrayTracer(self, value, Value(number, found.dtype, shape), owned=False)
            self._captured[id(array)] = (array, tracer)
        return self._captured[id(array)][1]

    def hold(self, array: Any) -> ArrayTracer:
        """Return the tracer of an array that the function has made: of what is in it now."""
        if id(array) in self._captured:
            return self._captured[id(array)][1]
        if not isinstance(array, np.ndarray):
            raise UntraceableError(
                f"an array on {described(array).device} that is no argument meets a traced array at {user_line()}; "
                "pass it as an argument, or keep it in a variable of the function's surroundings"
            )
        original, copied, placed = self._copies.get(id(array), (array, None, None))
        if copied is None or copied.shape != array.shape or copied.tobytes() != array.tobytes():
            copied = array.copy()
            placed = copied if self._like is None else self._like.kind.upload(self._like, copied).owner
            self._copies[id(array)] = original, copied, placed
        return self.capture(placed)

    def _wrap(self, value: int, term: Term, *, owned: bool = True) -> Any:
        if isinstance(term, Value):
            return ArrayTracer(self, value, term, owned=owned)
        if isinstance(term, HostValue):
            return NumberTracer(self, value, term)
        return term.value if isinstance(term, Constant) else term

    def _compute_hints(self) -> None:
        """Compute the host steps that were emitted since the last time."""
        new = self._builder.steps[self._computed :]
        self._computed += len(new)
        for step in new:
            if isinstance(step, Host):
                run_host(step, self._hints, self._size_of)

    def _size_of(self, value: int, axis: int) -> int:
        return self._sizes[SizeOf(value, axis)]

    def _needed_steps(self) -> tuple[Host, ...]:
        """Return the host steps that lead to a guarded number."""
        needed = {guard.number.id for guard in self.guards}
        steps: list[Host] = []
        for step in reversed(self._builder.steps):
            if isinstance(step, Host) and step.output.id in needed:
                steps.append(step)
                needed.update(numbers_read(step))
        return tuple(reversed(steps))


def trace_function(function: Callable[[Trace], Any], spec: ArgSpec, arguments: Sequence[Any]) -> TraceResult:
    """Run a function on tracers of its dynamic arguments.

    Args:
        function: Takes the trace, whose `Trace.arguments` are the tracers, and returns what the user's function does.
        spec: What is known of the arguments.
        arguments: The arguments of the call at hand.

    Raises:
        TraceError: The function does something that no graph can hold.
    """
    trace = Trace(spec, arguments)
    with recording() as raised:
        token = RUNNING.set(trace)
        try:
            returned = function(trace)
        except Exception as error:
            if raised and error is not raised[0]:
                raise raised[0] from error  # NumPy or the function itself has made another error of it
            raise
        finally:
            RUNNING.reset(token)
        if raised:
            raise raised[0]
        return trace.finish(returned)
