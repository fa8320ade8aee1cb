"""The regression gate: noise is no change, what is slower is told, and so is what cannot be compared."""

import dataclasses

import pytest

from fuser_core.bench.report import compare, has_slowed

KEY = "CPU, 1,000 elements, 1 thread"


@pytest.fixture
def old(make):
    return make(workloads=4, sizes=(1000,), threads=(1,))


def _change(result, number, **fields):
    """Return a result whose first run has one row with other fields."""
    run = result.runs[0]
    rows = list(run.rows)
    rows[number] = dataclasses.replace(rows[number], **fields)
    return dataclasses.replace(result, runs=(dataclasses.replace(run, rows=tuple(rows)), *result.runs[1:]))


def _scaled(result, number, factor, spread=None):
    """Return a result in which our time of one row is a multiple, with the same spread relative to it or another."""
    row = result.runs[0].rows[number]
    times = {**row.times, "cpu_llvm": row.times["cpu_llvm"] * factor}
    part = row.spread["cpu_llvm"] / row.times["cpu_llvm"] if spread is None else spread
    return _change(result, number, times=times, spread={**row.spread, "cpu_llvm": times["cpu_llvm"] * part})


def test_the_same_is_no_change(result):
    assert compare(result, result) == []


@pytest.mark.parametrize("factor", [0.9, 1.15])
def test_a_little_is_no_change(old, factor):
    assert compare(old, _scaled(old, 1, factor)) == []


def test_what_is_slower_is_told_and_by_how_much(old):
    (change,) = compare(old, _scaled(old, 1, 1.5))
    assert (change.kind, change.run, change.workload, change.contender) == ("slower", KEY, "workload_01", "cpu_llvm")
    assert change.factor == pytest.approx(1.5)
    assert f"workload_01 ({KEY}), cpu_llvm: 1.50 times as slow as before; over NumPy it took" in change.words
    assert has_slowed([change])


def test_what_is_faster_is_told_as_such(old):
    (change,) = compare(old, _scaled(old, 1, 0.5))
    assert change.kind == "faster"
    assert "2.00 times as fast as before" in change.words
    assert not has_slowed([change])


def test_what_spreads_more_than_it_changed_is_noise(old):
    assert compare(old, _scaled(old, 1, 1.5, spread=0.6)) == []


def test_a_slower_machine_is_no_change(old):
    row = old.runs[0].rows[2]
    times = {name: time * 3 for name, time in row.times.items()}
    spread = {name: time * 3 for name, time in row.spread.items()}
    assert compare(old, _change(old, 2, times=times, spread=spread)) == []


def test_the_worst_is_told_first(old):
    changes = compare(old, _scaled(_scaled(_scaled(old, 1, 1.5), 2, 4.0), 3, 0.1))
    assert [(change.kind, change.workload) for change in changes] == [
        ("slower", "workload_02"),
        ("slower", "workload_01"),
        ("faster", "workload_03"),
    ]


def test_other_workloads_are_told(old):
    new = _change(old, 1, workload="another")
    found = {(change.kind, change.workload) for change in compare(old, new)}
    assert found == {("gone", "workload_01"), ("new", "another")}


def test_other_runs_are_told(make):
    old, new = make(workloads=1, sizes=(10, 100), threads=(1,)), make(workloads=1, sizes=(10, 1000), threads=(1,))
    new = dataclasses.replace(new, runs=(new.runs[0], old.runs[1]))
    assert [change.words for change in compare(old, new)] == [
        "CPU, 100 elements, 1 thread: was measured and no longer is.",
        "CPU, 1,000 elements, 1 thread: was not measured before.",
    ]


def test_what_is_not_the_same_work_is_not_compared(old):
    row = old.runs[0].rows[1]
    (change,) = compare(old, _change(_scaled(old, 1, 9.0), 1, elements=row.elements * 2))
    assert change.kind == "incomparable"
    assert "it had 1,000 elements and moved" in change.words


def test_without_a_time_of_numpy_nothing_is_compared(old):
    row = old.runs[0].rows[1]
    less = [{name: value for name, value in each.items() if name != "numpy"} for each in (row.times, row.spread)]
    without = _change(old, 1, times=less[0], spread=less[1])
    assert [change.words.split(": ", 2)[-1] for change in compare(old, without)] == [
        "the new result has no time of NumPy."
    ]
    assert "the old result has no time of NumPy" in compare(without, old)[0].words


def test_what_ours_can_do_no_more_is_told_with_the_reason(old):
    row = old.runs[0].rows[1]
    less = [{name: value for name, value in each.items() if name != "cpu_llvm"} for each in (row.times, row.spread)]
    without = _change(old, 1, times=less[0], spread=less[1], unable={"cpu_llvm": "declined: too long"})
    (change,) = compare(old, without)
    assert (change.kind, change.contender) == ("gone", "cpu_llvm")
    assert "has no time any more: declined: too long." in change.words
    assert [change.kind for change in compare(without, old)] == ["new"]


def test_another_machine_and_another_numpy_are_told(old):
    machine = dataclasses.replace(old.machine, processor="Another")
    new = dataclasses.replace(old, machine=machine, versions={**old.versions, "numpy": "9.0"})
    words = " ".join(change.words for change in compare(old, new))
    assert "The machines differ" in words
    assert "NumPy, to which all is compared, was 2.4.0 and is 9.0." in words
