"""The nine functions of the original fuser's interface, its defects repaired."""

import numpy as np
import pytest

import fuser_core
from fuser_core import (
    ArgumentError,
    FusionDeclinedError,
    Graph,
    UnknownKeyError,
    can_fuse_on_cpu,
    can_fuse_on_gpu,
    debug_get_fused_kernel_code,
    debug_launch_graph,
    n_compiled_kernels,
    override_can_fuse_on_cpu,
    override_can_fuse_on_gpu,
    register_fusion,
    run_fusion,
    use_backends,
)
from fuser_core.backend import Role
from fuser_core.graph import GraphBuilder, Node
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, RaisingBackend, installed

X = np.arange(3.0)
GRAPH = Graph((0, 1), (Node("np::multiply", (0, 1), (2,)), Node("np::add", (2, 0), (3,))), (3, 2))


def test_the_nine_functions_are_public():
    nine = [name for name in fuser_core.interface.__all__ if hasattr(fuser_core, name)]
    assert len(nine) == 9


def test_the_inputs_on_the_stack_become_the_outputs():
    stack = ["below", X, 2 * X]
    assert run_fusion(register_fusion(GRAPH), stack) is None
    assert stack[0] == "below"
    np.testing.assert_array_equal(stack[1], X * 2 * X + X)
    np.testing.assert_array_equal(stack[2], X * 2 * X)
    assert len(stack) == 3


def test_registering_compiles_nothing(compiler):
    before = n_compiled_kernels()
    key = register_fusion(GRAPH)
    assert register_fusion(GRAPH) == key
    assert type(key) is int
    assert compiler.compiled == []
    assert n_compiled_kernels() == before


def test_a_second_run_compiles_nothing(compiler):
    key = register_fusion(GRAPH)
    before = n_compiled_kernels()
    for size in (3, 5, 3):
        stack = [np.ones(size), 2.0]
        run_fusion(key, stack)
        np.testing.assert_array_equal(stack[0], np.full(size, 3.0))
    assert n_compiled_kernels() == before + 1
    assert len(compiler.compiled) == 1


def test_scalars_keep_their_precision():
    stack = [np.ones(1), 0.1]
    run_fusion(register_fusion(GRAPH), stack)
    assert stack[1][0] == 0.1


@pytest.mark.parametrize("key", [-1, 10**9])
def test_an_unknown_key_raises_and_leaves_the_stack(key):
    stack = [X, X]
    message = f"{key} is not the key of a registered graph; use what register_fusion returned"
    with pytest.raises(UnknownKeyError, match=message) as caught:
        run_fusion(key, stack)
    assert isinstance(caught.value, KeyError)
    assert str(caught.value) == message
    assert stack[0] is X
    assert stack[1] is X


@pytest.mark.parametrize("key", ["text", None, 1.5])
def test_a_key_of_another_type_is_unknown(key):
    with pytest.raises((UnknownKeyError, ArgumentError), match="key"):
        run_fusion(key, [X, X])


def test_too_short_a_stack_raises_and_is_left():
    stack = [X]
    with pytest.raises(ArgumentError, match="the graph takes 2 inputs and the stack holds 1; push them all"):
        run_fusion(register_fusion(GRAPH), stack)
    assert len(stack) == 1


@pytest.mark.parametrize(
    "inputs", [[np.ones(3), np.ones(4)], [X, "text"], [X, np.array(["a"] * 3)], [X > 0, np.ones(3, "M8[s]")]]
)
def test_a_run_that_raises_leaves_the_stack(inputs):
    stack = [None, *inputs]
    with pytest.raises((ValueError, TypeError)):
        run_fusion(register_fusion(GRAPH), stack)
    assert len(stack) == 3
    assert all(left is right for left, right in zip(stack[1:], inputs, strict=True))


def test_a_launch_that_raises_leaves_the_stack():
    with installed("fake", RaisingBackend("launch", OSError("the device fell off"))):
        stack = [X, X]
        with pytest.raises(OSError, match="the device fell off"):
            run_fusion(register_fusion(GRAPH), stack)
    assert stack[0] is X
    assert len(stack) == 2


def test_without_a_compiler_nothing_can_fuse():
    assert not can_fuse_on_cpu()
    assert not can_fuse_on_gpu()
    override_can_fuse_on_cpu(True)
    override_can_fuse_on_gpu(True)
    assert not can_fuse_on_cpu()
    assert not can_fuse_on_gpu()


def test_the_fallback_is_no_backend_that_can_fuse():
    with installed("rescue", AcceptingBackend(role=Role.FALLBACK)):
        assert not can_fuse_on_cpu()


def test_with_a_compiler_the_flag_starts_on(compiler):
    assert can_fuse_on_cpu() is True
    assert can_fuse_on_gpu() is False
    override_can_fuse_on_cpu(False)
    assert can_fuse_on_cpu() is False
    override_can_fuse_on_cpu(1)
    assert can_fuse_on_cpu() is True


def test_a_compiler_that_declines_the_device_cannot_fuse():
    with installed("fake", DecliningBackend("has_fusion_backend")):
        assert not can_fuse_on_cpu()


def test_the_flags_are_apart(compiler):
    override_can_fuse_on_gpu(False)
    assert can_fuse_on_cpu()


def test_a_flag_that_is_off_leaves_the_fallback(compiler):
    key = register_fusion(GRAPH)
    override_can_fuse_on_cpu(False)
    stack = [X, X]
    run_fusion(key, stack)
    np.testing.assert_array_equal(stack[0], X * X + X)
    assert compiler.launches == 0
    override_can_fuse_on_cpu(True)
    run_fusion(key, [X, X])
    assert compiler.launches == 1


def test_debug_launch_uses_compilers_only(compiler):
    results = debug_launch_graph(GRAPH, [X, X])
    assert type(results) is list
    np.testing.assert_array_equal(results[0], X * X + X)
    assert compiler.launches == 1


def test_debug_launch_of_a_declined_graph_raises_with_reasons():
    with (
        installed("fake", DecliningBackend("supports", "no multiply here")),
        pytest.raises(
            FusionDeclinedError, match=r"(?s)no backend in use accepts `.*multiply.*` on cpu:.*fake: no multiply here"
        ),
    ):
        debug_launch_graph(GRAPH, [X, X])
    with pytest.raises(FusionDeclinedError, match="fallback_numpy: the caller ruled the fallback out"):
        debug_launch_graph(GRAPH, [X, X])


def test_debug_launch_with_the_flag_off_raises_with_reasons(compiler):
    override_can_fuse_on_cpu(False)
    with pytest.raises(FusionDeclinedError, match=r"fake: fusion on cpu is switched off.*override_can_fuse_on_cpu"):
        debug_launch_graph(GRAPH, [X, X])


def test_debug_doors_ignore_the_fallback_even_when_it_is_named(compiler):
    with use_backends("fallback_numpy"), pytest.raises(FusionDeclinedError):
        debug_launch_graph(GRAPH, [X, X])


def test_the_code_of_a_kernel(compiler):
    text = debug_get_fused_kernel_code(GRAPH, [X, X])
    assert "multiply" in text
    assert debug_get_fused_kernel_code(GRAPH, [X, X]) == text


def test_the_code_of_a_declined_graph_raises_with_reasons():
    told = pytest.raises(FusionDeclinedError, match=r"(?s)could not run fusion for graph.*fake: too large")
    with installed("fake", DecliningBackend("compile", "too large")), told:
        debug_get_fused_kernel_code(GRAPH, [X, X])


def test_the_debug_doors_need_all_inputs(compiler):
    with pytest.raises(ArgumentError, match="takes 2 inputs"):
        debug_launch_graph(GRAPH, [X])


def test_no_inputs_at_all():
    builder = GraphBuilder()
    stack = []
    run_fusion(register_fusion(builder.build(builder.add("np::sqrt", (builder.constant(4),)).outputs)), stack)
    assert stack == [2.0]
    assert isinstance(stack[0], np.float64)


def test_an_output_can_be_an_input():
    stack = [X]
    run_fusion(register_fusion(Graph((0,), (), (0, 0))), stack)
    assert len(stack) == 2
    np.testing.assert_array_equal(stack[0], X)
