"""Reports of benchmarks: an HTML page, Markdown, and what has changed since an earlier result."""

from __future__ import annotations

from pathlib import Path

from fuser_core.bench.report.gate import Change, compare, has_slowed
from fuser_core.bench.report.markdown import markdown
from fuser_core.bench.report.page import page
from fuser_core.bench.result import Result

__all__ = ["Change", "compare", "has_slowed", "write_report"]


def write_report(result: Result, folder: str | Path) -> list[Path]:
    """Write ``index.html``, ``report.md`` and ``result.json`` into a folder, which is made, and return their paths.

    Raises:
        OSError: The folder or a file cannot be written.
    """
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    texts = {"index.html": page(result), "report.md": markdown(result), "result.json": result.to_json()}
    for name, text in texts.items():
        (where / name).write_text(text, encoding="utf-8")
    return [where / name for name in texts]
