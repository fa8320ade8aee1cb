"""Reasons come out of a file into the rows of their device."""

import json

import pytest

from fuser_core.bench.reasons import with_reasons
from fuser_core.errors import ArgumentError


def test_reasons_are_put_into_the_rows_of_their_device(result, tmp_path):
    path = tmp_path / "reasons.json"
    path.write_text(json.dumps({"cpu": {"workload_01": "it rains"}, "cuda": {"workload_02": "it snows"}}))
    found = [{row.workload: row.reason for row in run.rows} for run in with_reasons(result, path).runs]
    before = [{row.workload: row.reason for row in run.rows} for run in result.runs]
    assert found == [{**rows, "workload_01": "it rains"} for rows in before]


@pytest.mark.parametrize("text", ["", "[]", '{"cpu": {"triad": 3}}', '{"cpu": "slow"}'])
def test_a_file_of_something_else_is_refused(result, tmp_path, text):
    path = tmp_path / "reasons.json"
    path.write_text(text)
    with pytest.raises(ArgumentError, match=r"--reasons .*reasons.json: cannot be used .*; give a JSON object of dev"):
        with_reasons(result, path)
    with pytest.raises(ArgumentError, match="cannot be used"):
        with_reasons(result, tmp_path / "missing.json")
