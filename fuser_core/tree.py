"""Trees: nested tuples, lists and dicts as a flat list of leaves and a hashable structure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["LEAF", "flatten", "paths", "unflatten"]

LEAF = "*"
"""The structure of anything that is no container."""


def _never(_: Any) -> bool:
    return False


def flatten(tree: Any, leaves: list[Any], is_leaf: Callable[[Any], bool] = _never) -> Any:
    """Append the leaves of a tree to a list and return the tree's structure.

    Containers are tuples (named ones too), and lists and dicts of exactly these types; everything else is a leaf,
    and so is a container inside the tree for which ``is_leaf`` is true.
    """
    kind = type(tree)
    if kind is dict:
        return (kind, tuple(tree), *_flatten_items(tree.values(), leaves, is_leaf))
    if kind is list or isinstance(tree, tuple):
        return (kind, *_flatten_items(tree, leaves, is_leaf))
    leaves.append(tree)
    return LEAF


def _flatten_items(items: Iterable[Any], leaves: list[Any], is_leaf: Callable[[Any], bool]) -> list[Any]:
    structure = []
    for item in items:
        if isinstance(item, tuple | list | dict) and not is_leaf(item):
            structure.append(flatten(item, leaves, is_leaf))
        else:  # by far the most frequent case, so it costs no call
            leaves.append(item)
            structure.append(LEAF)
    return structure


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


def paths(structure: Any, name: str) -> list[str]:
    """Return an expression for each leaf of a tree that is called ``name``: ``pair[0]``, ``state['mean']``."""
    if structure is LEAF:
        return [name]
    kind, *items = structure
    keys, items = (items[0], items[1:]) if kind is dict else (range(len(items)), items)
    return [path for key, item in zip(keys, items, strict=True) for path in paths(item, f"{name}[{key!r}]")]
