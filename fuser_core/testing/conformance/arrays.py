"""Standard tests of arrays: every layout, broadcasting, every awkward size, and where results are written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from fuser_core.errors import FusionDeclinedError
from fuser_core.graph import GraphBuilder
from fuser_core.testing.compare import expect
from fuser_core.testing.conformance.base import ConformanceBase, DType, Refusals, accepted_program, multiply_add
from fuser_core.testing.runner import Runner, build, single
from fuser_core.testing.values import DTYPES, LAYOUTS, arrange, mixture

__all__ = ["ArrayTests"]

_SHAPES = ((), (5,), (1, 7), (3, 1, 6), (2, 3, 4, 5))


class ArrayTests(ConformanceBase):
    """One small program on arrays of every kind."""

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_layout(self, checks: Refusals, layout: str) -> None:
        """Inputs of every rank, in every pair of layouts."""
        for dtype, shape, other in itertools.product(DTYPES, _SHAPES, LAYOUTS):
            left = arrange(mixture(dtype, shape, seed=1), layout)
            right = arrange(mixture(dtype, shape, seed=2), other)
            checks.check(multiply_add(), [left, right])
        checks.conclude()

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_reduction_of_layout(self, checks: Refusals, layout: str) -> None:
        """Reductions over every axis, of arrays in every layout."""
        for dtype, shape, name in itertools.product(DTYPES, _SHAPES[1:], ("max", "sum")):
            array = arrange(mixture(dtype, shape, seed=3, special=0.0), layout)
            for axis in (None, *range(len(shape))):
                checks.check(single(name, axis=axis), [array])
        checks.conclude()

    @pytest.mark.parametrize(
        "shapes",
        [
            ((5,), ()),
            ((4, 5), (5,)),
            ((4, 5), (4, 1)),
            ((4, 1), (1, 5)),
            ((1, 1, 1), (3, 1, 2)),
            ((2, 3, 4), (3, 1)),
            ((0, 3), (1, 3)),
            ((7, 1, 5, 1), (1, 6, 1, 70)),
        ],
        ids=str,
    )
    def test_broadcasting(self, checks: Refusals, basic_dtype: DType, shapes: tuple[tuple[int, ...], ...]) -> None:
        """Axes of size 1 and missing axes repeat, in either operand."""
        operands = [mixture(basic_dtype, shape, seed) for seed, shape in enumerate(shapes)]
        checks.check(multiply_add(), operands)
        checks.check(multiply_add(), operands[::-1])

    @pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4), (0, 0)], ids=str)
    def test_empty(self, checks: Refusals, basic_dtype: DType, shape: tuple[int, ...]) -> None:
        """No elements at all, and their sum."""
        checks.check(multiply_add(), [np.ones(shape, basic_dtype)] * 2)
        checks.check(single("sum", axis=0), [np.ones(shape, basic_dtype)])

    def test_no_dimensions(self, checks: Refusals, basic_dtype: DType) -> None:
        """0-d arrays and NumPy scalars, alone and with arrays."""
        scalar = basic_dtype.type(3)
        for left, right in itertools.product((scalar, np.array(scalar), np.full(4, scalar)), repeat=2):
            checks.check(multiply_add(), [left, right])

    def test_sizes_around_vectors(self, checks: Refusals) -> None:
        """Every size that leaves a remainder of some vector width, with reductions."""

        def body(graph: GraphBuilder) -> Sequence[int]:
            (product,) = graph.add("np::multiply", [0, 1]).outputs
            (total,) = graph.add("np::sum", [product]).outputs
            return [product, total]

        for dtype, size in itertools.product(DTYPES, [*range(71), 127, 128, 129, 1000, 1023]):
            operands = [mixture(dtype, (size,), seed, special=0.0) for seed in (size, size + 1)]
            checks.check(build(2, body), operands)
            checks.check(multiply_add(), [operand[::-1] for operand in operands])
        checks.conclude()

    @pytest.mark.parametrize("shape", [(1_048_579,), (1031, 1021), (3, 200_003), (200_003, 3)], ids=str)
    def test_large(self, checks: Refusals, basic_dtype: DType, shape: tuple[int, ...]) -> None:
        """More elements than fit into caches or into one thread's share."""
        operands = [mixture(basic_dtype, shape, seed, special=0.01) for seed in (1, 2)]
        checks.check(multiply_add(), operands, threads=4)
        for name, axis in itertools.product(("sum", "max"), (None, 0, len(shape) - 1)):
            checks.check(single(name, axis=axis), [mixture(basic_dtype, shape, seed=3, special=0.0)], threads=4)

    def test_huge(self, runner: Runner) -> None:
        """More elements than 32 bits count; the memory is that of one page, since nothing was ever written to it."""
        if not runner.placement.on_host:
            pytest.skip("a device would have to hold all of the memory")
        size = 2**31 + 11
        try:
            array = np.zeros(size, np.int8)
        except MemoryError:
            pytest.skip("this machine grants no array of 2 GiB")
        array[[5, -3]] = 3, 7
        try:
            program = runner.program(single("max"), [array])
        except FusionDeclinedError as error:
            pytest.skip(str(error))
        (largest,) = program.run([array], 2)
        assert largest == 7, f"of {size} elements the last are not looked at: the largest is 7, not {largest}"

    def test_inputs_are_left_alone(self, runner: Runner, basic_dtype: DType) -> None:
        """A kernel reads its inputs and writes to its outputs, to nothing else and to nothing beside them."""
        if not runner.placement.on_host:
            pytest.skip("the device's memory around an array cannot be seen")
        for size in (1, 7, 64, 1003):
            operands = [mixture(basic_dtype, (size,), seed) for seed in (1, 2)]
            before = [operand.copy() for operand in operands]
            around = np.full(size + 16, 3, basic_dtype)
            runner.program(multiply_add(), operands).run(operands, 2, {0: around[8:-8]})
            for number, (operand, copy) in enumerate(zip(operands, before, strict=True)):
                assert operand.tobytes() == copy.tobytes(), f"input {number} is not what it was"
            assert (around[:8] == 3).all(), "there were writes before the first element of an output"
            assert (around[-8:] == 3).all(), "there were writes behind the last element of an output"

    @pytest.mark.parametrize("shift", [-7, -1, 1, 7])
    def test_overlap(self, runner: Runner, basic_dtype: DType, shift: int) -> None:
        """An output may share some of its memory with inputs: results are as if it did not."""
        for size in (8, 64, 70_001):
            memory = mixture(basic_dtype, (size + 7,), seed=1)
            start = max(-shift, 0)
            operands = [memory[start : start + size - 7], mixture(basic_dtype, (size - 7,), seed=2)]
            (expected,) = expect(multiply_add(), [operand.copy() for operand in operands])
            out = memory[start + shift : start + shift + size - 7]
            (result,) = runner.program(multiply_add(), operands).run(operands, 2, {0: out})
            expected.check(result, f"the result, asked for {shift} elements from where an input lies")

    def test_several_outputs(self, checks: Refusals, basic_dtype: DType) -> None:
        """Intermediates as outputs too, one of them twice, and reductions beside arrays."""

        def body(graph: GraphBuilder) -> Sequence[int]:
            (total,) = graph.add("np::add", [0, 1]).outputs
            (product,) = graph.add("np::multiply", [total, 1]).outputs
            (largest,) = graph.add("np::max", [product], axis=1).outputs
            (less,) = graph.add("np::less", [total, product]).outputs
            return [product, total, largest, less, product]

        checks.check(build(2, body), [mixture(basic_dtype, (6, 50), seed) for seed in (1, 2)])

    @pytest.mark.parametrize("layout", ["C", "F", "transposed", "strided", "reversed", "unaligned"])
    def test_output_array(self, runner: Runner, basic_dtype: DType, layout: str) -> None:
        """Results go into arrays of the caller's, of any layout."""
        operands = [mixture(basic_dtype, (9, 35), seed) for seed in (1, 2)]
        (expected,) = expect(multiply_add(), operands)
        out = arrange(np.zeros((9, 35), basic_dtype), layout)
        (result,) = runner.program(multiply_add(), operands).run(operands, 2, {0: out})
        assert result is out, "the result is not the caller's array"
        expected.check(out, f"the caller's array of layout {layout}")

    @pytest.mark.parametrize("layout", ["C", "F", "transposed", "strided", "reversed", "unaligned"])
    @pytest.mark.parametrize("position", [0, 1])
    def test_in_place(self, runner: Runner, basic_dtype: DType, layout: str, position: int) -> None:
        """An output may be the very memory of an input."""
        for size in (1, 5, 64, 70_001):
            operands = [arrange(mixture(basic_dtype, (3, size), seed), layout) for seed in (1, 2)]
            (expected,) = expect(multiply_add(), [operand.copy() for operand in operands])
            runner.program(multiply_add(), operands).run(operands, 3, {0: operands[position]})
            expected.check(operands[position], f"input {position}, overwritten")

    @pytest.mark.parametrize("places", [(0, 1), (1, 0), (0, None), (None, 0), (1, None), (None, 1)], ids=str)
    def test_several_in_place(self, runner: Runner, basic_dtype: DType, places: tuple[int | None, int | None]) -> None:
        """Two outputs may be the memory of inputs that both of them read, and of what a selection chooses from."""

        def body(graph: GraphBuilder) -> Sequence[int]:
            (less,) = graph.add("np::less", [0, 1]).outputs
            (chosen,) = graph.add("np::where", [less, 0, 1]).outputs
            (total,) = graph.add("np::add", [0, 1]).outputs
            return [chosen, total]

        graph = build(2, body)
        for size in (1, 5, 64, 70_001):
            operands = [mixture(basic_dtype, (3, size), seed) for seed in (1, 2)]
            expected = expect(graph, [operand.copy() for operand in operands])
            targets = {output: operands[place] for output, place in enumerate(places) if place is not None}
            results = accepted_program(runner, graph, operands).run(operands, 3, targets)
            for output, expectation in enumerate(expected):
                expectation.check(results[output], f"output {output}, where outputs are inputs {places}")
