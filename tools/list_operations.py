"""Writes docs/operations.md: what each operation is, which names mean it, and which backend holds it in which dtypes.

Nothing in it is typed by hand: rules are applied to trial operands, and backends are asked. Run it from a checkout in
which all backends are installed: ``python tools/list_operations.py``.
"""

from __future__ import annotations

import itertools
import textwrap
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fuser_core.backend import ENTRY_POINT_GROUP, Accept, Device, Elementwise, GroupStep, Reduce
from fuser_core.discovery import registry
from fuser_core.errors import FuserError
from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.plan import Opaque
from fuser_core.plugin import Plugin
from fuser_core.semantics import PlanBuilder, names, rule_of
from fuser_core.semantics.aten.signatures import signatures_of
from fuser_core.testing.values import DTYPES

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "operations.md"
DEVICES = (Device("cpu"), Device("cuda"))
ATTRIBUTES: tuple[dict[str, Any], ...] = ({}, {"dtype": np.dtype(np.float32)}, {"bounds": ("low", "high")})
"""What a trial may give a rule that asks for more than operands."""

INTRODUCTION = """
    A typed plan speaks of these operations only. The names of a graph (`np::add`, `aten::add`) become them by rules
    that make every dtype and cast explicit; some names mean one thing for floats and another for integers. This page
    is written by `tools/list_operations.py`, which asks the rules and the backends; a test keeps it current.

    An *exact* operation agrees with NumPy to the bit, on real numbers; the others within 4 units in the last place.
    Of complex numbers, sums, differences, comparisons and selections agree to the bit, and all else norm-wise: within
    4 units in the last place of the result's absolute value.

    A backend's column has the dtypes of operands for which it holds every step of the operation, conversions
    included; `int`, `uint`, `float` and `complex` stand for all of a kind. NumPy computes the square root of int8 in
    float16, so a backend without half precision does not hold that. What a compiler does not hold runs through the
    fallback, within the same call, and `explain` says so.
"""


def trials(name: str, dtype: np.dtype[Any]) -> Iterator[list[GroupStep]]:
    """Yield what a graph operation becomes with operands of a dtype, in each form that its rule takes."""
    for count, attributes in _forms(name):
        # The second operand of a few is an integer whatever the first one is.
        for other in dict.fromkeys((dtype, np.dtype(np.int32))):
            builder = PlanBuilder({})
            terms = [builder.value(item, (3,)) for item in [dtype, *[other] * count][:count]]
            try:
                with warnings.catch_warnings(action="ignore"):
                    rule_of(name)(builder, terms, attributes)
            except (FuserError, TypeError, LookupError, ValueError, AttributeError, AssertionError):
                continue  # the rule takes no such operands
            if not any(isinstance(step, Opaque) for step in builder.steps):
                yield [step for step in builder.steps if isinstance(step, Elementwise | Reduce)]


def _forms(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield numbers of operands, and attributes, that a rule may take; the fewest first."""
    for form in signatures_of(name):
        attributes = {item.name: 0 for item in form.parameters if item.static and item.required}
        operands = [item for item in form.parameters if not item.static]
        yield sum(item.required or item.variadic for item in operands), attributes
        yield len(operands), attributes
    if not signatures_of(name):
        yield from itertools.product((1, 2, 3), ATTRIBUTES)


def meanings(name: str) -> list[tuple[str, ...]]:
    """Return what a graph operation becomes with operands of several dtypes, conversions left out."""
    found: list[tuple[str, ...]] = []
    for dtype in map(np.dtype, ("f8", "i8", "?", "c16")):
        for steps in trials(name, dtype):
            ops = tuple(dict.fromkeys(step.op for step in steps))
            if ops:
                found.append(tuple(op for op in ops if op != "cast") or ops)
                break
    return found


def held(plugin: Plugin, op: str) -> list[np.dtype[Any]]:
    """Return the dtypes of operands for which a backend holds an operation."""
    if op == "cast":
        own = [dtype for dtype in DTYPES if _accepts(plugin, [_cast(dtype, dtype)])]
        return [one for one in own if all(_accepts(plugin, [_cast(one, other), _cast(other, one)]) for other in own)]
    own = [f"{space}::{op}" for space in ("np", "scipy") if f"{space}::{op}" in names()]
    name = own[0] if own else next(name for name in names() if any(op in found for found in meanings(name)))
    steps = {dtype: next(trials(name, dtype), None) for dtype in DTYPES}
    return [dtype for dtype, needed in steps.items() if needed is not None and _accepts(plugin, needed)]


def _cast(source: np.dtype[Any], target: np.dtype[Any]) -> GroupStep:
    builder = PlanBuilder({})
    builder.cast(builder.value(source, (3,)), target)
    (step,) = builder.steps
    assert isinstance(step, Elementwise)
    return step


def _accepts(plugin: Plugin, steps: Sequence[GroupStep]) -> bool:
    return any(all(isinstance(plugin.supports(step, device), Accept) for step in steps) for device in DEVICES)


def words(dtypes: Iterable[np.dtype[Any]]) -> str:
    """Return dtypes in a few words: whole kinds by the name of the kind."""
    rest = list(dtypes)
    if rest == list(DTYPES):
        return "all"
    parts: list[str] = []
    for kind, word in (("b", "bool"), ("i", "int"), ("u", "uint"), ("f", "float"), ("c", "complex")):
        every = [dtype for dtype in DTYPES if dtype.kind == kind]
        own = [dtype for dtype in rest if dtype.kind == kind]
        parts += [word] if own == every else map(str, own)
    return ", ".join(parts) or "none"


def plugins() -> list[Plugin]:
    """Return the plugins of this repository, the fallback first."""
    own: set[str] = set()
    for path in ROOT.glob("backends/*/pyproject.toml"):
        own |= tomllib.loads(path.read_text())["project"]["entry-points"][ENTRY_POINT_GROUP].keys()
    found = [record.plugin for record in registry.records() if record.name in own and record.plugin is not None]
    assert len(found) == len(own), f"install all backends first; found {found} of {sorted(own)}"
    return sorted(found, key=lambda plugin: (plugin.priority, plugin.name))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))


def code(items: Iterable[str]) -> str:
    """Return names as code."""
    return ", ".join(f"`{item}`" for item in items)


def render() -> str:
    """Return the page."""
    meant = {name: meanings(name) for name in names()}
    backends = plugins()

    def row(op: str, *facts: str, exact: bool) -> list[str]:
        same = code(name for name, found in meant.items() if (op,) in found)
        return [f"`{op}`", *facts, "yes" if exact else "", *[words(held(plugin, op)) for plugin in backends], same]

    columns = ["exact", *[plugin.name for plugin in backends], "names"]
    elementwise = [
        row(name, str(op.arity), str(op.outputs), exact=op.exact) for name, op in sorted(ELEMENTWISE.items())
    ]
    reductions = [row(name, exact=op.exact) for name, op in sorted(REDUCTIONS.items())]
    formulas = [[f"`{name}`", code(found[0])] for name, found in meant.items() if found and len(found[0]) > 1]
    others = textwrap.fill(code(name for name, found in meant.items() if not found), 120, break_on_hyphens=False)
    sections = (
        "# Operations",
        textwrap.dedent(INTRODUCTION).strip(),
        "## Elementwise",
        table(["operation", "operands", "results", *columns], elementwise),
        "## Reductions",
        table(["operation", *columns], reductions),
        "## Formulas",
        "These names become several operations, here of float64 operands where there are such.",
        table(["name", "operations"], formulas),
        "## Everything else",
        "Views, shapes, Python numbers, and calls that run between kernels.",
        others,
    )
    return "\n\n".join(sections) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render())
    print(TARGET.relative_to(ROOT))
