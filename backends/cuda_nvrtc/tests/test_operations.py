"""Every operation, for all of its dtypes, computes what NumPy does; and NVRTC takes its text for every device."""

from __future__ import annotations

import numpy as np
import pytest

from cuda_groups import Builder, check
from every_operation import groups, held, parts, sample, signatures, verdict_on
from fuser_core.backend import Accept, CompileOptions
from fuser_core.ops import ELEMENTWISE
from fuser_cuda_nvrtc.nvrtc import assemble, target_for
from fuser_cuda_nvrtc.source.arrangement import arrange
from fuser_cuda_nvrtc.source.module import module_text
from fuser_cuda_nvrtc.source.operations import OPERATIONS

GROUPS = groups()
_JUDGED_ELSEWHERE = ("erfc", "gammaln")
"""Of doubles: what SciPy's own functions are off by is more than a bound in ULP allows."""


def test_the_table_is_of_neutral_operations():
    assert set(OPERATIONS) | {"cast"} == set(ELEMENTWISE)


def test_what_is_declined_is_said():
    for signature in signatures():
        verdict = verdict_on(signature)
        assert isinstance(verdict, Accept) or signature[0] in verdict.reason


def test_only_complex_functions_and_few_others_are_declined():
    held_now = set(held())
    declined = {signature for signature in signatures() if signature not in held_now}
    kinds = {(name, operands[0].kind) for name, operands, _ in declined if len(set(operands)) == 1}
    assert {name for name, kind in kinds if kind != "c"} == {"reciprocal"}


@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_answers(station, number):
    group = GROUPS[number]
    inputs = sample(group)
    for step in group.steps:
        if step.op == "power" and step.outputs[0].dtype.kind == "i":  # a plan checks the exponents
            place = group.inputs.index(step.inputs[1])
            inputs[place] = np.where(inputs[place] < 0, 3, inputs[place])
    outputs = [np.empty(inputs[0].shape, value.dtype) for value in group.outputs]
    station.run(group, inputs, outputs)
    wrong = []
    for part, given, made in parts(group):
        if part.steps[0].op in _JUDGED_ELSEWHERE and part.inputs[0].dtype == np.float64:
            finite = np.isfinite(outputs[made[0]])
            assert finite.any()
            continue
        try:
            check(part, [inputs[place] for place in given], [outputs[place] for place in made])
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_nvrtc_takes_it(number):
    group = GROUPS[number]
    text = module_text(group, CompileOptions(), arrange(group))
    assert assemble(text, target_for(90), CompileOptions())[:4] == b"\x7fELF"


def test_halves_are_rounded_once_where_speed_is_asked_for(station):
    builder = Builder()
    x = builder.input("f2")
    result = builder.apply("multiply", builder.apply("multiply", x, x, dtype="f2"), x, dtype="f2")
    group = builder.group(result)
    values = np.linspace(0.1, 3, 1000).astype("f2")
    strict, fast = np.empty_like(values), np.empty_like(values)
    station.run(group, [values], [strict])
    station.run(group, [values], [fast], fast_math=True)
    np.testing.assert_array_equal(strict, values * values * values)
    np.testing.assert_array_equal(fast, (values.astype("f4") ** 3).astype("f2"))


def test_quotients_of_halves_are_the_nearest(station):
    builder = Builder()
    group = builder.group(builder.apply("divide", builder.input("f2"), builder.input("f2"), dtype="f2"))
    bits = np.random.default_rng(0).integers(0, 1 << 16, (2, 200_000)).astype("u2")
    special = [0, 0x8000, 1, 0x8001, 0x3C00, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00]
    bits[:, : len(special) ** 2] = np.reshape(np.meshgrid(special, special), (2, -1))
    x, y = bits.view("f2")
    found = np.empty_like(x)
    station.run(group, [x, y], [found])
    with np.errstate(all="ignore"):
        wanted = x / y
    numbers = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.isnan(found), ~numbers)
    np.testing.assert_array_equal(found[numbers].view("u2"), wanted[numbers].view("u2"))


@pytest.mark.parametrize(("op", "low", "high", "bound"), [("erfc", -6.0, 26.0, 8.0), ("gammaln", 1e-3, 1e6, 8.0)])
def test_functions_against_more_digits(station, op, low, high, bound):
    mpmath = pytest.importorskip("mpmath")
    builder = Builder()
    group = builder.group(builder.apply(op, builder.input("f8"), dtype="f8"))
    rng = np.random.default_rng(0)
    values = rng.uniform(low, high, 400)
    values = np.append(values, [16.6, 7.42977648531181, 1 + 2.0**-52, 1 - 2.0**-53, 2.5, high])
    found = np.empty_like(values)
    station.run(group, [values], [found])
    function = mpmath.erfc if op == "erfc" else mpmath.loggamma
    with mpmath.workdps(60):
        for value, result in zip(values, found, strict=True):
            right = function(mpmath.mpf(float(value)))
            off = abs(mpmath.mpf(float(result)) - right) / float(np.spacing(abs(float(right))))
            assert off <= bound, f"{op}({value!r}) = {result!r} is {float(off):.1f} ULP off"


def test_signs_of_complex_numbers_at_the_edges_of_range(station):
    builder = Builder()
    group = builder.group(builder.apply("sign", builder.input("c16"), dtype="c16"))
    most, least = np.finfo(np.float64).max, 5e-324
    parts = [0.0, least, 1.0, -100.0, 1e300, most, -most, np.inf, -np.inf, np.nan]
    values = np.array([complex(x, y) for x in parts for y in parts])
    found = np.empty_like(values)
    station.run(group, [values], [found])
    with np.errstate(all="ignore"):
        wanted = np.sign(values)
    np.testing.assert_allclose(found.real, wanted.real, rtol=1e-15, atol=5e-324)
    np.testing.assert_allclose(found.imag, wanted.imag, rtol=1e-15, atol=5e-324)
