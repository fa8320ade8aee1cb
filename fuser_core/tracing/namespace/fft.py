"""The array API's extension for Fourier transforms: NumPy's functions, which are called between kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.tracing.namespace.creation import asarray

__all__ = ["NAMES", "fftfreq", "rfftfreq"]

NAMES = frozenset("fft fftn fftshift hfft ifft ifftn ifftshift ihfft irfft irfftn rfft rfftn".split())


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    """Return the frequencies of a transform of ``n`` points."""
    return asarray(np.fft.fftfreq(n, d), dtype=dtype, device=device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    """Return the frequencies of a transform of ``n`` real points."""
    return asarray(np.fft.rfftfreq(n, d), dtype=dtype, device=device)


def __getattr__(name: str) -> Any:
    if name in NAMES:
        return getattr(np.fft, name)
    raise AttributeError(f"the array API's fft has no {name!r}; numpy.fft takes traced arrays too")


def __dir__() -> list[str]:
    return sorted({*NAMES, "fftfreq", "rfftfreq"})
