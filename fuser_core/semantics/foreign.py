"""What a call of a user's opaque function means: its operands, its results, and what is made sure of."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from fuser_core.errors import ArgumentError, ShapeError
from fuser_core.foreign import RUNNING
from fuser_core.plan import Constant, Value
from fuser_core.records import frozen
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.semantics.calls import Answer, Result, ask, emit_known_call
from fuser_core.shapes import Called, Dim, Shape
from fuser_core.tree import unflatten

__all__ = ["OPERAND", "ForeignCall", "answer_of", "apply_foreign", "is_rule"]

OPERAND = object()
"""Stands for an operand among the arguments of a call."""


@frozen
class ForeignCall:
    """A user's function with its constant arguments, as a function of its operands.

    Attributes:
        name: What the function is called.
        function: It itself.
        shape: Gives the shape of the result, or of each; see `fuser_core.opaque`.
        dtype: The dtype of the result, or of each, or what gives them.
        structure: Of the tree of arguments.
        leaves: Of that tree: constants, and `OPERAND`.
        key: Equal for calls that do the same.
        known: What the function has said about its results; see `fuser_core.semantics.calls.ask`.
    """

    name: str
    function: Callable[..., Any]
    shape: Callable[..., Any] | None
    dtype: Any
    structure: Any
    leaves: tuple[Any, ...]
    key: object
    known: dict[Any, Answer]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ForeignCall) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __call__(self, *operands: Any) -> Any:
        token = RUNNING.set(None)  # what the function does in turn is no part of a trace
        try:
            returned = self.apply(self.function, operands)
        finally:
            RUNNING.reset(token)
        if not isinstance(returned, tuple | list):
            return _own(returned, operands)
        results = [_own(each, operands) for each in returned]
        return type(returned)(*results) if hasattr(returned, "_fields") else type(returned)(results)

    def apply(self, function: Callable[..., Any], operands: Sequence[Any]) -> Any:
        """Call another function as this one is called, with some objects in the place of the operands."""
        given = iter(operands)
        args, kwargs = unflatten(
            self.structure, iter([next(given) if leaf is OPERAND else leaf for leaf in self.leaves])
        )
        return function(*args, **kwargs)


def _own(returned: Any, operands: Sequence[Any]) -> Any:
    """Return a result as an array, or as a scalar of NumPy's, in memory that is no operand's."""
    array = np.asarray(returned)
    if not isinstance(returned, np.ndarray) and not array.ndim:
        return array[()]
    shared = any(isinstance(item, np.ndarray) and np.may_share_memory(array, item) for item in operands)
    return array.copy() if shared else array


def is_rule(dtype: Any) -> bool:
    """Say whether ``dtype=`` is a function that gives the dtype."""
    return callable(dtype) and not isinstance(dtype, type)


def answer_of(call: ForeignCall, builder: PlanBuilder, terms: Sequence[Term]) -> Answer:
    """Return the dtypes of the results: as declared, or as the function gives them for ones.

    Raises:
        Exception: Whatever the function raises for arrays of ones.
    """
    dtype = call.dtype
    if dtype is None:
        try:
            return ask(builder, call, terms, known=call.known)
        except Exception as error:
            error.add_note(f"raised by {call.name} for arrays of ones; give dtype= of fuser_core.opaque to ask nothing")
            raise
    if is_rule(dtype):
        dtype = call.apply(dtype, [term.dtype for term in terms if isinstance(term, Value | Constant)])
    several = isinstance(dtype, tuple | list)
    dtypes = map(np.dtype, dtype if several else [dtype])
    return Answer(tuple(Result(each, None, scalar=True) for each in dtypes), tuple if several else None)


def apply_foreign(call: ForeignCall, builder: PlanBuilder, terms: Sequence[Term]) -> tuple[Value, ...]:
    """Emit the call of a user's function.

    Raises:
        ShapeError: Its arrays do not broadcast, and it does not say what its result's shape is.
        ArgumentError: What ``shape=`` returns is no shape.
    """
    answer = answer_of(call, builder, terms)
    shapes = [tuple(map(builder.canonical, shape_of(term))) if isinstance(term, Value) else () for term in terms]
    return emit_known_call(builder, call.name, call, terms, answer, _shapes(call, builder, shapes, answer))


def _shapes(call: ForeignCall, builder: PlanBuilder, shapes: Sequence[Shape], answer: Answer) -> Sequence[Shape]:
    if call.shape is not None:
        return _declared(call, builder, shapes, several=answer.container is not None)
    if not any(shapes) and all(result.shape is not None for result in answer.results):
        return [result.shape or () for result in answer.results]
    try:
        common = builder.broadcast(shapes, call.name)
    except ShapeError as error:
        error.add_note("the result of an opaque function has this shape, unless shape= of fuser_core.opaque gives it")
        raise
    return [() if result.shape == () else common for result in answer.results]


@frozen
class _Sizes:
    """All sizes that ``shape=`` returns, from all sizes of the operands."""

    call: ForeignCall
    ranks: tuple[int, ...]
    several: bool

    def shapes(self, sizes: Sequence[int]) -> list[tuple[int, ...]]:
        left = iter(sizes)
        returned = self.call.apply(
            self.call.shape or tuple, [tuple(itertools.islice(left, rank)) for rank in self.ranks]
        )
        try:
            shapes = [tuple(map(_size, shape)) for shape in (returned if self.several else [returned])]
        except (TypeError, ValueError):
            what = "a tuple of shapes" if self.several else "a shape"
            raise ArgumentError(
                f"shape= of {self.call.name} returned {returned!r}; return {what}, of integers from 0 on"
            ) from None
        return shapes

    def __call__(self, *sizes: int) -> list[int]:
        return [size for shape in self.shapes(sizes) for size in shape]


def _size(size: Any) -> int:
    number = operator.index(size)
    if number < 0:
        raise ValueError(f"negative dimensions are not allowed: {number}")
    return number


def _declared(call: ForeignCall, builder: PlanBuilder, shapes: Sequence[Shape], *, several: bool) -> list[Shape]:
    """Return what ``shape=`` says, as sizes that are computed anew in every call."""
    parts: tuple[Dim, ...] = tuple(dim for shape in shapes for dim in shape)
    sizes = _Sizes(call, tuple(map(len, shapes)), several)
    now = sizes.shapes(tuple(map(builder.size, parts)))
    if all(isinstance(part, int) for part in parts):
        return list(now)
    places: Iterator[int] = itertools.count()
    return [tuple(Called(sizes, parts, next(places)) for _ in shape) for shape in now]
