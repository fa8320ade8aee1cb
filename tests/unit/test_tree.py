"""Trees: containers flattened and rebuilt."""

from collections import OrderedDict
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from fuser_core.tree import LEAF, flatten, unflatten


class Pair(NamedTuple):
    low: object
    high: object


_leaf = st.integers() | st.text(max_size=2) | st.none()
_tree = st.recursive(
    _leaf,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=12,
)


@given(_tree)
def test_a_tree_comes_back(tree):
    leaves = []
    structure = flatten(tree, leaves)
    hash(structure)
    rebuilt = unflatten(structure, iter(leaves))
    assert rebuilt == tree
    assert repr(rebuilt) == repr(tree)


@given(_tree, _tree)
def test_equal_structures_take_each_other_s_leaves(left, right):
    first, second = [], []
    if flatten(left, first) == flatten(right, second):
        assert len(first) == len(second)


def test_subclasses_and_other_objects_are_leaves():
    for thing in (OrderedDict(a=1), {1}, "text", range(3), type("L", (list,), {})([1])):
        leaves = []
        assert flatten(thing, leaves) is LEAF
        assert leaves == [thing]


def test_the_kind_of_a_container_is_part_of_its_structure():
    structures = {flatten(tree, []) for tree in ((1, 2), [1, 2], Pair(1, 2), {"a": 1, "b": 2}, {"b": 1, "a": 2})}
    assert len(structures) == 5
