"""The page of operations says what the rules and the backends say now."""

import re
import runpy

import numpy as np
import pytest

from fuser_core.ops import ELEMENTWISE, REDUCTIONS
from fuser_core.semantics import names


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "operations.md").read_text()


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0",
    reason="NumPy 2.0 computes floor, ceil and trunc of integers in floats",
)
def test_the_page_is_current(root, page):
    tool = runpy.run_path(str(root / "tools" / "list_operations.py"))
    assert tool["render"]() == page, "docs/operations.md is out of date; run `make docs`"


def test_every_operation_and_every_name_is_there(page):
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == [*sorted(ELEMENTWISE), *sorted(REDUCTIONS)]
    assert set(names()) == set(re.findall(r"`(\w+::[\w.]+)`", page))


def test_the_fallback_holds_every_operation(page):
    header = next(line for line in page.splitlines() if line.startswith("| operation"))
    column = header.split(" | ").index("fallback_numpy")
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| `\w+` \| \d", line)]
    assert len(rows) == len(ELEMENTWISE)
    assert "none" not in {row[column] for row in rows}
