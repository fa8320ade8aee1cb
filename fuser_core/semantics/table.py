"""The table of rules: what each graph operation means.

A rule turns one node into typed steps. It gets the builder, the node's operands and its attributes, and returns one
term per output of the node. Semantics ride on the name: ``np::divide`` and ``aten::div`` are different rules that
emit the same neutral operations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from fuser_core.errors import GraphError
from fuser_core.semantics.builder import PlanBuilder, Term

__all__ = ["Rule", "is_known", "names", "require_arity", "require_attributes", "rule", "rule_of"]


class Rule(Protocol):
    """The meaning of one graph operation."""

    def __call__(
        self, builder: PlanBuilder, terms: Sequence[Term], attributes: Mapping[str, Any], /
    ) -> tuple[Term, ...]: ...


_RULES: dict[str, Rule] = {}


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register the decorated function as the meaning of ``name``."""

    def register(function: Rule) -> Rule:
        assert name not in _RULES, f"{name} has a rule already"
        _RULES[name] = function
        return function

    return register


def is_known(name: str) -> bool:
    """Say whether a graph operation has a meaning."""
    if name not in _RULES:
        _load_calls()
    if name not in _RULES and not name.startswith("np::"):
        _load_all()
    return name in _RULES


def rule_of(name: str) -> Rule:
    """Return the rule of a graph operation.

    Raises:
        GraphError: There is none.
    """
    if not is_known(name):
        raise GraphError(
            f"{name} is not an operation that fuser_core knows; it knows {len(_RULES)}, listed by "
            "fuser_core.semantics.names()"
        )
    return _RULES[name]


def require_arity(name: str, terms: Sequence[Term], count: int) -> None:
    """Check the number of a node's operands.

    Raises:
        GraphError: It is another.
    """
    if len(terms) != count:
        raise GraphError(f"{name} takes {count} operands and got {len(terms)}; correct the node")


def require_attributes(name: str, attributes: Mapping[str, Any], known: Collection[str]) -> None:
    """Check that a node has no attribute that its operation does not know.

    Raises:
        GraphError: It has.
    """
    unknown = sorted(set(attributes) - set(known))
    if unknown:
        raise GraphError(f"{name} has no attribute {unknown[0]!r}; it knows {', '.join(known) or 'none'}")


def names() -> list[str]:
    """Return the names of all graph operations, sorted."""
    _load_all()
    return sorted(_RULES)


def _load_all() -> None:
    """Register PyTorch's and SciPy's names too, which take time to import and which most functions do not need."""
    from fuser_core.semantics import aten, special  # noqa: F401  the import is the registration

    _load_calls()


def _load_calls() -> None:
    """Register what no kernel holds, and what is seldom used."""
    from fuser_core.semantics import average, broadcasting, creation, library, reshaping  # noqa: F401  as above
