"""``fuser-core bench``: what it measures, writes, compares and refuses."""

import dataclasses
import json

import pytest

from fuser_core.bench.result import Result, read_result
from fuser_core.bench.workloads import WORKLOADS
from fuser_core.cli import main

SMALL = ["--size", "500", "--threads", "1", "--rounds", "2", "--peer", "numpy_out"]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A folder with the report of two workloads."""
    folder = tmp_path_factory.mktemp("report")
    assert main(["bench", "triad", "row_sums", "--backend", "fallback_numpy", *SMALL, "--report", str(folder)]) == 0
    return folder


def _scaled(result, name, factor):
    """Return a result in which a contender takes longer."""
    runs = []
    for run in result.runs:
        rows = [dataclasses.replace(row, times={**row.times, name: row.times[name] * factor}) for row in run.rows]
        runs.append(dataclasses.replace(run, rows=tuple(rows)))
    return dataclasses.replace(result, runs=tuple(runs))


def test_it_measures_and_reports(measured):
    result = read_result(measured / "result.json")
    assert result.ours == ("fallback_numpy",)
    (run,) = result.runs
    assert (run.device, run.size, run.threads) == ("cpu", 500, 1)
    rows = {row.workload: row for row in run.rows}
    assert list(rows) == ["triad", "row_sums"]
    assert set(rows["triad"].times) == {"fallback_numpy", "numpy", "numpy_out"}
    assert rows["row_sums"].unable == {"numpy_out": "it is not made of calls of ufuncs alone"}
    assert (rows["triad"].bytes, rows["triad"].operations) == (4 * 500 * 8, 2)
    assert {"fuser-core", "numpy"} <= set(result.versions)
    assert (measured / "index.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_workloads_are_listed_with_their_sources(capsys):
    assert main(["bench", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:3] == ["triad", "kernel", "memory"] and "McCalpin" in line for line in lines)


def test_what_was_measured_is_read_again(measured, tmp_path, capsys):
    (tmp_path / "reasons.json").write_text(json.dumps({"cpu": {"triad": "it is plain NumPy"}}))
    command = ["bench", "--read", str(measured / "result.json"), "--reasons", str(tmp_path / "reasons.json")]
    assert main([*command, "--output", str(tmp_path / "again.json")]) == 0
    printed = capsys.readouterr().out
    assert "CPU, 500 elements, 1 thread: times over a copy of as many bytes, the worst first" in printed
    assert "best peer / fallback_numpy" in printed
    rows = read_result(tmp_path / "again.json").runs[0].rows
    assert [row.reason for row in rows] == ["it is plain NumPy", None]


def test_what_became_slower_is_told_and_fails(measured, tmp_path, capsys):
    old = measured / "result.json"
    assert main(["bench", "--read", str(old), "--compare", str(old)]) == 0
    assert capsys.readouterr().out.endswith(f"0 slower than in {old}, 0 faster.\n")
    slow = tmp_path / "slow.json"
    slow.write_text(_scaled(Result.from_json(old.read_text(encoding="utf-8")), "fallback_numpy", 50).to_json())
    assert main(["bench", "--read", str(slow), "--compare", str(old)]) == 1
    printed = capsys.readouterr().out
    assert "slower: row_sums (CPU, 500 elements, 1 thread), fallback_numpy" in " ".join(printed.split())
    assert printed.endswith(f"2 slower than in {old}, 0 faster.\n")
    assert main(["bench", "--read", str(old), "--compare", str(slow)]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["xyzzy"], "WORKLOAD: there is no 'xyzzy'; there are: gelu_single, "),
        (["triadd"], "WORKLOAD: there is no 'triadd'; did you mean 'triad'?"),
        (["--peer", "nobody"], "--peer: there is no 'nobody'; there are: numpy, "),
        (["--backend", "nobody"], "--backend: there is no 'nobody'; there are: "),
        (["--group", "xyzzy"], "--group: there is no 'xyzzy'; there are: kernel"),
        (["triad", "--group", "reduce"], "--group: none of triad is in reduce; see --list"),
        (["--size", "0"], "--size: 0 is not positive"),
        (["--threads", "2", "-1"], "--threads: 2 -1 is not positive"),
        (["--compare", "missing.json"], "missing.json: cannot be read as text"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_it_begins(arguments, words, capsys):
    assert main(["bench", *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_what_was_measured_before_the_end_is_kept(tmp_path, monkeypatch):
    unfit = dataclasses.replace(WORKLOADS["triad"], name="unfit", arguments=None)
    monkeypatch.setitem(WORKLOADS, "unfit", unfit)  # which the process that measures does not know
    found = tmp_path / "found.json"
    command = ["bench", "triad", "unfit", "--backend", "fallback_numpy", *SMALL, "--output", str(found)]
    with pytest.raises(KeyError, match="unfit"):
        main(command)
    assert [row.workload for row in read_result(found).runs[0].rows] == ["triad"]


def test_what_cannot_be_written_is_told(measured, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    for option in ("--report", "--output"):
        where = tmp_path / "file" / "deeper"
        assert main(["bench", "--read", str(measured / "result.json"), option, str(where)]) == 2
        assert f"{where}: cannot be written: " in " ".join(capsys.readouterr().err.split())
