"""The original's interface, compiler, caches and executor, row by row, where no other test of ours has the row."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fuser_core import (
    ArgumentError,
    debug_get_fused_kernel_code,
    debug_launch_graph,
    n_compiled_kernels,
    override_can_fuse_on_cpu,
    parse_ir,
    register_fusion,
    run_fusion,
)
from fuser_core.testing.fakes import AcceptingBackend, installed
from original.comparison import agree, close, run, samples

X = samples(3, 4)
FIRST = 10_000  # a priority above every installed backend's


@pytest.fixture
def fake():
    """A compiler that is asked before the others; ``compiled`` lists what it was asked for."""
    backend = AcceptingBackend(priority=FIRST)
    with installed("fake", backend):
        yield backend


def scaled(number):
    """Return a graph that no other test has: a sum of two arrays, one of them scaled."""
    return f"""graph(%x : Tensor, %y : Tensor):
  %k : float = prim::Constant[value={number}]()
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor = aten::mul(%x, %k)
  %3 : Tensor = aten::add(%2, %y, %1)
  return (%3)"""


# 1.1 Interface


def test_the_debug_doors_take_numbers_too(compiler):
    graph = parse_ir("graph(%x : Tensor, %k : float):\n  %r : Tensor = aten::mul(%x, %k)\n  return (%r)")
    (result,) = debug_launch_graph(graph, [X, 0.1])
    close(X * 0.1, result)
    assert debug_get_fused_kernel_code(graph, [X, 0.1])


def test_asking_for_the_code_launches_nothing(fake):
    graph = parse_ir(scaled(1.5))
    text = debug_get_fused_kernel_code(graph, [X, X])
    before = n_compiled_kernels()
    assert fake.launches == 0
    run_fusion(register_fusion(graph), [X, X])
    assert fake.launches == 1
    assert debug_get_fused_kernel_code(graph, [X, X]) == text
    assert n_compiled_kernels() == before


# 1.4 Caches


def test_the_order_of_nodes_is_part_of_the_key():
    """Nothing is sorted, merged or dropped before a graph is looked up."""
    lines = ["  %a = aten::exp(%x)", "  %b = aten::neg(%x)"]
    keys = {
        register_fusion(parse_ir("\n".join(["graph(%x):", *order, "  return (%a, %b)"])))
        for order in (lines, lines[::-1], [*lines, "  %c = aten::abs(%x)"])
    }
    assert len(keys) == 3


def test_which_arguments_share_a_kernel(fake):
    """Sizes and strides do not matter; ranks, dtypes and axes that repeat do."""
    text = scaled(2.5)
    kinds = {
        "plain": [(X, X), (samples(5, 6), samples(5, 6)), (samples(4, 3).T, samples(3, 8)[:, ::2])],
        "row": [(X, X[0])],
        "row of two dimensions": [(X, X[:1])],
        "column": [(X, X[:, :1]), (samples(3, 4).T, samples(4, 1))],
        "rank": [(X[0], X[0])],
        "dtype": [(X, X.astype(np.float64))],
    }
    for number, calls in enumerate(kinds.values(), 1):
        for x, y in calls:
            (result,) = run(text, x, y)
            close(x * np.float32(2.5) + y, result)
        assert len(fake.compiled) == number


def test_graphs_of_equal_work_share_a_kernel(fake):
    """In the original each graph had kernels of its own."""
    text = scaled(3.5)
    unused = text.replace("  return", "  %4 : Tensor = aten::neg(%3)\n  return")
    assert register_fusion(parse_ir(text)) != register_fusion(parse_ir(unused))
    for each in (text, unused):
        run(each, X, X)
    assert len(fake.compiled) == 1


# 1.5 Registration


def test_a_graph_registered_while_fusion_is_off_compiles_when_it_is_on(fake):
    override_can_fuse_on_cpu(False)
    key = register_fusion(parse_ir(scaled(4.5)))
    results = []
    for enabled in (False, True):
        override_can_fuse_on_cpu(enabled)
        stack = [X, X]
        run_fusion(key, stack)
        results += stack
        assert len(fake.compiled) == enabled
    close(*results)


NUMBERS_FIRST = """graph(%k : float, %x : Tensor, %n : int):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor = aten::mul(%x, %k)
  %3 : Tensor = aten::add(%2, %n, %1)
  return (%3)"""


def test_numbers_and_arrays_come_in_any_order(backend):
    agree(NUMBERS_FIRST, lambda k, x, n: x * k + n, 0.1, X, 3)


# 1.6 Threads


def test_a_graph_registered_by_many_threads_has_one_key():
    """Looking up, storing and preparing are one step."""
    count, rounds = 8, 40
    barrier = threading.Barrier(count)

    def register(_):
        keys = []
        for number in range(rounds):
            graph = parse_ir(scaled(1000.5 + number))
            barrier.wait(20)
            keys.append(register_fusion(graph))
        return keys

    with ThreadPoolExecutor(count) as pool:
        found = list(pool.map(register, range(count)))
    assert all(keys == found[0] for keys in found)
    assert len(set(found[0])) == rounds


# 1.7 Running


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_array_is_told_in_every_place(fake, place):
    """A missing array and one of a sparse kind: declined or not by the original, depending on the place."""

    class Sparse:
        shape, dtype = (3, 4), np.dtype(np.float32)

    key = register_fusion(parse_ir(scaled(5.5)))
    for stranger in (None, Sparse()):
        stack = [X, X]
        stack[place] = stranger
        kept = list(stack)
        with pytest.raises(
            ArgumentError, match=rf"argument {place} is a .*{type(stranger).__name__}, which is neither"
        ):
            run_fusion(key, stack)
        assert all(left is right for left, right in zip(stack, kept, strict=True))
    assert fake.compiled == []


NUMBERS_ONLY = """graph(%p : float, %q : float):
  %1 : int = prim::Constant[value=1]()
  %2 : float = aten::mul(%p, %q)
  %3 : float = aten::add(%2, %1)
  return (%3, %2)"""


def test_a_graph_of_numbers_only(backend):
    stack = [0.1, 3.0]
    run_fusion(register_fusion(parse_ir(NUMBERS_ONLY)), stack)
    assert stack == [0.1 * 3.0 + 1, 0.1 * 3.0]
    assert [type(number) for number in stack] == [float, float]


TWO_SHAPES = """graph(%x : Tensor, %y : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor = aten::add(%x, %1, %1)
  %3 : Tensor = aten::mul(%y, %y)
  return (%2, %3)"""


def test_outputs_may_have_different_shapes(backend):
    agree(TWO_SHAPES, lambda x, y: (x + 1, y * y), X, samples(5), kernels=2)


UNEVEN = """graph(%x : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor, %3 : Tensor = prim::ConstantChunk[chunks=2, dim=0](%x)
  %4 : Tensor = aten::mul(%2, %2)
  %5 : Tensor = aten::add(%3, %1, %1)
  return (%4, %5)"""


def test_pieces_that_do_not_come_out_even(backend):
    agree(UNEVEN, lambda x: (x[:3] * x[:3], x[3:] + 1), samples(5), kernels=2)


# 1.8 Launching


def test_strides_beyond_32_bits(backend, tmp_path):
    path, far = tmp_path / "sparse", 2**32 + 16
    memory = np.memmap(path, np.uint8, "w+", shape=(far + 4,))
    memory[:4], memory[far:] = (1, 2, 3, 4), (5, 6, 7, 8)
    rows = np.ndarray((2, 4), np.uint8, memory.data, strides=(far, 1))
    (result,) = run("graph(%x):\n  %r = aten::add(%x, %x)\n  return (%r)", rows)
    assert result.tolist() == [[2, 4, 6, 8], [10, 12, 14, 16]]
    del rows, memory
    path.unlink()


def test_outputs_keep_the_order_of_the_inputs_memory(backend):
    """The original's were always in C order."""
    (result,) = run(scaled(6.5), X.T, X.T)
    assert result.strides == (X.T * 2).strides


def test_arguments_that_repeat_are_not_expanded(fake):
    """The kernel gets them in their own shape."""
    run(scaled(7.5), X, X[0])
    (group,) = fake.compiled
    assert [len(value.shape) for value in group.inputs] == [2, 1]
