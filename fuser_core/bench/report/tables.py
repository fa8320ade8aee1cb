"""Tables of the HTML page, each in a box of its own that scrolls where the page is too narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from fuser_core.bench.report.standing import lead, ours_in, standing, worst_first
from fuser_core.bench.report.words import left_out, ratio, remarks, run_title, standing_cells, time
from fuser_core.bench.result import Result, Row, Run

__all__ = ["box", "facts", "run_table", "summary_table"]


def box(name: str, content: str) -> str:
    """Return content that scrolls by itself, also by keys."""
    return f'<div class="box" role="region" tabindex="0" aria-label="{escape(name)}">{content}</div>'


def facts(heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and what is known of them."""
    lines = [f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows]
    return _table(heads[0], [_head(head) for head in heads], lines, "facts")


def summary_table(result: Result) -> str:
    """Return how each of our backends stands in each run."""
    heads = [_head("run"), _head("ours")]
    numbers = ["geometric mean", "memory", "arithmetic", "reduction", "workloads", "behind"]
    heads += [_head(name, "number") for name in numbers] + [_head("worst")]
    lines = []
    for run in result.runs:
        for name in ours_in(result, run):
            found = standing(run, name, result.ours)
            *cells, worst = standing_cells(found)
            shown = [f'<td class="number">{escape(cell)}</td>' for cell in cells]
            shown[0] = _lead_cell(found.mean)
            row = f'<th scope="row">{escape(run_title(run))}</th><td>{escape(name)}</td>{"".join(shown)}'
            lines.append(f"<tr>{row}<td>{escape(worst)}</td></tr>")
    return _table("Best peer / ours, geometric means", heads, lines)


def run_table(result: Result, run: Run) -> str:
    """Return the rows of one run, worst first."""
    ours = ours_in(result, run)
    present = {name for row in run.rows for name in (*row.times, *row.unable)}
    contenders = [*ours, *(name for name in result.contenders if name in present and name not in ours)]
    heads = [_head("workload"), *(_head(f"best peer / {name}", "number") for name in ours)]
    heads += [_head("kind"), _head("floor", "number")]
    heads += [_head(name, "number") for name in contenders]
    heads += [_head("left out"), _head("source")]
    lines = []
    for number, row in enumerate(worst_first(result, run)):
        style = "even" if number % 2 else "odd"
        remark = "; ".join(remarks(result, row, ours))
        lines.append(_row(result, row, ours, contenders, f"{style} told" if remark else style))
        if remark:
            cell = f'<td colspan="{len(heads)}"><span>{escape(remark)}</span></td>'
            lines.append(f'<tr class="{style} remark">{cell}</tr>')
    return _table(run_title(run), heads, lines)


def _row(result: Result, row: Row, ours: Sequence[str], contenders: Sequence[str], style: str) -> str:
    fastest = min(row.times, key=row.times.__getitem__, default="")
    name = escape(row.workload).replace("_", "_<wbr>")  # where it may be broken
    cells = [f'<th scope="row">{name}</th>']
    cells += [_lead_cell(lead(row, name, result.ours)) for name in ours]
    cells += [f"<td>{escape(row.kind)}</td>", f'<td class="number">{escape(time(row.floor))}</td>']
    cells += [_time_cell(row, name, best=name == fastest) for name in contenders]
    cells.append(f"<td>{_left_out(row)}</td>")
    cells.append(f'<td class="wide">{escape(row.source)}</td>')
    return f'<tr class="{style}">{"".join(cells)}</tr>'


def _left_out(row: Row) -> str:
    """Return how many contenders have no time, which opens to why."""
    whys = left_out(row)
    if not whys:
        return "-"
    items = "".join(f"<li>{escape(why)}</li>" for why in whys)
    return f"<details><summary>{len(whys)}</summary><ul>{items}</ul></details>"


def _time_cell(row: Row, name: str, *, best: bool) -> str:
    """Return a time over the floor, and half of its interquartile range in per cent."""
    if name not in row.times:
        return '<td class="number">-</td>'
    spread = 50 * row.spread[name] / row.times[name]
    style = "number best" if best else "number"
    return f'<td class="{style}">{ratio(row.times[name] / row.floor)}<small>±{spread:.1f} %</small></td>'


def _lead_cell(value: float | None) -> str:
    if value is None:
        return '<td class="number">-</td>'
    if value < 1:
        return f'<td class="number behind"><span aria-hidden="true">▼ </span>{ratio(value)}<small>behind</small></td>'
    return f'<td class="number ahead">{ratio(value)}</td>'


def _head(text: str, style: str = "") -> str:
    return f'<th scope="col" class="{style}">{escape(text)}</th>' if style else f'<th scope="col">{escape(text)}</th>'


def _table(name: str, heads: Iterable[str], lines: Iterable[str], style: str = "") -> str:
    start = f'<table class="{style}">' if style else "<table>"
    body = "\n".join(lines)
    return box(name, f"{start}<thead><tr>{''.join(heads)}</tr></thead><tbody>\n{body}\n</tbody></table>")
