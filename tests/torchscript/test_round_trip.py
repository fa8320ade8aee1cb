"""``str(graph)`` and `parse_ir` are inverse to each other, for graphs of every namespace and every kind of value."""

import math

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuser_core import GraphError, parse_ir
from fuser_core.graph import CONSTANT, GraphBuilder

NUMBERS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.floats(width=32).map(np.float32),
    st.floats(width=16).map(np.float16),
    st.floats().map(np.float64),
    st.complex_numbers(width=64).map(np.complex64),
    st.integers(-128, 127).map(np.int8),
    st.integers(0, 2**64 - 1).map(np.uint64),
    st.booleans().map(np.bool_),
)
SMALL = st.one_of(st.none(), st.integers(-5, 5))
LEAVES = st.one_of(
    NUMBERS,
    st.none(),
    st.text(max_size=5),
    st.sampled_from([int, float, bool, complex, Ellipsis]),
    st.sampled_from(["?", "b", "u2", ">i4", "<f8", "f2", "c16"]).map(np.dtype),
    st.builds(slice, SMALL, SMALL, SMALL),
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2).map(tuple), max_leaves=3)
TYPES = st.sampled_from([int, float, bool, complex])
ITEMS = st.one_of(SMALL, st.builds(slice, SMALL, SMALL, st.sampled_from([None, 1, -2])))
ATTRIBUTES = {"np::getitem": {"index": st.lists(ITEMS, max_size=2).map(tuple)}, "py::add": {"type": TYPES}}
OPERATIONS = {"np::add": 2, "np::sqrt": 1, "np::where": 3, "np::divmod": 2, "np::getitem": 1, "py::add": 2}


@st.composite
def graphs(draw):
    """Graphs of NumPy's names, with attributes of all kinds."""
    count = draw(st.integers(1, 3))
    builder = GraphBuilder(count)
    numbers = list(range(count))
    for _ in range(draw(st.integers(0, 4))):
        if draw(st.booleans()):
            numbers += builder.add(CONSTANT, value=draw(NUMBERS)).outputs
            continue
        op = draw(st.sampled_from(sorted(OPERATIONS)))
        operands = [draw(st.sampled_from(numbers)) for _ in range(OPERATIONS[op])]
        attributes = draw(st.dictionaries(st.sampled_from(["first", "second", "type_"]), VALUES, max_size=2))
        attributes |= {name: draw(values) for name, values in ATTRIBUTES.get(op, {}).items()}
        numbers += builder.add(op, operands, outputs=2 if op == "np::divmod" else 1, **attributes).outputs
    return builder.build(draw(st.lists(st.sampled_from(numbers), max_size=3)))


@settings(suppress_health_check=[HealthCheck.too_slow])  # strategies of this breadth take a second to make
@given(graphs())
def test_a_graph_survives_its_text(graph):
    again = parse_ir(str(graph))
    assert str(again) == str(graph)
    assert again.cache_key == graph.cache_key
    for left, right in zip(again.nodes, graph.nodes, strict=True):
        assert (left.op, left.inputs, left.outputs) == (right.op, right.inputs, right.outputs)
        assert _described(left.attributes) == _described(right.attributes)


def _described(attributes):
    """Return attributes so that values of equal text but other types differ."""
    return {name: _typed(value) for name, value in attributes.items()}


def _typed(value):
    return (tuple, *map(_typed, value)) if isinstance(value, tuple) else (type(value), repr(value))


@given(st.floats())
def test_a_constant_keeps_its_bits(number):
    builder = GraphBuilder()
    (node,) = parse_ir(str(builder.build([builder.constant(number)]))).nodes
    value = node.attributes["value"]
    assert math.copysign(1, value) == math.copysign(1, number) or math.isnan(number)
    assert value == number or math.isnan(number)


TEXT = """graph(%x.1 : Float(3, 4, strides=[4, 1], requires_grad=0, device=cpu),
      %w.1 : float):
  %3 : NoneType = prim::Constant() # f.py:3:4
  %4 : int = prim::Constant[value=2]()
  %5 : int[] = prim::Constant[value=[0, 1]]()
  %7 : Tensor = aten::clamp(%x.1, %3, %w.1), scope: Net/Relu # f.py:3:4
  %8 : Tensor = aten::sum(%7, %5, %9, %3)
  %10 : Tensor, %11 : Tensor = prim::ConstantChunk[chunks=2, dim=1](%7)
  return (%8)
""".replace("  %7 :", "  %9 : bool = prim::Constant[value=1]()\n  %7 :", 1)


@given(st.data())
def test_no_damage_to_a_text_raises_anything_but_a_graph_error(data):
    text = TEXT
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = (
            text[:place]
            + data.draw(st.sampled_from(["", "(", ")", "[", "%", '"', "1", "=", ",", "é"]))
            + text[place + cut :]
        )
    try:
        graph = parse_ir(text)
    except GraphError as error:
        message = str(error)
    else:
        message = "line 1"
        assert str(parse_ir(str(graph))) == str(graph)
    assert message.startswith("line ")


def test_a_long_graph_is_read_without_recursion():
    count = 10_000
    lines = [f"  %{number + 1} : Tensor = aten::relu(%{number})" for number in range(count)]
    graph = parse_ir("\n".join(["graph(%0 : Tensor):", *lines, f"  return (%{count})"]))
    assert len(graph.nodes) == count
    assert str(parse_ir(str(graph))) == str(graph)
