"""Trees: nested tuples, lists and dicts as a flat list of leaves and a hashable structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["LEAF", "flatten", "unflatten"]

LEAF = "*"
"""The structure of anything that is no container."""


def flatten(tree: Any, leaves: list[Any]) -> Any:
    """Append the leaves of a tree to a list and return the tree's structure.

    Containers are tuples (named ones too), lists and dicts, of exactly these types; everything else is a leaf.
    """
    kind = type(tree)
    if kind is tuple or kind is list or (isinstance(tree, tuple) and hasattr(kind, "_fields")):
        return (kind, *[flatten(item, leaves) for item in tree])
    if kind is dict:
        return (kind, tuple(tree), *[flatten(item, leaves) for item in tree.values()])
    leaves.append(tree)
    return LEAF


def unflatten(structure: Any, leaves: Iterator[Any]) -> Any:
    """Return the tree of a structure, with its leaves taken from an iterator."""
    if structure is LEAF:
        return next(leaves)
    kind, *items = structure
    if kind is dict:
        keys, *values = items
        return {key: unflatten(value, leaves) for key, value in zip(keys, values, strict=True)}
    parts = [unflatten(item, leaves) for item in items]
    if kind is tuple or kind is list:
        return kind(parts)
    return kind(*parts)
