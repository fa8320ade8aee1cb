"""A third backend that accepts only some steps: groups split around it, and its removal changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from fuser_core.arguments import describe_arguments
from fuser_core.interface import register_fusion
from fuser_core.kernel_spec import Request, spec_of
from fuser_core.testing import expect, graphs
from fuser_core.testing.conformance.base import PROGRAMS
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, OnlyBackend, WrongBackend, installed
from fuser_core.testing.runner import build

FIRST = 10_000  # a priority above every installed backend's


def program_of(graph, arguments, request=None):
    spec = spec_of(register_fusion(graph))
    return spec.program(describe_arguments(arguments), arguments, request or Request())[0]


def chain(graph):
    """Build ``exp(a * b + a) * b``: the steps around the addition may belong to somebody else."""
    (product,) = graph.add("np::multiply", [0, 1]).outputs
    (total,) = graph.add("np::add", [product, 0]).outputs
    (grown,) = graph.add("np::exp", [total]).outputs
    return graph.add("np::multiply", [grown, 1]).outputs


OPERANDS = [np.linspace(0, 1, 7), np.linspace(1, 2, 7)]


def names_of(program):
    return [group.compiled.plugin.name for group in program.groups]


def test_groups_split_around_the_steps_it_accepts():
    with installed("adder", OnlyBackend({"add"}, priority=FIRST)):
        program = program_of(build(2, chain), OPERANDS)
        (adder,) = [group for group in program.groups if group.compiled.plugin.name == "adder"]
        assert [step.op for step in adder.group.steps] == ["add"]
        assert len(program.groups) == 3
        (result,) = program.run(OPERANDS, 1)
    (expected,) = expect(build(2, chain), OPERANDS)
    expected.check(result, "the result of three kernels by two backends")


def test_removal_restores_what_was_before():
    before = program_of(build(2, chain), OPERANDS)
    with installed("adder", OnlyBackend({"add"}, priority=FIRST)):
        assert "adder" in names_of(program_of(build(2, chain), OPERANDS))
    after = program_of(build(2, chain), OPERANDS)
    assert after is not before
    assert names_of(after) == names_of(before)
    assert [group.group for group in after.groups] == [group.group for group in before.groups]


def test_what_it_promised_and_declines_goes_to_the_next():
    with installed("liar", DecliningBackend("compile", "changed its mind", priority=FIRST)):
        program = program_of(build(2, chain), OPERANDS)
    assert "liar" not in names_of(program)
    for group in program.groups:
        assert ("liar", "changed its mind") in [(turned.backend, turned.reason) for turned in group.turned]


@pytest.mark.parametrize("ops", [{"add", "negative", "sum"}, {"multiply", "cast", "max"}, {"where", "exp", "divide"}])
def test_random_programs_with_a_partial_backend(ops):
    partial = OnlyBackend(ops, priority=FIRST)

    @PROGRAMS
    @given(graphs())
    def check(case):
        program = program_of(case.graph, case.arguments)
        for group in program.groups:
            accepted = {step.op for step in group.group.steps} <= ops
            assert accepted == (group.compiled.plugin.name == "partial"), group.group
        with np.errstate(all="ignore"):
            results = program.run(case.arguments, 1)
        for result, expected in zip(results, expect(case.graph, case.arguments), strict=True):
            expected.check(result, f"an output of\n{case.graph}\n")

    with installed("partial", partial):
        check()
    assert partial.compiled


def test_priority_decides_among_backends_that_accept():
    first, second = AcceptingBackend(priority=FIRST), AcceptingBackend(priority=FIRST - 1)
    with installed("b_first", first), installed("a_second", second):
        program_of(build(2, chain), OPERANDS).run(OPERANDS, 1)
    assert first.launches == 1
    assert second.launches == 0


def test_wrong_values_are_seen():
    with installed("wrong", WrongBackend(priority=FIRST)):
        (result,) = program_of(build(2, chain), OPERANDS).run(OPERANDS, 1)
    (expected,) = expect(build(2, chain), OPERANDS)
    with pytest.raises(AssertionError, match=r"1 of 7 elements are wrong"):
        expected.check(result, "a spoilt result")
