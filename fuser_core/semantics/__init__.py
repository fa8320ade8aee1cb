"""What the operations of a graph mean, in typed steps: one module per family, one table for all.

The tracer and the specialiser read the same rules, so a traced array knows its dtype and rank from the very code
that types the plan.
"""

from fuser_core.semantics import clip, host, joins, reductions, ufuncs, views
from fuser_core.semantics.builder import PlanBuilder, Term
from fuser_core.semantics.table import is_known, names, rule_of

__all__ = [
    "PlanBuilder",
    "Term",
    "clip",
    "host",
    "is_known",
    "joins",
    "names",
    "reductions",
    "rule_of",
    "ufuncs",
    "views",
]
