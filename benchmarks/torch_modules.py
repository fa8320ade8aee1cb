"""Modules of PyTorch, eager and compiled: ``python benchmarks/torch_modules.py [--device cuda]``.

A block of a transformer, an LSTM cell and a block of a residual network, forward alone and a step of training, by eager
PyTorch, Inductor and the backend ``fuser``. Prints the median time of a call in microseconds, contenders in turns, and
how far results and gradients are from eager's, beside the largest of them.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time

import torch
from torch_blocks import MODULES, inputs_of

from fuser_core.torch_compile import collect_compilations

CONTENDERS = ("eager", "inductor", "fuser")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, default=64, help="the first axis of every input")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--without", nargs="*", default=[], choices=CONTENDERS[1:], help="contenders to leave out")
    options = parser.parse_args()
    names = [name for name in CONTENDERS if name not in options.without]
    print(f"{'module':12} {'pass':9} " + " ".join(f"{name:>10}" for name in names) + "  farthest from eager")
    for module in MODULES:
        for training in (False, True):
            report(module, training, names, options)


def report(module, training, names, options):
    """Print a line for a module, and for ours what became of it."""
    torch.manual_seed(0)
    original = MODULES[module]().to(options.device)
    inputs = tuple(each.to(options.device) for each in inputs_of(module, options.size))
    calls, farthest, found = {}, 0.0, []
    for name in names:
        torch._dynamo.reset()
        own = copy.deepcopy(original)
        compiled = own if name == "eager" else torch.compile(own, backend=name)
        calls[name] = call_of(own, compiled, inputs, training)
        with collect_compilations() as collected:
            results = calls[name]()
        found += collected
        if name == "eager":
            expected = results
        elif name == "fuser":
            farthest = max(map(distance, results, expected))
    times = measure(calls, options)
    print(f"{module:12} {'training' if training else 'forward':9} ", end="")
    print(" ".join(f"{times[name]:10.0f}" for name in names) + f"  {farthest:.1e}")
    for each in found:
        print(f"    {each}")


def call_of(module, compiled, inputs, training):
    """Return what runs a pass and returns its results, and after training the gradients."""

    def forward():
        with torch.no_grad():
            outputs = compiled(*inputs)
        return list(outputs) if isinstance(outputs, tuple) else [outputs]

    def train():
        module.zero_grad()
        outputs = compiled(*inputs)
        outputs = list(outputs) if isinstance(outputs, tuple) else [outputs]
        sum(output.square().sum() for output in outputs).backward()
        return [*outputs, *(parameter.grad for parameter in module.parameters())]

    return train if training else forward


def distance(actual, expected):
    """Return the greatest difference, beside the largest element."""
    return float((actual - expected).detach().abs().max() / expected.detach().abs().max())


def measure(calls, options):
    """Return the median microseconds of each contender's call."""
    times = {name: [] for name in calls}
    for _ in range(options.rounds):
        for name, call in calls.items():
            time.sleep(0.02)  # threads of another library may still spin
            synchronise(options.device)
            start = time.perf_counter()
            call()
            synchronise(options.device)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) * 1e6 for name, each in times.items()}


def synchronise(device):
    if device.startswith("cuda"):
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
