"""The page on tracing lists what the tables hold, no more and no less."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.tracing.functions import implementation_of, refused_functions, traced_functions
from unit.tracing.functions.operands import operands
from unit.tracing.functions.test_against_numpy import CASES

PAGE = (Path(__file__).parents[3] / "docs" / "tracing.md").read_text()
TITLES = {
    "reductions": "reductions",
    "selection": "choosing",
    "kinds": "shapes and dtypes",
    "creation": "arrays like others",
    "shapes": "other shapes",
    "turning": "turning",
    "statistics": "statistics",
    "rounding": "rounding",
    "predicates": "predicates",
    "complexes": "complex numbers",
    "joining": "putting together",
    "splitting": "cutting",
    "along": "along an axis",
    "lookup": "tables",
    "windows": "windows",
    "quantiles": "quantiles",
    "covariance": "covariances",
    "contraction": "sums of products",
    "linear_algebra": "linear algebra",
    "fourier": "Fourier transforms",
    "products": "products",
    "nans": "without NaN",
    "norms": "norms",
    "broadcasting": "repeating",
    "formulas": "formulas",
}


def _quoted(names):
    return ", ".join(f"`{name}`" for name in sorted(names))


def _family(name):
    return implementation_of(traced_functions()[name]).__module__.rpartition(".")[2]


def _present(names):
    """Return the names that this version of NumPy has, without their quotes."""
    plain = [name.strip("`\n ") for name in names.split(",")]
    assert plain == sorted(plain)
    return {name for name in plain if _found(name) is not None}


def _found(name):
    found = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


@pytest.mark.parametrize("family", TITLES)
def test_the_families(family):
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {TITLES[family]} |"))
    assert _present(line.split("|")[2]) == {name for name in traced_functions() if _family(name) == family}


def test_there_are_no_other_families():
    assert {_family(name) for name in traced_functions()} == set(TITLES)


def test_the_refused():
    reasons = {}
    for name, reason in refused_functions().items():
        reasons.setdefault(reason, set()).add(name)
    items = [" ".join(item.split()) for item in PAGE.split("### Never traced")[1].split("\n* ")]
    for reason, names in reasons.items():
        item = next(item for item in items if f": {reason}." in item)
        assert _present(item.partition(":")[0]) == names


@pytest.mark.filterwarnings("ignore")
def test_the_calls():
    called = {name for name in CASES if name in traced_functions() and any(map(_calls, CASES[name]))}
    listed = PAGE.split("### Called between kernels")[1].split("###")[0].split("\n\n")[2]
    assert _present(listed) == {*called, "matmul"}


def _calls(case):
    """Say whether a call of NumPy's stands in the program of a case."""
    if case.fails:
        return False
    for _, arguments in operands(case, case.chars.split()[0]):
        with (
            np.errstate(all="ignore"),
            contextlib.suppress(TypeError, ValueError, ZeroDivisionError),
        ):  # some shapes are not for all
            case.function(*arguments)
            if "call of another library" in fuse(case.function).explain(*arguments):
                return True
    return False
