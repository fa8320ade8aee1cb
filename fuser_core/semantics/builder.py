"""PlanBuilder: what a semantic rule uses to emit typed steps.

It numbers values, broadcasts symbolic shapes (recording what it took for granted as guards), makes casts explicit,
gives numbers their dtype, and computes each step once: equal steps share their result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.definitions import cast_array
from fuser_core.errors import DTypeError, ShapeError
from fuser_core.plan import Box, Constant, Elementwise, Guard, Host, HostValue, Operand, Reduce, Step, Value, View
from fuser_core.shapes import Dim, Shape, SizeOf, evaluate

__all__ = ["Number", "PlanBuilder", "Term", "resolve_ufunc", "shape_of"]

DType = np.dtype[Any]
Number = bool | int | float | complex
Term = Value | Constant | HostValue | Number
"""What a graph value can be in a plan: an array, a typed constant, a run-time number or a literal one."""


def shape_of(operand: Operand) -> Shape:
    """Return the shape of an operand; constants have none."""
    return operand.shape if isinstance(operand, Value) else ()


class PlanBuilder:
    """Collects the steps of one plan.

    Attributes:
        steps: What was emitted so far.
        guards: What was taken for granted about sizes.
        unboxed: Numbers of the 0-d values that NumPy returns as scalars.
        specific: Whether guards may be added that make better kernels, and exclude calls that are no errors.
    """

    def __init__(self, sizes: Mapping[SizeOf, int], *, specific: bool = False) -> None:
        """Start a plan whose inputs have, in the call at hand, the given sizes; for ``specific`` see the attribute."""
        self.specific = specific
        self.steps: list[Step] = []
        self.guards: list[Guard] = []
        self.unboxed: set[int] = set()
        self._sizes = sizes
        self._evaluated: dict[Dim, int] = {}
        self._same: dict[Dim, Dim] = {}
        self._known: dict[object, Any] = {}
        self._next = 0

    # Values

    def value(self, dtype: DType, shape: Shape) -> Value:
        """Return a new array value."""
        self._next += 1
        return Value(self._next - 1, dtype, shape)

    def host_value(self, type_: type) -> HostValue:
        """Return a new run-time number."""
        self._next += 1
        return HostValue(self._next - 1, type_)

    # Steps

    def elementwise(
        self, op: str, operands: Sequence[Operand], dtypes: Sequence[DType], *, unboxed: bool = False
    ) -> tuple[Value, ...]:
        """Emit a neutral elementwise operation whose results have the given dtypes.

        Args:
            op: Name of the operation.
            operands: In the dtypes of one of its loops.
            dtypes: Of the results.
            unboxed: Whether NumPy returns a scalar here where the result has no dimensions.
        """
        shape = self.broadcast([shape_of(operand) for operand in operands], op)
        unboxed = unboxed and not shape

        def emit() -> tuple[Value, ...]:
            outputs = tuple(self.value(dtype, shape) for dtype in dtypes)
            self.steps.append(Elementwise(op, tuple(operands), outputs))
            if unboxed:
                self.unboxed.update(output.id for output in outputs)
            return outputs

        outputs: tuple[Value, ...] = self.once((op, tuple(operands), tuple(dtypes), unboxed), emit)
        return outputs

    def reduce(self, op: str, operand: Value, axes: tuple[int, ...], dtype: DType, *, unboxed: bool = False) -> Value:
        """Emit a neutral reduction over the given (normalised, sorted) axes; for ``unboxed`` see `elementwise`."""
        shape = tuple(dim for axis, dim in enumerate(operand.shape) if axis not in axes)
        unboxed = unboxed and not shape

        def emit() -> Value:
            output = self.value(dtype, shape)
            self.steps.append(Reduce(op, operand, axes, output))
            if unboxed:
                self.unboxed.add(output.id)
            return output

        output: Value = self.once((op, operand, axes, dtype, unboxed), emit)
        return output

    def view(self, view: Callable[[Value], View], operand: Value, shape: Shape) -> Value:
        """Emit a view; ``view`` gets the output value and returns the step."""
        output = self.value(operand.dtype, shape)
        self.steps.append(view(output))
        return output

    def host(self, op: str, inputs: Sequence[HostValue | Number | Dim], type_: type) -> HostValue:
        """Emit an operation on Python numbers."""

        def emit() -> HostValue:
            output = self.host_value(type_)
            self.steps.append(Host(op, tuple(inputs), output))
            return output

        # By representation: 0.0 is not -0.0, and 1 is not True.
        key = ("host", op, tuple(repr(item) for item in inputs))
        number: HostValue = self.once(key, emit)
        return number

    def once(self, key: object, emit: Callable[[], Any]) -> Any:
        """Return what ``emit`` returned the first time that it was called with this key."""
        if key not in self._known:
            self._known[key] = emit()
        return self._known[key]

    # Dtypes

    def convert(self, term: Term, dtype: DType) -> Operand:
        """Return ``term`` in the given dtype, through a cast, a boxed number or a typed constant.

        Raises:
            OverflowError: A literal integer does not fit (NumPy's own message).
        """
        if isinstance(term, Value):
            return term if term.dtype == dtype else self.cast(term, dtype)
        if isinstance(term, HostValue):
            return self._box(term, dtype)
        if isinstance(term, Constant):
            if term.dtype == dtype:
                return term
            out = np.empty((), dtype)
            with np.errstate(all="ignore"):
                cast_array(np.asarray(term.value), out)
            return Constant(out.dtype.type(out))
        with np.errstate(all="ignore"):  # 1e300 is inf in float32, and the kernel would not warn either
            return Constant(dtype.type(np.asarray(term, dtype)))

    def cast(self, operand: Operand, dtype: DType, *, unboxed: bool = False) -> Value:
        """Emit an explicit cast; to the operand's own dtype it is a copy."""
        return self.elementwise("cast", [operand], [dtype], unboxed=unboxed)[0]

    def _box(self, term: HostValue, dtype: DType) -> Value:
        def emit() -> Value:
            output = self.value(dtype, ())
            self.steps.append(Box(term, output))
            return output

        output: Value = self.once(("box", term, dtype), emit)
        return output

    # Sizes

    def size(self, dim: Dim) -> int:
        """Return the size that a dimension has in the call at hand."""
        return evaluate(dim, lambda value, axis: self._sizes[SizeOf(value, axis)], self._evaluated)

    def canonical(self, dim: Dim) -> Dim:
        """Return the representative of all dimensions that a guard equates with ``dim``."""
        while dim in self._same:
            dim = self._same[dim]
        return dim

    def equate(self, left: Dim, right: Dim) -> Dim:
        """Record that two dimensions are equal in every call of the plan and return their representative."""
        left, right = self.canonical(left), self.canonical(right)
        if left == right:
            return left
        self.guards.append(Guard(left, right))
        kept, replaced = (left, right) if isinstance(left, int) or not isinstance(right, int) else (right, left)
        self._same[replaced] = kept
        return kept

    def broadcast(self, shapes: Sequence[Shape], what: str) -> Shape:
        """Return the common shape by NumPy's rule.

        Raises:
            ShapeError: The shapes of this call do not fit, in NumPy's words.
        """
        rank = max(map(len, shapes), default=0)
        result: list[Dim] = []
        for position in range(-rank, 0):
            common: Dim = 1
            for shape in shapes:
                if len(shape) < -position:
                    continue
                merged = self._merge(common, self.canonical(shape[position]))
                if merged is None:
                    actual = " ".join(str(tuple(map(self.size, shape))).replace(" ", "") for shape in shapes)
                    raise ShapeError(
                        f"operands could not be broadcast together with shapes {actual} in `{what}`; each axis must "
                        "have equal sizes or the size 1"
                    )
                common = merged
            result.append(common)
        return tuple(result)

    def _merge(self, left: Dim, right: Dim) -> Dim | None:
        if left == 1 or right == 1:
            return right if left == 1 else left
        if left == right:
            return left
        sizes = self.size(left), self.size(right)
        if sizes[0] == sizes[1]:
            return self.equate(left, right)
        if 1 not in sizes:
            return None
        repeated, kept = (left, right) if sizes[0] == 1 else (right, left)
        self.equate(repeated, 1)
        return kept


def resolve_ufunc(ufunc: np.ufunc, dtypes: Sequence[DType | type], result: DType | None = None) -> tuple[DType, ...]:
    """Return the dtypes of the loop that NumPy chooses, inputs first.

    Args:
        ufunc: Any ufunc.
        dtypes: Per input a dtype, or ``int``, ``float`` or ``complex`` for a Python number.
        result: The ``dtype=`` argument of the call, if any.

    Raises:
        DTypeError: The ufunc has no loop for these inputs.
    """
    signature = (*[None] * ufunc.nin, *[result] * ufunc.nout)
    options: dict[str, Any] = {} if result is None else {"signature": signature}
    try:
        loop: tuple[DType, ...] = ufunc.resolve_dtypes((*dtypes, *[None] * ufunc.nout), **options)
    except TypeError as error:
        names = ", ".join(str(dtype) if isinstance(dtype, np.dtype) else dtype.__name__ for dtype in dtypes)
        raise DTypeError(f"numpy.{ufunc.__name__} has no loop for ({names}): {error}") from error
    return loop
