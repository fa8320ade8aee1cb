"""What all standard tests share: the backend under test, and how a refusal becomes a skip."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings

from fuser_core.backend import Decline
from fuser_core.errors import FusionDeclinedError
from fuser_core.graph import Graph, GraphBuilder
from fuser_core.poison import poisoned_results
from fuser_core.testing.grade import note_test
from fuser_core.testing.placement import HOST, PlacedProgram, Placement
from fuser_core.testing.runner import Runner, build

__all__ = [
    "PROGRAMS",
    "Array",
    "ConformanceBase",
    "DType",
    "Refusals",
    "accepted_program",
    "multiply_add",
    "usable_runner",
]

Array = np.ndarray[Any, np.dtype[Any]]
DType = np.dtype[Any]

_EXAMPLES = int(os.environ.get("FUSER_TEST_EXAMPLES", "200"))
"""How many random programs each test of them tries; ``FUSER_TEST_EXAMPLES=20000`` for a thorough run."""


PROGRAMS = settings(
    max_examples=_EXAMPLES,
    deadline=None,  # the first kernel of a process takes longer than any other
    derandomize=_EXAMPLES <= 1000,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How random programs are tried: up to 1,000 the same ones in every run, beyond that new ones each time."""


def multiply_add() -> Graph:
    """Return ``a * b + a``, of two inputs."""

    def body(graph: GraphBuilder) -> Sequence[int]:
        (product,) = graph.add("np::multiply", [0, 1]).outputs
        return graph.add("np::add", [product, 0]).outputs

    return build(2, body)


class Refusals:
    """Runs many checks of one subject; skips when the backend declines all of them, with its reasons."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._checked = 0
        self._reasons: dict[str, None] = {}

    def check(self, graph: Graph, arguments: Sequence[Any], threads: int = 1) -> bool:
        """Compare the backend's results with the oracle's; say whether it accepts at all."""
        try:
            self._runner.check(graph, arguments, threads)
        except FusionDeclinedError as error:
            own = [
                line.strip() for line in str(error).splitlines() if line.strip().startswith(f"{self._runner.name}: ")
            ]
            self._reasons |= dict.fromkeys(own or [str(error)])
            return False
        self._checked += 1
        return True

    def conclude(self) -> None:
        """Skip the test if nothing was checked."""
        if not self._checked:
            pytest.skip("; ".join(self._reasons) or "nothing to check")


class ConformanceBase:
    """A test class of one backend."""

    backend: str
    placement: Placement = HOST

    @pytest.fixture(autouse=True)
    def _subject(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Note whose test it is: of the backend that the command line names, where the class asks for that.

        While it runs, results hold a pattern until a kernel has written them.
        """
        if "fuser_backend" in request.fixturenames:
            self.backend = request.getfixturevalue("fuser_backend")
        note_test(request.node, self.backend, self.placement.device)
        with poisoned_results():
            yield

    @pytest.fixture
    def runner(self) -> Runner:
        """The backend under test."""
        return usable_runner(self.backend, self.placement)

    @pytest.fixture
    def checks(self, runner: Runner) -> Refusals:
        """Checks that remember what the backend declined."""
        return Refusals(runner)

    @pytest.fixture
    def basic_dtype(self, runner: Runner) -> DType:
        """The first dtype in which the backend multiplies and adds."""
        reasons = []
        for dtype in map(np.dtype, ("f8", "f4", "i8", "i4", "f2")):
            try:
                runner.program(multiply_add(), [np.ones(3, dtype), np.ones(3, dtype)])
            except FusionDeclinedError as error:
                reasons.append(str(error))
            else:
                return dtype
        pytest.skip(f"it multiplies and adds in no dtype: {reasons[0]}")


def accepted_program(runner: Runner, graph: Graph, arguments: Sequence[Any]) -> PlacedProgram:
    """Return the program of a graph, or skip the test where the backend declines a part of it."""
    try:
        return runner.program(graph, arguments)
    except FusionDeclinedError as error:
        pytest.skip(str(error))


def usable_runner(name: str, placement: Placement = HOST) -> Runner:
    """Return the runner of a backend, or skip the test where the backend cannot serve the device on this machine."""
    runner = Runner(name, placement)
    verdict = runner.plugin.has_fusion_backend(placement.device)
    if isinstance(verdict, Decline):
        pytest.skip(f"{name} does not serve {placement.device} here: {verdict.reason}")
    return runner
