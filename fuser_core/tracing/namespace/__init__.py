"""The array API's namespace of traced arrays: what ``x.__array_namespace__()`` returns in a trace.

The standard's functions are NumPy's own wherever NumPy follows the standard: on traced arrays those are recorded. What
NumPy calls otherwise, or lacks, is in the modules here. A dtype is a `numpy.dtype`, a device what ``x.device`` says.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from fuser_core.tracing.namespace.standard import CONSTANTS, DTYPES, EXTENSIONS, FUNCTIONS, OWN

__all__ = ["namespace"]

__array_api_version__ = "2024.12"
_VERSIONS = frozenset({"2021.12", "2022.12", "2023.12", "2024.12", "2025.12"})


def namespace(api_version: str | None = None) -> Any:
    """Return this module, as `__array_namespace__` of an array does.

    Raises:
        ValueError: There is no such version of the standard.
    """
    if api_version is not None and api_version not in _VERSIONS:
        raise ValueError(
            f"traced arrays know the array API's versions {', '.join(sorted(_VERSIONS))}, not {api_version!r}; "
            "ask for one of them, or for none"
        )
    return import_module(__name__)


def __getattr__(name: str) -> Any:
    if name in OWN:
        return getattr(import_module(f"{__name__}.{OWN[name]}"), name)
    if name in EXTENSIONS:
        return import_module(f"{__name__}.{name}")
    if name in DTYPES:
        return np.dtype(name)
    if name in FUNCTIONS or name in CONSTANTS:
        return _of_numpy(name)
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise AttributeError(
        f"the array API standard has no {name!r}, and its namespace of a traced array neither; import NumPy and use "
        "its functions, which take traced arrays too"
    )


def __dir__() -> list[str]:
    return sorted({*OWN, *EXTENSIONS, *DTYPES, *FUNCTIONS, *CONSTANTS, "__array_api_version__"})


def _of_numpy(name: str) -> Any:
    if not hasattr(np, name):
        raise AttributeError(
            f"NumPy {np.__version__} has no {name!r}, and it makes a traced array's; use a newer NumPy"
        )
    return getattr(np, name)
