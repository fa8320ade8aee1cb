"""The README's session, step by step: from text to kernel to fallback, by every compiler that is installed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fuser_core import (
    FusionDeclinedError,
    can_fuse_on_cpu,
    debug_get_fused_kernel_code,
    debug_launch_graph,
    n_compiled_kernels,
    override_can_fuse_on_cpu,
    parse_ir,
    register_fusion,
    run_fusion,
    use_backends,
)
from fuser_core.testing.fakes import AcceptingBackend, installed
from usable import compilers

X, Y = np.linspace(0, 1, 5), np.full(5, 2.0)
_numbers = itertools.count(2)  # a kernel of its own for each session
TEXT = """
graph(%x : Tensor, %y : Tensor):
  %product : Tensor = aten::mul(%x, %y)
  %number : int = prim::Constant[value=NUMBER]()
  %sum : Tensor = aten::add(%product, %y, %number)
  %out : Tensor = aten::tanh(%sum)
  return (%out, %product)
"""


@pytest.fixture(params=["fake", *compilers()])
def compiler(request):
    if request.param != "fake":
        with use_backends(request.param):
            yield request.param
    else:
        with installed("fake", AcceptingBackend()), use_backends("fake"):
            yield "fake"


def _check(stack, number):
    np.testing.assert_allclose(stack[0], np.tanh(X * Y + number * Y), rtol=1e-12)
    np.testing.assert_array_equal(stack[1], X * Y)
    assert len(stack) == 2


def test_the_session(compiler):
    number = next(_numbers)
    text = TEXT.replace("NUMBER", str(number))
    graph = parse_ir(text)
    before = n_compiled_kernels()
    key = register_fusion(graph)
    assert register_fusion(parse_ir(text.replace("%product", "%p"))) == key
    assert n_compiled_kernels() == before
    assert can_fuse_on_cpu()

    stack = ["below", X, Y]
    run_fusion(key, stack)
    assert stack.pop(0) == "below"
    _check(stack, number)
    compiled = n_compiled_kernels()
    assert compiled > before

    run_fusion(key, [np.ones(777), np.ones(777)])
    assert n_compiled_kernels() == compiled

    code = debug_get_fused_kernel_code(graph, [X, Y])
    assert code
    _check(debug_launch_graph(graph, [X, Y]), number)
    assert n_compiled_kernels() == compiled

    override_can_fuse_on_cpu(False)
    assert not can_fuse_on_cpu()
    stack = [X, Y]
    run_fusion(key, stack)
    _check(stack, number)
    assert n_compiled_kernels() == compiled
    reason = rf"{compiler}: fusion on cpu is switched off; override_can_fuse_on_cpu\(True\) switches it on"
    with pytest.raises(FusionDeclinedError, match=rf"(?s)could not run fusion for graph: .*{reason}"):
        debug_get_fused_kernel_code(graph, [X, Y])
    with pytest.raises(FusionDeclinedError, match=reason):
        debug_launch_graph(graph, [X, Y])

    override_can_fuse_on_cpu(True)
    assert can_fuse_on_cpu()
    assert debug_get_fused_kernel_code(graph, [X, Y]) == code
    stack = [X, Y]
    run_fusion(key, stack)
    _check(stack, number)
    assert n_compiled_kernels() == compiled
