"""Which operations there are: the original's table, and the list in the document."""

import re
from pathlib import Path

from fuser_core.semantics import names
from fuser_core.torchscript.structure import STRUCTURE
from torchscript.table import ROWS

DOCUMENT = Path(__file__).parents[2] / "docs" / "torchscript.md"


def test_every_row_of_the_original_table_is_there():
    rows = {*ROWS, "rand_like"} - {"clamp"}
    assert len(rows) == 58
    assert {f"aten::{name}" for name in rows} <= set(names())


def test_the_document_lists_every_operation():
    listed = re.findall(r"`([\w:]+)`", DOCUMENT.read_text().partition("## Operations")[2])
    known = {name for name in (*names(), *STRUCTURE) if name.startswith(("aten::", "prim::"))}
    assert listed == sorted(listed, key=lambda name: (name.startswith("prim"), name))
    assert {name if "::" in name else f"aten::{name}" for name in listed} == known
