"""bfloat16, the dtype of `ml_dtypes`: the upper half of single precision, rounded after every operation."""

from __future__ import annotations

import numpy as np
import pytest

import fuser_cuda_nvrtc
from cuda_groups import Builder, number
from fuser_core.backend import Accept
from fuser_core.definitions import cast_array
from fuser_core.ops import ELEMENTWISE
from fuser_core.testing.values import mixture

ml_dtypes = pytest.importorskip("ml_dtypes")
pytestmark = pytest.mark.interop
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
_EXACT = (
    "add subtract multiply divide negative absolute sqrt square maximum minimum fmax fmin floor ceil trunc rint".split()
)


def sample(seed, size=3000):
    return mixture(np.dtype("f4"), (size,), seed, 0.1).astype(BFLOAT16)


@pytest.mark.parametrize("name", _EXACT)
def test_operations(station, name):
    builder = Builder()
    operands = [builder.input(BFLOAT16) for _ in range(ELEMENTWISE[name].arity)]
    group = builder.group(builder.apply(name, *operands, dtype=BFLOAT16))
    assert isinstance(fuser_cuda_nvrtc.supports(group.steps[0], group.device), Accept)
    inputs = [sample(seed) for seed in range(len(operands))]
    found = np.empty(3000, BFLOAT16)
    station.run(group, inputs, [found])
    wanted = getattr(np, name)(*(each.astype("f4") for each in inputs)).astype(BFLOAT16)
    np.testing.assert_array_equal(found.astype("f4"), wanted.astype("f4"))


@pytest.mark.parametrize("other", ["?", "i1", "i4", "u8", "f2", "f4", "f8", "c8"])
def test_casts(station, other):
    builder = Builder()
    narrow, wide = builder.input(BFLOAT16), builder.input(other)
    group = builder.group(builder.apply("cast", narrow, dtype=other), builder.apply("cast", wide, dtype=BFLOAT16))
    inputs = [sample(1), mixture(np.dtype(other), (3000,), 2)]
    outputs = [np.empty(3000, other), np.empty(3000, BFLOAT16)]
    station.run(group, inputs, outputs)
    wanted = np.empty(3000, other)
    cast_array(inputs[0].astype("f4"), wanted)
    np.testing.assert_array_equal(outputs[0], wanted)
    single = np.empty(3000, "f4")
    cast_array(inputs[1], single)
    if other != "f8":  # which rounds once
        np.testing.assert_array_equal(outputs[1].astype("f4"), single.astype(BFLOAT16).astype("f4"))


def test_doubles_are_rounded_once(station):
    """Just above the middle between two numbers, by less than single precision holds."""
    builder = Builder()
    group = builder.group(builder.apply("cast", builder.input("f8"), dtype=BFLOAT16))
    found = np.empty(2, BFLOAT16)
    station.run(group, [np.array([1 + 2.0**-8 + 2.0**-40, 1 + 2.0**-8])], [found])
    assert found.astype("f8").tolist() == [1 + 2.0**-7, 1.0]


def test_sums_and_numbers(station):
    builder = Builder(2)
    x = builder.input(BFLOAT16)
    halved = builder.apply("multiply", x, number(0.5, BFLOAT16), dtype=BFLOAT16)
    group = builder.group(builder.reduce("sum", halved, (1,)), builder.reduce("max", halved, (1,)))
    assert all(isinstance(fuser_cuda_nvrtc.supports(step, group.device), Accept) for step in group.steps)
    values = sample(3, 4000).reshape(4, 1000)
    values = np.where(np.isfinite(values.astype("f4")), values, 0).astype(BFLOAT16)
    found = [np.empty(4, BFLOAT16), np.empty(4, BFLOAT16)]
    station.run(group, [values], found)
    halves = (values.astype("f4") / 2).astype(BFLOAT16).astype("f8")
    np.testing.assert_array_equal(found[0].astype("f4"), halves.sum(1).astype("f4").astype(BFLOAT16).astype("f4"))
    np.testing.assert_array_equal(found[1].astype("f4"), halves.max(1))
