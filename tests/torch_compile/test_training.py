"""Modules compiled by `torch.compile(backend="fuser")`: results, gradients and memory layouts are eager's."""

import copy

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.interop

from fuser_core.torch_compile import collect_compilations  # noqa: E402 - which imports torch


def _multilayer_perceptron():
    layers = [torch.nn.Linear(16, 32), torch.nn.GELU(), torch.nn.LayerNorm(32), torch.nn.Linear(32, 8)]
    return torch.nn.Sequential(*layers, torch.nn.Softmax(-1))


def test_a_step_of_training_is_eagers():
    torch.manual_seed(0)
    module, x = _multilayer_perceptron(), torch.randn(5, 16)
    twin = copy.deepcopy(module)
    compiled = torch.compile(twin, backend="fuser")
    with collect_compilations() as found:
        for _ in range(3):
            expected, actual = module(x), compiled(x)
            torch.testing.assert_close(actual, expected)
            assert actual.stride() == expected.stride()
            (expected**2).sum().backward()
            (actual**2).sum().backward()
    for left, right in zip(twin.parameters(), module.parameters(), strict=True):
        torch.testing.assert_close(left.grad, right.grad)
    assert [each.kind for each in found] == ["forward", "backward"]
    assert all(each.groups for each in found)
    assert {"aten.addmm.default"} <= found[0].eager.keys()
