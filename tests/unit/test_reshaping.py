"""Reshape motion: what becomes one kernel, what stays behind one, and that nothing is computed or copied in vain."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.plan import Elementwise, Opaque, Reduce, Reshape, View

X = np.arange(120.0).reshape(4, 5, 6)
ROW = np.arange(6.0)
COLUMN = np.arange(4.0).reshape(4, 1, 1)


def _steps(fused, *args):
    """Return the kinds of steps of the program that serves a call, in their order in the plan."""
    return [type(step) for step in _plan(fused, *args).steps]


def _plan(fused, *args):
    entry = fused._dispatcher._fusable(args, {})[1]
    return entry.program.plan


ONE_KERNEL = {
    "then summed": (lambda x: (x * 2 + 1).reshape(-1).sum(), (X,), 0),
    "of a part, then summed": (lambda x: (x[:, 1:] * x[:, :-1]).reshape(-1).sum(), (X,), 0),
    "twice, then summed": (lambda x: (x * 2).reshape(4, -1).reshape(-1).sum(), (X,), 0),
    "behind an axis, then summed along": (lambda x: np.sqrt(x).reshape(x.shape[0], -1).sum(axis=1), (X,), 0),
    "before an axis, then summed": (lambda x: (x + 1).reshape(-1, 6).sum(axis=0), (X,), 0),
    "then computed with": (lambda x: (x * 2 + 1).reshape(-1) * 3, (X,), 1),
    "of two": (lambda x, y: (x * 2 + y).reshape(-1) * 3, (X, X + 1), 2),
    "of two apart": (lambda x, y: (x * 2).reshape(4, -1) - np.exp(y).reshape(4, -1), (X, X + 1), 2),
    "twice": (lambda x: ((x * 2).reshape(-1) + 1).reshape(20, 6) - 1, (X,), 2),
    "with a bias": (lambda x, b: (x + b).reshape(-1, 6) * 2, (X, ROW), 1),
    "with a factor for each row": (lambda x, g: (x * g).reshape(x.shape[0], -1) + 1, (X, COLUMN), 1),
    "to a larger rank": (lambda x, b: (x.reshape(20, 6) * b).reshape(x.shape) + x, (X, ROW), 2),
    "flattened": (lambda x: (x * 2).flatten(), (X,), 1),
    "put together": (lambda x: np.concatenate([(x * 2).reshape(-1), (x + 1).reshape(-1)]), (X,), 1),
}


@pytest.mark.parametrize("form", ONE_KERNEL)
def test_one_kernel(form, compiler, same):
    function, args, reshapes = ONE_KERNEL[form]
    fused = fuse(function)
    for order in "CF":
        own = [np.array(arg, order=order) for arg in args]
        same(fused(*own), function(*own))
    assert len(compiler.compiled) == 1
    assert _steps(fused, *args).count(Reshape) == reshapes


STAYS = {
    "returned": (lambda x: (x * 2 + 1).reshape(-1), 1),
    "returned, and its source too": (lambda x: (y := x * 2, y.reshape(-1)), 1),
    "read by another library": (lambda x: np.sort((x * 2).reshape(-1)), 1),
    "of a sum that repeats": (lambda x: (x / x.sum(axis=0)).reshape(-1) + 1, 3),
    "of parts": (lambda x: (x[:, 1:] * x[:, :-1]).reshape(-1) + 1, 2),
    "of a transposed array": (lambda x: (x.T * 2).reshape(-1) + 1, 2),
    "of what others read": (lambda x: ((y := x + 1) * 2, y.reshape(-1) + 3), 2),
    "summed to an array": (lambda x: (x * 2).reshape(2, 2, 5, 6).sum(axis=2), 1),
}


@pytest.mark.parametrize("form", STAYS)
def test_no_step_is_done_twice_and_no_part_is_copied(form, compiler, same):
    function, kernels = STAYS[form]
    fused = fuse(function)
    same(fused(X), function(X))
    plan = _plan(fused, X)
    assert len(compiler.compiled) == kernels
    assert sum(isinstance(step, Reshape) for step in plan.steps) == 1
    by_number = {value.id: step for step in plan.steps for value in step.outputs}
    reshaped = [by_number.get(step.input.id) for step in plan.steps if isinstance(step, Reshape)]
    assert not any(isinstance(maker, View) for maker in reshaped)


def test_a_reshape_by_axes_of_size_one_is_a_view():
    for function in (
        lambda x: x.reshape(1, *x.shape) + 1,
        lambda x: x[:, None].reshape(x.shape) * 2,
        lambda x: x.reshape(x.shape) - 1,
        lambda x: (x * 2).reshape(*x.shape, 1).sum(),
    ):
        steps = _steps(fuse(function), X)
        assert Reshape not in steps
    assert _steps(fuse(lambda x: x.reshape(x.shape) - 1), X) == [View, Elementwise]
    assert _steps(fuse(lambda x: (x * 2).reshape(*x.shape, 1).sum()), X)[-1] is Reduce


def test_a_reshape_that_guards_make_a_view_is_one():
    fused = fuse(lambda x, y: (x.reshape(y.shape), x + y))
    assert Reshape not in _steps(fused, X, X)


def test_minima_without_elements_are_told_as_by_numpy(agree):
    for shape in [(0, 3), (3, 0), (0, 0)]:
        agree(lambda x: (x + 1).reshape(0, 5).max(axis=1), np.empty(shape))
        agree(lambda x: (x + 1).reshape(5, 0).max(axis=1), np.empty(shape))
        agree(lambda x: (x + 1).reshape(0, 5).max(), np.empty(shape))
        agree(lambda x: (x + 1).reshape(0, 5).sum(axis=0), np.empty(shape))


def test_what_repeats_where_nothing_is_needs_no_elements(agree):
    agree(lambda x, b: (x + b).reshape(x.shape[0], 5) * 2, np.empty((0, 3)), np.arange(3.0))
    agree(lambda x, b: (x + b).reshape(0, 5, 2) * 2, np.empty((0, 3)), np.arange(3.0))


def test_many_reshapes_in_a_row(same):
    def plain(x):
        for _ in range(150):
            x = (x * 0.5 + 1).reshape(2, -1).reshape(-1)
        return x

    fused = fuse(plain)
    same(fused(ROW), plain(ROW))
    plan = _plan(fused, ROW)
    assert sum(isinstance(step, Elementwise) for step in plan.steps) == 300
    assert not any(isinstance(step, Opaque) for step in plan.steps)
