"""Passes over memory: how often a program's kernels read each argument as a whole, and what they write between."""

import math
from collections import Counter

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.chaining import BoundChain
from fuser_core.instructions import BoundGroup
from fuser_core.plan import Value, View
from fuser_core.shapes import evaluate


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def log_softmax(x):
    shifted = x - x.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


PATTERNS = {
    "softmax": (softmax, 1, 1),
    "log-softmax": (log_softmax, 1, 1),
    "layer norm": (lambda x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5), 1, 1),
    "RMS norm": (lambda x: x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-6), 1, 1),
    "batch statistics": (lambda x: (x.mean(0), x.std(0)), 1, 0),
    "batch norm": (lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5), 1, 1),
    "z-score of a whole array": (lambda x: (x - x.mean()) / x.std(), 2, 1),
    "variance": (lambda x: x.var(), 1, 0),
    "mean squared error": (lambda x, y: ((x - y) ** 2).mean(), 1, 0),
    "cosine similarity": (lambda x, y: (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1)), 1, 0),
    "weighted average": (lambda x, w: np.average(x, axis=1, weights=w), 1, 0),
    "five-point stencil": (
        lambda u: u[1:-1, :-2] + u[1:-1, 2:] + u[:-2, 1:-1] + u[2:, 1:-1] - 4 * u[1:-1, 1:-1],
        1,
        1,
    ),
}


def passes(fused, *args):
    """Return how often each large argument is read, and how many large arrays are written; a chain is one pass."""
    fused(*args)
    call, entry = fused._dispatcher._fusable(args, {})
    program, arrays = entry.program, dict(enumerate(call.arguments))
    least = min(array.size for array in args) // 2

    def is_large(value):
        return math.prod(evaluate(dim, lambda number, axis: arrays[number].shape[axis]) for dim in value.shape) >= least

    shown = {}
    for member in program.members:
        step = getattr(member, "step", None)
        if isinstance(step, View):
            shown[step.output.id] = shown.get(step.input.id, step.input.id)
    reads, writes = Counter(), 0
    for instruction, _ in program.instructions:
        if not isinstance(instruction, BoundChain | BoundGroup):
            continue
        source = instruction.chain if isinstance(instruction, BoundChain) else instruction.group
        reads.update({shown.get(value.id, value.id) for value in source.inputs if is_large(value)})
        writes += sum(isinstance(value, Value) and is_large(value) for value in source.outputs)
    return reads, writes


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_read_their_arguments_as_few_times_as_can_be(name):
    function, times, written = PATTERNS[name]
    args = np.random.default_rng(2).random((function.__code__.co_argcount, 300, 400))
    reads, writes = passes(fuse(function, backend="cpu_llvm"), *args)
    assert reads == dict.fromkeys(range(len(args)), times)
    assert writes == written
