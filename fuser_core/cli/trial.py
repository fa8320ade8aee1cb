"""A trial of a backend: small programs with it alone, so that what is wrong with it shows before a user sees it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fuser_core.arguments import describe_arguments
from fuser_core.disturbance import ULPS
from fuser_core.errors import FusionDeclinedError
from fuser_core.graph import Graph, GraphBuilder
from fuser_core.kernel_spec import Request, intern
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.poison import poisoned_results
from fuser_core.program import Program
from fuser_core.records import frozen

__all__ = ["try_backend"]

Array = np.ndarray[Any, np.dtype[Any]]

_SIZE = 1003
_DTYPES = tuple(map(np.dtype, ("f8", "f4", "i8", "i4", "?", "c16")))
_MOST_SINGLE = 10
"""Single operations that are tried where larger programs are declined: each may take a compiler its time."""


@frozen
class _Case:
    """A program to try.

    Attributes:
        name: What it is called.
        graph: The program.
        arguments: What it is given.
        right: What it must return.
        exact: Whether to the bit.
    """

    name: str
    graph: Graph
    arguments: Sequence[Array]
    right: Sequence[Any]
    exact: bool = True


class _WrongError(Exception):
    """What is wrong with the backend, in words."""


def try_backend(name: str) -> tuple[bool, str]:
    """Compile and run ``x * y + x`` and its maximum with a backend alone, and compare with NumPy.

    Where it declines them, ``x * y + x`` by itself is tried, and where it declines that too, single operations.

    Returns:
        Whether nothing is wrong with it, and what happened, in words.
    """
    refusals: list[str] = []
    try:
        for case in _programs():
            refused, told = _try(name, case)
            if not refused:
                return True, "; ".join([told, *refusals])
            refusals.append(f"it declines {case.name}: {told}")
        outcomes = ((case.name, _try(name, case)) for case in _singles())
        right = list(itertools.islice((which for which, (refused, _) in outcomes if not refused), _MOST_SINGLE))
    except _WrongError as error:
        return False, str(error)
    told = f"right, of {_SIZE:,} elements: {', '.join(right)}" if right else "nothing was tried"
    return True, f"{told}; {refusals[-1]}" if right else f"{told}: {refusals[-1]}"


def _try(name: str, case: _Case) -> tuple[bool, str]:
    """Compile, run and compare one program; return whether the backend declines it, and why or how long it took.

    Raises:
        _WrongError: Something is wrong with the backend.
    """
    start = time.perf_counter()
    arguments = [array.copy() for array in case.arguments]
    try:
        program = _program(name, case.graph, arguments)
        with poisoned_results():
            results = program.run(arguments, 2)
    except FusionDeclinedError as error:
        lines = map(str.strip, str(error).splitlines())
        own = next((line.removeprefix(f"{name}: ") for line in lines if line.startswith(f"{name}: ")), str(error))
        if own.startswith("a defect of the plugin"):
            raise _WrongError(f"{case.name} failed: {own}") from error
        return True, own
    except Exception as error:
        raise _WrongError(f"{case.name} failed: {type(error).__name__}: {error}") from error
    milliseconds = (time.perf_counter() - start) * 1e3
    if not all(_agrees(each, right, case.exact) for each, right in zip(results, case.right, strict=True)):
        raise _WrongError(
            f"it computes {case.name} wrong; FUSER_VERIFY=1 shows where, the standard tests (docs/conformance.md) "
            "what else"
        )
    several = len(results) > 1
    return False, f"{case.name} of {_SIZE:,} elements {'are' if several else 'is'} right, in {milliseconds:.1f} ms"


def _program(name: str, graph: Graph, arguments: Sequence[Array]) -> Program:
    program, _ = intern(graph).program(describe_arguments(arguments), arguments, Request((name,), fallback=False))
    return program


def _programs() -> Iterator[_Case]:
    """Yield ``x * y + x`` with its maximum, and without."""
    x, y = np.linspace(-2, 2, _SIZE), np.linspace(1, 3, _SIZE)
    for name in ("x * y + x with its maximum", "x * y + x"):
        builder = GraphBuilder(2)
        (product,) = builder.add("np::multiply", (0, 1)).outputs
        outputs, right = list(builder.add("np::add", (product, 0)).outputs), [x * y + x]
        if "maximum" in name:
            outputs += builder.add("np::max", outputs, axis=None).outputs
            right.append(right[0].max())
        yield _Case(name, builder.build(outputs), (x, y), right)


def _singles() -> Iterator[_Case]:
    """Yield NumPy's operations one by one, in each dtype that has them."""
    table: dict[str, Any] = {**ELEMENTWISE, **REDUCTIONS}
    functions = {name: op for name, op in table.items() if op.ufunc}
    for dtype, (name, op) in itertools.product(_DTYPES, functions.items()):
        arity, results = (op.arity, op.outputs) if name in ELEMENTWISE else (1, 1)
        low, high = (-2.0, 2.0) if name in ELEMENTWISE else (0.9, 1.1)  # whose product neither vanishes nor overflows
        x, y = np.linspace(low, high, _SIZE).astype(dtype), np.linspace(1, 3, _SIZE).astype(dtype)
        arguments = (x, y)[:arity]
        builder = GraphBuilder(arity)
        try:
            with np.errstate(all="ignore"):
                right = getattr(np, name)(*arguments)
            outputs = builder.add(f"np::{name}", range(arity), outputs=results).outputs
        except TypeError:
            continue  # NumPy has no such loop
        yield _Case(
            f"{name} of {dtype}",
            builder.build(outputs),
            arguments,
            right if isinstance(right, tuple) else (right,),
            op.exact,
        )


def _agrees(found: Any, right: Any, exact: bool) -> bool:
    """Say whether a result is right; a sum may add in another order."""
    if np.shape(found) != np.shape(right) or np.result_type(found) != np.result_type(right):
        return False
    if exact or right.dtype.kind not in "fc":
        return np.array_equal(found, right, equal_nan=right.dtype.kind in "fc")
    tolerance = ULPS * np.finfo(right.dtype).eps * (_SIZE if not np.shape(right) else 1)
    return np.allclose(found, right, rtol=tolerance, atol=tolerance, equal_nan=True)
