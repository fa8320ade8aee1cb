"""Large groups: cut at the limits, and long operations written once, so that LLVM's time stays in proportion."""

import functools
import operator
import re

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.arguments import describe_arguments
from fuser_core.testing.runner import Runner, build
from fuser_core.testing.values import specials
from fuser_core.tracing import trace_function
from fuser_cpu_llvm import LIMITS

X = np.linspace(0.5, 1.5, 1000)
DIVISIONS = ["floor_divide", "remainder", "fmod", "divmod"]


def _groups(function, *arguments):
    graph = trace_function(lambda trace: function(*trace.arguments), describe_arguments(arguments), arguments).graph
    program = Runner("cpu_llvm").program(graph, arguments)
    np.testing.assert_array_equal(program.run(arguments, 1)[0], function(*arguments))
    return [bound.group for bound in program.groups]


def test_a_thousand_operations_are_cut_by_their_number():
    def function(x):
        for _ in range(501):
            x = x * 0.5 + 1
        return x

    assert [len(group.steps) for group in _groups(function, X)] == [LIMITS.steps, LIMITS.steps, 2]


def test_a_thousand_arrays_are_cut_by_their_number():
    arrays = [X + place for place in range(1000)]
    groups = _groups(lambda *arrays: functools.reduce(operator.add, arrays), *arrays)
    assert {len(group.inputs) + len(group.outputs) for group in groups[:-1]} == {LIMITS.arrays}
    assert sum(len(group.steps) for group in groups) == 999


def _divisions(op, count, divisor=None):
    """Return a graph of so many divisions, of one another's results or by numbers."""

    def body(graph):
        value, total = 0, 0
        for place in range(count):
            other = 1 if divisor is None else graph.constant(divisor + place % 3)
            node = graph.add(f"np::{op}", (value, other), outputs=2 if op == "divmod" else 1)
            value = graph.add("np::add", (node.outputs[-1], 0)).outputs[0]
            total = graph.add("np::add", (total, node.outputs[0])).outputs[0]
        return [total, value]

    return build(2, body)


@pytest.mark.parametrize("op", DIVISIONS)
@pytest.mark.parametrize("dtype", ["i1", "i4", "i8", "u1", "u8", "f4", "f8"])
@pytest.mark.parametrize("divisor", [None, 2, 3])
def test_many_divisions_are_right(op, dtype, divisor):
    values = specials(np.dtype(dtype))
    left, right = (each.ravel().copy() for each in np.meshgrid(values, values))
    runner = Runner("cpu_llvm")
    for count in (2, 9):
        runner.check(_divisions(op, count, divisor), [left, right])


@pytest.mark.parametrize(
    ("op", "dtype", "divisor", "functions"),
    [
        ("floor_divide", "i8", None, 1),
        ("floor_divide", "i8", 5, 3),  # one for each number
        ("remainder", "f8", None, 1),
        ("remainder", "f8", 5.5, 1),
        ("divmod", "i4", None, 1),
    ],
)
def test_a_long_operation_is_written_once(op, dtype, divisor, functions):
    x = np.arange(1, 100).astype(dtype)
    for count, called in ((2, False), (20, True)):
        program = Runner("cpu_llvm").program(_divisions(op, count, divisor), [x, x])
        (bound,) = program.groups
        text = bound.compiled.artifacts["ir"]
        assert len(re.findall(rf'define internal .*@"{op}\.', text)) == functions * called
        assert len(re.findall(rf'call .*@"{op}\.', text)) == count * called


def test_elementary_functions_and_divisions_are_counted_apart():
    def function(x):
        return np.sin(x) + np.cos(x) + x // 3

    fused = fuse(function, backend="cpu_llvm")
    np.testing.assert_allclose(fused(X), function(X), rtol=1e-15)
    assert '@"sin.double"(' in fused.code(X)
    assert "floor_divide" not in fused.code(X)
