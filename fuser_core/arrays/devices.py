"""Devices of CUDA, and what all libraries on them share."""

from __future__ import annotations

import functools

from fuser_core.backend import Device

__all__ = ["LEGACY_STREAM", "cuda", "stream_handle"]

LEGACY_STREAM = 1
"""CUDA's name for its default stream (``CU_STREAM_LEGACY``): 0 stands for different streams in different libraries."""


@functools.cache
def cuda(index: int) -> Device:
    """Return a CUDA device by its number."""
    return Device("cuda", index)


def stream_handle(handle: int) -> int:
    """Return a stream as descriptors carry it: never 0."""
    return handle or LEGACY_STREAM
