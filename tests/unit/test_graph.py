"""The graph: its text, its canonical form, and what makes one malformed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import Graph, GraphError, register_fusion, run_fusion
from fuser_core.graph import CONSTANT, GraphBuilder, Node


def _graph(names=(0, 1, 2, 3)):
    x, y, product, total = names
    nodes = (Node("np::multiply", (x, y), (product,)), Node("np::add", (product, x), (total,)))
    return Graph((x, y), nodes, (total, product))


def test_the_text():
    assert str(_graph()) == ("graph(%0, %1):\n  %2 = np::multiply(%0, %1)\n  %3 = np::add(%2, %0)\n  return (%3, %2)")


def test_attributes_are_sorted_in_the_text():
    node = Node("np::sum", (0,), (1,), {"keepdims": True, "axis": (0, 1)})
    assert str(node) == "%1 = np::sum[axis=(0, 1), keepdims=True](%0)"


@given(st.permutations(range(40)))
def test_alpha_equivalent_graphs_are_one(names):
    renamed = _graph(names[:4])
    assert renamed.canonical() == _graph()
    assert str(renamed.canonical()) == str(_graph())
    assert renamed.canonical().cache_key == _graph().cache_key
    assert register_fusion(renamed) == register_fusion(_graph())


def test_what_is_different_has_another_key():
    x, y = 0, 1
    graphs = [
        Graph((x, y), (Node("np::subtract", (x, y), (2,)),), (2,)),
        Graph((x, y), (Node("np::subtract", (y, x), (2,)),), (2,)),
        Graph((x, y), (Node("np::subtract", (x, x), (2,)),), (2,)),
        Graph((x, y), (Node("np::subtract", (x, y), (2,)),), (2, 2)),
        Graph((x, y), (Node("np::subtract", (x, y), (2,), {"dtype": np.dtype("f4")}),), (2,)),
    ]
    assert len(set(map(register_fusion, graphs))) == len(graphs)


@pytest.mark.parametrize(
    "values", [(0.0, -0.0), (1, 1.0), (1, True), (0.1, np.float32(0.1)), (2, np.int8(2)), (1.0, 1 + 0j)]
)
def test_constants_differ_by_bits_and_type(values):
    keys = set()
    for value in values:
        builder = GraphBuilder(1)
        keys.add(register_fusion(builder.build(builder.add("np::add", (0, builder.constant(value))).outputs)))
    assert len(keys) == 2


def test_nan_is_one_constant():
    def graph():
        builder = GraphBuilder(1)
        return builder.build(builder.add("np::add", (0, builder.constant(float("nan")))).outputs)

    assert register_fusion(graph()) == register_fusion(graph())


def test_canonical_form_is_stable():
    assert _graph().canonical().canonical() == _graph().canonical()


def test_inputs_added_late_come_first():
    builder = GraphBuilder(1)
    node = builder.add("np::negative", (0,))
    late = builder.input()
    graph = builder.build(builder.add("np::add", (*node.outputs, late)).outputs)
    assert str(graph).splitlines()[0] == "graph(%0, %1):"
    assert graph.nodes[-1].inputs == (2, 1)


@pytest.mark.parametrize(
    ("nodes", "outputs", "where"),
    [
        ((Node("np::add", (0, 7), (1,)),), (1,), r"`%1 = np::add\(%0, %7\)`"),
        ((Node("np::add", (0, 1), (1,)),), (1,), r"`%1 = np::add\(%0, %1\)`"),
        ((), (3,), "`return`"),
    ],
)
def test_undefined_values_are_told(nodes, outputs, where):
    with pytest.raises(
        GraphError, match=rf"%\d is used before it is defined, in {where}; define each value before its use"
    ):
        Graph((0,), nodes, outputs)


def test_a_value_is_defined_once():
    with pytest.raises(GraphError, match="%0"):
        Graph((0,), (Node("np::add", (0, 0), (0,)),), (0,))
    with pytest.raises(GraphError, match="%0"):
        Graph((0, 0), (), (0,))


def test_an_unknown_operation_is_told():
    graph = Graph((0,), (Node("np::ad", (0,), (1,)),), (1,))
    with pytest.raises(GraphError, match=r"np::ad is not an operation that fuser_core knows; it knows \d+, listed by"):
        run_fusion(register_fusion(graph), [np.ones(3)])


@pytest.mark.parametrize(
    "node",
    [
        Node("np::add", (0,), (1,)),
        Node("np::add", (0, 0, 0), (1,)),
        Node("np::sqrt", (0,), (1, 2)),
        Node("np::divmod", (0, 0), (1,)),
        Node("np::sum", (0, 0), (1,)),
        Node("np::where", (0,), (1,)),
    ],
    ids=str,
)
def test_a_wrong_number_of_operands_or_results_is_told(node):
    with pytest.raises(GraphError, match=node.op):
        run_fusion(register_fusion(Graph((0,), (node,), (1,))), [np.ones(3)])


def test_a_constant_has_no_operands():
    builder = GraphBuilder()
    constant = builder.constant(2.5)
    graph = builder.build([constant])
    assert graph.nodes[0].op == CONSTANT
    assert str(graph) == "graph():\n  %0 = prim::Constant[value=2.5]()\n  return (%0)"
    stack = ["below"]
    run_fusion(register_fusion(graph), stack)
    assert stack == ["below", 2.5]
