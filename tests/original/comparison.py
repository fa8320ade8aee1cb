"""How a test of the original is made here: its graph as text and its function under ``@fuse``, both against NumPy."""

import numpy as np

from fuser_core import fuse, parse_ir, register_fusion, run_fusion
from fuser_core.arguments import describe_arguments
from fuser_core.config import backend_order
from fuser_core.kernel_spec import Request, spec_of
from fuser_core.plan import Opaque
from fuser_core.testing import assert_agrees


def samples(*shape, count=1, dtype=np.float32, seed=0):
    """Return normally distributed numbers; with ``count``, a list of so many different arrays."""
    drawn = np.random.default_rng(seed).standard_normal((count, *shape)).astype(dtype)
    return drawn[0] if count == 1 else list(drawn)


def run(text, *arguments):
    """Run a graph given as text and return its outputs; what lies below the arguments must stay."""
    stack = ["below", *arguments]
    run_fusion(register_fusion(parse_ir(text)), stack)
    assert stack.pop(0) == "below"
    return stack


def program_of(text, *arguments):
    """Return the program that runs a graph given as text, with the backends in use."""
    spec = spec_of(register_fusion(parse_ir(text)))
    return spec.program(describe_arguments(arguments), arguments, Request(backend_order()))[0]


def kernels_of(text, *arguments):
    """Return the names of the backends of a program's kernels, in order, and of the calls between them."""
    program = program_of(text, *arguments)
    kernels = [group.compiled.plugin.name for group in program.groups]
    return kernels, [step.name for step in program.plan.steps if isinstance(step, Opaque)]


def agree(text, function, *arguments, kernels=1, calls=0, units=0, traced=True):
    """Assert that a graph and a function do what the function does in NumPy.

    Args:
        text: The graph, as PyTorch prints it.
        function: The same in NumPy.
        arguments: Arrays and numbers for both.
        kernels: How many kernels the graph becomes, all of them by the backend in use.
        calls: How many calls of other libraries stand between them.
        units: How many units in the last place a result may be off; 0 for results that are equal to the bit.
        traced: Whether ``@fuse`` must hold the function too.
    """
    expected = _leaves(function(*arguments))
    _compare([np.asarray(result) for result in expected], run(text, *arguments), units)
    made, called = kernels_of(text, *arguments)
    assert made == [backend_order()[0]] * kernels
    assert len(called) == calls
    if traced:
        fused = fuse(function)
        _compare(expected, _leaves(fused(*arguments)), units)
        assert fused.last_run.backend == backend_order()[0]


def close(expected, actual, units=0):
    """Assert that two results have one dtype and shape, and values that are off by a few last places at most."""
    if units == 0:
        assert_agrees(actual, expected)
        return
    assert isinstance(actual, np.ndarray) == isinstance(expected, np.ndarray)
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    step = units * float(np.finfo(expected.dtype).eps)
    np.testing.assert_allclose(actual, expected, rtol=step, atol=step / 4)


def _compare(expected, actual, units):
    assert len(actual) == len(expected)
    for wanted, found in zip(expected, actual, strict=True):
        close(wanted, found, units if wanted.dtype.kind == "f" else 0)


def _leaves(result):
    return list(result) if isinstance(result, tuple | list) else [result]
