"""The array API's namespace of traced arrays, with NumPy's arrays as arguments: no library is needed."""

import numpy as np
import pytest

from fuser_core import FuserWarning, UntraceableError, fuse
from fuser_core.tracing.namespace import namespace

pytestmark = pytest.mark.usefixtures("compiler")  # some calls insist on one

X = np.arange(12.0).reshape(3, 4)


def outcome(function, *arguments):
    fused = fuse(fallback=False)(function)
    for _ in range(2):
        found = fused(*arguments)
    assert fused.last_run.cache == "hit"
    return found


def test_code_for_the_standard_runs_unmodified(agree):
    def softmax(x, scale):
        xp = x.__array_namespace__()
        shifted = xp.exp(scale * (x - xp.max(x, axis=-1, keepdims=True)))
        return shifted / xp.sum(shifted, axis=-1, keepdims=True)

    agree(softmax, X, 2.0)


def test_arrays_stay_what_they_are(traces):
    def body(x, n):
        xp = x.__array_namespace__()
        same = xp.asarray(x) is x and x.to_device(x.device) is x and x.device == "cpu"
        return same, xp.asarray([x.sum(), n, 1.5]), xp.full((2,), n), xp.asarray(n), xp.from_dlpack(x) + 1

    fused = fuse(body)
    for n in (2, 3):
        same, listed, full, number, shown = fused(X, n)
        assert same
        np.testing.assert_array_equal(listed, [66.0, n, 1.5])
        np.testing.assert_array_equal(full, [n, n])
        assert number == n
        np.testing.assert_array_equal(shown, X + 1)
    assert len(traces) == 1


def test_a_name_that_the_standard_lacks():
    with pytest.raises(
        AttributeError, match=r"the array API standard has no 'nansum'.*import NumPy and use its functions"
    ):
        fuse(lambda x: x.__array_namespace__().nansum(x))(X)
    with pytest.raises(AttributeError, match=r"the array API's linalg has no 'lstsq'; numpy\.linalg takes"):
        fuse(lambda x: x.__array_namespace__().linalg.lstsq(x))(X)
    with pytest.raises(AttributeError, match=r"the array API's fft has no 'fft2'"):
        fuse(lambda x: x.__array_namespace__().fft.fft2(x))(X)


def test_versions():
    assert outcome(lambda x: x.__array_namespace__(api_version="2023.12").exp(x), X).shape == X.shape
    with pytest.raises(ValueError, match=r"know the array API's versions 2021\.12.*not '1999\.01'; ask for one"):
        fuse(lambda x: x.__array_namespace__(api_version="1999.01"))(X)


def test_another_device_is_refused():
    with pytest.raises(UntraceableError, match=r"an array on the device 'cuda' .* where its arguments are"):
        outcome(lambda x: x + x.__array_namespace__().zeros(4, device="cuda"), X)
    with pytest.raises(UntraceableError, match=r"moving an array from cpu to 'cuda'.*move it before the call"):
        outcome(lambda x: x.to_device("cuda"), X)


def test_a_copy_that_may_not_be_made():
    with pytest.raises(ValueError, match="becomes one of float32 by copying; leave copy=False out"):
        fuse(lambda x: x.__array_namespace__().asarray(x, dtype="float32", copy=False))(X)
    with pytest.raises(ValueError, match="a list of traced arrays becomes an array by copying"):
        fuse(lambda x: x.__array_namespace__().asarray([x, x], copy=False))(X)


def test_what_depends_on_values_has_no_traced_form():
    with pytest.warns(FuserWarning, match=r"unique_values .* the function itself was called"):
        found = fuse(lambda x: x.__array_namespace__().unique_values(x % 2))(X)
    assert found.tolist() == [0.0, 1.0]


def test_the_info():
    def body(x):
        info = x.__array_namespace__().__array_namespace_info__()
        real = tuple(info.dtypes(kind="real floating"))
        said = info.capabilities()["data-dependent shapes"], info.default_dtypes()["real floating"].name
        return said, info.devices()[0], info.default_device(), real, len(info.dtypes()), x * 2

    said, device, default, real, count, _ = outcome(body, X)
    assert said == (False, "float64")
    assert device == default == "cpu"
    assert (real, count) == (("float32", "float64"), 13)


def test_the_namespace_lists_its_names():
    xp = namespace()
    assert {"exp", "asarray", "float32", "pi", "linalg", "__array_namespace_info__"} <= set(dir(xp))
    assert all(getattr(xp, name) is not None or name == "newaxis" for name in dir(xp))
    assert all(callable(getattr(part, name)) for part in (xp.linalg, xp.fft) for name in dir(part))
    assert outcome(lambda x: x + x.__array_namespace__().fft.rfftfreq(6), X).shape == X.shape


def test_isin_of_what_is_not_in():
    found = outcome(lambda x: x.__array_namespace__().isin(x, np.array([1.0, 2.0]), invert=True), X)
    np.testing.assert_array_equal(found, np.isin(X, [1, 2], invert=True))


def test_sorting_a_number_is_refused():
    with pytest.raises(UntraceableError, match="sort of an array without dimensions"):
        outcome(lambda x: x.__array_namespace__().sort(x.sum()), X)


def test_finfo_is_numpy_s(agree):
    agree(lambda x: x.__array_namespace__().finfo(x.dtype).eps * x, X.astype(np.float32))


@pytest.mark.interop
def test_the_helpers_of_array_api_compat(agree):
    compat = pytest.importorskip("array_api_compat", reason="array_api_compat is not installed")
    array_namespace, device, size = compat.array_namespace, compat.device, compat.size

    def body(x, y):
        xp = array_namespace(x, y)
        return xp.zeros_like(x, device=device(x)) + xp.hypot(x, y), size(x), xp.astype(x, xp.float32)

    assert agree(body, X, X + 1).last_run.cache == "hit"
    xp = pytest.importorskip("array_api_compat.numpy")
    assert agree(lambda x: xp.argsort(xp.asarray(x), descending=True, axis=1), X).last_run.backend != "python"
