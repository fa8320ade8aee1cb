"""Blocks: how the fallback cuts an iteration space, and that nobody can tell from the results."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given

import fuser_fallback_numpy.blocks
import fuser_fallback_numpy.evaluate
from fuser_core.testing import expect, graphs
from fuser_core.testing.conformance.base import PROGRAMS
from fuser_core.testing.runner import Runner, build
from fuser_core.testing.values import LAYOUTS, arrange, mixture
from fuser_fallback_numpy.blocks import BLOCK_ELEMENTS, axis_order, blocks, restrict


@pytest.fixture
def tiny_blocks(monkeypatch):
    monkeypatch.setattr(fuser_fallback_numpy.blocks, "BLOCK_ELEMENTS", 7)
    monkeypatch.setattr(fuser_fallback_numpy.evaluate, "BLOCK_ELEMENTS", 7)


@pytest.fixture(scope="module")
def runner():
    return Runner("fallback_numpy")


@pytest.mark.parametrize("shape", [(1,), (50_000,), (300, 200), (3, 70_000), (70_000, 3), (40, 50, 60), (5, 1, 9)])
def test_blocks_cover_every_element_once(shape):
    for order in itertools.permutations(range(len(shape))):
        visits = np.zeros(shape, np.uint8)
        for block in blocks(shape, order):
            visits[block] += 1
            assert visits[block].size <= BLOCK_ELEMENTS
        assert (visits == 1).all()


def test_nothing_has_no_elements_to_visit():
    assert sum(np.zeros((0, 5))[block].size for block in blocks((0, 5), (0, 1))) == 0


def test_memory_is_walked_in_its_order():
    shape = (30, 40, 50)
    array = np.empty((50, 30, 40)).transpose(1, 2, 0)
    assert axis_order([array], shape) == (2, 0, 1)
    assert axis_order([np.empty(50)], shape) == (0, 1, 2)


def test_axes_of_size_one_stay_whole():
    block = (slice(3, 4), slice(2, 5))
    assert restrict(np.zeros((1, 6)), block).shape == (1, 3)
    assert restrict(np.zeros(6), block).shape == (3,)
    assert restrict(np.zeros(()), block).shape == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocked_results_are_the_unblocked_ones(runner, tiny_blocks, layout):
    def body(graph):
        (product,) = graph.add("np::multiply", [0, 1]).outputs
        return [product, *graph.add("np::less", [product, 0]).outputs]

    for shape in ((100,), (9, 13), (13, 9), (3, 4, 5), (2, 3, 4, 5)):
        operands = [arrange(mixture(np.dtype("f8"), shape, seed), layout) for seed in (1, 2)]
        runner.check(build(2, body), operands)
        runner.check(build(2, body), [operands[0], operands[1][..., :1]])


@pytest.mark.parametrize("name", ["sum", "prod", "min", "max", "any", "all", "mean", "var"])
def test_reductions_go_on_across_blocks(runner, tiny_blocks, name):
    for dtype, shape in itertools.product(("f8", "i4", "?"), ((100,), (9, 13), (3, 4, 5), (1, 30))):
        array = mixture(np.dtype(dtype), shape, seed=1, special=0.05)
        for count in range(len(shape) + 1):
            for axes in itertools.combinations(range(len(shape)), count):
                graph = build(1, lambda graph, axes=axes: graph.add(f"np::{name}", [0], axis=axes).outputs)
                runner.check(graph, [array])
                runner.check(graph, [np.asfortranarray(array)])


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "rounded"])
def test_random_programs_in_tiny_blocks(runner, tiny_blocks, exact):
    @PROGRAMS
    @given(graphs(exact=exact))
    def check(case):
        runner.check_dispatch(case.graph, case.arguments)

    check()


def test_a_space_without_arrays_has_its_axes(runner):
    def body(graph):
        (chosen,) = graph.add("np::where", [graph.constant(np.False_), 0, graph.constant(5.0)]).outputs
        (longer,) = graph.add("np::getitem", [chosen], index=(None,)).outputs
        return graph.add("np::sum", [longer], axis=0).outputs

    runner.check(build(1, body), [np.array(3.0)])


def test_temporaries_are_bounded(runner):
    """Ten operations on 8 MiB need the result and a few blocks, not ten intermediates."""

    def body(graph):
        value = 0
        for _ in range(5):
            (value,) = graph.add("np::multiply", [value, 1]).outputs
            (value,) = graph.add("np::add", [value, 0]).outputs
        return [value]

    operands = [np.ones(1 << 20), np.ones(1 << 20)]
    program = runner.program(build(2, body), operands)
    (expected,) = expect(build(2, body), operands)
    tracemalloc.start()
    try:
        (result,) = program.run(operands, 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    expected.check(result, "the result")
    assert peak < result.nbytes + 8 * 8 * BLOCK_ELEMENTS
