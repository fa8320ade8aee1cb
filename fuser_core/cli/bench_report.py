"""``fuser-core bench``'s ``--report`` and ``--compare``: what they write and print, and the exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fuser_core.cli.layout import fold
from fuser_core.errors import ArgumentError

if TYPE_CHECKING:
    from fuser_core.bench.result import Result

__all__ = ["compare_with", "report_to"]


def report_to(result: Result, folder: str | Path) -> int:
    """Write the report, print where, and return the exit status, 0.

    Raises:
        ArgumentError: The folder or a file in it cannot be written.
    """
    from fuser_core.bench.report import write_report

    try:
        paths = write_report(result, folder)
    except OSError as error:
        raise ArgumentError(f"the report cannot be written to {folder}: {error}; name a folder that can be") from error
    print("\n".join(f"Wrote {path}" for path in paths))
    return 0


def compare_with(result: Result, old: str | Path) -> int:
    """Print what has changed since the result in a file, and return the exit status: 1 where something is slower.

    Raises:
        ArgumentError: The file is no such result.
    """
    from fuser_core.bench.report import compare, has_slowed
    from fuser_core.bench.result import read_result

    changes = compare(read_result(old), result)
    for change in changes:
        where = sys.stderr if change.kind == "slower" else sys.stdout
        print("\n".join(fold(f"{change.kind}: {change.words}")), file=where)
    slower = sum(change.kind == "slower" for change in changes)
    print(f"{slower} slower than in {old}, {sum(change.kind == 'faster' for change in changes)} faster.")
    return 1 if has_slowed(changes) else 0
