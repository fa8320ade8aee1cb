"""Standard tests of programs: random graphs through the whole core, with this backend for all that it accepts."""

from __future__ import annotations

from hypothesis import given

from fuser_core.testing.conformance.base import PROGRAMS, ConformanceBase
from fuser_core.testing.growth import Case
from fuser_core.testing.runner import Runner
from fuser_core.testing.strategies import graphs

__all__ = ["ProgramTests"]


class ProgramTests(ConformanceBase):
    """Random programs. A failure prints the smallest program that fails, and its arguments."""

    def test_random_exact_programs(self, runner: Runner) -> None:
        """Programs whose results must agree with the oracle's to the bit."""

        @PROGRAMS
        @given(graphs(exact=True))
        def check(case: Case) -> None:
            runner.check_dispatch(case.graph, case.arguments)

        check()

    def test_random_programs(self, runner: Runner) -> None:
        """Programs with rounded functions and sums, within the bounds that `disturbance` derives."""

        @PROGRAMS
        @given(graphs())
        def check(case: Case) -> None:
            runner.check_dispatch(case.graph, case.arguments)

        check()
