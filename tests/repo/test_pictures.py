"""Every picture in the documents that code draws is what the code draws now."""

import itertools
import re
import subprocess
import sys

import pytest

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _drawn(root):
    """Return programs of the documents that print a picture, with the Mermaid block that follows each."""
    found = {}
    for path in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        blocks = [match.groups() for match in _FENCED.finditer(path.read_text())]
        for (language, text), (following, picture) in itertools.pairwise(blocks):
            if language == "python" and following == "mermaid":
                found[f"{path.name}:{len(found)}"] = text, picture
    return found


def test_the_documents_show_what_the_code_draws(root):
    drawn = _drawn(root)
    assert drawn
    for name, (program, picture) in drawn.items():
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
        if done.stdout != picture:
            pytest.fail(f"{name}: the code draws another picture now; put this in its place:\n{done.stdout}")
