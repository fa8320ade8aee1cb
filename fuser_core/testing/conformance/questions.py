"""Standard tests of questions: what a backend says that it can do is clear, steady, kept and quickly said."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from fuser_core.backend import Decline, Device, GroupStep
from fuser_core.errors import FusionDeclinedError
from fuser_core.ops import ELEMENTWISE
from fuser_core.testing.capabilities import OPERATIONS, graph_name, operand_dtypes, steps_of
from fuser_core.testing.conformance.base import ConformanceBase, DType, multiply_add
from fuser_core.testing.runner import Runner, single
from fuser_core.testing.values import DTYPES

__all__ = ["QuestionTests"]

_MOST_TO_ASK = 5e-3
_MOST_TO_LAUNCH = 2e-3
"""Seconds, of the quickest of many: a hundred times of what a plain backend takes."""


class QuestionTests(ConformanceBase):
    """The hooks that are asked before anything runs, and the cost of all of them."""

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
                    runner.program(single(op, arity), [np.ones(3, char)] * arity).run([np.ones(3, char)] * arity, 1)
                except FusionDeclinedError as error:
                    refusals.append(str(error))
                except TypeError:
                    continue  # NumPy has no loop
        assert all(f"{runner.name}: " in refusal for refusal in refusals), "a refusal without a reason"
        assert not runner.plugin.defects, runner.plugin.defects

    def test_answers_do_not_change(self, runner: Runner) -> None:
        """Asked again about any operation in any dtype, it says the same; and never anything but a verdict."""
        device = runner.placement.device
        for op, dtype, steps in _steps():
            answers = [tuple(runner.plugin.supports(step, device) for step in steps) for _ in range(2)]
            assert answers[0] == answers[1], f"asked twice about {op} of {dtype}, it said {answers}"
        assert not runner.plugin.defects, runner.plugin.defects

    def test_promises_are_kept(self, runner: Runner) -> None:
        """What it says that a kernel can hold, it compiles: each operation, in one of the dtypes that it supports."""
        device, promised = runner.placement.device, set[str]()
        for op, dtype, steps in _steps():
            if op in promised or any(isinstance(runner.plugin.supports(step, device), Decline) for step in steps):
                continue
            promised.add(op)
            operands = [np.ones(3, each) for each in operand_dtypes(op, dtype)]
            outputs = ELEMENTWISE[op].outputs if op in ELEMENTWISE else 1
            try:
                runner.program(single(graph_name(op), len(operands), outputs=outputs), operands)
            except FusionDeclinedError as error:
                pytest.fail(f"it supports {op} of {dtype} and then declines to compile it: {error}")
        if not promised:
            pytest.skip("it supports no operation in any dtype")

    def test_questions_are_quick(self, runner: Runner) -> None:
        """They are asked for every plan: milliseconds would be felt at each first call."""
        device = runner.placement.device
        *_, (_, _, (step, *_)) = _steps()
        for hook, ask in {
            "has_fusion_backend": lambda: runner.plugin.has_fusion_backend(device),
            "supports": lambda: runner.plugin.supports(step, device),
        }.items():
            seconds = _quickest(ask, 20)
            assert seconds < _MOST_TO_ASK, f"{hook} takes {seconds * 1e3:.1f} ms, at most {_MOST_TO_ASK * 1e3:.0f} do"

    def test_launches_are_quick(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel of 8 elements takes next to nothing: whatever can be prepared is, in ``compile``."""
        operands = [np.ones(8, basic_dtype)] * 2
        program = runner.program(multiply_add(), operands)
        seconds = _quickest(lambda: program.run(operands, 1), 100)
        told = f"8 elements take {seconds * 1e3:.1f} ms, at most {_MOST_TO_LAUNCH * 1e3:.0f} do"
        assert seconds < _MOST_TO_LAUNCH, told


def _steps() -> Iterator[tuple[str, DType, tuple[GroupStep, ...]]]:
    """Yield what each operation becomes in each dtype that NumPy has it in."""
    for op, dtype in itertools.product(OPERATIONS, DTYPES):
        steps = steps_of(op, dtype)
        if steps:
            yield op, dtype, steps


def _quickest(ask: Callable[[], object], times: int) -> float:
    quickest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        ask()
        quickest = min(quickest, time.perf_counter() - start)
    return quickest
