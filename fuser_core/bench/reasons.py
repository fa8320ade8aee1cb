"""Reasons: why a workload is behind, which somebody found out and wrote into a file, put into the rows of a result."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from fuser_core.bench.fields import Fields
from fuser_core.bench.result import Result
from fuser_core.errors import ArgumentError

__all__ = ["with_reasons"]


def with_reasons(result: Result, path: str | Path) -> Result:
    """Return a result whose rows have the reasons of a file.

    Args:
        result: Whose rows are meant.
        path: A JSON object: by device, ``"cpu"`` or ``"cuda"``, by workload, the reason as a text.

    Raises:
        ArgumentError: The file cannot be read, or is no such object.
    """
    try:
        fields = Fields(json.loads(Path(path).read_text(encoding="utf-8")))
        reasons = {device: fields.text_of(device) for device in ("cpu", "cuda") if device in fields}
    except (OSError, ValueError, ArgumentError) as error:
        raise ArgumentError(
            f"--reasons {path}: cannot be used ({error}); give a JSON object of devices, of workloads, of texts"
        ) from error
    runs = []
    for run in result.runs:
        known = reasons.get(run.device, {})
        rows = (dataclasses.replace(row, reason=known.get(row.workload, row.reason)) for row in run.rows)
        runs.append(dataclasses.replace(run, rows=tuple(rows)))
    return dataclasses.replace(result, runs=tuple(runs))
