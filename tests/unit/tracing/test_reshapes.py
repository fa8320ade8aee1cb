"""Reshapes that join or split axes: sizes are symbols, errors NumPy's, writes seen where NumPy shows them."""

import inspect

import numpy as np
import pytest

from fuser_core import FuserWarning, ShapeError, UntraceableError, fuse

GRID = np.arange(24.0).reshape(4, 6)


def _ramp(*shape):
    return np.arange(float(np.prod(shape))).reshape(shape)


FORMS = {
    "to a row": (lambda x: x.reshape(-1) * 2, [(4, 6), (3, 2), (5, 7)]),
    "behind one axis": (lambda x: x.reshape(x.shape[0], -1) - 1, [(4, 6), (3, 2, 2), (5, 7)]),
    "to a product of sizes": (lambda x: x.reshape(x.shape[0] * x.shape[1]) * 2, [(4, 6), (3, 2), (0, 7)]),
    "to a part of a size": (lambda x: x.reshape(x.shape[0] // 2, 2, -1).mean(axis=1), [(4, 6), (8, 2), (2, 5)]),
    "to literal sizes beside -1": (lambda x: x.reshape(-1, 2) + 1, [(4, 6), (3, 2), (5, 4)]),
    "to the size": (lambda x: np.reshape(x, x.size), [(4, 6), (3, 2)]),
    "to a difference of sizes": (lambda x: x.reshape(x.shape[0] + 1 - 1, -1), [(4, 6), (3, 2)]),
    "there and back": (lambda x: np.exp(x.reshape(-1) / 99).reshape(x.shape), [(4, 6), (3, 2), (0, 2)]),
    "raveled": (lambda x: np.ravel(x) + 1, [(4, 6), (3, 2), (0, 2)]),
    "flattened": (lambda x: x.flatten(), [(4, 6), (3, 2), (0, 2)]),
    "rolled": (lambda x: np.roll(x, 1), [(4, 6), (3, 2), (5, 7)]),
    "by columns": (lambda x: x.reshape(-1, x.shape[0], order="F") * 2, [(4, 6), (3, 2), (5, 7)]),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_new_size_traces_and_compiles_nothing(form, compiler, traces, same):
    function, shapes = FORMS[form]
    fused = fuse(function)
    for rank in {len(shape) for shape in shapes}:
        own = [shape for shape in shapes if len(shape) == rank]
        before = len(traces)
        same(fused(_ramp(*own[0])), function(_ramp(*own[0])))
        kernels = len(compiler.compiled)
        for shape in own[1:]:
            same(fused(_ramp(*shape)), function(_ramp(*shape)))
        assert len(traces) == before + 1
        assert len(compiler.compiled) == kernels


def test_a_shape_of_another_array(traces, same):
    def plain(x, y):
        return x.reshape(y.shape) + y

    fused = fuse(plain)
    for left, right in [((4, 6), (6, 4)), ((2, 3), (3, 2)), ((3, 3), (3, 3)), ((2, 6), (3, 4)), ((0, 5), (5, 0))]:
        same(fused(_ramp(*left), _ramp(*right)), plain(_ramp(*left), _ramp(*right)))
    assert len(traces) == 1


def test_a_scalar_as_size_is_guarded_by_value(traces, same):
    fused = fuse(lambda x, n: x.reshape(n, -1) * 2)
    for n in (2, 3, 2, 4):
        same(fused(GRID, n), GRID.reshape(n, -1) * 2)
    assert len(traces) == 3


def test_explain_tells_what_must_be_equal():
    text = fuse(lambda x: x.reshape(-1, 4) * 2).explain(GRID)
    assert "core: %2: float64(((n0.0 * n0.1) // 4), 4) = reshape(%0)" in text.replace("%1", "%2")
    assert "valid while (n0.0 * n0.1) == (((n0.0 * n0.1) // 4) * 4)" in text
    text = fuse(lambda x: x.reshape(x.shape[0], -1) * 2).explain(_ramp(2, 3, 4))
    assert "valid while 1 == min(n0.0, 1)" in text
    assert "n0.1 * n0.2" in text


@pytest.mark.parametrize(
    ("function", "shape", "words"),
    [
        (lambda x: x.reshape(4), (2, 3), r"cannot reshape array of size 6 into shape \(4,\); give sizes that"),
        (lambda x: x.reshape(-1, 4), (2, 3), r"cannot reshape array of size 6 into shape \(4\)"),
        (lambda x: x.reshape(x.shape[0], -1), (0, 3), r"cannot reshape array of size 0 into shape \(0,newaxis\)"),
        (lambda x: x.reshape(-1, -1), (2, 3), "can only specify one unknown dimension; .* at most one of them -1"),
        (
            lambda x: x.reshape(x.shape[0] // 2, -1, 2),
            (3, 3),
            r"cannot reshape array of size 9 into shape \(1,2\)|size 9",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_numpy_s_words(function, shape, words):
    fused = fuse(function)
    with pytest.raises(ValueError, match=r"reshape|unknown"):
        function(_ramp(*shape))
    with pytest.raises(ShapeError, match=words):
        fused(_ramp(*shape))


def test_what_fits_no_more_is_told_too():
    fused = fuse(lambda x: x.reshape(-1, 4))
    fused(GRID)
    with pytest.raises(ShapeError, match="cannot reshape array of size 6"):
        fused(_ramp(2, 3))


def test_a_division_of_sizes_by_zero_is_python_s(agree):
    agree(lambda x: x.reshape(-1, x.shape[0] // x.shape[1]), np.empty((4, 0)))
    fused = fuse(lambda x: x.reshape(x.shape[0] // x.shape[1], -1))
    assert fused(_ramp(4, 2)).shape == (2, 4)
    with pytest.raises(ZeroDivisionError):
        fused(np.empty((0, 0)))


@pytest.mark.parametrize("rows", [(2, 5, 1, 4), (5, 2, 4)])
def test_a_size_below_zero_means_what_is_left(same, rows):
    def plain(x, y):
        return x.reshape(y.shape[0] - 3, 2) * 2

    fused = fuse(plain)
    for size in rows:
        x = _ramp(2 * size - 6 if size > 3 else 8)
        same(fused(x, _ramp(size)), plain(x, _ramp(size)))


@pytest.mark.parametrize("order", ["A", "K"])
def test_an_order_that_depends_on_memory_is_left_to_numpy(order):
    with pytest.raises(UntraceableError, match="what it does depends on memory; use 'C' or 'F'"):
        fuse(fallback=False)(lambda x: x.ravel(order))(GRID)
    fused = fuse(lambda x: x.flatten(order))
    with pytest.warns(FuserWarning, match="the function itself was called"):
        assert fused(GRID.T).tolist() == GRID.T.flatten(order).tolist()


# Memory


LAYOUTS = {
    "C": GRID,
    "F": np.asfortranarray(GRID),
    "backwards": GRID[::-1],
    "strided": np.arange(96.0).reshape(8, 12)[::2, ::2],
    "broadcast": np.broadcast_to(np.arange(6.0), (4, 6)),
    "one stride": np.arange(48.0)[::2].reshape(4, 6),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.reshape(-1),
        lambda x: x.reshape(2, 2, 6),
        lambda x: x.reshape(4, 3, 2),
        np.ravel,
        lambda x: x.ravel("F"),
        lambda x: x.reshape(6, 4, order="F"),
        lambda x: x.flatten(),
        lambda x: x.reshape(-1).reshape(x.shape),
    ],
)
def test_arguments_are_shown_or_copied_as_numpy_does(layout, function):
    array, fused = LAYOUTS[layout], fuse(function)
    expected = function(array)
    for _ in range(2):
        actual = fused(array)
        assert actual is not array
        assert np.array_equal(actual, expected)
        assert actual.strides == expected.strides
        assert np.shares_memory(actual, array) == np.shares_memory(expected, array)


@pytest.mark.parametrize("layout", ["C", "F", "backwards", "strided"])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x * 2).reshape(2, 2, 6),
        lambda x: (x * 2).reshape(4, 3, 2) + 1,
        lambda x: x.reshape(4, 3, 2) * 2,
        lambda x: np.negative(x).reshape(3, 8).T,
    ],
)
def test_results_lie_in_memory_as_numpy_s_do(layout, function):
    expected, actual = function(LAYOUTS[layout]), fuse(function)(LAYOUTS[layout])
    assert np.array_equal(actual, expected)
    assert actual.strides == expected.strides


def _temporary(x):
    t = (x * 2).reshape(-1)
    t += 1
    t[:3] = 0
    return t


def _renamed(x):
    t = x + 1
    t = t.reshape(2, -1).reshape(-1)
    t *= t
    t = t.reshape(x.shape)
    t[0] = 7
    return t


def _copied(x):
    t = x.flatten()
    t -= t.mean()
    u = np.reshape(t.copy(), x.shape)
    u[1] = 0
    return t, u


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("function", [_temporary, _renamed, _copied])
def test_what_nobody_else_holds_is_written_to(agree, function, layout):
    assert agree(function, LAYOUTS[layout]).last_run.backend != "python"


def _base_held(x):
    t = x * 2
    u = t.reshape(-1)
    u += 1
    return t, u


def _base_written(x):
    t = x * 2
    u = t.reshape(-1)
    t += 1
    return t, u


def _sibling_held(x):
    t = x * 2
    u, v = t.reshape(-1), t.reshape(3, 8)
    del t
    u[0] = 5
    return v


def _part_held(x):
    t = x * 2
    u = t[1:]
    v = t.ravel()
    del t
    v += 1
    return u


def _through_a_view(x):
    t = (x * 2)[1:]
    u = t.reshape(-1)
    u += 1
    return t


def _argument(x):
    u = x.reshape(-1)
    u += 1
    return u


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
@pytest.mark.parametrize("function", [_base_held, _base_written, _sibling_held, _part_held, _through_a_view, _argument])
def test_a_write_that_others_may_see_is_left_to_numpy(agree, function):
    assert agree(function, GRID).last_run.backend == "python"
    assert agree(function, np.asfortranarray(GRID)).last_run.backend == "python"


def test_copy_is_obeyed(agree):
    if "copy" not in inspect.signature(np.reshape).parameters:
        pytest.skip("this numpy.reshape has no copy=")
    fused = agree(lambda x: (np.reshape(x, 24, copy=True), x.reshape((1, *x.shape), copy=False)), GRID)
    assert fused.last_run.backend != "python"
    assert not np.shares_memory(fused(GRID)[0], GRID)
    with pytest.raises(UntraceableError, match=r"numpy.reshape with copy=False .* depends on memory; leave it out"):
        fuse(fallback=False)(lambda x: x.reshape(24, copy=False))(GRID)


def test_out_is_filled(same):
    fused = fuse(lambda x: (x * 2).reshape(-1))
    out = np.empty(24)
    for array in (GRID, np.asfortranarray(GRID)):
        assert fused(array, out=out) is out
        same(out, (array * 2).reshape(-1))
    memory = GRID.copy()
    fuse(lambda x: x.reshape(-1) + x.T.reshape(-1))(memory, out=memory.reshape(-1))
    same(memory, (GRID.reshape(-1) + GRID.T.reshape(-1)).reshape(4, 6))
