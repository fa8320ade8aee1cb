"""Calls between kernels: what a function that no kernel holds will return, known before it is called.

Sizes follow from a rule. Dtypes, and whether a result is a scalar, the function says itself when it is asked with ones:
with axes of size 1 first, and if it refuses these, in the sizes of the call at hand. So its errors are its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fuser_core.arrays import is_numeric
from fuser_core.errors import UntraceableError
from fuser_core.location import user_line
from fuser_core.plan import Constant, HostValue, Opaque, Value
from fuser_core.records import frozen
from fuser_core.semantics.builder import PlanBuilder, Term, shape_of
from fuser_core.shapes import Shape

__all__ = ["Answer", "Binding", "Result", "ask", "emit_call", "emit_known_call"]

Sizes = Callable[..., Any]
"""Takes the shape of each operand, ``()`` for a Python number, and returns that of the result, or of each."""


@frozen
class Binding:
    """A function with its options, as a function of its operands.

    Attributes:
        function: Of any library.
        given: Names of the parameters that get the operands, one for each; ``*name`` for one that gets them in a list.
            Empty if the first parameters get them.
        options: The other arguments by name.
    """

    function: Callable[..., Any]
    given: tuple[str, ...]
    options: tuple[tuple[str, Any], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Binding) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        # By representation: 0.0 is not -0.0, and 1 is not True.
        return self.function, self.given, repr(self.options)

    def __call__(self, *operands: Any) -> Any:
        named = dict(self.options)
        if not self.given:
            return self.function(*operands, **named)
        for name, operand in zip(self.given, operands, strict=True):
            if name.startswith("*"):
                named.setdefault(name[1:], []).append(operand)
            else:
                named[name] = operand
        return self.function(**named)


class Result(NamedTuple):
    """What is known of a result: the dtype, the shape for ones if asked for it, and whether a 0-d one is a scalar."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...] | None
    scalar: bool


class Answer(NamedTuple):
    """The results of a function, and the type of the container in which it returns them, if it does."""

    results: tuple[Result, ...]
    container: type | None


class _Sample(NamedTuple):
    """What a function is shown in the place of an operand: an array of ones, a scalar, or a Python number.

    Attributes:
        dtype: Of the array, or the type of the number.
        shape: Of the array.
        scalar: Whether it is a scalar of NumPy's.
        number: The elements.
    """

    dtype: np.dtype[Any] | type
    shape: tuple[int, ...] = ()
    scalar: bool = False
    number: complex = 1

    def make(self) -> Any:
        if not isinstance(self.dtype, np.dtype):
            return self.dtype(self.number)
        element = self.dtype.type(self.number)
        if self.scalar:
            return element
        small = max(self.shape, default=0) <= _SMALL
        return np.full(self.shape, element) if small else np.broadcast_to(element, self.shape)


_SMALL = 2
"""Axes up to this size get memory of their own in a sample; in that of larger ones one element stands everywhere."""


def ask(
    builder: PlanBuilder,
    function: Callable[..., Any],
    terms: Sequence[Term],
    sample: tuple[int, int] = (1, 1),
    known: dict[Any, Answer] | None = None,
) -> Answer:
    """Return what a function says about its results.

    Args:
        builder: Of the plan.
        function: Takes one positional argument for each operand; equal to functions that do the same.
        terms: The operands; Python numbers stay such.
        sample: The size of the axes, and the elements, of the arrays that it is asked with first.
        known: What this function has said before; by default that is kept for a while for all functions.

    Raises:
        Exception: Whatever the function raises for arrays of these dtypes and shapes.
    """
    size, element = sample
    answer = _kept_answer if known is None else functools.partial(_known_answer, known)
    actual = tuple(_sample(builder, term, element) for term in terms)
    try:
        return answer(function, tuple(item._replace(shape=(size,) * len(item.shape)) for item in actual))
    except Exception:  # noqa: BLE001 - a function may raise anything
        return answer(function, actual)


def emit_call(
    builder: PlanBuilder,
    title: str,
    function: Callable[..., Any],
    terms: Sequence[Term],
    sizes: Sizes,
    sample: tuple[int, int] = (1, 1),
) -> tuple[Value, ...]:
    """Emit the call of a function that says itself what it returns, but for the sizes; equal calls are one.

    Args:
        builder: Of the plan.
        title: What the function is called in reports.
        function: See `ask`.
        terms: See `ask`.
        sizes: Gives the shapes of the results.
        sample: See `ask`.

    Raises:
        Exception: Whatever the function raises for arrays of these dtypes and shapes.
        ShapeError: The shapes do not fit, by the rule for the sizes alone.
    """
    operands = [term if isinstance(term, Value | Constant | HostValue) else repr(term) for term in terms]
    key = ("call", function, tuple(operands))
    outputs: tuple[Value, ...] = builder.once(key, lambda: _emit(builder, title, function, terms, sizes, sample))
    return outputs


def _emit(
    builder: PlanBuilder,
    title: str,
    function: Callable[..., Any],
    terms: Sequence[Term],
    sizes: Sizes,
    sample: tuple[int, int],
) -> tuple[Value, ...]:
    answer = ask(builder, function, terms, sample)
    _require_numbers(title, answer)
    shapes = [tuple(map(builder.canonical, shape_of(term))) if isinstance(term, Value) else () for term in terms]
    if not any(shapes):
        return emit_known_call(builder, title, function, terms, answer, [item.shape or () for item in answer.results])
    try:
        found = sizes(*shapes)
    except (ValueError, IndexError, TypeError):
        _answer(function, tuple(_sample(builder, term, sample[1]) for term in terms))  # in its own words
        raise
    results = found if found and isinstance(found[0], tuple) else [found]
    return emit_known_call(builder, title, function, terms, answer, results)


def emit_known_call(
    builder: PlanBuilder,
    title: str,
    function: Callable[..., Any],
    terms: Sequence[Term],
    answer: Answer,
    shapes: Sequence[Shape],
) -> tuple[Value, ...]:
    """Emit the call of a function whose results are known.

    Raises:
        UntraceableError: It returns something else than arrays of numbers.
    """
    operands = tuple(
        builder.convert(term, term.dtype) if isinstance(term, Value | Constant) else term for term in terms
    )
    _require_numbers(title, answer)
    pairs = list(zip(answer.results, shapes, strict=True))
    outputs = tuple(builder.value(result.dtype, shape) for result, shape in pairs)
    builder.steps.append(Opaque(title, function, operands, outputs))
    scalars = [output.id for output, (result, shape) in zip(outputs, pairs, strict=True) if result.scalar and not shape]
    builder.unboxed.update(scalars)
    return outputs


def _require_numbers(title: str, answer: Answer) -> None:
    if not all(is_numeric(result.dtype) for result in answer.results):
        raise UntraceableError(f"{title} at {user_line()} returns no arrays of numbers; call it outside")


def _sample(builder: PlanBuilder, term: Term, element: int) -> _Sample:
    if isinstance(term, Value):
        shape = tuple(map(builder.size, term.shape))
        return _Sample(term.dtype, shape, term.id in builder.unboxed, element)
    if isinstance(term, Constant):
        return _Sample(term.dtype, scalar=True, number=element)
    return _Sample(term.type) if isinstance(term, HostValue) else _Sample(type(term), number=term)


@functools.lru_cache(maxsize=1024)
def _kept_answer(function: Callable[..., Any], samples: tuple[_Sample, ...]) -> Answer:
    return _answer(function, samples)


def _known_answer(known: dict[Any, Answer], function: Callable[..., Any], samples: tuple[_Sample, ...]) -> Answer:
    if samples not in known:
        known[samples] = _answer(function, samples)
    return known[samples]


def _answer(function: Callable[..., Any], samples: tuple[_Sample, ...]) -> Answer:
    with np.errstate(all="ignore"):
        returned = function(*[sample.make() for sample in samples])
    if isinstance(returned, tuple | list):
        return Answer(tuple(map(_result, returned)), type(returned))
    return Answer((_result(returned),), None)


def _result(returned: Any) -> Result:
    if not isinstance(returned, np.ndarray | np.generic):
        return Result(np.dtype(object), (), scalar=False)
    return Result(returned.dtype, returned.shape, isinstance(returned, np.generic))
