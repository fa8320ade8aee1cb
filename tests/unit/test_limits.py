"""Limits: a backend says what one kernel holds at most, and groups are cut accordingly, however large the program."""

# ruff: noqa: PT031  the warning and the result are checked together

import functools
import operator

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.arguments import describe_arguments
from fuser_core.backend import CompileOptions, Decline, Device, Limits
from fuser_core.discovery import registry
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, installed
from fuser_core.testing.oracle import evaluate
from fuser_core.testing.runner import Runner
from fuser_core.tracing import trace_function

X = np.arange(6.0)


def _sum(*arrays):
    return functools.reduce(operator.add, arrays)


def _sizes(function, arguments, **limits):
    """Return, for each group that a function becomes, how many steps and arrays it has; the results are right."""
    graph = trace_function(lambda trace: function(*trace.arguments), describe_arguments(arguments), arguments).graph
    with installed("fake", AcceptingBackend(limits=Limits(**limits))):
        program = Runner("fake").program(graph, arguments)
        results, expected = program.run(arguments, 1), evaluate(graph, arguments)
    for result, wanted in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, wanted)
    groups = [bound.group for bound in program.groups]
    return [(len(group.steps), len(group.inputs) + len(group.outputs)) for group in groups]


def test_140_summed_arrays_of_at_most_128_are_two_kernels():
    assert _sizes(_sum, [X + place for place in range(140)], arrays=128) == [(126, 128), (13, 15)]


def test_without_limits_they_are_one():
    assert _sizes(_sum, [X] * 140) == [(139, 141)]


def test_a_chain_is_cut_by_its_operations():
    def function(x):
        for _ in range(25):
            x = x * 0.5 + 1
        return x

    assert _sizes(function, [X], steps=20) == [(20, 2), (20, 2), (10, 2)]


def test_many_outputs_are_cut():
    assert _sizes(lambda x: [x + place for place in range(1, 31)], [X], arrays=8) == [(7, 8)] * 4 + [(2, 3)]


def test_a_tree_is_walked_in_depth_so_that_few_values_cross():
    def function(x):
        level = [x * (2 + place) for place in range(256)]
        while len(level) > 1:
            level = list(map(operator.add, level[::2], level[1::2]))
        return level[0]

    sizes = _sizes(function, [X], steps=100)
    assert [steps for steps, _ in sizes] == [100, 100, 100, 100, 100, 11]
    assert max(arrays for _, arrays in sizes) <= 17  # at most 8 partial sums are open at any time


def test_a_value_that_is_read_within_the_group_is_no_array_of_it():
    def function(x):
        first = x + 1
        return first * x * first * x * first * x

    assert _sizes(function, [X], arrays=3) == [(6, 2)]


def test_reductions_count_as_arrays():
    x = X.reshape(2, 3)
    assert _sizes(lambda x: [x.min(axis=0), x.max(axis=0), x.sum(axis=0)], [x], arrays=3) == [(2, 3), (1, 2)]


def test_a_step_beyond_the_limits_goes_to_the_next_backend():
    with (
        installed("narrow", AcceptingBackend(priority=2, limits=Limits(arrays=2))),
        installed("wide", AcceptingBackend(priority=1)),
    ):
        fused = fuse(lambda x, y: -(x + y))
        np.testing.assert_array_equal(fused(X, X + 1), -(X + X + 1))
        assert fused.last_run.backend == "wide + narrow"
        assert "narrow: too much for one kernel: 3 arrays of at most 2" in fused.last_run.reason


def test_a_backend_that_steps_in_has_limits_of_its_own():
    narrow = AcceptingBackend(priority=1, limits=Limits(steps=2))
    with (
        installed("declining", DecliningBackend("compile", "no", priority=2)),
        installed("narrow", narrow),
        pytest.warns(UserWarning, match="a part runs through fallback_numpy"),
    ):
        fused = fuse(lambda x: (x + 1) * x - 3)
        np.testing.assert_array_equal(fused(X), (X + 1) * X - 3)
        assert fused.last_run.backend == "fallback_numpy"
        assert "narrow: too much for one kernel: 3 operations of at most 2" in fused.last_run.reason
    assert narrow.compiled == []


def test_the_plugin_declines_a_group_beyond_its_limits(compiler):
    fuse(lambda x: x * 3 + 1)(X)
    (group,) = compiler.compiled
    with installed("narrow", AcceptingBackend(limits=Limits(steps=1, arrays=1))):
        (plugin,) = [record.plugin for record in registry.records() if record.name == "narrow"]
        verdict = plugin.compile(group, CompileOptions())
        assert verdict == Decline("too much for one kernel: 2 operations of at most 1 and 2 arrays of at most 1")
        assert isinstance(plugin.supports(group.steps[0], Device("cpu")), Decline)


@pytest.mark.parametrize("limits", [{"steps": 0}, {"arrays": -1}])
def test_a_limit_is_at_least_1(limits):
    with pytest.raises(ValueError, match=r"Limits\((steps=0|arrays=-1)\): a kernel holds at least 1; leave it out"):
        Limits(**limits)
