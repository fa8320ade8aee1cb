"""The original's test_jit_fuser.py: pieces of arrays, and arrays put together. Kernels are counted in test_groups."""

import numpy as np
import pytest

from fuser_core import fuse, n_compiled_kernels
from original.comparison import close, run, samples

pytestmark = pytest.mark.usefixtures("backend")


def check(text, function, *arguments, traced=True):
    """Assert that a graph, and where it can be traced the function too, does what NumPy does."""
    expected = function(*arguments)
    (result,) = run(text, *arguments)
    close(expected, result)
    if traced:
        close(expected, fuse(function)(*arguments))


def pieces(array, count, axis):
    """Return so many views of equal size, as ``chunk`` does."""
    step = array.shape[axis] // count
    return [array[(*[slice(None)] * axis, slice(place * step, (place + 1) * step))] for place in range(count)]


CHUNKED_SUM = """graph(%x : Tensor, %y : Tensor):
  %2 : int = prim::Constant[value=1]()
  %3 : int = prim::Constant[value=2]()
  %4 : Tensor = aten::add(%x, %y, %2)
  %5 : Tensor[] = aten::chunk(%4, %3, %2)
  %6 : Tensor, %7 : Tensor = prim::ListUnpack(%5)
  %8 : Tensor = aten::mul(%6, %7)
  return (%8)"""


def halves_of_a_sum(x, y):
    """Return the product of the halves of a sum, along the columns."""
    left, right = pieces(x + y, 2, 1)
    return left * right


@pytest.mark.parametrize("shape", [(4, 4), (1, 4), (4, 1)])
def test_chunk_distributes(shape):
    check(CHUNKED_SUM, halves_of_a_sum, samples(4, 4), samples(*shape, seed=1))


def test_arg_configurations():
    """One result for all layouts; and unlike in the original one kernel, since it gets the strides at each launch."""
    x, y = samples(4, 4, count=2)
    copy = np.ascontiguousarray(x.T)
    check(CHUNKED_SUM, halves_of_a_sum, copy, y)
    before = n_compiled_kernels()
    (of_copy,), (of_view,) = run(CHUNKED_SUM, copy, y), run(CHUNKED_SUM, x.T, y)
    close(of_copy, of_view)
    assert n_compiled_kernels() == before


CHUNK = """graph(%x : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor, %3 : Tensor, %4 : Tensor = prim::ConstantChunk[chunks=3, dim=1](%x)
  %5 : Tensor = aten::mul(%2, %3)
  %6 : Tensor = aten::add(%5, %4, %1)
  return (%6)"""


def test_chunk():
    def function(x):
        a, b, c = pieces(x, 3, 1)
        return a * b + c

    check(CHUNK, function, samples(10, 6))


QUARTERS = """graph(%x : Tensor):
  %1 : int = prim::Constant[value=1]()
  %2 : Tensor, %3 : Tensor, %4 : Tensor, %5 : Tensor = prim::ConstantChunk[chunks=4, dim=DIM](%x)
  %6 : Tensor = aten::add(%2, %3, %1)
  %7 : Tensor = aten::add(%6, %4, %1)
  %8 : Tensor = aten::add(%7, %5, %1)
  return (%8)"""
LAYOUTS = {
    "pieces of size 1": samples(4, 4, 4),
    "contiguous": samples(12, 8, 16),
    "transposed": samples(12, 8, 16).transpose(0, 2, 1),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dim", [0, 1, 2, -1])
def test_chunk_correctness(layout, dim):
    def function(x):
        a, b, c, d = pieces(x, 4, dim % 3)
        return a + b + c + d

    check(QUARTERS.replace("DIM", str(dim)), function, LAYOUTS[layout])


SQUARE = """graph(%x : Tensor):
  %1 : Tensor = aten::mul(%x, %x)
  %2 : Tensor, %3 : Tensor = prim::ConstantChunk[chunks=2, dim=0](%1)
  %4 : Tensor = aten::mul(%2, %3)
  return (%4)"""
CUBE = SQUARE.replace("ConstantChunk[chunks=2, dim=0](%1)", "ConstantChunk[chunks=2, dim=0](%c)").replace(
    "  %2 :", "  %c : Tensor = aten::mul(%1, %x)\n  %2 :"
)


@pytest.mark.parametrize(("text", "function"), [(SQUARE, lambda x: x * x), (CUBE, lambda x: x * x * x)])
def test_chunk_motion_deduplicates_inputs(text, function):
    def product(x):
        left, right = pieces(function(x), 2, 0)
        return left * right

    check(text, product, np.array([1.1, 1.2], np.float32))


MULTIPLE = """graph(%s : Tensor, %x : Tensor, %y : Tensor, %z : Tensor):
  %4 : int = prim::Constant[value=1]()
  %z1 : Tensor, %z2 : Tensor = prim::ConstantChunk[chunks=2, dim=2](%z)
  %x1 : Tensor, %x2 : Tensor, %x3 : Tensor = prim::ConstantChunk[chunks=3, dim=1](%x)
  %y1 : Tensor, %y2 : Tensor = prim::ConstantChunk[chunks=2, dim=0](%y)
  %5 : Tensor = aten::add(%s, %x1, %4)
  %6 : Tensor = aten::add(%5, %x2, %4)
  %7 : Tensor = aten::add(%6, %x3, %4)
  %8 : Tensor = aten::add(%7, %y1, %4)
  %9 : Tensor = aten::add(%8, %y2, %4)
  %10 : Tensor = aten::add(%9, %z1, %4)
  %11 : Tensor = aten::add(%10, %z2, %4)
  return (%11)"""
MULTIPLE_ARGUMENTS = [samples(5, 2, 3), samples(5, 6, 3), samples(10, 2, 3), samples(5, 2, 6)]


def test_chunk_multiple():
    """The pieces are used in another order than the arrays are given in."""

    def function(s, x, y, z):
        for piece in (*pieces(x, 3, 1), *pieces(y, 2, 0), *pieces(z, 2, 2)):
            s = s + piece
        return s

    check(MULTIPLE, function, *MULTIPLE_ARGUMENTS)


CAT_OF_SIZES = """graph(%x : Tensor, %y : Tensor):
  %dim : int = prim::Constant[value=0]()
  %1 : int = prim::Constant[value=1]()
  %2 : int = prim::Constant[value=2]()
  %3 : int = prim::Constant[value=3]()
  %4 : int = prim::Constant[value=4]()
  %5 : Tensor = aten::mul(%x, %2)
  %6 : Tensor = aten::add(%x, %5, %1)
  %7 : Tensor = aten::pow(%x, %2)
  %8 : Tensor = aten::add(%6, %7, %1)
  %9 : Tensor = aten::mul(%y, %4)
  %10 : Tensor = aten::add(%y, %9, %1)
  %11 : Tensor = aten::pow(%y, %3)
  %12 : Tensor = aten::add(%10, %11, %1)
  %13 : Tensor[] = prim::ListConstruct(%8, %12)
  %14 : Tensor = aten::cat(%13, %dim)
  return (%14)"""


def test_checks_cat_inputs():
    """A piece of one row is put below two rows, and is not repeated to their shape."""

    def function(x, y):
        return np.concatenate([x + 2 * x + x * x, y + 4 * y + y * y * y])

    x, y = samples(2, 4), samples(1, 4, seed=1)
    (result,) = run(CAT_OF_SIZES, x, y)
    assert result.shape == (3, 4)
    close(function(x, y), result, units=4)


CAT = """graph(%hx : Tensor, %cx : Tensor):
  %2 : int = prim::Constant[value=1]()
  %3 : int = prim::Constant[value=0]()
  %4 : Tensor = aten::add(%hx, %cx, %2)
  %5 : Tensor = aten::mul(%hx, %cx)
  %6 : Tensor[] = prim::ListConstruct(%4, %5)
  %7 : Tensor = aten::cat(%6, %3)
  return (%7)"""


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_concat(dim):
    text = CAT.replace("value=0", f"value={dim}")
    check(text, lambda hx, cx: np.concatenate([hx + cx, hx * cx], dim), *samples(3, 20, count=2), traced=False)


CAT_AND_SUM = """graph(%x : Tensor, %y : Tensor, %z : Tensor):
  %3 : int = prim::Constant[value=1]()
  %4 : Tensor = aten::add(%x, %y, %3)
  %5 : Tensor = aten::sub(%x, %y, %3)
  %6 : Tensor = prim::FusedConcat[dim=0](%4, %5)
  %7 : Tensor = aten::add(%6, %z, %3)
  return (%7)"""


def test_concat_invariant():
    def function(x, y, z):
        return np.concatenate([x + y, x - y]) + z

    check(CAT_AND_SUM, function, *samples(2, 2, count=2), samples(4, 2, seed=3), traced=False)
