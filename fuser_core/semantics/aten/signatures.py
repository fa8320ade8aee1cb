"""Signatures of ``aten::`` operations: which operands are arrays or numbers, which are fixed when the text is read.

A signature is written as one word per parameter, in PyTorch's order:

=============  =======================================================================
``self``       an operand: an array or a number, the value of which may change
``alpha=1``    an operand with a default
``min?``       an operand that may be absent (``None``)
``*tensors``   a list of operands
``.dim``       a constant of the text
``.dim=0``     a constant with a default
=============  =======================================================================

In a graph, constants are attributes of the node by name; so is an operand that is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fuser_core.errors import GraphError
from fuser_core.records import frozen
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import rule

__all__ = ["Arguments", "Meaning", "Parameter", "Signature", "misfit", "operation", "signatures_of"]

_REQUIRED = object()
_DEFAULTS = {"None": None, "True": True, "False": False}


@frozen
class Parameter:
    """One parameter of an operation.

    Attributes:
        name: PyTorch's name of it.
        static: It must be a constant of the text.
        variadic: It takes all operands that are left.
        default: Its value when it is not given.
    """

    name: str
    static: bool = False
    variadic: bool = False
    default: Any = _REQUIRED

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED and not self.variadic


@frozen
class Signature:
    """The parameters of one form of an operation, in PyTorch's order."""

    text: str
    parameters: tuple[Parameter, ...]

    def bind(self, terms: Sequence[Any], attributes: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the arguments by name, or ``None`` when they do not fit."""
        if not attributes.keys() <= {parameter.name for parameter in self.parameters}:
            return None
        left = list(terms)
        values: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in attributes:
                values[parameter.name] = attributes[parameter.name]
            elif parameter.variadic:
                values[parameter.name], left = tuple(left), []
            elif left and not parameter.static:
                values[parameter.name] = left.pop(0)
            elif parameter.required:
                return None
            else:
                values[parameter.name] = parameter.default
        return None if left else values


@frozen
class Arguments:
    """The arguments of one node by name."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def term(self, name: str) -> Term:
        """Return an operand that is there."""
        term: Term = self.values[name]
        return term

    def optional(self, name: str) -> Any:
        """Return an operand or a constant, or ``None`` when it is not there."""
        return self.values.get(name)

    def terms(self, name: str) -> tuple[Term, ...]:
        """Return a list of operands."""
        terms: tuple[Term, ...] = self.values[name]
        return terms

    def static(self, name: str) -> Any:
        """Return a constant."""
        return self.values[name]


Meaning = Callable[[PlanBuilder, Arguments], Term | tuple[Term, ...]]

_SIGNATURES: dict[str, tuple[Signature, ...]] = {}


def operation(
    name: str, *signatures: str, around: Callable[[Meaning], Meaning] | None = None
) -> Callable[[Meaning], Meaning]:
    """Register the decorated function as the meaning of a graph operation with these signatures.

    It returns one term, or a tuple of them when the node defines several values. What is given as ``around`` makes of
    that meaning the one that is registered.
    """
    forms = tuple(map(_parse_signature, signatures))
    _SIGNATURES[name] = forms

    def register(meaning: Meaning) -> Meaning:
        whole = meaning if around is None else around(meaning)

        @rule(name)
        def apply(builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any]) -> tuple[Term, ...]:
            for form in forms:
                values = form.bind(terms, attributes)
                if values is not None:
                    results = whole(builder, Arguments(values))
                    return results if isinstance(results, tuple) else (results,)
            raise GraphError(misfit(name, f"{len(terms)} operands and {sorted(attributes) or 'no'} attributes"))

        return meaning

    return register


def signatures_of(name: str) -> tuple[Signature, ...]:
    """Return the forms of an operation; none when it is not of this kind."""
    return _SIGNATURES.get(name, ())


def misfit(name: str, given: str) -> str:
    """Return the message for operands that fit no form of an operation."""
    forms = " or ".join(f"({form.text.replace(' ', ', ')})" for form in _SIGNATURES[name])
    return f"{name} takes {forms}, and was given {given}"


def _parse_signature(text: str) -> Signature:
    return Signature(text.replace(".", "").replace("?", "=None"), tuple(map(_parse_parameter, text.split())))


def _parse_parameter(word: str) -> Parameter:
    name, equals, default = word.partition("=")
    static, variadic, optional = name.startswith("."), name.startswith("*"), name.endswith("?")
    value = None if optional else _REQUIRED
    if equals:
        value = _DEFAULTS[default] if default in _DEFAULTS else float(default) if "." in default else int(default)
    return Parameter(name.strip(".*?"), static, variadic, value)
