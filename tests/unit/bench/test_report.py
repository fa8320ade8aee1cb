"""The report: a well-formed page that needs nothing else, and Markdown; both hold everything, the worst first."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from fuser_core.bench.report import write_report
from fuser_core.bench.report.markdown import markdown
from fuser_core.bench.report.page import page
from fuser_core.bench.report.standing import geometric_mean, lead, standing, worst_first
from fuser_core.bench.report.words import run_title

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """What is in a page: its elements, checked to be closed in order, their attributes, and its tables' cells."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.tables, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)
        if "th" in self.open or "td" in self.open:
            self.tables[-1][-1][-1] += data


@pytest.fixture(scope="module")
def parsed(result):
    return Page(page(result))


def _of_workloads(rows):
    """Return the rows that are not remarks on the row before them."""
    return [row for row in rows if len(row) > 1]


def _renamed(result, name):
    """Return a result whose first contender, processor and one workload of each run have another name."""
    first = next(iter(result.contenders))
    runs = []
    for run in result.runs:
        rows = [
            dataclasses.replace(
                row,
                times={name if each == first else each: value for each, value in row.times.items()},
                spread={name if each == first else each: value for each, value in row.spread.items()},
            )
            for row in run.rows
        ]
        rows[0] = dataclasses.replace(rows[0], workload=name, source=name, reason=name, unable={"numexpr": name})
        runs.append(dataclasses.replace(run, rows=tuple(rows)))
    contenders = {name if each == first else each: name for each in result.contenders}
    machine = dataclasses.replace(result.machine, processor=name)
    return dataclasses.replace(result, contenders=contenders, runs=tuple(runs), ours=(name,), machine=machine)


def test_every_workload_and_contender_is_in_the_page(result, parsed):
    of_runs = parsed.tables[1 : 1 + len(result.runs)]
    for run, (heads, *lines) in zip(result.runs, of_runs, strict=True):
        rows = _of_workloads(lines)
        assert {row[0] for row in rows} == {row.workload for row in run.rows}
        assert set(result.contenders) <= set(heads)
        assert {row[-1] for row in rows} == {row.source for row in run.rows}
        assert all(len(row) == len(heads) for row in rows)
    words = " ".join(parsed.words)
    assert all(settings in words for settings in result.contenders.values())
    assert all(version in words for version in result.versions.values())
    assert result.machine.processor in words
    assert "2026-01-02 03:04 UTC" in words


def test_the_worst_is_first(result, parsed):
    for run, (_, *rows) in zip(result.runs, parsed.tables[1:], strict=False):
        leads = {row.workload: lead(row, "cpu_llvm", result.ours) for row in run.rows}
        found = [leads[row[0]] for row in _of_workloads(rows)]
        assert found == sorted(leads.values())
        assert rows[0][1].startswith("▼ ")


def test_the_summary_has_the_geometric_means(result, parsed):
    heads, *rows = parsed.tables[0]
    assert len(rows) == len(result.runs)
    for run, row in zip(result.runs, rows, strict=True):
        leads = [lead(each, "cpu_llvm", result.ours) for each in run.rows]
        assert row[heads.index("geometric mean")] == f"{geometric_mean(leads):.2f}"
        assert row[heads.index("behind")] == str(sum(value < 1 for value in leads))


def test_behind_is_marked_with_the_reason(result):
    behind = dataclasses.replace(result.runs[0].rows[3], times={"cpu_llvm": 2.0, "jax": 1.0, "numpy": 3.0})
    behind = dataclasses.replace(behind, spread=dict.fromkeys(behind.times, 0.1))
    run = dataclasses.replace(result.runs[0], rows=(behind,))
    one = dataclasses.replace(result, runs=(run,))
    said = f"cpu_llvm is behind jax: {behind.reason}"
    assert said in page(one)
    assert said in markdown(one)
    assert "0.50<small>behind</small>" in page(one)


def test_ours_are_no_peers_of_each_other(result):
    row = result.runs[0].rows[1]
    assert lead(row, "cpu_llvm", ("cpu_llvm", *result.contenders)) is None
    others = standing(result.runs[0], "jax", ("cpu_llvm", "jax"))
    assert others.mean == pytest.approx(geometric_mean(others.leads.values()))
    assert (
        others.leads[row.workload]
        == min(time for name, time in row.times.items() if name not in ("cpu_llvm", "jax")) / row.times["jax"]
    )


def test_what_ours_cannot_do_comes_before_the_worst(result):
    run = result.runs[0]
    row = run.rows[5]
    times = {name: value for name, value in row.times.items() if name != "cpu_llvm"}
    unable = dataclasses.replace(
        row, times=times, spread=dict.fromkeys(times, 0.0), unable={"cpu_llvm": "declined: no such step"}
    )
    one = dataclasses.replace(run, rows=(*run.rows[:5], unable, *run.rows[6:]))
    changed = dataclasses.replace(result, runs=(one,))
    assert worst_first(changed, one)[0] == unable
    assert "cpu_llvm: declined: no such step" in page(changed)


def test_the_page_needs_nothing_else(result):
    text = page(result)
    elements = Page(text).elements
    assert {"script", "link", "img", "iframe", "object", "embed", "base"}.isdisjoint(tag for tag, _, _ in elements)
    assert not [attrs for _, attrs, _ in elements if {"src", "href", "xlink:href", "srcset", "style"} & attrs.keys()]
    assert not re.search(r"url\(|@import", text)


def test_names_are_escaped(result):
    name = "<script>alert('1')</script> & \"more\" | *x*"
    parsed = Page(page(_renamed(result, name)))
    assert "script" not in {tag for tag, _, _ in parsed.elements}
    assert name in {row[0] for row in parsed.tables[1]}
    assert name in parsed.tables[1][0]
    assert "\n| \\<script\\>alert('1')\\</script\\> \\& \"more\" \\| \\*x\\* |" in markdown(_renamed(result, name))


def test_drawings_have_titles_and_tables_have_heads(result, parsed):
    drawings = [number for number, (tag, attrs, _) in enumerate(parsed.elements) if attrs.get("role") == "img"]
    assert len(drawings) == len(result.runs) + 3 + 2  # rooflines; threads at each size; sizes with each number
    assert all([tag for tag, _, _ in parsed.elements[at + 1 : at + 3]] == ["title", "desc"] for at in drawings)
    heads = [(attrs, inside) for tag, attrs, inside in parsed.elements if tag == "th"]
    assert all(attrs["scope"] == ("col" if "thead" in inside else "row") for attrs, inside in heads)
    boxes = [attrs for _, attrs, _ in parsed.elements if attrs.get("class") == "box"]
    assert len(boxes) == len(parsed.tables) + len(drawings)
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in boxes)


def test_every_place_in_a_drawing_is_within_it(parsed):
    places = [attrs for tag, attrs, _ in parsed.elements if tag == "circle"]
    assert places
    assert all(0 <= float(attrs["cx"]) <= 720 and 0 <= float(attrs["cy"]) <= 420 for attrs in places)


def test_markdown_has_everything_worst_first(result):
    text = markdown(result)
    for run in result.runs:
        section = text.split(f"\n## {run_title(run)}\n")[1].split("\n## ")[0]
        heads, _, *rows = [line.split(" | ") for line in section.strip().splitlines()]
        assert {row[0].removeprefix("| ") for row in rows} == {row.workload for row in run.rows}
        assert set(result.contenders) <= set(heads)
        assert all(len(row) == len(heads) for row in rows)
        found = [float(row[heads.index("best peer / cpu_llvm")]) for row in rows]
        assert found == sorted(found)
    assert all(f"| {name} | {version} |" in text for name, version in result.versions.items())


@pytest.mark.parametrize("change", [{"runs": ()}, {"ours": ()}, {"versions": {}}])
def test_a_result_that_lacks_much_has_a_page_too(result, change):
    less = dataclasses.replace(result, **change)
    assert Page(page(less)).tables
    assert markdown(less)


def test_a_run_without_peers_threads_or_operations_has_a_page_too(make):
    one = make(workloads=1, sizes=(10,), threads=(None,))
    (row,) = one.runs[0].rows
    alone = {"cpu_llvm": 1e-6}
    row = dataclasses.replace(row, times=alone, spread=alone, operations=None, bytes=0, elements=0)
    lone = dataclasses.replace(one, runs=(dataclasses.replace(one.runs[0], rows=(row,)),))
    parsed = Page(page(lone))
    assert not [attrs for _, attrs, _ in parsed.elements if attrs.get("role") == "img"]
    assert "CPU, 10 elements" in markdown(lone)


def test_the_files_are_written_where_it_is_said(result, tmp_path):
    folder = tmp_path / "new" / "report"
    paths = write_report(result, folder)
    assert paths == [folder / name for name in ("index.html", "report.md", "result.json")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert texts == [page(result), markdown(result), result.to_json()]
