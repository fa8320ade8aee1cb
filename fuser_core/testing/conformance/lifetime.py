"""Standard tests of lifetime: what a kernel owns, what it must let go of, and groups that come from elsewhere."""

from __future__ import annotations

import gc
import pickle
import weakref

import pytest

from fuser_core.backend import Group
from fuser_core.testing.compare import expect
from fuser_core.testing.conformance.base import Array, ConformanceBase, DType, multiply_add
from fuser_core.testing.runner import Runner, single
from fuser_core.testing.values import mixture

__all__ = ["LifetimeTests"]


class LifetimeTests(ConformanceBase):
    """Kernels and arrays, from the first to the last reference."""

    def test_kernel_outlives_everything_else(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel owns its code: it runs after all else of its compilation is gone and others were compiled."""
        operands = _operands(basic_dtype)
        (expected,) = expect(multiply_add(), operands)
        group = _group(runner, operands)
        kernel = runner.compile(pickle.loads(pickle.dumps(group)))  # noqa: S301 - a copy that nobody else holds
        runner.program(single("multiply", 2), operands)
        runner.compile(runner.program(single("add", 2), operands).groups[0].group)
        gc.collect()
        expected.check(runner.launch(kernel, group, operands), "the result of a kernel that nothing else refers to")

    def test_groups_may_come_from_elsewhere(self, runner: Runner, basic_dtype: DType) -> None:
        """A group that was pickled is as good as the group: nothing of it is told by identity."""
        operands = _operands(basic_dtype)
        (expected,) = expect(multiply_add(), operands)
        copy = pickle.loads(pickle.dumps(_group(runner, operands)))  # noqa: S301 - written a moment ago
        expected.check(runner.launch(runner.compile(copy), copy, operands), "the result of a pickled group")

    def test_kernels_are_freed(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel that nobody holds is gone: who compiles for days must not grow for ever."""
        group = _group(runner, _operands(basic_dtype))
        kernels = [runner.compile(group) for _ in range(3)]
        if len({id(kernel) for kernel in kernels}) == 1:
            pytest.skip("equal groups share one kernel, whose end nobody can see")
        try:
            references = [weakref.ref(kernel) for kernel in kernels]
        except TypeError:
            pytest.skip("its kernels cannot be referred to weakly, so their end cannot be seen")
        del kernels
        gc.collect()
        alive = sum(reference() is not None for reference in references)
        assert not alive, f"{alive} of 3 kernels that nobody holds are still there"

    def test_arrays_are_let_go(self, runner: Runner, basic_dtype: DType) -> None:
        """After a launch the backend holds none of its arrays: their memory would be lost to the user."""
        operands = [runner.placement.put(operand) for operand in _operands(basic_dtype)]
        program = runner.program(multiply_add(), operands) if runner.placement.on_host else None
        if program is None:
            pytest.skip("the arrays of a device are its library's")
        results = program.run(operands, 2)
        references = [weakref.ref(array) for array in (*operands, *results)]
        del operands, results
        gc.collect()
        alive = sum(reference() is not None for reference in references)
        assert not alive, f"{alive} of 3 arrays that nobody else holds are still there"


def _operands(dtype: DType) -> list[Array]:
    return [mixture(dtype, (1003,), seed) for seed in (1, 2)]


def _group(runner: Runner, operands: list[Array]) -> Group:
    (bound,) = runner.program(multiply_add(), operands).groups
    group: Group = bound.group
    return group
