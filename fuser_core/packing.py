"""Packing: launches of kernels that take contiguous arrays only, with whatever lies otherwise copied by the core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuser_core.arrays import NUMPY
from fuser_core.backend import ArrayDesc, Decline, FusedKernel

__all__ = ["packed"]

_Launch = Callable[[FusedKernel, Sequence[ArrayDesc], Sequence[ArrayDesc], int], Decline | None]


def packed(launch: _Launch) -> _Launch:
    """Return a launch that gives contiguous arrays to one that takes no others.

    What lies contiguously is passed as it is, so an output may still be the very memory of an input.
    """

    def launch_packed(
        kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        sources = [desc if _fits(desc) else NUMPY.describe(np.array(desc.array, order="C")) for desc in inputs]
        targets = [
            desc if _fits(desc) else NUMPY.describe(NUMPY.allocate(desc.shape, desc.dtype, None)) for desc in outputs
        ]
        declined = launch(kernel, sources, targets, threads)
        if declined is None:
            for desc, target in zip(outputs, targets, strict=True):
                if target is not desc:
                    np.copyto(desc.array, target.array)
        return declined

    return launch_packed


def _fits(desc: ArrayDesc) -> bool:
    flags: Any = desc.array.flags
    return bool(flags.c_contiguous and flags.aligned)
