"""Every Python block of the documents runs; blocks of one document share their names, in order."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATTERNS = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "backends/*/README.md", "examples/**/*.md")
DOCUMENTS = sorted(path for pattern in PATTERNS for path in ROOT.glob(pattern))
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_OUTPUT = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""What a document shows as output is all that its blocks print, times aside."""

ELSEWHERE = {path for path in DOCUMENTS if "examples" in path.parts} | {ROOT / "docs" / "write-a-backend.md"}
"""An example's blocks run where it is installed, in `tests/examples`; those of the guide in `test_guide.py`."""
RUNNABLE = [path for path in DOCUMENTS if _BLOCK.search(path.read_text()) and path not in ELSEWHERE]


OPTIONAL = ("array_api_strict", "dask", "pandas", "xarray")
"""Libraries that not every environment has: blocks that import one run where it is installed."""
NEEDS = {ROOT / "docs" / "pytorch.md": "torch"}
"""Documents whose blocks all want a package that not every suite has."""


def _program(text):
    """Return the document with everything but its Python blocks blanked, so that line numbers stay right."""
    lines = [""] * (text.count("\n") + 1)
    for match in _BLOCK.finditer(text):
        if any(find_spec(name) is None for name in OPTIONAL if re.search(rf"^import {name}\b", match[1], re.MULTILINE)):
            continue
        first = text.count("\n", 0, match.start(1))
        for offset, line in enumerate(match[1].splitlines()):
            lines[first + offset] = line
    return "\n".join(lines)


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_blocks_run(path, tmp_path):
    if path in NEEDS:
        pytest.importorskip(NEEDS[path])
    script = tmp_path / f"{path.stem}_page.py"  # of the page's own name, it would hide a library's module
    script.write_text(_program(path.read_text()))
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0, done.stderr
    shown = "".join(match[1] for match in _OUTPUT.finditer(path.read_text()))
    assert not shown or shown == re.sub(r"ready in [\d.]+ ms", "ready in ... ms", done.stdout)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(path):
    words = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", words)
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert missing == []


def test_there_are_documents():
    assert ROOT / "README.md" in DOCUMENTS
