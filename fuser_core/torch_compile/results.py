"""Results of groups lie in memory as PyTorch expects, since its own operators go on from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from fuser_core.torch_compile.symbols import example

__all__ = ["Expected", "shares"]


class Expected:
    """How one result lies in memory: dense, its axes in an order that does not change."""

    def __init__(self, value: torch.Tensor) -> None:
        self.dtype = value.dtype
        steps = list(map(example, value.stride()))
        self._order = sorted(range(value.ndim), key=lambda axis: (-steps[axis], -example(value.shape[axis])))
        written = all(type(each) is int for each in (*value.shape, *value.stride()))
        self._steps = tuple(steps) if written else None

    def strides(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Return the strides, in elements, of a result of this shape."""
        if self._steps is not None:
            return self._steps
        steps, step = [0] * len(shape), 1
        for axis in reversed(self._order):
            steps[axis] = step
            step *= max(shape[axis], 1)
        return tuple(steps)

    def correction(self, result: torch.Tensor, shared: bool) -> Callable[[torch.Tensor], torch.Tensor] | None:
        """Return what makes results laid out like this one lie as expected; ``None`` where they do.

        Args:
            result: Of a call.
            shared: Whether it lies in memory of something else.
        """
        shape, steps = tuple(result.shape), self.strides(result.shape)
        if result.stride() == steps and not shared:
            return None
        pairs = zip(shape, steps, result.stride(), strict=True)
        if not shared and all(own == step or size == 1 for size, step, own in pairs):
            return lambda tensor: tensor.as_strided(shape, steps)
        return lambda tensor: torch.empty_strided(shape, steps, dtype=tensor.dtype, device=tensor.device).copy_(tensor)


def shares(result: Any, others: Sequence[Any]) -> bool:
    """Say whether a tensor lies in the storage of another."""
    own = result.untyped_storage().data_ptr()
    return bool(own) and any(own == other.untyped_storage().data_ptr() for other in others)
