"""Scale: 10,000 operations and 1,000 arrays are no special case: nothing recurses, and the work grows in proportion."""

import functools
import operator
import sys

import numpy as np
import pytest

from fuser_core import fuse, interface, parse_ir, use_backends
from fuser_core.arguments import describe_arguments
from fuser_core.backend import Limits
from fuser_core.testing.fakes import AcceptingBackend, installed
from fuser_core.tracing import trace_function

X = np.linspace(0.5, 1.5, 40)
SQUARE = np.eye(3)


def _chain(x, count):
    for _ in range(count // 2):
        x = x * 0.5 + 1
    return x


def _tree(x, count):
    level = [x * (1.0 + place) for place in range(1, count // 2)]
    while len(level) > 1:
        rest = level[-1:] if len(level) % 2 else []
        level = [*map(operator.add, level[::2], level[1::2]), *rest]
    return level[0]


def _outputs(x, count):
    return [x + place for place in range(1, count)]


def _reductions(x, count):
    return functools.reduce(operator.add, [(x * place).sum() for place in range(2, count // 2)])


def _after_reductions(x, count):
    for _ in range(count // 2):
        x = x - x.max()
    return x


def _sizes(x, count):
    for _ in range(count // 2):
        x = x * (x.shape[0] / 41)
    return x


def _opaque(x, count):
    for _ in range(count // 2):
        x = (x @ SQUARE) * 0.5
    return x


def _looked_at(x, count):
    for _ in range(count // 2):
        x = x[::-1] * 0.5
    return x


def _chain_looked_at(x, count):
    return _chain(x, count)[1:] * 2


def _slices(x, count):
    for _ in range(count):
        x = x[1:]
    return x + 1


def _stencil(x, count):
    for _ in range(count // 3):
        x = x[1:] + x[:-1] * 0.5
    return x


def _window(x, count):
    for _ in range(count // 3):
        x = np.concatenate([x[1:], x[:1] * 0.5])
    return x


def _joined(x, count):
    return np.concatenate([x * place for place in range(1, count)])


PROGRAMS = {
    function.__name__[1:]: function
    for function in (
        *(_chain, _tree, _outputs, _reductions, _after_reductions, _sizes, _opaque),
        *(_looked_at, _chain_looked_at, _slices, _stencil, _window, _joined),
    )
}
LONG = {"slices", "stencil", "chain_looked_at"}


def _program(name, count):
    """Return a function of one array with about so many operations."""
    body = PROGRAMS[name]
    return lambda x: body(x, count)


def _argument(name, count):
    if name == "opaque":
        return np.ones((2, 3))
    return np.linspace(0.5, 1.5, count + 10) if name in LONG else X


def _calls(function, argument):
    """Return how many functions are called from the first trace to the result."""
    calls = 0

    def note(frame, event, arg):
        nonlocal calls
        calls += event in ("call", "c_call")

    fused, before = fuse(function), sys.getprofile()
    sys.setprofile(note)
    try:
        fused(argument)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_work_grows_in_proportion(name):
    with installed("fake", AcceptingBackend(limits=Limits(steps=30, arrays=16))), use_backends("fake"):
        fuse(lambda x: x + 1)(X)
        few, many = [_calls(_program(name, count), _argument(name, count)) for count in (120, 480)]
    assert many <= 4.5 * few


@pytest.mark.parametrize("name", PROGRAMS)
def test_two_thousand_operations_give_what_numpy_gives(name):
    function, argument = _program(name, 2000), _argument(name, 2000)
    with np.errstate(all="ignore"):
        results, expected = fuse(function)(argument), function(argument)
    for result, wanted in zip(*([each] if name != "outputs" else each for each in (results, expected)), strict=True):
        np.testing.assert_allclose(result, wanted, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chain", "tree"])
def test_ten_thousand_operations_through_every_door(name):
    function = _program(name, 10_000)
    expected = function(X)
    np.testing.assert_array_equal(fuse(function)(X), expected)
    graph = trace_function(lambda trace: function(*trace.arguments), describe_arguments([X]), [X]).graph
    parsed = parse_ir(str(graph))
    assert len(parsed.nodes) >= 10_000 - 2
    key = interface.register_fusion(graph)
    assert interface.register_fusion(parsed) == key
    stack = [X]
    interface.run_fusion(key, stack)
    np.testing.assert_array_equal(stack[0], expected)


def test_a_thousand_arrays_are_summed():
    arrays = [X + place for place in range(1000)]
    fused = fuse(lambda *arrays: functools.reduce(operator.add, arrays))
    np.testing.assert_array_equal(fused(*arrays), functools.reduce(operator.add, arrays))
    out = np.empty_like(X)
    assert fused(*arrays, out=out) is out
    np.testing.assert_array_equal(out, functools.reduce(operator.add, arrays))
