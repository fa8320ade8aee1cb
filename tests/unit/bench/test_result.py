"""The raw result of a benchmark: what is written is read, and what is no such file is told with its place."""

import json

import pytest

from fuser_core.bench.result import Result, read_result
from fuser_core.errors import ArgumentError


@pytest.fixture
def values(make):
    return json.loads(make(workloads=2, sizes=(10,), threads=(1, None)).to_json())


def test_what_is_written_is_read(result):
    assert Result.from_json(result.to_json()) == result


def test_a_file_is_read(result, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(result.to_json(), encoding="utf-8")
    assert read_result(path) == result


def test_fields_of_later_days_are_passed_over(values):
    expected = Result.from_json(json.dumps(values))
    values["colour"] = values["runs"][0]["rows"][0]["colour"] = "blue"
    assert Result.from_json(json.dumps(values)) == expected


def _set(values, place, value):
    *path, last = place
    for step in path:
        values = values[step]
    if value is ...:
        del values[last]
    else:
        values[last] = value


ROW = ("runs", 1, "rows", 0)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("format",), 2, "its format is 2, and this version of fuser_core reads format 1"),
        (("format",), ..., "format is missing"),
        (("date",), "yesterday", "date is 'yesterday', and a date and time in ISO 8601 is wanted"),
        (("machine",), None, "machine is None, and an object with named fields is wanted"),
        (("machine", "cores"), True, r"machine\.cores is True, and a whole number from 0"),
        (("versions", "numpy"), 2, r"versions\.numpy is 2, and a text"),
        (("contenders", "jax"), ..., r"runs\[0\]\.rows\[0\] .* has 'jax', which is not in contenders"),
        (("ours",), ["nobody"], "names that stand in contenders, as 'nobody' does not"),
        (("runs",), {}, r"runs is \{\}, and a list is wanted"),
        (("runs", 1, "threads"), None, "have the same device, size and threads"),
        (("runs", 0, "device"), "abacus", r"runs\[0\]\.device is 'abacus', and one of 'cpu', 'cuda'"),
        ((*ROW, "kind"), "magic", r"runs\[1\]\.rows\[0\]\.kind is 'magic', and one of 'memory'"),
        ((*ROW, "workload"), "workload_01", r"runs\[1\]\.rows has 'workload_01' twice"),
        ((*ROW, "floor"), 0, r"rows\[0\]\.floor is 0, and a time above 0"),
        ((*ROW, "floor"), ..., r"runs\[1\]\.rows\[0\]\.floor is missing, and a time in seconds is wanted"),
        ((*ROW, "operations"), 1.5, r"operations is 1\.5, and a whole number"),
        ((*ROW, "times", "numpy"), float("nan"), r"times\.numpy is nan, and a finite number"),
        ((*ROW, "times", "numpy"), 10**400, r"times\.numpy is 1000.*\.\.\., and a finite number"),
        ((*ROW, "times", "numpy"), ..., "one number for each of .*, as in times,"),
    ],
)
def test_another_format_is_told_with_its_place(values, place, value, words):
    _set(values, place, value)
    with pytest.raises(ArgumentError, match=words):
        Result.from_json(json.dumps(values))


def test_what_is_no_json_is_told():
    with pytest.raises(ArgumentError, match=r"this is no JSON .*give a file that"):
        Result.from_json("| workload |")
    with pytest.raises(ArgumentError, match=r"the whole is \[\], and an object"):
        Result.from_json("[]")


def test_errors_name_the_file(tmp_path):
    path = tmp_path / "old.json"
    with pytest.raises(ArgumentError, match=r"old\.json: cannot be read as text"):
        read_result(path)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"old\.json: result of a benchmark: format is missing"):
        read_result(path)
