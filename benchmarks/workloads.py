"""All workloads."""

import elementwise  # noqa: F401  the import is the registration
import reductions  # noqa: F401
from workload import WORKLOADS, Workload

__all__ = ["WORKLOADS", "Workload"]
