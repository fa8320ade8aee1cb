"""Assignment to parts of arrays that the function has made: by slices and integers, and through views."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import TraceError, fuse

LINE = np.arange(8.0) ** 2
GRID = np.arange(20.0).reshape(4, 5)


def _stencil(u):
    out = np.zeros_like(u)
    out[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
    return out


def _boundary(u):
    out = u * 0.5
    out[0] = 1
    out[-1] = u[0]
    return out + 1


def _laplace(u):
    out = np.zeros_like(u)
    out[1:-1, 1:-1] = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1]
    out[0], out[:, -1] = -1, u[:, 0]
    return out


def _element(u):
    out = u + 0
    out[2, 3] = 7.5
    out[-1, ...] = out[0] * 2
    out[..., 0] = [9, 8, 7, 6]
    return out


def _augmented(u):
    out = u * 2
    out[1:] += 1
    out[:-1] *= u[1:]
    out[0] -= 3
    return out


def _overlapping(u):
    out = u * 2
    out[:-1] += out[1:]
    return out


def _integers(u):
    out = u.astype(np.int16)
    out[1:3] = 2.9
    out[3:] //= 2
    return out


def _through_a_view(u):
    out = u * 2
    inner = out[1:-1]
    inner += 1
    inner[0] = 5
    return out, inner


def _after_a_view_is_gone(u):
    out = u * 2
    total = out[1:].sum() + out.T.sum()
    out += total
    return out


def _chosen_elements(u):
    out = u * 2
    part = out[1:]
    part[part > 9] = 0
    return out


def _copied_into(u):
    out = np.ones_like(u)
    np.copyto(out[1:], u[:-1])
    np.add(u[:2], 1, out=out[:2])
    return out


@pytest.mark.parametrize(
    "function",
    [
        _stencil,
        _boundary,
        _augmented,
        _integers,
        _through_a_view,
        _after_a_view_is_gone,
        _chosen_elements,
        _copied_into,
    ],
)
@pytest.mark.parametrize("array", [LINE, GRID])
def test_parts_are_assigned(agree, function, array):
    assert agree(function, array).last_run.backend != "python"


@pytest.mark.parametrize("function", [_laplace, _element])
def test_parts_of_grids_are_assigned(agree, function):
    assert agree(function, GRID).last_run.backend != "python"


@pytest.mark.parametrize("array", [LINE, GRID])
def test_overlapping_views_are_left_to_numpy(agree, array):
    agree(_overlapping, array)


def test_a_new_size_is_no_new_trace(traces, same):
    fused = fuse(_stencil)
    for size in (8, 9, 5, 3):
        same(fused(LINE[:size]), _stencil(LINE[:size]))
    assert len(traces) == 1


def test_a_size_that_empties_the_part_is_right(same):
    fused = fuse(_stencil)
    fused(LINE)
    with pytest.warns(UserWarning, match="assigning to an empty part of a traced array at .*test_parts"):
        same(fused(LINE[:1]), _stencil(LINE[:1]))


def test_a_view_that_was_written_through_shows_the_array():
    whole, inner = fuse(_through_a_view)(LINE)
    assert np.shares_memory(whole, inner)


def test_what_does_not_fit_raises_as_numpy_does(agree):
    def too_many(u):
        out = u * 1
        out[1:3] = u
        return out

    def beyond(u):
        out = u * 1
        out[99] = 0
        return out

    agree(too_many, LINE)
    agree(beyond, LINE)
    with pytest.raises(ValueError, match=r"could not broadcast input array from shape \(8,\) into shape \(2,\)"):
        fuse(too_many)(LINE)
    with pytest.raises(IndexError, match="index 99 is out of bounds for axis 0 with size 8"):
        fuse(beyond)(LINE)


def _two_views(x):
    t = x * 2
    view, other = t[1:], t[:2]
    view += 1
    return t, other


def _view_of_a_view(x):
    t = x * 2
    row = t[1:]
    part = row[:1]
    part += 1
    return t


def _transposed(x):
    t = x * 2
    turned = t.T
    t += 1
    return t, turned


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
@pytest.mark.parametrize("function", [_two_views, _view_of_a_view, _transposed])
def test_writing_into_an_array_with_other_views_is_refused_in_words(function, same):
    message = r"writing into an array that has views at .*test_parts\.py:\d+, in \w+ .*use a copy"
    with pytest.raises(TraceError, match=message):
        fuse(fallback=False)(function)(GRID)
    same(fuse(function)(GRID), function(GRID))


def test_assigning_by_another_index_is_refused_in_words():
    def stepping(x):
        t = x * 2
        t[::2] = 5
        return t

    def scattering(x):
        t = x * 2
        t[np.array([0, 2])] = 5
        return t

    with pytest.raises(TraceError, match=r"assigning to a part of a traced array with steps .*test_parts.*numpy.where"):
        fuse(fallback=False)(stepping)(LINE)
    with pytest.raises(TraceError, match=r"assigning to a part of a traced array by this index at .*test_parts"):
        fuse(fallback=False)(scattering)(LINE)
    with pytest.warns(UserWarning, match="assigning to a part"):
        np.testing.assert_array_equal(fuse(stepping)(LINE), stepping(LINE))


_bound = st.none() | st.integers(-6, 6)
_item = st.integers(-4, 3) | st.builds(slice, _bound, _bound)
_index = st.lists(_item | st.just(...), min_size=1, max_size=3).filter(lambda items: items.count(...) <= 1).map(tuple)


@pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")
@given(_index, st.sampled_from([3, np.float32(2.5), None]))
def test_assignment_is_numpy_s(index, value):
    def assign(u):
        out = u + 1
        out[index] = u[index] * 3 if value is None else value
        return out

    def augment(u):
        out = u + 1
        out[index] *= 2
        return out

    for function in (assign, augment):
        try:
            expected = function(GRID)
        except IndexError:
            with pytest.raises(IndexError):
                fuse(function)(GRID)
            return
        np.testing.assert_array_equal(fuse(function)(GRID), expected)
