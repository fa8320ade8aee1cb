"""Every traced function of NumPy's, called in every way that it can be: values, dtypes and types are NumPy's."""

import inspect

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.testing.oracle import evaluate
from fuser_core.tracing.functions import implementation_of, refused_functions, traced_functions
from fuser_core.tree import flatten
from unit.tracing.functions.cases_calls import ALONG, QUANTILES
from unit.tracing.functions.cases_elementwise import ELEMENTWISE, METHODS
from unit.tracing.functions.cases_library import CONTRACTIONS, FOURIER, MATRICES
from unit.tracing.functions.cases_reductions import REDUCTIONS
from unit.tracing.functions.cases_shapes import CALLS, JOINS, SHAPES_OF_ARRAYS
from unit.tracing.functions.judging import is_near, judge
from unit.tracing.functions.operands import operands

pytestmark = pytest.mark.filterwarnings(
    "ignore:(Mean of empty slice|All-NaN|Degrees of freedom|numpy.fix is deprecated)",
    "ignore:Casting complex values to real",
)

TABLES = (ELEMENTWISE, REDUCTIONS, SHAPES_OF_ARRAYS, JOINS, CALLS, FOURIER, MATRICES, CONTRACTIONS, QUANTILES, ALONG)
CASES = {name: cases for table in TABLES for name, cases in table.items()}
PRESENT = [name for name in CASES if name in traced_functions()]
CALLED = [(name, position) for name in PRESENT for position in range(len(CASES[name]))]


def test_every_traced_function_has_cases():
    assert set(traced_functions()) <= set(CASES)


@pytest.mark.parametrize(("name", "position"), CALLED)
def test_results_are_numpy_s(name, position):
    _run(CASES[name][position])


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_numpy_s(name):
    for case in METHODS[name]:
        _run(case)


def _run(case):
    worked = []
    for char in case.chars.split():
        for shape, arguments in operands(case, char):
            try:
                worked.append(judge(case.function, *arguments, ulps=case.ulps))
            except BaseException as error:
                error.add_note(f"with dtype {np.dtype(char)} and a {shape}")
                raise
    assert any(worked) is not case.fails


@pytest.mark.parametrize(("name", "position"), CALLED)
def test_the_oracle_evaluates_the_graph(name, position):
    case = CASES[name][position]
    if case.fails:
        return
    char = "d" if "d" in case.chars.split() else case.chars.split()[0]
    for _, arguments in operands(case, char):
        try:
            with np.errstate(all="ignore"):
                expected = case.function(*arguments)
        except (TypeError, ValueError, ZeroDivisionError):
            continue
        graph, captured = _traced(case.function, arguments)
        leaves = []
        flatten(expected, leaves)
        for found in evaluate(graph, [*arguments, *captured]):  # constants are no outputs, and equal ones are one
            assert any(is_near(found, wanted, max(case.ulps, 1)) for wanted in leaves), (found, expected)


def _traced(function, arguments):
    _, entry = fuse(function)._dispatcher._fusable(tuple(arguments), {})
    return entry.trace.graph, entry.trace.captured


@pytest.mark.parametrize("name", sorted(traced_functions()))
def test_parameters_are_those_of_numpy(name):
    """Names and defaults are restated, since a signature has to be written down; here NumPy is asked."""
    own = list(inspect.signature(implementation_of(traced_functions()[name])).parameters.values())[1:]
    try:
        theirs = inspect.signature(traced_functions()[name]).parameters
    except ValueError:
        return  # written in C, in a version of NumPy that keeps its signature to itself
    for parameter in own:
        if parameter.name in ("min", "max", "shape", "newshape", "copy") and parameter.name not in theirs:
            continue  # of other versions of NumPy
        if parameter.name not in theirs:
            assert name == "linalg.vecdot"  # the ufunc of the same name has more options
            continue
        given = theirs[parameter.name].default
        if given is np._NoValue or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        required = given is parameter.empty
        assert required or given == parameter.default, parameter


def test_no_function_is_both_traced_and_refused():
    assert set(traced_functions()).isdisjoint(refused_functions())
