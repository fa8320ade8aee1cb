"""Arrays of array_api_strict: in and out, by the namespace of the traced array and by the library's own functions."""

from pathlib import Path

import numpy as np
import pytest

from fuser_core import ArgumentError, DTypeError, FuserWarning, fuse
from unit.interop import standard_cases
from unit.interop.standard_cases import CASES

S = pytest.importorskip("array_api_strict", reason="array_api_strict is not installed")

pytestmark = pytest.mark.filterwarnings("ignore:(invalid value|divide by zero):RuntimeWarning")

NUMBERS = np.arange(12.0).reshape(3, 4)


def arrays():
    return (
        S.asarray(NUMBERS * 7 % 12 / 6 + 0.1),
        S.asarray(NUMBERS[::-1].copy() / 5 + 0.2),
        S.asarray(NUMBERS.astype(np.int64)[:, ::-1].copy() % 7),
        S.asarray(NUMBERS % 3 > 0),
    )


def assert_same(found, wanted):
    if isinstance(wanted, tuple | list):
        assert type(found) is type(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
        return
    assert type(found) is type(wanted)
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    assert found.device == wanted.device
    rtol = 1e-5 if wanted.dtype in (S.float32, S.complex64) else 1e-11
    np.testing.assert_allclose(np.from_dlpack(found), np.from_dlpack(wanted), rtol=rtol, atol=1e-13)


def by_namespace(case):
    return fuse(lambda x, y, i, b: case(x.__array_namespace__(), x, y, i, b))


def by_library(case):
    return fuse(lambda x, y, i, b: case(S, x, y, i, b))


@pytest.mark.parametrize("way", [by_namespace, by_library])
@pytest.mark.parametrize("name", CASES)
def test_functions(name, way):
    given, fused = arrays(), way(CASES[name])
    for _ in range(2):
        assert_same(fused(*given), CASES[name](S, *given))
    assert fused.last_run.backend != "python", fused.last_run.reason
    assert fused.last_run.cache == "hit"


def test_every_function_of_the_standard_is_here_or_refused():
    from fuser_core.tracing.namespace import namespace

    own = namespace()
    library = {name for name in S.__all__ if "strict" not in name and "Strict" not in name}
    missing = {name for name in library - {"__version__", "Device"} if not hasattr(own, name)}
    assert missing == set()
    tested = Path(standard_cases.__file__).read_text()
    refused = {"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"}
    elsewhere = {"from_dlpack", "__array_namespace_info__", "__array_api_version__", "broadcast_shapes"}
    dtypes = {"int16", "uint8", "uint16", "uint32", "uint64", "complex128", "bool"}
    assert {name for name in library - {"__version__", "Device"} if name not in tested} <= refused | elsewhere | dtypes


@pytest.mark.parametrize("name", ["nonzero", "unique_values", "unique_all"])
def test_what_depends_on_values_is_called_as_it_is(name):
    x = S.asarray([3.0, 1.0, 3.0])
    fused = fuse(lambda x: getattr_of(x, name))
    with pytest.warns(
        FuserWarning, match=r"has no traced form; .* depends on values.*; the function itself was called"
    ):
        found = fused(x)
    wanted = getattr_of(x, name)
    assert type(found) is type(wanted)


def getattr_of(x, name):
    return {"nonzero": S.nonzero, "unique_values": S.unique_values, "unique_all": S.unique_all}[name](x)


def test_captured_arrays_dtypes_and_functions():
    weights, single, exp = S.asarray([1.0, 2.0, 3.0]), S.float32, S.exp

    @fuse
    def weigh(x):
        return S.astype(exp(x) * weights, single)

    x = S.asarray([0.0, 1.0, 2.0])
    assert_same(weigh(x), S.astype(S.exp(x) * weights, S.float32))
    weights[0] = 100.0
    assert_same(weigh(x), S.astype(S.exp(x) * weights, S.float32))
    assert weigh.last_run.cache == "hit"


def test_containers_numbers_and_the_argument_itself():
    x = S.asarray([1.0, 2.0])
    result = fuse(lambda d, n: {"twice": d["x"] * n, "same": d["x"], "size": d["x"].shape[0]})({"x": x}, 2)
    assert result["same"] is x
    assert result["size"] == 2
    assert_same(result["twice"], x * 2)


def test_results_are_where_the_arguments_are():
    device = S.Device("device1")
    x = S.asarray([1.0, 2.0], device=device)
    made = fuse(lambda x: x + x.__array_namespace__().zeros(2, device=x.device))(x)
    assert made.device == device


def test_arrays_of_two_kinds_or_devices_are_refused():
    fused = fuse(lambda x, y: x + y)
    x = S.asarray([1.0, 2.0])
    with pytest.raises(ArgumentError, match=r"of one library and on one device, .*Array on .* and numpy\.ndarray"):
        fused(x, np.ones(2))
    with pytest.raises(ArgumentError, match=r"CPU_DEVICE.* and .*device1"):
        fused(x, S.asarray([1.0, 2.0], device=S.Device("device1")))
    assert_same(fused(x, np.float64(2.0)), x + 2.0)


def test_a_dtype_that_the_library_lacks_is_refused():
    with pytest.raises(
        DTypeError, match=r"takes no array of dtype float16 by DLPack .* convert the result with astype"
    ):
        fuse(lambda x: x.astype(np.float16))(S.asarray([1.0]))


def test_out_is_filled():
    x, out = S.asarray([1.0, 2.0]), S.asarray([0.0, 0.0])
    fused = fuse(lambda x: x * 3)
    if np.lib.NumpyVersion(np.__version__) < "2.1.0":
        pytest.skip("before NumPy 2.1 no array by DLPack can be written to")
    assert fused(x, out=out) is out
    assert_same(out, x * 3)


def test_reports():
    fused = fuse(lambda x: x * 2)
    assert "is the argument x" in fused.explain(S.asarray([1.0]))


def test_a_function_that_imports_the_library_itself_is_called():
    def inside(x):
        import array_api_strict as xp

        return xp.exp(x)

    x = S.asarray([1.0])
    with pytest.warns(FuserWarning, match="imports array_api_strict while it runs; import it at the top"):
        assert_same(fuse(inside)(x), S.exp(x))
