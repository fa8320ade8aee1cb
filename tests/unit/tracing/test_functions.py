"""Every traced function of NumPy: values, dtypes and result types as the plain function's."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import TraceError, fuse
from fuser_core.ops import ELEMENTWISE

RNG = np.random.default_rng(7)
SAMPLES = {
    char: (RNG.normal(0, 3, (3, 4)) if char in "efdFD" else RNG.integers(0, 2 if char == "?" else 9, (3, 4))).astype(
        char
    )
    for char in "? b B i q Q e f d F D".split()
}
UFUNCS = sorted(name for name, op in ELEMENTWISE.items() if op.ufunc is not None)


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs(agree, name):
    ufunc = ELEMENTWISE[name].ufunc
    for char in "? b Q f d D".split():
        operands = [SAMPLES[char], SAMPLES[char][0] if ufunc.nin > 1 else None, SAMPLES[char][:1]][: ufunc.nin]
        agree(lambda *args: ufunc(*args), *operands)


@pytest.mark.parametrize(
    "pair", [("b", "B"), ("i", "f"), ("Q", "q"), ("e", "f"), ("f", "q"), ("f", "F"), ("?", "b"), ("d", "F")]
)
def test_promotion(agree, pair):
    left, right = SAMPLES[pair[0]], SAMPLES[pair[1]]
    agree(lambda x, y: (x + y, x * y, x == y, np.maximum(x, y), np.where(y > 1, x, y)), left, right)
    agree(lambda x, y: (x + y, x * y), left, right[0, 0])
    agree(lambda x, y: (x + y, x * y), left, np.array(right[0, 0]))


@pytest.mark.parametrize("char", SAMPLES)
@pytest.mark.parametrize("exponent", [2, 2.0, 0.5, 1, -1, -1.0, 0, 3, 1.5])
def test_powers(agree, char, exponent):
    agree(lambda x: x**exponent, np.abs(SAMPLES[char]))


@pytest.mark.parametrize("char", SAMPLES)
def test_operators(agree, char):
    if char != "?":
        agree(lambda x: (-x, +x, abs(x), x - 1, 1 - x, x * 2, x / 2), SAMPLES[char])
    if char not in "FD?":
        agree(lambda x: (x // 2, x % 3, divmod(x, 2), x < 2, x >= 2), SAMPLES[char])
    if char in "?bBiqQ":
        agree(lambda x: (~x, x & 1, x | x, x ^ x, 2**x), SAMPLES[char])


@pytest.mark.parametrize("char", SAMPLES)
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "min", "max", "any", "all"])
def test_reductions(agree, char, name):
    function = getattr(np, name)
    agree(lambda x: (function(x), function(x, axis=0), function(x, axis=-1, keepdims=True)), SAMPLES[char])
    agree(lambda x: (function(x, axis=(0, 1)), function(x, axis=()), getattr(x, name)(axis=1)), SAMPLES[char])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.clip(x, 1, 4),
        lambda x: x.clip(1, 4),
        lambda x: x.clip(max=4),
        lambda x: np.clip(x, 1.5, None),
        lambda x: np.clip(x, None, x[0]),
        lambda x: np.where(x > 2, x, 0),
        lambda x: np.where(x, 1.5, 2),
        lambda x: np.sum(x, dtype=np.float32),
        lambda x: np.add(x, 1, dtype=np.float64),
        lambda x: np.add.reduce(x),
        lambda x: np.maximum.reduce(x, axis=None),
        lambda x: np.multiply.reduce(x, axis=1, keepdims=True),
        lambda x: np.transpose(x),
        lambda x: np.swapaxes(x, 0, -1),
        lambda x: x.swapaxes(0, 1),
        lambda x: np.expand_dims(x, (0, 2)),
        lambda x: np.copy(x),
        lambda x: x.astype(np.int8),
        lambda x: x.astype("f4") + 1,
        lambda x: np.radians(x) + np.rad2deg(x),
        lambda x: x @ x.T,
        lambda x: x[0] @ x.T,
        lambda x: x.transpose(1, 0) + x.transpose((1, 0)),
        lambda x: (x.T @ x).sum(),
    ],
)
@pytest.mark.parametrize("char", ["f", "d", "i", "B"])
def test_other_functions(agree, function, char):
    agree(function, SAMPLES[char])


_part = st.none() | st.integers(-5, 5)
_slice = st.tuples(_part, _part, st.none() | st.integers(-3, 3).filter(bool))
_item = _slice.map(lambda bounds: slice(*bounds)) | st.integers(-4, 3) | st.none() | st.just(...)
_index = st.lists(_item, max_size=4).filter(lambda items: items.count(...) <= 1).map(tuple)


@pytest.mark.filterwarnings("ignore:.* may change unseen")
@given(_index)
def test_indexing_is_numpy_s(index):
    x = np.arange(24.0).reshape(2, 3, 4)
    try:
        expected = x[index]
    except IndexError:
        with pytest.raises(IndexError, match=r"index .* is out of bounds for axis|too many indices for array"):
            fuse(lambda x: x[index])(x)
        return
    actual = fuse(lambda x: x[index])(x)
    assert type(actual) is type(expected)
    np.testing.assert_array_equal(actual, expected)
    if isinstance(expected, np.ndarray):
        assert actual.strides == expected.strides
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(fuse(lambda x: x[index] * 2 + 1)(x), expected * 2 + 1)


_axes = st.permutations(range(3)).map(tuple)


@given(_axes, _axes)
def test_transposition_is_numpy_s(first, second):
    x = np.arange(24.0).reshape(2, 3, 4)
    expected = x.transpose(first).transpose(second) + 1
    np.testing.assert_array_equal(fuse(lambda x: x.transpose(first).transpose(second) + 1)(x), expected)


def test_two_ellipses_raise_as_numpy_s(agree):
    agree(lambda x: x[..., 0, ...], SAMPLES["d"])


def test_a_step_of_zero_raises_as_numpy_s(agree):
    agree(lambda x: x[::0], SAMPLES["d"])


def test_options_that_have_no_traced_form_are_told():
    x = SAMPLES["d"]
    strictly = fuse(fallback=False)
    with pytest.raises(TraceError, match=r"the option where= of numpy.add at .*test_functions.py.* has no traced form"):
        strictly(lambda x: np.add(x, 1, where=x > 0))(x)
    with pytest.raises(TraceError, match=r"the option initial= of numpy.nanmin at .*test_functions.py"):
        strictly(lambda x: np.nanmin(x, initial=3.0))(x)
    with pytest.raises(TraceError, match=r"numpy.add.at at .*test_functions.py.* has no traced form; it writes into"):
        strictly(lambda x: np.add.at(x, [0, 2], 1))(x)
