"""Modules compiled by `torch.compile(backend="fuser")`: results, gradients, buffers and memory layouts are eager's."""

import copy

import pytest

torch = pytest.importorskip("torch")
blocks = pytest.importorskip("torch_blocks")

from fuser_core.torch_compile import collect_compilations  # noqa: E402 - which imports torch

pytestmark = pytest.mark.interop


def _results(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


def _step(module, inputs):
    """Return results and gradients of one step of training."""
    own = [tensor.clone().requires_grad_() for tensor in inputs]
    outputs = _results(module(*own))
    sum((output**2).sum() for output in outputs).backward()
    return outputs, [tensor.grad for tensor in own]


def _assert_same(actual, expected):
    """Assert what eager itself keeps, which rounds too: errors are small beside the largest element."""
    for left, right in zip(actual, expected, strict=True):
        assert (left.dtype, left.shape, left.stride()) == (right.dtype, right.shape, right.stride())
        scale = float(right.detach().abs().max())
        torch.testing.assert_close(left, right, rtol=0, atol=5e-6 * scale if right.is_floating_point() else 0)


@pytest.mark.parametrize("name", blocks.MODULES)
def test_training_is_eagers(name):
    torch._dynamo.reset()
    torch.manual_seed(0)
    module, inputs = blocks.MODULES[name](), blocks.inputs_of(name)
    twin = copy.deepcopy(module)
    compiled = torch.compile(twin, backend="fuser")
    with collect_compilations() as found:
        for _ in range(2):
            (expected, of_inputs), (actual, gradients) = _step(module, inputs), _step(compiled, inputs)
            _assert_same(actual, expected)
            _assert_same(gradients, of_inputs)
    _assert_same([each.grad for each in twin.parameters()], [each.grad for each in module.parameters()])
    _assert_same(list(twin.buffers()), list(module.buffers()))
    assert [each.kind for each in found] == ["forward", "backward"]
    for each in found:
        assert sum(each.groups) > 5
        heavy = ("mm", "convolution", "clone", "expand")
        reasons = {name: reason for name, reason in each.reasons.items() if not any(part in name for part in heavy)}
        assert set(reasons.values()) <= {
            "it is a view that PyTorch reads",
            "it is a view that is returned",
            "its group would hold nothing else",
        }


@pytest.mark.parametrize("name", blocks.MODULES)
def test_inference_is_eagers(name):
    torch._dynamo.reset()
    torch.manual_seed(0)
    module, inputs = blocks.MODULES[name]().eval(), blocks.inputs_of(name)
    compiled = torch.compile(module, backend="fuser")
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            _assert_same(_results(compiled(*inputs)), _results(module(*inputs)))


def test_other_sizes_compile_nothing():
    torch._dynamo.reset()
    module = blocks.MODULES["transformer"]()
    compiled = torch.compile(module, backend="fuser", dynamic=True)
    with collect_compilations() as found:
        for size in (3, 5, 4, 7):
            inputs = blocks.inputs_of("transformer", size)
            expected, actual = _step(module, inputs), _step(compiled, inputs)
            _assert_same(actual[0], expected[0])
            _assert_same(actual[1], expected[1])
    assert [each.kind for each in found] == ["forward", "backward"]
    assert all(sum(each.groups) > 5 for each in found)


def test_autocast_is_eagers():
    torch._dynamo.reset()
    module, inputs = blocks.MODULES["transformer"](), blocks.inputs_of("transformer")
    compiled = torch.compile(module, backend="fuser")
    for dtype in (torch.bfloat16, torch.float16):
        with torch.no_grad(), torch.autocast("cpu", dtype):
            expected, actual = module(*inputs), compiled(*inputs)
        torch.testing.assert_close(actual, expected, rtol=2e-2, atol=2e-2)
