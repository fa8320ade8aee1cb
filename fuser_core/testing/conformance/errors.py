"""Standard tests of errors: a user's mistake is NumPy's error with any backend, and never a defect of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from fuser_core.errors import FusionDeclinedError, ShapeError
from fuser_core.graph import Graph
from fuser_core.testing.compare import expect
from fuser_core.testing.conformance.base import ConformanceBase, DType, multiply_add
from fuser_core.testing.runner import Runner, single

__all__ = ["ErrorTests"]


class ErrorTests(ConformanceBase):
    """What goes wrong by the user's doing."""

    def test_shapes_that_do_not_fit(self, runner: Runner, basic_dtype: DType) -> None:
        """Shapes that do not broadcast raise, and the next call is right."""
        good = [np.ones((2, 3), basic_dtype), np.ones(3, basic_dtype)]
        with pytest.raises(ShapeError, match="broadcast"):
            runner.program(multiply_add(), [good[0], np.ones(4, basic_dtype)])
        runner.check(multiply_add(), good)
        assert not runner.plugin.defects, runner.plugin.defects

    def test_extremum_of_nothing(self, runner: Runner, basic_dtype: DType) -> None:
        """The largest of no elements raises, also where a kernel for other sizes is there."""
        graph = single("max", axis=0)
        _run_or_skip(runner, graph, [np.ones((2, 3), basic_dtype)])
        with pytest.raises(ValueError, match="zero-size array"):
            runner.program(graph, [np.ones((2, 3), basic_dtype)]).run([np.ones((0, 3), basic_dtype)], 1)
        assert not runner.plugin.defects, runner.plugin.defects

    def test_integers_to_negative_powers(self, runner: Runner) -> None:
        """They raise at the sight of the data, and the next call is right."""
        graph, base = single("power", 2), np.arange(1, 9)
        _run_or_skip(runner, graph, [base, base])
        program = runner.program(graph, [base, base])
        with pytest.raises(ValueError, match="negative integer powers"):
            program.run([base, -base], 1)
        (expected,) = expect(graph, [base, base])
        expected.check(program.run([base, base], 1)[0], "powers, after an error")
        assert not runner.plugin.defects, runner.plugin.defects

    def test_division_by_zero(self, runner: Runner) -> None:
        """It is a value, not an error: of integers 0, of floats infinite or no number."""
        for dtype in (np.int32, np.int64, np.uint8, np.float32, np.float64):
            operands = [np.array([0, 1, 7, 100], dtype), np.zeros(4, dtype)]
            for name in ("floor_divide", "remainder"):
                try:
                    runner.check(single(name, 2), operands)
                except FusionDeclinedError:
                    continue


def _run_or_skip(runner: Runner, graph: Graph, arguments: Sequence[Any]) -> None:
    try:
        runner.check(graph, arguments)
    except FusionDeclinedError as error:
        pytest.skip(str(error))
