"""All workloads, by theme; the import is the registration."""

from importlib.util import find_spec

from fuser_core.bench.workload import WORKLOADS, Workload
from fuser_core.bench.workloads import (  # noqa: F401
    activations,
    elementwise,
    expressions,
    images,
    optimisers,
    real,
    reductions,
    science,
    seawater,
    shape_matrix,
    statistics,
    stencils,
)

__all__ = ["DEFAULT", "GROUPS", "WORKLOADS", "Workload"]

GROUPS = tuple(dict.fromkeys(each.group for each in WORKLOADS.values()))
"""The groups that there are."""

DEFAULT = tuple(
    name
    for name, each in WORKLOADS.items()
    if each.group != "shapes" and (each.needs is None or find_spec(each.needs) is not None)
)
"""The names of what is measured where nothing is named: all but the family of shapes, whose data are here."""
