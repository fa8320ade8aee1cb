"""Python numbers that are inputs of a graph: in which dtype they enter, and that no kernel is spent on them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuser_core import parse_ir, register_fusion
from fuser_core.arguments import describe_arguments
from fuser_core.kernel_spec import Request, spec_of
from torchscript.comparison import run

ADD = parse_ir("graph(%x : Tensor, %k : Scalar):\n  %r : Tensor = aten::add(%x, %k)\n  return (%r)")
NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.sampled_from([-(2**63), 2**63 - 1]), st.floats(), st.booleans())


@pytest.mark.parametrize("dtype", "u1 i1 i2 i4 i8 f2 f4 f8 c8 c16".split())
@settings(deadline=None)
@given(NUMBERS)
def test_a_number_is_wrapped_or_rounded_into_the_dtype(dtype, number):
    array = np.zeros(2, dtype)
    (result,) = run(ADD, [array, number])
    if isinstance(number, float) and array.dtype.kind in "iu":
        assert result.dtype == np.float32
    else:
        assert result.dtype == dtype
    with np.errstate(all="ignore"):
        expected = np.asarray(number).astype(result.dtype)
    np.testing.assert_array_equal(result, np.broadcast_to(expected, 2))


@pytest.mark.parametrize("number", [7, 0.1, True])
@pytest.mark.parametrize("dtype", "u1 i4 i8 f4 f8".split())
def test_it_costs_no_kernel(dtype, number):
    arguments = [np.zeros(2, dtype), number]
    program, _ = spec_of(register_fusion(ADD)).program(describe_arguments(arguments), arguments, Request())
    assert len(program.groups) == 1
