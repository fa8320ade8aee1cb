"""Every installed backend agrees with the oracle: the same random programs through each of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from fuser_core.testing.conformance.base import PROGRAMS
from fuser_core.testing.runner import Runner
from fuser_core.testing.strategies import graphs
from fuser_core.testing.values import FAMILIES
from usable import backends

FLOATS = tuple(map(np.dtype, ("f8", "f4", "?")))
INTEGERS = tuple(map(np.dtype, "? i1 i2 i4 i8 u1 u2 u4 u8".split()))


@pytest.fixture(scope="module")
def runners():
    return [Runner(name) for name in backends()]


@pytest.mark.parametrize("dtypes", [FLOATS, INTEGERS, *FAMILIES[1:]], ids=["floats", "integers", "halves", "complex"])
@pytest.mark.parametrize("exact", [True, False], ids=["exact", "rounded"])
def test_random_programs(runners, dtypes, exact):
    @PROGRAMS
    @given(graphs(exact=exact, dtypes=dtypes, max_steps=20))
    def check(case):
        for runner in runners:
            runner.check_dispatch(case.graph, case.arguments)

    check()


def test_short_programs_on_plain_layouts(runners):
    @PROGRAMS
    @given(graphs(exact=True, max_steps=3, layouts=("C", "F")))
    def check(case):
        for runner in runners:
            runner.check_dispatch(case.graph, case.arguments)

    check()
