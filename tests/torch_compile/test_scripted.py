"""`fuse_torchscript`: scripted and traced functions and modules give eager's results, fused or in words not."""

import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fuser_core import FuserWarning, fuse_torchscript  # noqa: E402 - which imports torch
from fuser_core.errors import ArgumentError  # noqa: E402

pytestmark = pytest.mark.interop


def _script(function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, not gone
        return torch.jit.script(function)


def _trace(function, *inputs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(function, inputs)


def _scaled(x, factor: float = 2.0):
    return torch.relu(x) * factor, (x + 1).sum()


def _branching(x):
    if bool(x.sum() > 0):
        return x + 1
    return x - 1


def _random(x):
    return torch.rand_like(x) + x


def test_a_scripted_function():
    scripted, x = _script(_scaled), torch.randn(3, 4)
    fused = fuse_torchscript(scripted)
    for arguments in ((x,), (x, 3.0)):
        for left, right in zip(fused(*arguments), scripted(*arguments), strict=True):
            torch.testing.assert_close(left, right)
    torch.testing.assert_close(fused(x, factor=5.0)[0], scripted(x, factor=5.0)[0])
    assert fused.reason is None


def test_arrays_go_in_and_come_out():
    x = np.linspace(-1, 1, 7, dtype=np.float32)
    result, total = fuse_torchscript(_script(_scaled))(x)
    assert isinstance(result, np.ndarray)
    np.testing.assert_array_equal(result, np.maximum(x, 0) * 2)
    assert total == pytest.approx(float((x + 1).sum()))


@pytest.mark.parametrize("make", [_script, lambda module: _trace(module, torch.randn(2, 4))], ids=["script", "trace"])
def test_a_module(make):
    layers = [torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.LayerNorm(3), torch.nn.Linear(3, 2), torch.nn.GELU()]
    module = torch.nn.Sequential(*layers)
    fused, x = fuse_torchscript(make(module)), torch.randn(5, 4)
    with torch.no_grad():
        torch.testing.assert_close(fused(x), module(x))
        assert fused.reason is None
        module[0].weight.mul_(2)
        torch.testing.assert_close(fused(x), module(x))


def test_gradients_are_the_originals():
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh())
    fused, x = fuse_torchscript(_script(module)), torch.randn(5, 4, requires_grad=True)
    with pytest.warns(FuserWarning, match=r"requires a gradient.*torch\.no_grad"):
        fused(x).sum().backward()
    expected = torch.autograd.grad(module(x).sum(), x)[0]
    torch.testing.assert_close(x.grad, expected)


@pytest.mark.parametrize(("function", "words"), [(_branching, "control flow|prim::If"), (_random, "random")])
def test_what_is_no_graph_runs_as_it_is(function, words):
    fused = fuse_torchscript(_script(function))
    torch.manual_seed(3)
    with pytest.warns(FuserWarning, match=words):
        actual = fused(torch.ones(3))
    torch.manual_seed(3)
    torch.testing.assert_close(actual, function(torch.ones(3)))


def _odd_tensors():
    yield "sparse", torch.eye(3).to_sparse(), "sparse"
    yield "meta", torch.ones(3, device="meta"), "meta"
    yield "complex64", torch.randn(3, dtype=torch.complex64), "relu"


@pytest.mark.parametrize("tensor", [each[1] for each in _odd_tensors()], ids=[each[0] for each in _odd_tensors()])
def test_odd_tensors_are_the_originals_business(tensor):
    scripted = _script(_scaled)
    fused = fuse_torchscript(scripted)
    try:
        expected = scripted(tensor)
    except (NotImplementedError, RuntimeError) as error:
        with pytest.raises(type(error)):
            fused(tensor)
        return
    with pytest.warns(FuserWarning, match="not fused"):
        actual = fused(tensor)
    assert (actual[0].layout, actual[0].device, actual[0].shape) == (
        expected[0].layout,
        expected[0].device,
        expected[0].shape,
    )


def _doubled(x):
    return torch.tanh(x) * 2


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # which the first jvp calls
def test_transforms_of_functorch():
    fused, x = fuse_torchscript(_script(_doubled)), torch.randn(3, 4)
    with pytest.warns(FuserWarning, match="stands for others"):
        torch.testing.assert_close(torch.func.vmap(fused)(x), _doubled(x))
    gradient = torch.func.grad(lambda x: fused(x).sum())(x)
    torch.testing.assert_close(gradient, torch.func.grad(lambda x: _doubled(x).sum())(x))
    with pytest.warns(FuserWarning, match="forward-mode"):
        _, tangent = torch.func.jvp(fused, (x,), (torch.ones_like(x),))
    torch.testing.assert_close(tangent, torch.func.jvp(_doubled, (x,), (torch.ones_like(x),))[1])


def test_mistakes_are_told_in_pytorchs_words():
    fused = fuse_torchscript(_script(_scaled))
    with pytest.raises(RuntimeError, match="missing value for argument 'x'"):
        fused()
    with pytest.raises(ArgumentError, match=r"torch\.jit\.script or torch\.jit\.trace"):
        fuse_torchscript(_scaled)
