"""All workloads, by theme; the import is the registration."""

from fuser_core.bench.workload import WORKLOADS, Workload
from fuser_core.bench.workloads import (  # noqa: F401
    activations,
    elementwise,
    expressions,
    images,
    optimisers,
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

DEFAULT = tuple(name for name, each in WORKLOADS.items() if each.group != "shapes")
"""The names of what is measured where nothing is named."""
