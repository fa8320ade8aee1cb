"""Workloads of training: a step of an optimiser, which returns the parameters and what it keeps of the past."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import vectors, workload

__all__: list[str] = []


@workload(vectors(4, "f4"), "memory", None, 1e-5)
def adam_step(p: Any, g: Any, m: Any, v: Any) -> Any:
    """A step of Adam (Kingma and Ba, 2015), of the parameters alone, without correction of the bias."""
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return p - 0.001 * m / (np.sqrt(v) + 1e-8)


@workload(vectors(4, "f4"), "memory", None, 1e-5)
def adam_states_single(p: Any, g: Any, m: Any, v: Any) -> Any:
    """A step of Adam (Kingma and Ba, 2015, algorithm 1, step 10) that returns parameters and both moments."""
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return p - 0.001 * (m / (1 - 0.9**10)) / (np.sqrt(v / (1 - 0.999**10)) + 1e-8), m, v


@workload(vectors(3, "f4"), "memory", None, 1e-5)
def momentum_single(p: Any, g: Any, v: Any) -> Any:
    """A step of gradient descent with momentum (Sutskever et al., 2013)."""
    v = 0.9 * v + g
    return p - 0.01 * v, v


@workload(vectors(3, "f4"), "memory", None, 1e-5)
def rmsprop_single(p: Any, g: Any, s: Any) -> Any:
    """A step of RMSprop (Tieleman and Hinton, 2012)."""
    s = 0.99 * s + 0.01 * g * g
    return p - 0.01 * g / (np.sqrt(s) + 1e-8), s
