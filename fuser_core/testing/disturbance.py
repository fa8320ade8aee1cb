"""The disturbed oracle: an observer that moves what it sees within what the contract allows.

What may be moved, and by how much, is said in `fuser_core.disturbance`. Each element of a result has an error of its
own, since operations of a graph may combine different elements of one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fuser_core.disturbance import Disturbance
from fuser_core.disturbance import is_rounded as is_rounded_by_name
from fuser_core.graph import Node

__all__ = ["RandomDisturbance", "is_rounded"]


def is_rounded(node: Node, operands: Sequence[Any], results: Sequence[Any]) -> bool:
    """Say whether backends may round the results of an operation in their own way."""
    namespace, _, name = node.op.partition("::")
    return namespace == "np" and is_rounded_by_name(name, operands, results)


class RandomDisturbance:
    """An observer of the oracle."""

    def __init__(self, run: int) -> None:
        """Prepare evaluation number ``run``: 0 moves everything up, 1 down, the others at random."""
        rng = np.random.default_rng(run)
        self._disturbance = Disturbance(lambda shape: 1 - 2 * run if run < 2 else rng.choice([-1, 1], shape))

    @property
    def moved(self) -> bool:
        """Whether anything was moved."""
        return self._disturbance.moved

    def __call__(self, node: Node, operands: Sequence[Any], results: tuple[Any, ...]) -> tuple[Any, ...]:
        namespace, _, name = node.op.partition("::")
        if namespace != "np":
            return results
        axis, keepdims = node.attributes.get("axis"), node.attributes.get("keepdims", False)
        return self._disturbance.move(name, operands, results, axis, keepdims=keepdims)
