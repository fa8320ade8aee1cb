"""The report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from fuser_core.bench.report.roofline import roofline
from fuser_core.bench.report.scaling import SERIES, scaling
from fuser_core.bench.report.standing import Standing, ours_in, standing
from fuser_core.bench.report.tables import box, facts, run_table, summary_table
from fuser_core.bench.report.words import METHOD, machine, moment, ratio, run_title
from fuser_core.bench.result import Result, Run

__all__ = ["page"]

_SHAPES = (
    '<circle cx="8" cy="8" r="5"/>',
    '<path d="M8 2l6 6l-6 6l-6 -6z"/>',
    '<path d="M3 3h10v10h-10z"/>',
    '<path d="M8 2l6 11h-12z"/>',
)


def page(result: Result) -> str:
    """Return the text of the page."""
    style = files("fuser_core.bench.report").joinpath("style.css").read_text(encoding="utf-8")
    body = "\n".join(_body(result))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Benchmark of {moment(result)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _body(result: Result) -> Iterator[str]:
    yield "<h1>Benchmark</h1>"
    where = ", ".join(filter(None, [result.machine.device, result.machine.processor]))
    yield f'<p class="lead">{escape(where)}; taken <time datetime="{escape(result.date)}">{moment(result)}</time></p>'
    yield from _summary(result)
    for number, run in enumerate(result.runs):
        yield from _run(result, run, shown=number == 0)
    drawings = list(scaling(result))
    if drawings:
        yield "<h2>Scaling</h2>"
        for drawing, caption, names in drawings:
            yield _figure("Scaling", drawing, caption, _legend(result, names))
    yield "<h2>Surroundings</h2>"
    yield facts(("machine", "what it is"), machine(result.machine))
    yield "<h3>Settings of each contender</h3>"
    yield facts(("contender", "settings"), result.contenders.items())
    yield "<h3>Versions</h3>"
    yield facts(("distribution", "version"), sorted(result.versions.items()))


def _summary(result: Result) -> Iterator[str]:
    cards = [_card(run, standing(run, name, result.ours)) for run in result.runs for name in ours_in(result, run)]
    if cards:
        yield f'<ul class="cards">{"".join(cards[:4])}</ul>'
    yield f"<p>{escape(METHOD)}</p>"
    yield "<h2>Summary</h2>"
    yield summary_table(result)


def _card(run: Run, found: Standing) -> str:
    words = f"best peer / {found.name}, geometric mean of {len(found.leads)}; {found.behind} behind"
    told = f"<span>{escape(words)}</span><span>{escape(run_title(run))}</span>"
    return f"<li><strong>{ratio(found.mean)}</strong>{told}</li>"


def _run(result: Result, run: Run, *, shown: bool) -> Iterator[str]:
    """Yield the section of a run; that of the first is open."""
    yield f"<h2>{escape(run_title(run))}</h2>"
    yield f"<details{' open' if shown else ''}><summary>{len(run.rows)} workloads, worst first</summary>"
    yield '<p class="note">Times over the floor; ± is half of the interquartile range. The fastest is bold.</p>'
    yield run_table(result, run)
    for name in ours_in(result, run):
        drawn = roofline(run, name, result.ours)
        if drawn is not None:
            yield "<h3>Roofline</h3>"
            yield _figure(f"Roofline of {name}", *drawn)
    yield "</details>"


def _figure(name: str, drawing: str, caption: str, legend: str = "") -> str:
    return f"<figure>{box(name, drawing)}{legend}<figcaption>{escape(caption)}</figcaption></figure>"


def _legend(result: Result, names: Sequence[str]) -> str:
    places = list(result.contenders)
    items = []
    for name in names:
        number = places.index(name)
        shape = _SHAPES[number % len(_SHAPES)]
        symbol = f'<svg viewBox="0 0 16 16" class="dot s{number % SERIES}" aria-hidden="true">{shape}</svg>'
        items.append(f"<li>{symbol}{escape(name)}</li>")
    return f'<ul class="legend">{"".join(items)}</ul>'
