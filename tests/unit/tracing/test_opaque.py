"""`fuser_core.opaque`: functions of other libraries and of the user's, as one call between kernels."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import pickle
import tracemalloc
import typing

import numpy as np
import pytest

import fuser_core
from fuser_core import ArgumentError, ShapeError, TraceError, UntraceableError, fuse, opaque

X = np.arange(12.0).reshape(3, 4)


@opaque
def running(a, scale=1.0):
    """Return running totals, which no shape or dtype of ones can tell from another function."""
    return np.cumsum(np.asarray(a), 0) * scale


@opaque(shape=lambda a, step: (len(range(0, a[0], step)), *a[1:]))
def thinned(a, step):
    return a[::step].copy()


class Spread(typing.NamedTuple):
    low: np.ndarray
    high: np.ndarray


@opaque
def spread(a):
    return Spread(a - 1, a + 1)


@opaque
def largest(a):
    return float(a.max())


def test_outside_it_is_the_function():
    np.testing.assert_array_equal(running(X, 2.0), np.cumsum(X, 0) * 2)
    assert running.__name__ == "running"
    assert "running totals" in running.__doc__
    assert repr(running).startswith("<opaque <function running")


def test_inside_it_is_a_call_between_kernels():
    fused = fuse(lambda x: running(x * 2) + 1)
    np.testing.assert_array_equal(fused(X), np.cumsum(X * 2, 0) + 1)
    text = fused.explain(X)
    name = f"{__name__}.running"
    assert f"call of another library: %2: float64(n0.0, n0.1) = call {name}(%1)" in text
    assert f"another library: {name}(%1)" in str(fused.picture(X))
    assert text.count("kernel ") == 2


def test_without_it_asking_for_elements_names_it():
    with pytest.raises(TraceError, match=r"conversion of a traced array .* one call by fuser_core\.opaque"):
        fuse(lambda x: running.__wrapped__(x))(X)


def test_new_sizes_and_numbers_trace_nothing_anew():
    fused = fuse(lambda x, scale: running(x, scale=scale) - thinned(x, 1) * 2)
    for rows in (3, 5, 2, 7):
        x = np.arange(4.0 * rows).reshape(rows, 4)
        np.testing.assert_array_equal(fused(x, rows / 2), np.cumsum(x, 0) * (rows / 2) - x * 2)
        assert fused.last_run.cache == ("compiled" if rows == 3 else "hit")


def test_a_size_is_computed_by_shape():
    fused = fuse(lambda x: thinned(x + 1, 2) * thinned(x, 2))
    for rows in (3, 4, 9, 0):
        x = np.arange(4.0 * rows).reshape(rows, 4)
        np.testing.assert_array_equal(fused(x), ((x + 1) * x)[::2])
    assert "shape(n0.0, n0.1)[0]" in fused.explain(X)


def test_a_number_that_shape_may_ask_for_is_guarded():
    fused = fuse(lambda x, step: thinned(x, step) * 2)
    for step in (1, 2, 3, 2):
        np.testing.assert_array_equal(fused(X, step), X[::step] * 2)
    assert "is 2, which the function asked for" in fused.explain(X, 2)


def test_several_results_keep_their_container():
    result = fuse(lambda x: spread(x * 2))(X)
    assert type(result) is Spread
    np.testing.assert_array_equal(result.high - result.low, np.full_like(X, 2))
    low, high = fuse(lambda x: opaque(lambda a: [a - 1, a.sum(0)], shape=lambda a: [a, a[1:]])(x))(X)
    np.testing.assert_array_equal(low + high, X - 1 + X.sum(0))


def test_a_number_is_a_scalar():
    result = fuse(lambda x: largest(x * 2))(X)
    assert type(result) is np.float64
    assert result == 22
    np.testing.assert_array_equal(fuse(lambda x: x / largest(x))(X), X / 11)


def test_dtypes_are_asked_for_or_declared():
    seen = []

    def half(a):
        seen.append(a.shape)
        return a.astype(np.float32)

    asked = opaque(half)
    np.testing.assert_array_equal(fuse(lambda x: asked(x) + 1)(X), np.float32(X) + 1)
    assert seen == [(1, 1), (3, 4)]
    for dtype in (np.float32, "f4", np.dtype("f4"), lambda a: "f4" if a == np.float64 else "f8"):
        seen.clear()
        declared = opaque(half, dtype=dtype)
        assert fuse(lambda x: declared(x) + 1)(X).dtype == np.float32  # noqa: B023
        assert seen == [(3, 4)]


def test_ones_that_are_refused_get_the_sizes_of_the_call():
    def picky(a):
        if a.shape != (3, 4):
            raise ValueError(f"no {a.shape}")
        return a * 2

    np.testing.assert_array_equal(fuse(lambda x: opaque(picky)(x) + 1)(X), X * 2 + 1)
    with pytest.raises(ValueError, match=r"no \(4, 3\)") as caught:
        fuse(lambda x: opaque(picky)(x))(X.T.copy())
    assert any("give dtype= of fuser_core.opaque" in note for note in caught.value.__notes__)


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (lambda a: a[:1] if len(a) > 1 else a, {}, r"returned float64\(1, 4\) and not float64\(3, 4\).* give shape="),
        (lambda a: a[0], {"dtype": "f8"}, r"test_opaque\.<lambda> returned float64\(4,\) and not float64\(3, 4\)"),
        (lambda a: a * 1j, {"dtype": float}, r"returned complex128\(3, 4\) and not float64\(3, 4\).* dtype="),
        (lambda a: a, {"shape": lambda a: a[:1]}, r"returned float64\(3, 4\) and not float64\(3,\)"),
    ],
)
def test_another_result_than_declared_is_told(function, options, message):
    declared = opaque(function, **options)
    with pytest.raises(ShapeError, match=message):
        fuse(lambda x: declared(x))(X)


@pytest.mark.parametrize("shape", [lambda a: None, lambda a: (a[0], -1), lambda a: (1.5,), lambda a: "ab"])
def test_what_is_no_shape_is_told(shape):
    with pytest.raises(ArgumentError, match=r"shape= of .*<lambda> returned .*; return a shape, of integers from 0 on"):
        fuse(lambda x: opaque(lambda a: a, shape=shape)(x))(X)


def test_arrays_that_do_not_broadcast_need_shape():
    with pytest.raises(ShapeError, match=r"could not be broadcast together with shapes \(3,4\) \(3,\)") as caught:
        fuse(lambda x: opaque(lambda a, b: a)(x, x[:, 0]))(X)
    assert any("unless shape= of fuser_core.opaque gives it" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("returned", [None, "text", {}, np.array(["a"]), np.datetime64("2020")])
def test_no_numbers_are_refused(returned):
    with pytest.raises(UntraceableError, match=r"<lambda> at .*test_opaque.py.* returns no arrays of numbers"):
        fuse(fallback=False)(lambda x: opaque(lambda _: returned)(x))(X)


def test_what_is_no_function_is_told():
    with pytest.raises(ArgumentError, match="opaque takes a function, and got 3; pass one that can be called"):
        opaque(3)
    with pytest.raises(ArgumentError, match=r"shape= takes a function, and got \(3,\)"):
        opaque(np.sort, shape=(3,))


def test_results_that_show_an_operand_are_copies():
    @fuse
    def shown(x):
        doubled = x * 2
        part = opaque(lambda a: a[...])(doubled)
        doubled += 1
        return doubled, part, opaque(lambda a: a)(x)

    doubled, part, same = shown(X)
    np.testing.assert_array_equal(doubled, X * 2 + 1)
    np.testing.assert_array_equal(part, X * 2)
    assert not np.may_share_memory(same, X)


def test_constants_and_captured_arrays_are_arguments():
    weights = np.arange(4.0)

    def weighted(a, by, *, mode, shifts):
        return a * by + shifts[0] if mode == "up" else a

    call = opaque(weighted)
    fused = fuse(lambda x: call(x, weights, mode="up", shifts=[1, {"a": 2}]))
    np.testing.assert_array_equal(fused(X), X * weights + 1)
    weights[:] = 7
    np.testing.assert_array_equal(fused(X), X * 7 + 1)


def test_without_arrays_it_is_called_every_time():
    calls = []

    @opaque
    def ticks(count):
        calls.append(count)
        return np.full(count, float(len(calls)))

    fused = fuse(lambda x, n: x + ticks(n))
    first, second = fused(X, 4), fused(X, 4)
    np.testing.assert_array_equal(second - first, np.ones_like(X))
    assert fused(X[:, :2], 2).shape == (3, 2)


def test_what_it_calls_in_turn_is_no_part_of_the_trace():
    inner = opaque(lambda a: a + 1)
    outer = opaque(lambda a: inner(fuse(lambda y: inner(y) * 2)(a)))
    np.testing.assert_array_equal(fuse(lambda x: outer(x) * 3)(X), ((X + 1) * 2 + 1) * 3)


def test_it_is_no_reason_to_trace_again():
    fused = fuse(lambda x: fuser_core.opaque(np.cumsum)(x, 0) + running(x))
    fused(X)
    fused(X[:2])
    assert "traced again for every call" not in fused.explain(X)
    assert fused.last_run.cache == "hit"


def test_a_method_may_be_opaque():
    class Filter:
        @opaque
        def apply(self, a):
            return np.sort(a)

    chosen = Filter()
    with pytest.warns(fuser_core.FuserWarning, match="traced again"):
        np.testing.assert_array_equal(fuse(lambda x: chosen.apply(-x) + 1)(X), np.sort(-X) + 1)
    np.testing.assert_array_equal(chosen.apply(X), X)


def test_equal_calls_share_a_program():
    fused = [fuse(lambda x: running(x, 2.0) + 1) for _ in range(2)]
    for function in fused:
        function(X)
    assert fused[1].last_run.cache == "hit"
    negative = fuse(lambda x: running(x, -0.0) + 1)
    np.testing.assert_array_equal(negative(X), np.ones_like(X))


def test_intermediates_die_after_the_call_that_reads_them():
    size = 1 << 17  # bytes of an array; smaller than what is recycled
    x = np.ones(size // 8)
    copies = opaque(lambda a: a.copy(), dtype=float)

    @fuse
    def long_way(x):
        for _ in range(6):
            x = copies(x * 2) + 1
        return x

    long_way(x)
    tracemalloc.start()
    long_way(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3.5 * size  # what the call reads, what it makes, and what a kernel makes of that


def test_it_is_pickled_by_name():
    assert pickle.loads(pickle.dumps(running)) is running  # noqa: S301 - made on the line
