"""Fused functions on Dask's arrays, and chains of Dask's as kernels: on threads of this process."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import ArgumentError, FuserWarning, FusionDeclinedError, ShapeError, TraceError, fuse
from fuser_core.testing.devices import DeviceBackend, device_array, known_devices
from fuser_core.testing.fakes import installed

da = pytest.importorskip("dask.array", reason="Dask is not installed")
dask = pytest.importorskip("dask")

from fuser_core.dask_arrays import chunks, fuse_dask  # noqa: E402  it needs no Dask, but this file does

pytestmark = pytest.mark.interop

RNG = np.random.default_rng(5)
X, Y = RNG.random((20, 12)) + 0.1, RNG.random(12) + 0.1


@pytest.fixture(autouse=True)
def _in_this_thread():
    with dask.config.set(scheduler="sync"):
        yield


@pytest.fixture
def calls(monkeypatch):
    """A list of the kinds of chunk tasks that ran."""
    seen = []
    for kind in (chunks.ChunkCall, chunks.ChunkKernel):

        def counting(self, *items, original=kind.__call__):
            seen.append(type(self).__name__)
            return original(self, *items)

        monkeypatch.setattr(kind, "__call__", counting)
    return seen


def lazy(array, size=7):
    return da.from_array(array, chunks=size)


def check(function, *args):
    """Assert that the fused function on Dask's arrays gives what the function gives on NumPy's."""
    fused = fuse(function)
    own = [arg.compute() if isinstance(arg, da.Array) else arg for arg in args]
    wanted, found = function(*own), fused(*args)
    many = isinstance(wanted, tuple)
    for one, other in zip(found if many else [found], wanted if many else [wanted], strict=True):
        assert isinstance(one, da.Array)
        assert one.dtype == other.dtype
        assert one.shape == other.shape or any(np.isnan(one.shape))
        np.testing.assert_allclose(one.compute(), other, rtol=1e-12)
    return found


def test_one_kernel_per_chunk(calls):
    found = check(lambda x, y: np.exp(x) * y + 1, lazy(X), lazy(Y, 5))
    assert calls == ["ChunkCall"] * found.npartitions
    assert found.chunks == ((7, 7, 6), (5, 2, 3, 2))


def test_nothing_runs_before_it_is_wanted(calls):
    fused = fuse(lambda x: x * 2)
    fused(lazy(X))
    assert calls == []
    assert fused.last_run.backend == "fallback_numpy"


def test_several_results_come_out_of_one_call(calls):
    found = check(lambda x, y: (x + y, x * y, x > y), lazy(X), lazy(Y))
    del calls[:]
    dask.compute(*found)
    assert calls == ["ChunkCall"] * found[0].npartitions


def test_results_of_several_shapes_and_containers():
    fused = fuse(lambda d, s: {"both": d["x"] * d["y"] + s, "row": [d["y"] * s], "n": 3})
    found = fused({"x": lazy(X), "y": lazy(Y)}, 2.0)
    assert found["n"] == 3
    np.testing.assert_allclose(found["both"].compute(), X * Y + 2)
    np.testing.assert_allclose(found["row"][0].compute(), Y * 2)


def test_what_works_along_whole_axes_is_one_kernel(calls):
    def softmax(x):
        weights = np.exp(x - x.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)

    found = check(softmax, lazy(X, (7, -1)))
    assert calls == ["ChunkCall"] * 3
    assert found.npartitions == 3
    check(lambda x: (x.mean(axis=1), x.mean(axis=1, keepdims=True), x[:, 3], x[:, None] * 2), lazy(X, (7, -1)))


def test_reductions_over_chunks_go_through_dask_s_tree(calls):
    found = check(lambda x, y: (x * y + np.sqrt(x)).sum(), lazy(X), lazy(Y))
    assert found.npartitions == 1
    assert calls == ["ChunkKernel"] * 6
    for function in (
        lambda x, y: np.sqrt(x * x + y).mean(axis=0),
        lambda x, y: (np.exp(x - x.max()) * y, x.var(axis=1)),
        lambda x, y: x - x.sum(axis=0) + y,
        lambda x, y: x / x.shape[0],
        lambda x, y: (x + x.max()).any(axis=1),
    ):
        check(function, lazy(X), lazy(Y))


def test_what_a_function_has_seen_of_a_size_is_of_the_whole_array():
    check(lambda x: x * 2 if x.shape[0] > 10 else x * 3, lazy(X))


def test_captured_arrays():
    check(lambda x: x * Y + 1, lazy(X))
    check(lambda x: x * Y + 1, lazy(X, (7, -1)))


def test_an_array_and_its_transpose():
    check(lambda x: x + x.T, lazy(X[:12], 5))


def test_numpy_arrays_and_numbers_go_along(calls):
    found = check(lambda x, y, s, t: x * y + s * t, lazy(X), Y, 2, np.float32(3))
    assert calls == ["ChunkCall"] * found.npartitions


@given(st.data())
def test_shapes_and_chunks(data):
    shape = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    other = [data.draw(st.sampled_from([1, size])) for size in shape[data.draw(st.integers(0, len(shape) - 1)) :]]
    arrays = [RNG.random(sizes) + 0.5 for sizes in (shape, other)]
    cut = [lazy(array, tuple(data.draw(st.integers(1, size)) for size in array.shape)) for array in arrays]
    axis = data.draw(st.integers(0, len(shape) - 1))
    check(lambda x, y: (x * y + np.log(x), x - y.sum(), (x * y).sum(axis=axis), y * 2), *cut)


def test_unknown_chunk_sizes():
    x = lazy(X.ravel(), 50)
    some = x[x > 0.5]
    np.testing.assert_allclose(fuse(lambda u: u * 2 + 1)(some).compute(), X.ravel()[X.ravel() > 0.5] * 2 + 1)
    np.testing.assert_allclose(fuse(lambda u: (u * 2).sum())(some).compute(), (X[X > 0.5] * 2).sum())
    twice = fuse(lambda u, v: u * v)(some, some + 1)
    np.testing.assert_allclose(twice.compute(), X[X > 0.5] * (X[X > 0.5] + 1))


def test_unknown_chunk_sizes_that_do_not_agree_are_refused():
    x = lazy(X.ravel(), 50)
    fused = fuse(lambda u, v: u + v)
    with pytest.raises(ShapeError, match=r"chunks of shapes .*unknown; call compute_chunk_sizes\(\)"):
        fused(x[x > 0.5], x[x > 0.6]).compute()
    with pytest.raises(
        ArgumentError, match=r"chunk sizes are unknown, and which Dask cannot align .*compute_chunk_sizes"
    ):
        fused(x[x > 0.5], lazy(Y, 4))


def test_a_branch_on_elements_is_refused_and_computes_nothing(calls):
    with pytest.raises(TraceError, match=r"choose elementwise with numpy\.where"):
        fuse(lambda x: x if x.max() > 0 else -x)(lazy(X))
    assert calls == []


def test_arrays_on_a_device_are_refused():
    refused = pytest.raises(ArgumentError, match=r"on a device meets Dask's arrays.*copy it to the host")
    with known_devices(), installed("on_device", DeviceBackend()), refused:
        fuse(lambda x, y: x + y)(lazy(Y), device_array(Y))


def test_out_is_refused():
    with pytest.raises(ArgumentError, match="out= cannot be filled by a call with Dask's arrays"):
        fuse(lambda x: x + 1)(lazy(X), out=np.empty_like(X))


def test_what_dask_has_no_form_of_is_refused():
    with pytest.raises(FusionDeclinedError, match=r"Dask has no form of .*rechunk the arrays"):
        fuse(lambda x: np.partition(x * 2, 3, axis=0))(lazy(X))


def test_objects_and_masks_are_dask_s_own():
    things = da.from_array(np.array([1, 2.5, 3], object), chunks=2)
    with pytest.warns(FuserWarning, match="dtype object hold no numbers .*the function itself was called"):
        found = fuse(lambda x: x + 1)(things)
    assert found.compute().tolist() == [2, 3.5, 4]
    masked = da.ma.masked_greater(lazy(X), 0.5)
    with pytest.warns(FuserWarning, match="are no arrays of NumPy's; the function itself was called"):
        found = fuse(lambda x: x + 1)(masked)
    np.testing.assert_array_equal(found.compute().mask, X > 0.5)


def test_explain_looks_at_a_stand_in():
    assert "exp(%0)" in fuse(lambda x: np.exp(x)).explain(da.zeros((10**6, 10**6)))


def test_chunks_run_on_one_thread(monkeypatch):
    fused = fuse(lambda x: x + 1)
    fused(lazy(X)).compute()
    inner = fused._dispatcher.inner[chunks._KIND]
    assert inner._options.threads == 1
    several = fuse(threads=3)(lambda x: x + 1)
    several(lazy(X)).compute()
    assert several._dispatcher.inner[chunks._KIND]._options.threads == 3


def test_a_missing_backend_is_told_once_and_others_serve(compiler):
    fused = fuse(backend="fake")(lambda x: x * 2 + 1)
    gone = chunks.ChunkCall(fused, (tuple, (tuple, "*"), (dict, ())), (chunks.Slot(0),), (0,), ("fake", "gone"), ())
    with pytest.warns(FuserWarning, match="the backend gone, which would serve where the call was made, is not on"):
        np.testing.assert_allclose(gone(X), X * 2 + 1)
    np.testing.assert_allclose(gone(X), X * 2 + 1)


@fuse
def twice_and_one(x):
    return x * 2 + 1


CHAINS = {
    "operators": (lambda x, y: -((x * 2 + y) ** 2) / 3, 1),
    "ufuncs": (lambda x, y: da.exp(x) + da.hypot(x, y), 1),
    "functions": (lambda x, y: da.where(x > y, x, 0).clip(0.2, 0.8) + da.round(x, 1), 1),
    "casts": (lambda x, y: (x * 2).astype("f4") + y.astype("f4"), 1),
    "transposes": (lambda x, y: (x * 2).T + x.T, 1),
    "sums": (lambda x, y: (x * y + 1).sum(axis=0), 1),
    "means": (lambda x, y: (x * y + 1).mean() * 2 + 1, 2),
    "both sides of a reduction": (lambda x, y: da.exp(x - x.max(axis=1, keepdims=True)) * y + 1, 2),
    "what is no operation": (lambda x, y: (x * 2 + 1).map_blocks(np.cumsum, axis=0, dtype=float) * 2 + 1, 2),
    "several readers": (lambda x, y: da.concatenate([x * 2 + y, (x * 2 + y) ** 2], axis=0), 2),
    "creation": (lambda x, y: da.ones_like(x) * 2 + x * y, 1),
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name, calls):
    make, kernels = CHAINS[name]
    collection = make(lazy(X), lazy(Y))
    fused = fuse_dask(collection)
    assert calls == []
    assert (fused.chunks, fused.dtype, fused.name) == (collection.chunks, collection.dtype, collection.name)
    np.testing.assert_allclose(fused.compute(), collection.compute(), rtol=1e-6)
    assert set(calls) <= {"ChunkKernel"}
    assert len(calls) <= kernels * 6 + 1
    assert calls


def test_a_chain_of_fused_functions_is_one_kernel(calls):
    fused = fuse_dask(twice_and_one(twice_and_one(lazy(X)) + 1))
    np.testing.assert_allclose(fused.compute(), ((X * 2 + 1) + 1) * 2 + 1)
    assert calls == ["ChunkKernel"] * fused.npartitions


def test_a_single_operation_stays_as_it_is(calls):
    np.testing.assert_allclose(fuse_dask(lazy(X) + 1).compute(), X + 1)
    assert calls == []


def test_kernels_are_made_once_and_pickle_small(traces):
    collection = fuse_dask(da.exp(lazy(X) * 3.25) + 1)
    (layer,) = [layer for name, layer in collection.dask.layers.items() if name == collection.name]
    kernel = next(task.func for task in layer.task.args[0].values() if isinstance(task.func, chunks.ChunkKernel))
    data = pickle.dumps(kernel)
    assert len(data) < 1500
    for _ in range(3):
        again = pickle.loads(data)  # noqa: S301
        np.testing.assert_allclose(again(*[X, 3.25, 1][: kernel.source.split(":")[0].count("a")]), np.exp(X * 3.25) + 1)
    assert len(traces) == 1


def test_a_fused_function_s_task_pickles_small_and_by_reference():
    call = chunks.ChunkCall(twice_and_one, ("*",), (), (0,), ("fake",), ())
    data = pickle.dumps(call)
    assert len(data) < 500
    assert pickle.loads(data).function is twice_and_one  # noqa: S301


def test_what_is_no_dask_array_is_refused():
    with pytest.raises(ArgumentError, match=r"fuse_dask takes a dask\.array\.Array with a graph, not a numpy\.ndarray"):
        fuse_dask(X)
