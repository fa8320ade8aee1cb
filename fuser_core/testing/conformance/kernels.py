"""Standard tests of kernels: what they show, threads, and forked processes."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from fuser_core.graph import Graph, GraphBuilder
from fuser_core.testing.compare import expect
from fuser_core.testing.conformance.base import ConformanceBase, DType, accepted_program, multiply_add
from fuser_core.testing.runner import Runner, build
from fuser_core.testing.values import mixture

__all__ = ["KernelTests"]

_SECONDS = 60
_LAUNCHES = 20


class KernelTests(ConformanceBase):
    """How kernels behave, whatever they compute."""

    def test_artifacts_are_text(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel shows what was generated for it."""
        operands = [np.ones(3, basic_dtype)] * 2
        for group in runner.program(multiply_add(), operands).groups:
            artifacts = group.compiled.kernel.artifacts
            assert artifacts, "there is no artifact"
            assert all(type(text) is str and text for text in artifacts.values())

    @pytest.mark.parametrize("shape", [(300_001,), (517, 611)], ids=str)
    def test_threads_change_no_bit(self, runner: Runner, basic_dtype: DType, shape: tuple[int, ...]) -> None:
        """Results are the same to the bit for any number of threads, sums included."""

        def body(graph: GraphBuilder) -> Sequence[int]:
            (product,) = graph.add("np::multiply", [0, 1]).outputs
            sums = [graph.add("np::sum", [product], axis=axis).outputs[0] for axis in (None, 0, -1)]
            return [product, *sums]

        operands = [mixture(basic_dtype, shape, seed, special=0.0) for seed in (1, 2)]
        program = accepted_program(runner, build(2, body), operands)
        bits = {
            threads: [np.asarray(result).tobytes() for result in program.run(operands, threads)]
            for threads in (1, 2, 5)
        }
        assert bits[1] == bits[2] == bits[5], "the number of threads changes results"

    def test_launches_at_once(self, runner: Runner, basic_dtype: DType) -> None:
        """Eight threads launch one kernel at the same moment, each on arrays of its own."""
        calls = [[mixture(basic_dtype, (20_011,), seed=10 * number + i) for i in (1, 2)] for number in range(8)]
        expected = [expect(multiply_add(), operands) for operands in calls]
        program = runner.program(multiply_add(), calls[0])
        results: dict[int, Any] = {}
        barrier = threading.Barrier(len(calls))

        def launch(number: int) -> None:
            barrier.wait(_SECONDS)
            # All are kept: memory that is used again would hold the right results of the time before.
            results[number] = [program.run(calls[number], 2)[0] for _ in range(_LAUNCHES)]

        _run_in_threads(launch, len(calls))
        for number, (expectation,) in enumerate(expected):
            assert number in results, f"thread {number} did not finish within {_SECONDS} seconds"
            for result in results[number]:
                expectation.check(result, f"a result of thread {number}")

    def test_compiles_at_once(self, runner: Runner, basic_dtype: DType) -> None:
        """Eight threads compile different groups at the same moment, and get what each of them asked for."""
        graphs = [_power(number + 2) for number in range(8)]
        operands = [mixture(basic_dtype, (1003,), seed=1, special=0.0)]
        expected = [expect(graph, operands)[0] for graph in graphs]
        groups = [runner.program(graph, operands).groups[0].group for graph in graphs]
        kernels: dict[int, Any] = {}
        barrier = threading.Barrier(len(graphs))

        def compile_one(number: int) -> None:
            barrier.wait(_SECONDS)
            kernels[number] = runner.compile(groups[number])

        _run_in_threads(compile_one, len(graphs))
        for number, expectation in enumerate(expected):
            assert number in kernels, f"thread {number} did not finish within {_SECONDS} seconds"
            expectation.check(runner.launch(kernels[number], groups[number], operands), f"power {number + 2}")

    @pytest.mark.skipif(sys.platform != "linux", reason="fork is safe on Linux only")
    def test_fork(self, runner: Runner, basic_dtype: DType) -> None:
        """A forked child runs kernels, old and new, after the parent has run some with several threads."""
        if not runner.placement.on_host:
            pytest.skip("a child cannot use the devices that its parent has used")
        operands = [mixture(basic_dtype, (100_003,), seed) for seed in (1, 2)]
        runner.check(multiply_add(), operands, threads=4)

        def child() -> None:
            runner.check(multiply_add(), operands, threads=4)
            runner.check(_power(3), operands[:1], threads=4)

        process = multiprocessing.get_context("fork").Process(target=child)
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # "use of fork() may lead to deadlocks": that is the test
            process.start()
        process.join(_SECONDS)
        if process.is_alive():
            process.kill()
            pytest.fail(f"the forked child hangs: it is still running after {_SECONDS} seconds")
        assert process.exitcode == 0, f"the forked child ended with {process.exitcode}"


def _power(exponent: int) -> Graph:
    """Return the graph of a number multiplied by itself so often, of as many steps: each is another group."""

    def body(graph: GraphBuilder) -> Sequence[int]:
        value = 0
        for _ in range(exponent - 1):
            (value,) = graph.add("np::multiply", [value, 0]).outputs
        return [value]

    return build(1, body)


def _run_in_threads(function: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=function, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_SECONDS)
