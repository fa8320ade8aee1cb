"""What a fused function tells of its last call."""

from __future__ import annotations

from fuser_core.records import frozen

__all__ = ["LastRun"]


@frozen
class LastRun:
    """What happened in the last call of a fused function.

    Attributes:
        backend: Names of the backends that ran, joined by ``" + "``; ``"python"`` when the function itself was called.
        reason: Why these and no other.
        cache: ``"compiled"`` when a kernel was made for this call, ``"disk"`` when an earlier process had made it,
            ``"hit"`` when there was one, ``"none"`` when the function itself was called.
        direct: Whether a backend served the call by itself, without Python.
    """

    backend: str
    reason: str
    cache: str
    direct: bool = False
