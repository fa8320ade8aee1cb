"""PyTorch's promotion of dtypes, as restated here, against PyTorch itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core import DTypeError
from fuser_core.semantics.aten.promotion import Rank, promote_types, result_type

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.interop

DTYPES = "bool uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
NUMBERS = [True, 3, 2.5, 1 + 2j]


def _name(dtype):
    return str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("left", DTYPES)
@pytest.mark.parametrize("right", DTYPES)
def test_two_arrays(left, right):
    try:
        expected = torch.promote_types(getattr(torch, left), getattr(torch, right))
    except RuntimeError:
        with pytest.raises(DTypeError, match="does not promote"):
            promote_types(np.dtype(left), np.dtype(right))
        return
    assert promote_types(np.dtype(left), np.dtype(right)) == np.dtype(_name(expected))


OPERANDS = st.one_of(
    st.tuples(st.sampled_from(DTYPES), st.sampled_from([Rank.ARRAY, Rank.SCALAR_ARRAY])),
    st.sampled_from(NUMBERS),
)


def _ours(operand):
    if isinstance(operand, tuple):
        return np.dtype(operand[0]), operand[1]
    return np.asarray(operand).dtype, Rank.NUMBER


def _theirs(operand):
    if isinstance(operand, tuple):
        return torch.ones((2,) if operand[1] is Rank.ARRAY else (), dtype=getattr(torch, operand[0]))
    return operand


@given(OPERANDS, OPERANDS)
def test_arrays_and_numbers(left, right):
    try:
        expected = _name(torch.result_type(_theirs(left), _theirs(right)))
    except RuntimeError:
        with pytest.raises(DTypeError):
            result_type([_ours(left), _ours(right)])
        return
    if expected == "complex32":  # which NumPy does not have
        expected = "complex64"
    assert result_type([_ours(left), _ours(right)]) == np.dtype(expected)


def test_dtypes_that_pytorch_does_not_have_are_refused():
    with pytest.raises(DTypeError, match=r"datetime64.* has no counterpart in PyTorch's promotion rules"):
        promote_types(np.dtype("datetime64[s]"), np.dtype(np.float32))
