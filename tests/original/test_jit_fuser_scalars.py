"""The original's test_jit_fuser.py: numbers beside arrays, 0-d arrays, dtypes, constants, equal results."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from fuser_core import ArgumentError, FuserWarning, GraphError, TraceError, fuse, n_compiled_kernels, parse_ir
from original.comparison import agree, close, kernels_of, program_of, run, samples
from original.test_jit_fuser import ABS, EXP, MASKS

pytestmark = pytest.mark.usefixtures("backend")

SCALAR_ARGUMENT = """graph(%x : Tensor, %p : float):
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::mul(%x, %x)
  %4 : Tensor = aten::add(%3, %x, %2)
  %5 : Tensor = aten::mul(%4, %p)
  return (%5)"""


def test_scalar_arg():
    x = samples(4, 4)
    agree(SCALAR_ARGUMENT, lambda x, p: p * (x * x + x), x, 3.0)
    before = n_compiled_kernels()
    for p in (0.1, -2.0, math.inf, 3.0):
        np.testing.assert_array_equal(run(SCALAR_ARGUMENT, x, p)[0], p * (x * x + x))
    assert n_compiled_kernels() == before


SUM = """graph(%x : Tensor, %y : Tensor):
  %2 : int = prim::Constant[value=2]()
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::mul(%x, %2)
  %5 : Tensor = aten::add(%4, %y, %3)
  return (%5)"""


def test_scalar():
    agree(SUM, lambda x, y: 2 * x + y, np.array(0.1, np.float32), np.array(1, np.float32))


SMALL = """graph(%x : Tensor, %y : Tensor):
  %2 : float = prim::Constant[value=1.0000000000000000e-08]()
  %3 : float = prim::Constant[value=5.0000000000000001e-09]()
  %4 : float = prim::Constant[value=100000000.]()
  %5 : int = prim::Constant[value=1]()
  %6 : Tensor = aten::mul(%x, %2)
  %7 : Tensor = aten::mul(%y, %3)
  %8 : Tensor = aten::add(%6, %7, %5)
  %9 : Tensor = aten::mul(%8, %4)
  return (%9)"""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_constant(dtype):
    agree(SMALL, lambda x, y: (1e-8 * x + 5e-9 * y) * 1e8, *samples(4, 4, count=2, dtype=dtype))


CONSTANT = """graph(%x : Tensor):
  %1 : float = prim::Constant[value=3.]()
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::add(%x, %1, %2)
  %4 : Tensor = aten::mul(%x, %3)
  return (%4)"""
INTEGER = CONSTANT.replace("%x : Tensor", "%x : Tensor, %k : int").replace("%x, %1, %2", "%x, %k, %2")


def test_tensor_scalar_ops_should_fuse():
    agree(CONSTANT, lambda x: x * (x + 3.0), samples(2, 2))


def test_a_number_known_only_at_run_time_fuses_too_and_is_read_at_every_call():
    x = samples(2, 2)
    agree(INTEGER, lambda x, k: x * (x + k), x, 3)
    before = n_compiled_kernels()
    for k in (5, -1, 3):
        np.testing.assert_array_equal(run(INTEGER, x, k)[0], x * (x + k))
    assert n_compiled_kernels() == before


def test_tensor_scalar_ops_should_not_fuse():
    """``int(z)`` of an array is known only when a kernel has run."""
    with pytest.raises(GraphError, match="aten::Int makes a Python number at run time"):
        parse_ir(INTEGER.replace("%k : int", "%k : Tensor").replace("%3 :", "%n : int = aten::Int(%k)\n  %3 :"))
    with pytest.raises(TraceError, match="test_jit_fuser_scalars"):
        fuse(lambda x, z: x * (x + int(z)))(samples(2, 2), np.array(3.0))


WHERE = """graph(%x : Tensor, %y : Tensor):
  %2 : Tensor = aten::gt(%x, %y)
  %3 : Tensor = aten::where(%2, %x, %y)
  %4 : (Tensor, Tensor) = prim::TupleConstruct(%2, %3)
  return (%4)"""


def test_where_and_typing():
    def function(x, y):
        mask = x > y
        return mask, np.where(mask, x, y)

    agree(WHERE, function, *samples(4, 4, count=2, dtype=np.float64))


ERF = """graph(%x : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor = aten::erf(%x)
  %3 : Tensor = aten::erfc(%x)
  %4 : Tensor = aten::sub(%2, %3, %1)
  %5 : Tensor = aten::relu(%4)
  return (%5)"""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_erf(dtype):
    x = samples(4, 4, dtype=dtype)
    x[0] = 0, np.inf, -np.inf, np.nan
    difference = np.array([math.erf(value) - math.erfc(value) for value in x.ravel().tolist()]).reshape(x.shape)
    (result,) = run(ERF, x)
    close(np.where(difference < 0, 0, difference).astype(dtype), result, units=8)


DEDUPLICATED = """graph(%x : Tensor, %y : Tensor):
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::add(%x, %y, %2)
  %4 : Tensor = aten::sigmoid(%3)
  %5 : Tensor = aten::add(%x, %y, %2)
  %6 : Tensor = aten::sigmoid(%5)
  return (%4, %6)"""


def test_fuser_deduplication():
    """Equal results are computed once; each is an array of its own, as in eager mode."""

    def function(x, y):
        return 1 / (1 + np.exp(-(x + y))), 1 / (1 + np.exp(-(x + y)))

    x, y = samples(5, 5, count=2)
    agree(DEDUPLICATED, function, x, y, units=8)
    (group,) = program_of(DEDUPLICATED, x, y).groups
    assert [step.op for step in group.group.steps].count("exp") == 1
    assert not np.shares_memory(*run(DEDUPLICATED, x, y))


BROADCASTED_CELL = """graph(%a : Tensor, %b : Tensor, %c : Tensor):
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::add(%a, %b, %3)
  %5 : Tensor = aten::add(%4, %c, %3)
  return (%5)"""


@pytest.mark.parametrize(("narrow", "kernels"), [(0, 1), (1, 1), (2, 2), (3, 1)])
def test_grad_sum_to_size_elimination_forward(narrow, kernels):
    """A sum of columns alone is a kernel of its own, and is not computed again along the rows."""
    column, square = samples(5, 1), samples(5, 5, seed=1)
    arguments = [column] * narrow + [square] * (3 - narrow)
    agree(BROADCASTED_CELL, lambda a, b, c: (a + b) + c, *arguments, kernels=kernels)


HALF = {
    "relu": (EXP.replace("OP", "relu"), lambda x, y: np.maximum(x + x.dtype.type(0.5) * y, 0)),
    "exp": (EXP.replace("OP", "exp"), lambda x, y: np.exp(x + x.dtype.type(0.5) * y)),
    "comparison": (
        MASKS.replace("FIRST", "gt").replace("SECOND", "lt"),
        lambda x, y: (x * (x > 0) + y) * (x < 0) + y,
    ),
}


@pytest.mark.parametrize("name", HALF)
def test_half(name):
    """Each operation rounds to half precision, as eager PyTorch's and NumPy's do."""
    text, function = HALF[name]
    x, y = samples(4, 4, count=2, dtype=np.float16)
    (result,) = run(text, x, y)
    close(function(x, y), result, units=1)
    wide = function(x.astype(np.float32), y.astype(np.float32))
    np.testing.assert_allclose(result, wide, rtol=4 * float(np.finfo(np.float16).eps), atol=1e-3)


@pytest.mark.interop
def test_bfloat16():
    """NumPy has no such dtype: a graph refuses it, and a fused function is called as it is."""
    dtype = pytest.importorskip("ml_dtypes").bfloat16
    x, y = (array.astype(dtype) for array in samples(4, 4, count=2))
    with pytest.raises(ArgumentError, match=r"argument 0 is a ndarray, which is neither an array that fuser_core"):
        run(EXP.replace("OP", "relu"), x, y)
    with pytest.warns(FuserWarning, match="arrays of dtype bfloat16 are taken on devices only"):
        result = fuse(lambda x, y: np.maximum(x + y, dtype(0)))(x, y)
    np.testing.assert_array_equal(result.astype(np.float32), np.maximum(x + y, dtype(0)).astype(np.float32))


def test_unicode_temp_dir(tmp_path, backend):
    folder = tmp_path / "höhle 漢字"
    folder.mkdir()
    program = f"import numpy as np, fuser_core as f; stack = [np.array([-1.5])]\nwith f.use_backends({backend!r}):\n"
    program += f"    f.run_fusion(f.register_fusion(f.parse_ir({ABS!r})), stack)\nassert stack[0].tolist() == [3.0]"
    settings = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    subprocess.run([sys.executable, "-c", program], check=True, env=settings, cwd=tmp_path)  # noqa: S603
    assert list(folder.iterdir()) == []


def test_half_precision_is_rounded_after_every_operation(backend):
    kernels, calls = kernels_of(EXP.replace("OP", "exp"), *samples(4, 4, count=2, dtype=np.float16))
    assert kernels in (["fallback_numpy"], [backend])
    assert calls == []
