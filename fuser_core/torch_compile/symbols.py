"""Sizes in graphs of PyTorch: integers, or symbols of which an example is known."""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["NUMBERS", "example", "is_number", "is_same", "shape_example"]

NUMBERS = {torch.SymInt: int, torch.SymFloat: float, torch.SymBool: bool, int: int, float: float, bool: bool}
"""Types of numbers that a graph computes, and what they are at run time."""


def is_number(value: object) -> bool:
    """Say whether what a node computes is a number."""
    return type(value) in NUMBERS


def example(number: Any) -> Any:
    """Return the value that a number has in the call at hand; ``None`` where only data would tell."""
    return number if isinstance(number, int | float) else number.node.hint


def shape_example(tensor: torch.Tensor) -> tuple[int, ...] | None:
    """Return the sizes of a tensor in the call at hand."""
    sizes = tuple(map(example, tensor.shape))
    return None if None in sizes else sizes


def is_same(left: Any, right: Any) -> bool:
    """Say whether two sizes are equal in every call."""
    if isinstance(left, int) or isinstance(right, int):
        return type(left) is type(right) and bool(left == right)
    return bool(left.node.expr == right.node.expr)
