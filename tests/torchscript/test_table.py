"""Every row of the original fuser's table against eager PyTorch, over dtypes: values, dtypes and refusals."""

import itertools

import numpy as np
import pytest

from fuser_core import DTypeError, parse_ir
from torchscript.comparison import assert_equal, run
from torchscript.table import ROWS, text

torch = pytest.importorskip("torch")
judge = pytest.importorskip("torchscript.judge")

pytestmark = pytest.mark.interop

NAN, INF = float("nan"), float("inf")
SAMPLES = {
    "float32": np.array([0.5, -1.25, 2.0, NAN, INF, -INF, -0.0, 0.1, 3.5, 0.75], np.float32),
    "float64": np.array([2.0, 0.25, -3.0, 1.0, NAN, 2.5, 0.0, -0.5, 0.3, INF], np.float64),
    "int64": np.array([3, -4, 7, 1, -1, 5, 2, 64, -2, 12], np.int64),
    "bool": np.array([True, False, True, True, False, False, True, False, True, False]),
}
CASES = [
    (name, operands, dtypes)
    for name, forms in ROWS.items()
    for operands in forms
    for dtypes in itertools.product(SAMPLES, repeat=min(operands.split().count("t"), 2))
]


def _case_id(case):
    name, operands, dtypes = case
    return f"{name}({operands.replace(' ', ',')})-{'-'.join(dtypes)}"


def _arguments(name, operands, dtypes):
    """Return the operands of an eager call, those that it takes by keyword, and the arrays for the graph."""
    kinds = itertools.chain(dtypes, itertools.repeat(dtypes[0]))
    eager, named, ours = [], {}, []
    for place, operand in enumerate(operands.split()):
        if operand in ("t", "m"):
            array = np.roll(SAMPLES["bool" if operand == "m" else next(kinds)], 3 * place)
            if name == "type_as":  # casts of NaN and out of range are the project's own (docs/decisions/0005)
                array = np.nan_to_num(array, posinf=9.0, neginf=-9.0)
            eager.append(judge.to_torch(array))
            ours.append(array.copy())
            continue
        keyword, _, number = operand.rpartition("=")
        value = None if number == "None" else float(number) if "." in number else int(number)
        if keyword:
            named[keyword] = value
        else:
            eager.append(value)
    return eager, named, ours


@pytest.mark.parametrize("case", CASES, ids=_case_id)
def test_a_row_agrees_with_eager(case):
    name, operands, dtypes = case
    eager, named, ours = _arguments(name, operands, dtypes)
    graph = parse_ir(text(name, operands))
    try:
        expected = judge.to_numpy(getattr(torch.ops.aten, name)(*eager, **named))
    except RuntimeError as error:
        if "ZeroDivisionError" in str(error):  # integers, for which NumPy has the answer 0
            return
        with pytest.raises(DTypeError):
            run(graph, ours)
        return
    (actual,) = run(graph, ours)
    assert_equal(actual, expected)
