"""The array API's extension for linear algebra: NumPy's functions, which are called between kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["NAMES"]

NAMES = frozenset(
    """
    cholesky cross det diagonal eig eigh eigvals eigvalsh inv matmul matrix_norm matrix_power matrix_rank
    matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm
    """.split()
)


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return getattr(np.linalg, name)
    raise AttributeError(f"the array API's linalg has no {name!r}; numpy.linalg takes traced arrays too")


def __dir__() -> list[str]:
    return sorted(NAMES)
