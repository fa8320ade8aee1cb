"""Results of one machine are joined: the rows of equal runs stand in one table."""

import dataclasses

import pytest

from fuser_core.bench.joining import joined
from fuser_core.errors import ArgumentError


def _half(result, number):
    """Return a result with every second row."""
    runs = tuple(dataclasses.replace(run, rows=run.rows[number::2]) for run in result.runs)
    return dataclasses.replace(result, runs=runs)


def test_halves_make_a_whole(result):
    whole = joined([_half(result, 0), _half(result, 1)])
    assert {run.key: {row.workload: row for row in run.rows} for run in whole.runs} == {
        run.key: {row.workload: row for row in run.rows} for run in result.runs
    }
    assert dataclasses.replace(whole, runs=()) == dataclasses.replace(result, runs=())


def test_what_does_not_fit_is_refused(result):
    with pytest.raises(ArgumentError, match=r"two results have .* in the same run; give each workload once"):
        joined([result, result])
    other = dataclasses.replace(result, machine=dataclasses.replace(result.machine, cores=64))
    with pytest.raises(ArgumentError, match=r"the results differ in machine .* read them one by one"):
        joined([result, other])
    other = dataclasses.replace(result, contenders={**result.contenders, "torch": "eager"})
    with pytest.raises(ArgumentError, match="different settings of torch"):
        joined([result, other])
