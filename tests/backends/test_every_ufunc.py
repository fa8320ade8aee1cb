"""Every ufunc of NumPy, in every loop over numbers that it has, on every layout: each backend agrees with NumPy.

A pair is an ufunc and one entry of its ``types`` that has none but numeric characters. Aliases are one ufunc.
"""

import warnings

import numpy as np
import pytest

from fuser_core import fuse, use_backends
from fuser_core.errors import FuserWarning
from fuser_core.testing import expect
from fuser_core.testing.runner import single
from fuser_core.testing.values import arrange, mixture

NUMERIC = frozenset("?bBhHiIlLqQefdgFDG")
EXTENDED = frozenset("gG")
UFUNCS = sorted({item for item in vars(np).values() if isinstance(item, np.ufunc)}, key=lambda ufunc: ufunc.__name__)
COUNTS = {(2, 0): (88, 1005), (2, 1): (88, 1038), (2, 2): (90, 1074)}
"""Ufuncs and pairs by the version of NumPy from which on it has them."""
NEWEST = (2, 5)
"""The newest version of NumPy that was counted."""
LAYOUTS = ("C", "F", "reversed", "repeated", "unaligned", "byteswapped")


def loops(ufunc):
    return [loop for loop in ufunc.types if NUMERIC.issuperset(loop.replace("->", ""))]


def operands(ufunc, loop):
    """Yield arguments in the dtypes of a loop: in every layout, without dimensions, and without elements."""
    dtypes = [np.dtype(char) for char in loop.split("->")[0]]
    cases = [((9, 9), layout) for layout in LAYOUTS]
    cases += [((0, 0), "C")] if ufunc.signature else [((0, 4), "C"), ((), "C")]
    for shape, layout in cases:
        arrays = [mixture(dtype, shape, seed, special=0.3) for seed, dtype in enumerate(dtypes)]
        if ufunc is np.power and dtypes[1].kind == "i":
            arrays[1] = arrays[1] & np.iinfo(dtypes[1]).max  # NumPy refuses negative powers of integers
        yield [arrange(array, layout) for array in arrays]


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_agrees_with_numpy(ufunc, fuser_backend):
    for loop in loops(ufunc):
        fused = fuse(ufunc)
        plain = not EXTENDED.isdisjoint(loop)
        for arrays in operands(ufunc, loop):
            expected = expect(single(ufunc.__name__, ufunc.nin, outputs=ufunc.nout), arrays)
            with use_backends(fuser_backend), warnings.catch_warnings():
                warnings.simplefilter("ignore", FuserWarning)
                results = fused(*arrays)
            assert (fused.last_run.backend == "python") is plain, f"{loop}: {fused.last_run}"
            for result, expectation in zip(results if ufunc.nout > 1 else [results], expected, strict=True):
                expectation.check(result, f"{ufunc.__name__} {loop} of strides {[array.strides for array in arrays]}")


@pytest.mark.parametrize("char", sorted(EXTENDED))
def test_extended_precision_is_declined_and_told(char):
    fused = fuse(lambda array: array + array)
    array = np.ones(3, char)
    with pytest.warns(FuserWarning, match=f"arrays of dtype {array.dtype} hold no numbers that a kernel can compute"):
        assert fused(array).dtype == array.dtype


def test_dates_are_declined_and_told():
    with pytest.warns(FuserWarning, match=r"arrays of dtype datetime64\[D\] hold no numbers that a kernel can compute"):
        assert fuse(np.isnat)(np.array(["NaT"], "M8[D]")).tolist() == [True]


def test_the_count():
    version = tuple(map(int, np.__version__.split(".")[:2]))
    counted = COUNTS[max(key for key in COUNTS if key <= version)]
    found = len(UFUNCS), sum(len(loops(ufunc)) for ufunc in UFUNCS)
    assert found == counted if version <= NEWEST else found >= counted
    assert {ufunc.__name__ for ufunc in UFUNCS if not loops(ufunc)} == {"isnat"}
