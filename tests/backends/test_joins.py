"""Arrays put together, and views of computed values: every backend writes and reads the parts in their place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuser_core.arguments import describe_arguments
from fuser_core.graph import GraphBuilder
from fuser_core.interface import register_fusion
from fuser_core.joining import JoinParts, ReserveWhole
from fuser_core.kernel_spec import Request, spec_of
from fuser_core.plan import View
from fuser_core.testing.compare import assert_agrees
from fuser_core.testing.oracle import evaluate
from fuser_core.testing.runner import build

BACKENDS = ["cpu_llvm", "fallback_numpy"]
GRID = np.linspace(-1, 1, 24).reshape(4, 6)


def program_of(graph, arguments, backend="cpu_llvm"):
    request = Request() if backend == "cpu_llvm" else Request(())
    spec = spec_of(register_fusion(graph))
    return spec.program(describe_arguments(arguments), arguments, request)[0]


def check(graph, arguments, backend):
    """Compare a program's outputs with the oracle's, bit by bit, and return the program."""
    program = program_of(graph, arguments, backend)
    for result, expected in zip(program.run(arguments, 2), evaluate(graph, arguments), strict=True):
        assert_agrees(np.asarray(result), np.asarray(expected), what=str(graph))
    return program


def joined(name, axis, *ops):
    """Join the results of operations on two arguments."""

    def steps(graph):
        return graph.add(f"np::{name}", [graph.add(f"np::{op}", [0, 1]).outputs[0] for op in ops], axis=axis).outputs

    return build(2, steps)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "axis"), [("concatenate", 0), ("concatenate", -1), ("stack", 0), ("stack", -1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_one_kernel_computes_all_parts_of_one_shape(backend, name, axis, order):
    arguments = [np.array(GRID, order=order), np.array(GRID + 0.5, order=order)]
    program = check(joined(name, axis, "add", "multiply", "less"), arguments, backend)
    assert len(program.groups) == 1


def test_parts_are_written_in_their_place():
    graph = joined("concatenate", 1, "add", "multiply")
    program = program_of(graph, [GRID, GRID])
    launched = []
    (bound,) = program.groups
    launch = bound.compiled.launch

    def spy(kernel, inputs, outputs, threads):
        launched.extend(output.array for output in outputs)
        return launch(kernel, inputs, outputs, threads)

    object.__setattr__(bound.compiled, "launch", spy)
    try:
        (result,) = program.run([GRID, GRID], 1)
    finally:
        object.__setattr__(bound.compiled, "launch", launch)
    assert len(launched) == 2
    assert all(part.base is result for part in launched)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_part_may_be_an_argument_an_output_or_taken_twice(backend):
    def steps(graph):
        (product,) = graph.add("np::multiply", [0, 1]).outputs
        (whole,) = graph.add("np::concatenate", [0, product, product], axis=1).outputs
        return product, whole

    program = check(build(2, steps), [GRID, GRID * 2], backend)
    assert len(program.groups) == 1
    product, whole = program.run([GRID, GRID * 2], 1)
    assert not np.may_share_memory(product, whole)


@pytest.mark.parametrize("backend", BACKENDS)
def test_parts_of_different_sizes_and_dtypes(backend):
    def steps(graph):
        (doubled,) = graph.add("np::add", [0, 0]).outputs
        (negated,) = graph.add("np::negative", [1]).outputs
        return graph.add("np::concatenate", [doubled, negated, 1], axis=0).outputs

    graph = build(2, steps)
    check(graph, [np.arange(5, dtype=np.int8), np.linspace(0, 1, 7, dtype=np.float32)], backend)
    check(graph, [np.arange(0, dtype=np.int8), np.linspace(0, 1, 3, dtype=np.float32)], backend)
    assert len(spec_of(register_fusion(graph))._programs) <= len(BACKENDS)  # another size is no other plan


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_join_of_a_join_and_what_follows(backend):
    def steps(graph):
        (total,) = graph.add("np::add", [0, 1]).outputs
        (inner,) = graph.add("np::concatenate", [total, 0], axis=0).outputs
        (outer,) = graph.add("np::concatenate", [inner, total], axis=0).outputs
        return graph.add("np::multiply", [outer, outer]).outputs

    check(build(2, steps), [GRID, GRID + 1], backend)


def test_it_may_write_into_an_argument_of_the_caller():
    program = program_of(joined("concatenate", 0, "add", "multiply"), [GRID, GRID])
    target = np.empty((8, 6))
    (result,) = program.run([GRID, GRID], 1, {0: target})
    assert result is target
    np.testing.assert_array_equal(target, np.concatenate([GRID + GRID, GRID * GRID]))


def test_what_shares_memory_with_the_target_is_not_overwritten_early():
    program = program_of(joined("concatenate", 0, "add", "multiply"), [GRID, GRID])
    memory = np.concatenate([GRID, GRID])
    arguments = [memory[2:6], memory[4:]]
    expected = np.concatenate([arguments[0] + arguments[1], arguments[0] * arguments[1]])
    (result,) = program.run(arguments, 1, {0: memory})
    np.testing.assert_array_equal(result, expected)


def test_chunks_of_a_sum_are_one_kernel():
    def steps(graph):
        (total,) = graph.add("np::add", [0, 1]).outputs
        halves = [
            graph.add("np::getitem", [total], index=(slice(None), part)).outputs[0]
            for part in (slice(0, 3), slice(3, None))
        ]
        return graph.add("np::multiply", halves).outputs

    graph = build(2, steps)
    assert len(check(graph, [GRID, GRID[0]], "cpu_llvm").groups) == 1
    assert len(check(graph, [GRID, GRID[:, :1]], "cpu_llvm").groups) == 1


def test_views_that_overlap_compute_their_array_once():
    def steps(graph):
        (root,) = graph.add("np::sqrt", [0]).outputs
        ahead = graph.add("np::getitem", [root], index=(slice(1, None),)).outputs[0]
        behind = graph.add("np::getitem", [root], index=(slice(None, -1),)).outputs[0]
        return graph.add("np::subtract", [ahead, behind]).outputs

    program = check(build(1, steps), [np.abs(GRID)], "cpu_llvm")
    assert [[step.op for step in bound.group.steps] for bound in program.groups] == [["sqrt"], ["subtract"]]


def test_an_index_that_is_out_of_range_is_one_however_the_operands_broadcast():
    def steps(graph):
        (total,) = graph.add("np::add", [0, 1]).outputs
        (row,) = graph.add("np::getitem", [total], index=(3,)).outputs
        return graph.add("np::negative", [row]).outputs

    graph = build(2, steps)
    check(graph, [GRID, GRID[:1]], "cpu_llvm")
    with pytest.raises(IndexError):
        program_of(graph, [GRID[:1], GRID[:1]]).run([GRID[:1], GRID[:1]], 1)


_SLICES = st.builds(slice, *[st.none() | st.integers(-5, 5)] * 2, st.none() | st.sampled_from([1, 2, -1, -2]))
_ITEMS = st.lists(_SLICES | st.integers(-2, 1) | st.none(), max_size=3)


@settings(deadline=None)  # an example may compile
@given(
    items=st.lists(_ITEMS, min_size=1, max_size=3),
    axes=st.permutations(range(3)),
    shapes=st.lists(st.sampled_from([(2, 3, 4), (3, 4), (4,), (2, 1, 4), (3, 1), ()]), min_size=2, max_size=2),
    layout=st.booleans(),
)
def test_any_view_of_any_sum_is_what_numpy_says(items, axes, shapes, layout):
    builder = GraphBuilder(3)
    (total,) = builder.add("np::add", [0, 1]).outputs
    (total,) = builder.add("np::multiply", [total, 2]).outputs
    (total,) = builder.add("np::transpose", [total], axes=tuple(axes)).outputs
    parts = []
    for item in items:
        (part,) = builder.add("np::getitem", [total], index=tuple(item)).outputs
        parts += builder.add("np::negative", [part]).outputs
    graph = builder.build(parts)
    arguments = [np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape) for shape in shapes]
    arguments.append(np.array(np.arange(24.0).reshape(2, 3, 4), order="F" if layout else "C"))
    try:
        expected = evaluate(graph, arguments)
    except IndexError:
        with pytest.raises(IndexError):
            program_of(graph, arguments).run(arguments, 1)
        return
    for result, wanted in zip(program_of(graph, arguments).run(arguments, 1), expected, strict=True):
        assert_agrees(np.asarray(result), np.asarray(wanted), what=str(graph))


def test_explanations_show_joins():
    program = program_of(joined("concatenate", 0, "add", "multiply"), [GRID, GRID])
    assert "concat[axis=0](" in str(program.plan)
    assert [type(item) for item, _ in program.instructions][::2] == [ReserveWhole, JoinParts]
    assert not any(isinstance(step, View) for step in program.plan.steps)
