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
        seconds: From the arguments to the result; ``None`` where nobody takes the time: for a direct call, and on a
            device for one that was prepared.
        preparation: How much of that went into tracing, planning and making kernels ready; 0 for a hit.
    """

    backend: str
    reason: str
    cache: str
    direct: bool = False
    seconds: float | None = None
    preparation: float = 0.0

    def __str__(self) -> str:
        """Return one line for people: what served the call, where the kernels came from, and the time."""
        if self.direct:
            return f"{self.backend}, direct"
        origin = {"compiled": "a miss, compiled", "disk": "a miss, from the disk cache", "none": "not fused"}
        words = f"{self.backend}, {origin.get(self.cache, self.cache)}"
        if self.seconds is None:
            return words
        times = f"{words}, {self.seconds * 1e3:.3f} ms"
        return f"{times}, of which {self.preparation * 1e3:.3f} to prepare" if self.preparation else times
