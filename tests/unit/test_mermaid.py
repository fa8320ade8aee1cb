"""The text of a flowchart: nodes, frames, arrows, and labels of which Mermaid reads nothing."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core.mermaid import Flowchart


def _chart(*lines):
    chart = Flowchart()
    chart.node("a", lines)
    return str(chart)


def _label(*lines):
    return re.fullmatch(r'flowchart TD\n    a\["(.*)"\]', _chart(*lines)).group(1)


def _shown(label):
    """Return what a reader sees of a label."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", label)).replace("\u2060", "")


def test_the_text():
    chart = Flowchart()
    chart.node("a", ["x"], "input")
    chart.open("frame", "together")
    chart.node("b", ["sin(x)", "second line"])
    chart.node("c", ["... 3 more"], "more")
    chart.close()
    chart.node("d", ["result"], "output")
    for start, end in (("a", "b"), ("b", "c"), ("b", "c"), ("c", "c"), ("c", "d")):
        chart.arrow(start, end)
    assert str(chart).splitlines() == [
        "flowchart TD",
        '    a[/"x"/]',
        '    subgraph frame["together"]',
        '        b["sin(x)<br/>second line"]',
        '        c["... 3 more"]:::more',
        "    end",
        '    d(["result"])',
        "    a --> b",
        "    b --> c",
        "    c --> d",
        "    classDef more stroke-dasharray: 4 4",
    ]
    assert chart.edges == 3


def test_what_reads_well_stays_as_it_is():
    for text in ("%3: float64(n0.1, 1)", "cpu_llvm over (n0.0,)", "sum[axes=(0, 1)] (%2)", "$2: int", "x['key'][0]"):
        assert _label(text) == text


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ('a"b', "a#34;b"),
        ("a#b; &lt; <b>", "a#35;b; #38;lt; #60;b#62;"),
        ("aten::__and__", "aten::#95;#95;and#95;#95;"),
        ("*a* `b` ~~c~~", "#42;a#42; #96;b#96; #126;#126;c#126;#126;"),
        ("[a](b) [c]: d", "[a#93;(b) [c#93;: d"),
        ("1. one", "#49;. one"),
        ("- item", "#45; item"),
        ("https://a.b www.c", "https#58;//a.b www#46;c"),
        ("a@b", "a#64;b"),
        ("%%{init}%%", "#37;%{init}#37;%"),
        ("style:x", "s#116;yle:x"),
        ("classDef:x", "class#68;ef:x"),
        ("a\\nb", "a#92;#8288;nb"),
        ("$$x$$", "$#8288;$x$#8288;$"),
        ("fa:fa-car fab:fa-x", "fa:#8288;fa-car fab:#8288;fa-x"),
        ("", "#32;"),
    ],
)
def test_nothing_of_a_label_is_read(text, label):
    assert _label(text) == label
    assert _shown(label).strip() == text


def test_control_characters_are_shown_by_their_pictures():
    assert _shown(_label("a\nb\x00\x7f")) == "a\u240ab\u2400\u2421"


def test_long_lines_are_cut():
    shown = _shown(_label("x" * 200, "y" * 80))
    assert shown == f"{'x' * 77}...<br/>{'y' * 80}"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=70))
def test_a_label_stays_on_its_line_and_in_its_quotes(text):
    line = _chart(text).split("\n", 1)[1]
    assert re.fullmatch(r'    a\["[^"\x00-\x1f<>`&]*"\]', line)
    assert re.sub(r"#\d+;", "", line).count("#") == 0
