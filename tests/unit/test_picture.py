"""Pictures of graphs and of programs: what is in them, what it is called, and how large ones stay readable."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import FuserWarning, FusionDeclinedError, Graph, fuse, parse_ir
from fuser_core.graph import GraphBuilder, Node
from fuser_core.picture import draw_graph
from fuser_core.testing.fakes import OnlyBackend, installed

X = np.ones((4, 3))
NODE = re.compile(r'^ +(n\d+)(\[/|\(\[|\[)"(.*)"(/\]|\]\)|\])(:::more)?$', re.MULTILINE)
ARROW = re.compile(r"^    (n\d+) --> (n\d+)$", re.MULTILINE)


def _nodes(text):
    """Return the labels of a picture by the names of the nodes."""
    return {match[1]: match[3] for match in NODE.finditer(text)}


def _arrows(text):
    """Return the arrows of a picture as pairs of labels."""
    nodes = _nodes(text)
    return [(nodes[start].split("<br/>")[0], nodes[end].split("<br/>")[0]) for start, end in ARROW.findall(text)]


def _chain(length, width=1):
    """Return a graph of so many operations, of which each reads the one before."""
    builder = GraphBuilder(width)
    values = list(range(width))
    for step in range(length):
        values[step % width] = builder.add("np::add", [values[step % width], values[(step + 1) % width]]).outputs[0]
    return builder.build(values)


def test_a_graph_is_drawn_with_its_numbers_in_place():
    graph = parse_ir(
        "graph(%0, %1):\n  %2 = prim::Constant[value=2.5]()\n  %3 = np::multiply(%0, %2)\n"
        "  %4 = np::sum[axis=(0,)](%3)\n  %5 = np::add(%3, %4)\n  return (%5, %1, %2)"
    )
    assert draw_graph(graph).splitlines() == [
        "flowchart TD",
        '    n0[/"%0"/]',
        '    n1[/"%1"/]',
        '    n2["np::multiply(%0, 2.5)<br/>%3"]',
        '    n3["np::sum[axis=(0,)] (%3)<br/>%4"]',
        '    n4["np::add(%3, %4)<br/>%5"]',
        '    n5(["output 0"])',
        '    n6(["output 1"])',
        '    n7(["output 2<br/>2.5"])',
        "    n0 --> n2",
        "    n2 --> n3",
        "    n2 --> n4",
        "    n3 --> n4",
        "    n4 --> n5",
        "    n1 --> n6",
    ]


def test_a_notebook_shows_a_graph_drawn():
    graph = _chain(2)
    assert graph._repr_mimebundle_() == {"text/plain": str(graph), "text/vnd.mermaid": draw_graph(graph)}


def test_a_program_is_drawn_by_kernels(compiler):
    @fuse
    def softmax(scores, scale=2.0):
        weights = np.exp((scores - scores.max(axis=0)) * scale)
        return {"weights": weights / weights.sum(axis=0), "first": weights[0] @ scores.T}

    picture = softmax.picture(X, scale=3.0)
    text = str(picture)
    frames = re.findall(r'subgraph (\w+)\["(.*)"\]', text)
    assert frames == [
        ("kernel0", "kernel 0: fake over (n0.0, n0.1)"),
        ("kernel1", "kernel 1: fake over (n0.0, n0.1)"),
        ("kernel2", "kernel 2: fake over (n0.0, n0.1)"),
    ]
    labels = list(_nodes(text).values())
    assert labels[0] == "scores<br/>%0: float64(n0.0, n0.1)"
    assert labels[1] == "scale<br/>$1: float"
    assert labels[-2:] == ["result['weights']", "result['first']"]
    assert any(label.startswith("another library: numpy.matmul(") for label in labels)
    outside = [line for line in text.splitlines() if line.startswith("    n") and "box($1)" in line]
    assert len(outside) == 1
    assert picture._repr_mimebundle_() == {"text/plain": text, "text/vnd.mermaid": text}
    assert repr(picture).startswith("<picture of ")
    assert compiler.launches == 0


def test_each_part_is_named_after_its_backend():
    with installed("fake", OnlyBackend({"multiply"})), pytest.warns(FuserWarning, match="this fake has no sqrt"):
        text = str(fuse(lambda x: np.sqrt(x * 2)).picture(X))
    assert 'subgraph kernel0["kernel 0: fake over ' in text
    assert 'subgraph kernel1["kernel 1: fallback_numpy over ' in text


def test_what_a_function_captures_and_returns_is_named(compiler):
    weights = np.ones(3)

    def scaled(x):
        result = x * weights
        return result, [result, 3]

    text = str(fuse(scaled).picture(X))
    labels = list(_nodes(text).values())
    assert labels[0].startswith("x<br/>")
    assert labels[1].startswith("captured array<br/>")
    assert labels[-1] == "result[0], result[1][0]"


def test_a_method_is_drawn_too(compiler):
    class Model:
        @fuse
        def run(self, x):
            return x + 1

    with pytest.warns(FuserWarning, match="may change unseen"):
        assert 'n0[/"x<br/>' in str(Model().run.picture(X))


def test_what_cannot_be_fused_cannot_be_drawn():
    with pytest.raises(FusionDeclinedError, match="cannot be fused"):
        fuse(lambda x: x).picture(np.ma.masked_array([1.0]))


def test_a_large_graph_says_how_much_is_left_out():
    text = draw_graph(_chain(300))
    labels = list(_nodes(text).values())
    (more,) = [label for label in labels if "more" in label]
    drawn = [label for label in labels if label.startswith("np::add")]
    assert more == f"... {300 - len(drawn)} more operations"
    assert len(drawn) == 32
    assert drawn[0].startswith("np::add(%0, %0)")
    assert drawn[-1].endswith("%300")
    assert (more, drawn[16].split("<br/>")[0]) in _arrows(text)


def test_many_inputs_and_outputs_are_left_out_too():
    graph = _chain(100, width=100)
    text = draw_graph(graph)
    labels = list(_nodes(text).values())
    assert "... 84 more inputs" in labels
    assert "... 84 more outputs" in labels
    assert "... 68 more operations" in labels
    assert ("... 84 more inputs", "... 68 more operations") in _arrows(text)


def test_many_kernels_are_left_out_too(compiler):
    @fuse
    def means(x):
        for _ in range(40):
            x = x - x.max(axis=0)
            x = x @ x.T
        return x

    text = str(means.picture(np.ones((3, 3))))
    labels = list(_nodes(text).values())
    frames = text.count("subgraph ")
    (more,) = [label for label in labels if "more kernels" in label]
    kernels, operations, steps = map(int, re.findall(r"\d+", more))
    assert kernels + frames == 80
    assert operations == kernels
    assert steps + len([label for label in labels if label.startswith(("view", "another"))]) == 80
    assert "classDef more" in text


def test_never_is_a_single_operation_left_out():
    assert "more" not in draw_graph(_chain(33))
    assert "... 2 more operations" in draw_graph(_chain(34))


def test_a_picture_has_no_more_arrows_than_are_drawn():
    builder = GraphBuilder(40)
    values = list(range(40))
    for _ in range(40):
        values.append(builder.add("np::concatenate", values, axis=0).outputs[0])
    text = draw_graph(builder.build(values[40:]))
    assert len(ARROW.findall(text)) <= 250
    assert "more operations" in text


@given(st.integers(0, 120), st.integers(1, 40))
def test_nothing_is_drawn_twice_or_lost(length, width):
    text = draw_graph(_chain(length, width))
    nodes = _nodes(text)
    for noun, prefix, total in (
        ("inputs", "%", width),
        ("operations", "np::", length),
        ("outputs", "output", width),
    ):
        drawn = [label for label in nodes.values() if label.startswith(prefix)]
        hidden = [int(label.split()[1]) for label in nodes.values() if label.endswith(f"more {noun}")]
        assert len(drawn) + sum(hidden) == total
        assert len(drawn) <= 33
    arrows = ARROW.findall(text)
    assert len(set(arrows)) == len(arrows)
    assert all(int(start[1:]) < int(end[1:]) for start, end in arrows)


def test_labels_of_the_user_s_are_no_markup(compiler):
    text = str(fuse(lambda tree: tree['a"b']["<c>"] + 1).picture({'a"b': {"<c>": X}}))
    assert "tree['a#34;b']['#60;c#62;']<br/>" in text


def test_an_empty_graph_is_drawn():
    assert draw_graph(Graph((), (), ())) == "flowchart TD"
    assert draw_graph(Graph((0,), (), (0,))) == 'flowchart TD\n    n0[/"%0"/]\n    n1(["output 0"])\n    n0 --> n1'


def test_an_operation_without_operands_is_drawn():
    node = Node("np::sqrt", (), (0,))
    assert 'n0["np::sqrt()<br/>%0"]' in draw_graph(Graph((), (node,), (0,)))
