"""Workloads of neural networks: what becomes of a layer's results, in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import vectors, workload

__all__: list[str] = []


@workload(vectors(1, "f4", -4, 4), "arithmetic", "0.5*a*(1+tanh(0.7978845608*(a+0.044715*a*a*a)))", 1e-4)
def gelu_single(x: Any) -> Any:
    """GELU (Hendrycks and Gimpel, 2016), by tanh."""
    return 0.5 * x * (1.0 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))


@workload(vectors(1, "f4", -4, 4), "arithmetic", "a / (1 + exp(-a))", 1e-5)
def silu_single(x: Any) -> Any:
    """SiLU (Elfwing et al., 2018)."""
    return x / (1.0 + np.exp(-x))


@workload(vectors(5, "f4", -3, 3), "arithmetic", None, 1e-4)
def lstm_gates(i: Any, f: Any, g: Any, o: Any, c: Any) -> Any:
    """The gates of a long short-term memory (Gers et al., 2000)."""
    one = 1.0
    cell = c / (one + np.exp(-f)) + np.tanh(g) / (one + np.exp(-i))
    return np.tanh(cell) / (one + np.exp(-o))


@workload(vectors(1, "f4", -4, 4), "arithmetic", None, 1e-4)
def mish_single(x: Any) -> Any:
    """Mish (Misra, 2019)."""
    return x * np.tanh(np.log1p(np.exp(x)))


@workload(vectors(1, "f4", -4, 4), "memory", None, 1e-5)
def hard_swish_single(x: Any) -> Any:
    """Hard swish (Howard et al., 2019)."""
    return x * np.minimum(np.maximum(x + 3, 0), 6) / 6


@workload(vectors(1, "f4", -4, 4), "arithmetic", None, 1e-4)
def elu_single(x: Any) -> Any:
    """The exponential linear unit (Clevert et al., 2015)."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


@workload(vectors(1, "f4", -4, 4), "arithmetic", None, 1e-4)
def softplus_single(x: Any) -> Any:
    """Softplus (Dugas et al., 2000), in the form that does not overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@workload(vectors(1, "f4", -4, 4), "memory", None, 1e-5)
def leaky_relu_single(x: Any) -> Any:
    """The leaky rectifier (Maas et al., 2013)."""
    return np.where(x > 0, x, x * 0.01)


@workload(vectors(2, "f4", -4, 4), "arithmetic", None, 1e-4)
def swiglu_single(x: Any, gate: Any) -> Any:
    """SwiGLU (Shazeer, 2020), after its matrix products."""
    return x * gate / (1 + np.exp(-gate))
