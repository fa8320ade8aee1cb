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
