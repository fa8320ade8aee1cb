"""Workloads of images: bytes, channels and colours."""

from __future__ import annotations

from typing import Any

import numpy as np

from fuser_core.bench.workload import bytes_of_images, squares, vectors, workload

__all__: list[str] = []


@workload(bytes_of_images, "memory")
def blend(a: Any, b: Any) -> Any:
    """The mean of two images, byte by byte, without overflow."""
    return (a >> 1) + (b >> 1)


@workload(vectors(3, "f4"), "memory", "0.2126*a + 0.7152*b + 0.0722*c", 1e-5)
def luma_single(red: Any, green: Any, blue: Any) -> Any:
    """The luma of a pixel (ITU-R BT.709)."""
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@workload(vectors(1, "f4"), "arithmetic", None, 1e-4)
def srgb_single(x: Any) -> Any:
    """From linear light to sRGB (IEC 61966-2-1)."""
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


@workload(squares(1, "f4"), "memory", None, 1e-4, "stencil")
def sobel_single(x: Any) -> Any:
    """The magnitude of the gradient by Sobel's operator (Sobel and Feldman, 1968)."""
    across = x[:-2, 2:] - x[:-2, :-2] + 2 * (x[1:-1, 2:] - x[1:-1, :-2]) + x[2:, 2:] - x[2:, :-2]
    down = x[2:, :-2] - x[:-2, :-2] + 2 * (x[2:, 1:-1] - x[:-2, 1:-1]) + x[2:, 2:] - x[:-2, 2:]
    return np.sqrt(across * across + down * down)


@workload(squares(2, "f4"), "reduction", None, 1e-4)
def signal_to_noise_single(x: Any, y: Any) -> Any:
    """The peak signal-to-noise ratio of each row, in decibels."""
    return -10 / 2.302585092994046 * np.log(np.mean((x - y) * (x - y), 1))
