"""Into how many kernels the original's graphs fall where arrays are cut, joined or written into."""

import numpy as np
import pytest

from original import lstm
from original import test_jit_fuser_pieces as cuts
from original.comparison import kernels_of, program_of, samples
from original.test_fuser_cpp import ALIASED, JOINED
from original.test_jit_fuser_scalars import ERF

X, Y = samples(4, 4, count=2)
PRODUCTS = ["numpy.matmul"] * 2


def _is_one_kernel(backend, text, *arguments, calls=()):
    assert kernels_of(text, *arguments) == ([backend], list(calls))


def test_erf(backend):
    _is_one_kernel(backend, ERF, X)


def test_chunk(backend):
    _is_one_kernel(backend, cuts.CHUNK, samples(10, 6))


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
@pytest.mark.parametrize("layout", cuts.LAYOUTS)
def test_chunk_correctness(backend, layout, dim):
    _is_one_kernel(backend, cuts.QUARTERS.replace("DIM", str(dim)), cuts.LAYOUTS[layout])


def test_chunk_multiple(backend):
    _is_one_kernel(backend, cuts.MULTIPLE, *cuts.MULTIPLE_ARGUMENTS)


@pytest.mark.parametrize("shape", [(4, 4), (1, 4), (4, 1)])
def test_chunk_distributes(backend, shape):
    """The pieces of a sum are sums of pieces, so that the sum itself is nowhere in memory."""
    _is_one_kernel(backend, cuts.CHUNKED_SUM, X, samples(*shape))


@pytest.mark.parametrize("text", [cuts.SQUARE, cuts.CUBE])
def test_chunk_motion_deduplicates_inputs(backend, text):
    """Each half of the only argument is read once."""
    x = np.array([1.1, 1.2], np.float32)
    _is_one_kernel(backend, text, x)
    (bound,) = program_of(text, x).groups
    assert len(bound.group.inputs) == 2


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_concat(backend, dim):
    _is_one_kernel(backend, cuts.CAT.replace("value=0", f"value={dim}"), X, Y)


def test_checks_cat_inputs(backend):
    """Pieces of two sizes are computed by one kernel each."""
    assert kernels_of(cuts.CAT_OF_SIZES, samples(2, 4), samples(1, 4)) == ([backend] * 2, [])


def test_concat_invariant(backend):
    """What reads the whole comes after the kernel that writes the parts."""
    arguments = [*samples(2, 2, count=2), samples(4, 2)]
    assert kernels_of(cuts.CAT_AND_SUM, *arguments) == ([backend] * 2, [])
    parts, whole = program_of(cuts.CAT_AND_SUM, *arguments).groups
    assert [step.op for step in parts.group.steps] == ["add", "subtract"]
    assert [step.op for step in whole.group.steps] == ["add"]


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_fused_concat(backend, dim):
    _is_one_kernel(backend, JOINED.replace("DIM", str(dim)), *samples(3, 4, 5, count=2))


@pytest.mark.parametrize("text", [lstm.SCRIPTED, lstm.TRACED], ids=["scripted", "traced"])
def test_lstm(backend, text):
    """All but the products of matrices; the pieces of the gates leave no step between them."""
    _is_one_kernel(backend, text, *lstm.arguments(), calls=PRODUCTS)


def test_lstm_concat(backend):
    _is_one_kernel(backend, lstm.JOINED, *lstm.arguments(), calls=PRODUCTS)


def test_milstm(backend):
    _is_one_kernel(backend, lstm.MILSTM, *lstm.arguments(biases=4), calls=PRODUCTS)


@pytest.mark.parametrize("order", lstm.ORDERS, ids=" ".join)
def test_lstm_gates_permutations(backend, order):
    """One kernel; where the two biases come first, their sum is a row, computed once in a kernel of its own."""
    biases_first = {*order[:2]} == {"%b_ih", "%b_hh"}
    kernels, calls = kernels_of(lstm.permuted(order), *lstm.arguments())
    assert kernels == [backend] * (2 if biases_first else 1)
    assert calls == PRODUCTS


def test_fusion_aliasing(backend):
    """Writing in place makes a value of its own, so that nothing is left to stop at and no order can be lost."""
    _is_one_kernel(backend, ALIASED, X, Y)
    (bound,) = program_of(ALIASED, X, Y).groups
    assert [step.op for step in bound.group.steps] == ["multiply", "multiply", "add", "multiply", "add"]


SIBLINGS = """graph(%x : Tensor):
  %1 : Tensor = aten::mul(%x, %x)
  %2 : Tensor = aten::exp(SHARED)
  %3 : Tensor = aten::neg(SHARED)
  return (%2, %3)"""


@pytest.mark.parametrize("shared", ["%1", "%x"])
def test_siblings(backend, shared):
    """A shared producer joined siblings in the original; a shared argument is enough here."""
    _is_one_kernel(backend, SIBLINGS.replace("SHARED", shared), X)
