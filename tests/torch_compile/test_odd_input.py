"""Input that kernels do not take, or that is more than it looks: eager's answer, or eager's error."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fuser_core import FuserWarning, fuse  # noqa: E402
from fuser_core.errors import ArgumentError  # noqa: E402
from fuser_core.torch_compile import collect_compilations  # noqa: E402 - which imports torch

pytestmark = pytest.mark.interop

SPECIAL = [float("nan"), float("inf"), -float("inf"), -0.0, 0.0, 1.0, -1.5, 3e38, 1e-40]


@pytest.fixture(autouse=True)
def _fresh():
    torch._dynamo.reset()


def _compiled(function):
    return torch.compile(function, backend="fuser")


def _mixed(x, y):
    return torch.relu(torch.maximum(x, y) + x * 2), torch.clamp(x, -1, 1).sign() - torch.sigmoid(y)


def _same(function, *args):
    """Assert that a compiled function returns what the function does, and give the groups."""
    with collect_compilations() as found:
        actual = _compiled(function)(*args)
    torch.testing.assert_close(actual, function(*args), equal_nan=True)
    return [size for each in found for size in each.groups]


def test_special_values():
    x, y = (torch.tensor(each) for each in np.meshgrid(SPECIAL, SPECIAL))
    assert _same(_mixed, x.float(), y.float())
    assert _same(lambda x, y: (torch.amax(x + y, 0), torch.fmin(x, y) + 1, (x % y) * 1, torch.where(x > y, x, y)), x, y)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.complex64], ids=str)
def test_dtypes_that_kernels_do_not_take(dtype):
    x = torch.randn(3, 4).to(dtype)
    assert _same(lambda x: x * x + 1, x) == []


@pytest.mark.parametrize("dtype", [torch.float16, torch.int64, torch.uint8, torch.bool, torch.int32], ids=str)
def test_dtypes_that_they_do(dtype):
    x = (torch.randn(3, 4) * 3).to(dtype)
    assert _same(lambda x: (x + 1.5, x.sum(), x.float().mean() * 2, (x > 0) | (x == 0)), x)


def test_what_lies_anyhow():
    x, y = torch.randn(4, 6).t(), torch.randn(12, 4)[::2]
    assert _same(_mixed, x, y)
    assert _same(_mixed, torch.randn(6, 1).expand(6, 4), y)
    assert _same(_mixed, torch.randn(0, 4), torch.randn(1, 4))
    assert _same(_mixed, torch.randn(()), torch.randn(2, 2))
    assert _compiled(_mixed)(x, y)[0].stride() == _mixed(x, y)[0].stride()


def _written(x, y):
    x.mul_(2).add_(1)
    view = y[1:]
    view += x[1:]
    return x + y


def test_writes_to_arguments_and_views():
    pairs = [(torch.ones(4, 3), torch.zeros(4, 3)) for _ in range(2)]
    torch.testing.assert_close(_compiled(_written)(*pairs[0]), _written(*pairs[1]))
    torch.testing.assert_close(pairs[0], pairs[1])


def test_results_that_are_views_of_arguments():
    def both(x):
        return x.t(), x * 2 + 1, x

    x = torch.randn(3, 4)
    view, _, same = _compiled(both)(x)
    assert view.data_ptr() == same.data_ptr() == x.data_ptr()


def test_results_have_memory_of_their_own():
    def same(x):
        return x * 1 + 0, x.clone() * 1, x.relu().relu(), x.relu().relu()

    x = torch.ones(3, 4)
    results = _compiled(same)(x)
    for result in results:
        result.add_(1)
    assert bool((x == 1).all())
    assert all(bool((result == 2).all()) for result in results)


def test_the_default_dtype():
    torch.set_default_dtype(torch.float64)
    try:
        _same(lambda x: (torch.exp(x) + 1, x / 2), torch.arange(4))
    finally:
        torch.set_default_dtype(torch.float32)


def test_tensors_without_plain_memory():
    sparse = torch.eye(3).to_sparse()
    torch.testing.assert_close(_compiled(lambda x: (x * 2 + x).to_dense())(sparse), torch.eye(3) * 3)
    assert _compiled(lambda x: x * 2 + x)(torch.ones(3, device="meta")).is_meta


def test_vmap_and_grad_inside():
    def inside(x):
        return torch.func.vmap(lambda row: torch.tanh(row) * 2 + row.sum())(x)

    assert _same(inside, torch.randn(3, 4))
    gradient = torch.func.grad(lambda x: (torch.tanh(x) * 2).sum())
    assert _same(gradient, torch.randn(3, 4))


def test_vmap_outside():
    x = torch.randn(3, 4)
    torch.testing.assert_close(torch.func.vmap(_compiled(lambda x: torch.tanh(x) * 2 + x))(x), torch.tanh(x) * 2 + x)


def test_dropout_draws_eagers_numbers():
    def dropped(x):
        return torch.nn.functional.dropout(torch.relu(x) + 1, 0.5) * 2

    x = torch.randn(100)
    torch.manual_seed(5)
    expected = dropped(x)
    torch.manual_seed(5)
    torch.testing.assert_close(_compiled(dropped)(x), expected)


def test_numbers_as_arguments():
    compiled = _compiled(lambda x, factor: torch.exp(x * factor) + factor)
    x = torch.randn(5)
    for factor in (2, 3, 4, 0.5, 0.25):
        torch.testing.assert_close(compiled(x, factor), torch.exp(x * factor) + factor)


def test_options_are_refused():
    with pytest.raises((ArgumentError, torch._dynamo.exc.BackendCompilerFailed), match="takes no options"):
        torch.compile(lambda x: x + 1, backend="fuser", options={"depth": 3})(torch.ones(3))


def test_without_a_compiler_all_is_eager(monkeypatch):
    monkeypatch.setenv("FUSER_BACKENDS", "fallback_numpy")
    assert _same(_mixed, torch.randn(3, 4), torch.randn(3, 4)) == []


def test_gradients_through_a_fused_numpy_function_are_pytorchs_or_refused():
    x = torch.ones(3, requires_grad=True)
    with pytest.warns(FuserWarning, match="the function itself was called"):
        fuse(lambda x: x * x + 1)(x).sum().backward()
    torch.testing.assert_close(x.grad, torch.full((3,), 2.0))
    with pytest.warns(FuserWarning), pytest.raises(RuntimeError, match=r"detach\(\)"):
        fuse(np.exp)(x)
