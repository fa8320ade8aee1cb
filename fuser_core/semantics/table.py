"""The table of rules: what each graph operation means.

A rule turns one node into typed steps. It gets the builder, the node's operands and its attributes, and returns one
term per output of the node. Semantics ride on the name: ``np::divide`` and ``aten::div`` are different rules that
emit the same neutral operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from fuser_core.errors import GraphError
from fuser_core.semantics.builder import PlanBuilder, Term

__all__ = ["Rule", "names", "require_arity", "rule", "rule_of"]


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


def rule_of(name: str) -> Rule:
    """Return the rule of a graph operation.

    Raises:
        GraphError: There is none.
    """
    if name not in _RULES and name.startswith(("aten::", "prim::")):
        _load_aten()
    try:
        return _RULES[name]
    except KeyError:
        raise GraphError(
            f"{name} is not an operation that fuser_core knows; it knows {len(_RULES)}, listed by "
            "fuser_core.semantics.names()"
        ) from None


def require_arity(name: str, terms: Sequence[Term], count: int) -> None:
    """Check the number of a node's operands.

    Raises:
        GraphError: It is another.
    """
    if len(terms) != count:
        raise GraphError(f"{name} takes {count} operands and got {len(terms)}; correct the node")


def names() -> list[str]:
    """Return the names of all graph operations, sorted."""
    _load_aten()
    return sorted(_RULES)


def _load_aten() -> None:
    """Register the rules of PyTorch's names, which functions of NumPy's do not need: they take time to import."""
    from fuser_core.semantics import aten  # noqa: F401  its import is the registration
