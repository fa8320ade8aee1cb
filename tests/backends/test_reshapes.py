"""Reshapes on every backend: any shape, new shape and layout, alone and with what computes before and after them."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fuser_core import fuse
from fuser_core.testing.values import arrange

LAYOUTS = ("C", "F", "transposed", "strided", "reversed", "repeated", "unaligned")

FORMS = {
    "alone": lambda x, y, shape: (x.reshape(shape), np.ravel(x), x.flatten(), x.reshape(shape, order="F")),
    "behind": lambda x, y, shape: (x * 2 + y).reshape(shape),
    "between": lambda x, y, shape: (x * 2 + y).reshape(shape) * 3 - 1,
    "before": lambda x, y, shape: x.reshape(shape) * 2 - y.reshape(shape),
    "there and back": lambda x, y, shape: ((x + y).reshape(shape) * 2).reshape(x.shape) + y,
    "summed": lambda x, y, shape: (x - y).reshape(shape).sum(),
    "summed along": lambda x, y, shape: [(x - y).reshape(shape).sum(axis) for axis in range(len(shape))],
    "centred": lambda x, y, shape: (z := (x * y).reshape(shape), z - z.sum(-1, keepdims=True), z.any(0)),
    "largest": lambda x, y, shape: ((x + 1).reshape(shape).max(-1), x.reshape(shape).min()),
    "broadcast": lambda x, y, shape: (x + y[..., :1] * 2 - y[:1]).reshape(shape) + 1,
    "of parts": lambda x, y, shape: (x[::-1] + y[..., ::-1] * 2).reshape(shape).sum(-1),
    "of a sum": lambda x, y, shape: ((x - x.sum(0)) * y).reshape(shape) + 2,
    "joined": lambda x, y, shape: (np.concatenate([(x * 2).reshape(shape), y.reshape(shape)]), np.roll(x + y, 1)),
    "by columns": lambda x, y, shape: (x * y).reshape(shape, order="F") + 1,
    "of the rest": lambda x, y, shape: (x + y).reshape(*shape[:-1], -1) * 2,
    "several": lambda x, y, shape: (z := x + y, z.reshape(shape), z.reshape(-1)[1:] * 2, (z * 2).reshape(shape).T),
}


def written(x, y, shape):
    t = (x * 2).reshape(shape)
    t += 1
    u = t.reshape(-1)
    del t
    u[:1] = 0
    return u * y.reshape(-1)


FORMS["written to"] = written


def _shapes_of(count):
    """Return the shapes of so many elements, with one to three axes."""
    if count == 0:
        return [(0,), (0, 3), (2, 0), (3, 0, 2)]
    parts = [part for part in range(1, count + 1) if count % part == 0]
    triples = [(one, two, count // one // two) for one in parts for two in parts if count % (one * two) == 0]
    return [(count,), *[(part, count // part) for part in parts], *triples]


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_results_are_numpy_s(form, backend, data):
    count = data.draw(st.sampled_from([24, 12, 6, 1, 0]))
    source, target = (data.draw(st.sampled_from(_shapes_of(count))) for _ in range(2))
    rng = np.random.default_rng(3)
    layouts = [data.draw(st.sampled_from(LAYOUTS)) for _ in range(2)]
    x, y = (arrange(rng.integers(-9, 9, source).astype(float), layout) for layout in layouts)
    assume(x.shape == y.shape)
    function = FORMS[form]
    fused = fuse(lambda x, y: function(x, y, target))
    try:
        expected = function(x, y, target)
    except ValueError as error:
        with pytest.raises(ValueError, match="cannot reshape|zero-size" if "axes" not in str(error) else ""):
            fused(x, y)
        return
    for _ in range(2):
        actual = fused(x, y)
        _assert_equal(actual, expected, same_order={*layouts} <= {"C", "F", "transposed"} and len({*layouts}) == 1)
    assert fused.last_run.backend != "python"


def _assert_equal(actual, expected, *, same_order):
    if isinstance(expected, tuple | list):
        for left, right in zip(actual, expected, strict=True):
            _assert_equal(left, right, same_order=same_order)
        return
    assert (type(actual), actual.dtype, actual.shape) == (type(expected), expected.dtype, expected.shape)
    np.testing.assert_array_equal(actual, expected)
    if same_order and isinstance(expected, np.ndarray):
        assert (actual.flags.c_contiguous, actual.flags.f_contiguous) == (
            expected.flags.c_contiguous,
            expected.flags.f_contiguous,
        )


@pytest.mark.parametrize("threads", [1, 4])
def test_large_arrays(backend, threads):
    def normalised(x, gain):
        rows = (x * 2 + 1).reshape(x.shape[0], -1)
        centred = rows - rows.mean(axis=1, keepdims=True)
        return (centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)).reshape(x.shape) * gain

    fused = fuse(normalised, threads=threads)
    rng = np.random.default_rng(5)
    for shape in [(128, 16, 8, 8), (65, 3, 5, 7), (200, 2, 30, 30)]:
        x, gain = rng.normal(size=shape), rng.normal(size=(shape[1], 1, 1))
        for array in (x, np.asfortranarray(x), x[:, ::-1], x[..., ::2]):
            np.testing.assert_allclose(fused(array, gain), normalised(array, gain), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("source", "target"), [((24,), (24, 1, 1)), ((1, 24), (1, 24)), ((24, 1), (24, 1)), ((1,), (1, 1))]
)
def test_parts_of_axes_of_one_element(source, target, backend):
    x = np.arange(float(np.prod(source))).reshape(source)
    forms = [
        lambda x, y: written(x, y, target),
        lambda x, y: [
            (x * 2).reshape(target)[(*[slice(None)] * axis, slice(1, None))] + 1 for axis in range(len(target))
        ],
    ]
    for form in forms:
        fused = fuse(form)
        _assert_equal(fused(x, x), form(x, x), same_order=True)
        assert fused.last_run.backend != "python"
