"""Standard tests of kernels: threads, lifetime, forked processes, and what a refusal says."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from fuser_core.backend import CompileOptions, Decline, Device
from fuser_core.errors import FusionDeclinedError
from fuser_core.graph import GraphBuilder
from fuser_core.testing.compare import expect
from fuser_core.testing.conformance.base import ConformanceBase, multiply_add
from fuser_core.testing.runner import Runner, build, single
from fuser_core.testing.values import mixture

__all__ = ["KernelTests"]

DType = np.dtype[Any]
_SECONDS = 60


class KernelTests(ConformanceBase):
    """How kernels behave, whatever they compute."""

    def test_unknown_device_is_declined(self, runner: Runner) -> None:
        """A device that no backend knows is declined with a reason, not with an exception."""
        verdict = runner.plugin.has_fusion_backend(Device("abacus"))
        assert isinstance(verdict, Decline), "it accepts a device that does not exist"
        assert not runner.plugin.defects, runner.plugin.defects

    def test_hooks_have_no_defects(self, runner: Runner, basic_dtype: DType) -> None:
        """No hook raises, for groups of any dtype of NumPy's."""
        refusals: list[str] = []
        for char in "?bhilqBHILQefdFD":
            for op, arity in (("add", 2), ("exp", 1), ("negative", 1), ("gcd", 2)):
                try:
                    runner.program(single(op, arity), [np.ones(3, char)] * arity)
                except FusionDeclinedError as error:
                    refusals.append(str(error))
                except TypeError:
                    continue  # NumPy has no loop
        assert all(f"{runner.name}: " in refusal for refusal in refusals), "a refusal without a reason"
        assert not runner.plugin.defects, runner.plugin.defects

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
        program = runner.program(build(2, body), operands)
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
            for _ in range(20):
                (results[number],) = program.run(calls[number], 2)

        threads = [threading.Thread(target=launch, args=(number,)) for number in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_SECONDS)
        for number, (expectation,) in enumerate(expected):
            expectation.check(results[number], f"the result of thread {number}")

    def test_kernel_outlives_everything_else(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel owns its code: it runs after all else of its compilation is gone."""
        operands = [mixture(basic_dtype, (1003,), seed) for seed in (1, 2)]
        (expected,) = expect(multiply_add(), operands)
        program = runner.program(multiply_add(), operands)
        (bound,) = program.groups
        kernel = runner.plugin.compile(bound.group, CompileOptions())
        assert not isinstance(kernel, Decline), f"it declined a group that it had compiled before: {kernel}"
        launch = runner.plugin.launch
        order = [value.id for value in bound.group.inputs]
        del program, bound
        gc.collect()
        placement = runner.placement
        placed, out = [placement.put(operands[number]) for number in order], placement.put(np.empty(1003, basic_dtype))
        launch(kernel, [*map(placement.describe, placed)], [placement.describe(out)], 2)
        expected.check(placement.get(out), "the result of a kernel that nothing else refers to")

    @pytest.mark.skipif(sys.platform != "linux", reason="fork is safe on Linux only")
    def test_fork(self, runner: Runner, basic_dtype: DType) -> None:
        """A forked child runs kernels, old and new, after the parent has run some with several threads."""
        if not runner.placement.on_host:
            pytest.skip("a child cannot use the devices that its parent has used")
        operands = [mixture(basic_dtype, (100_003,), seed) for seed in (1, 2)]
        runner.check(multiply_add(), operands, threads=4)

        def child() -> None:
            runner.check(multiply_add(), operands, threads=4)
            runner.check(single("subtract", 2), operands, threads=4)

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
