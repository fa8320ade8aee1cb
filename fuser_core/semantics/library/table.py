"""The table of NumPy's functions that are called between kernels: a line makes one known."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.errors import GraphError
from fuser_core.plan import Constant, Value
from fuser_core.records import frozen
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.calls import Binding, emit_call
from fuser_core.semantics.sizes import as_dim
from fuser_core.semantics.table import rule
from fuser_core.semantics.ufuncs import default_dtype
from fuser_core.shapes import Shape

__all__ = ["CALLED", "Called", "called", "function_named"]


@frozen
class Called:
    """A function of NumPy's that no kernel holds.

    Attributes:
        name: Below ``numpy``.
        arrays: Its parameters that are arrays, in NumPy's order; ``*name`` is a list of arrays.
        counts: Its parameters that are sizes.
        sizes: From what its parameters name, arrays as their shapes, to the shape of the result, or of each;
            ``shape`` is the shape of the first operand, and ``builder`` the plan's builder.
        several: Whether it may return a tuple.
        view: Whether its result may show memory of the first operand.
        sample: The size of the axes, and the elements, of the arrays with which NumPy is asked for dtypes.
        by_hand: Whether the trace has a form of its own for it.
        family: The module that makes it known.
    """

    name: str
    arrays: tuple[str, ...]
    counts: tuple[str, ...]
    sizes: Callable[..., Any]
    several: bool
    view: bool
    sample: tuple[int, int]
    by_hand: bool
    family: str

    @property
    def function(self) -> Callable[..., Any]:
        function: Callable[..., Any] = function_named(self.name)
        return function

    def leads(self, given: Sequence[str]) -> bool:
        """Say whether some parameters are NumPy's first ones, so that operands need not be told by name."""
        return tuple(given) == _first_parameters(self.function)[: len(given)]

    def bind(self, given: Sequence[str], options: Mapping[str, Any]) -> Binding:
        """Return the function of its operands; see `Binding`."""
        return Binding(self.function, () if self.leads(given) else tuple(given), tuple(options.items()))


_CALLED: dict[str, Called] = {}
CALLED: Mapping[str, Called] = MappingProxyType(_CALLED)
"""The functions by name."""


def called(
    names: str,
    arrays: str,
    sizes: Callable[..., Any],
    *,
    counts: str = "",
    several: bool = False,
    view: bool = False,
    sample: tuple[int, int] = (1, 1),
    by_hand: bool = False,
) -> None:
    """Make functions known; the arguments are the attributes of `Called`, names separated by blanks.

    Functions that this NumPy does not have are left out.
    """
    family = sys._getframe(1).f_globals["__name__"].rpartition(".")[2]  # noqa: SLF001 - the module of the line
    for name in names.split():
        try:
            function_named(name)
        except AttributeError:
            continue
        entry = Called(
            name, tuple(arrays.split()), tuple(counts.split()), sizes, several, view, sample, by_hand, family
        )
        _CALLED[name] = entry
        _add_rule(entry)


def function_named(name: str) -> Any:
    """Return what NumPy calls by a name with dots."""
    return functools.reduce(getattr, name.split("."), np)


def _add_rule(entry: Called) -> None:
    @rule(f"np::{entry.name}")
    def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
        options = dict(attributes)
        given: tuple[str, ...] = options.pop("given", _first_parameters(entry.function)[: len(terms)])
        _require_operands(entry, given, len(terms))
        operands = [
            builder.convert(term, default_dtype(term)) if isinstance(term, Value | Constant) else term for term in terms
        ]

        def sizes(*shapes: Shape) -> Any:
            known: dict[str, Any] = dict(options)
            for name, shape, term in zip(given, shapes, operands, strict=True):
                if name.startswith("*"):
                    known.setdefault(name[1:], []).append(shape)
                else:
                    known[name] = as_dim(builder, term) if name in entry.counts else shape
            return entry.sizes(**_asked_for(entry, {**known, "shape": shapes[0], "builder": builder}))

        title = f"numpy.{entry.name}"
        return emit_call(builder, title, entry.bind(given, options), operands, sizes, entry.sample)


def _require_operands(entry: Called, given: Sequence[str], count: int) -> None:
    """Check that a node has the operands that the function needs.

    Raises:
        GraphError: It has others.
    """
    defaults = _defaults(entry.function)
    needed = [name for name in entry.arrays if defaults.get(name, inspect.Parameter.empty) is inspect.Parameter.empty]
    if len(given) != count or not set(needed) <= set(given) <= {*entry.arrays, *entry.counts}:
        raise GraphError(f"np::{entry.name} takes {len(needed)} operands and got {count}; correct the node")


def _asked_for(entry: Called, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a rule for sizes; what was not given is as NumPy has it."""
    everything = {**_defaults(entry.function), **known}
    return {name: everything[name] for name in _parameters(entry.sizes) if name in everything}


@functools.cache
def _parameters(rule: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(rule).parameters)


@functools.cache
def _first_parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    return ("x1", "x2") if isinstance(function, np.ufunc) else tuple(_defaults(function))


@functools.cache
def _defaults(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # written in C, in a version of NumPy that keeps its signature to itself
        return {}
    return {
        each.name: None if each.default is np._NoValue else each.default  # noqa: SLF001 - NumPy's mark of no value
        for each in parameters
    }
