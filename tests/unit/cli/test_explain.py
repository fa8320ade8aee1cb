"""``fuser-core explain``: a text becomes an explanation; what is wrong is told in a line, and nothing is executed."""

import io
import json
import re

import pytest

from fuser_core import parse_ir
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, OnlyBackend, RaisingBackend, installed

TEXT = """graph(%x : Tensor, %w.1 : float):
  %one : int = prim::Constant[value=1]()
  %3 : Tensor = aten::mul(%x, %w.1)
  %4 : Tensor = aten::add(%3, %3, %one)  # model.py:3
  return (%4)
"""


@pytest.fixture
def file(tmp_path):
    """``file(text)`` writes a file and returns its path."""

    def write(text, name="graph.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_the_text(run, file, compiler):
    path = file(TEXT)
    status, out, err = run("explain", path)
    assert (status, err) == (0, "")
    graph, facts, inputs, plan, kernels = out.split("\n\n")
    assert graph == str(parse_ir(TEXT))
    assert facts == "2 inputs, 2 operations, 1 constant, 1 output: aten::add, aten::mul"
    assert inputs.splitlines()[:3] == ["inputs:", "  %x    float32[16,16]  assumed", "  %w.1  1.0             assumed"]
    assert "What is assumed can be given with --input" in inputs
    assert plan.startswith("plan(%0: float32(n0.0, n0.1), $1):")
    assert kernels.startswith(f"{path}: 1 kernel by fake\n  because ")
    assert "%0: float32(n0.0, n0.1) is the argument %x" in kernels
    assert compiler.launches == 0


def test_inputs_can_be_given(run, file):
    _, out, _ = run("explain", file(TEXT), "--input", "float64[1000, 3]", "--input", "2")
    assert "  %x    float64[1000,3]\n  %w.1  2\n" in out
    assert "assumed" not in out
    assert "plan(%0: float64(n0.0, n0.1), $1):" in out


def test_the_rest_of_the_inputs_is_assumed(run, file):
    _, out, _ = run("explain", file(TEXT), "--input", "int8[]")
    assert "  %x    int8[]\n" in out.replace("         \n", "\n")
    assert "  %w.1  1.0     assumed" in out


def test_arguments_are_not_renamed_where_the_text_is_canonical(run, file):
    _, out, _ = run("explain", file(str(parse_ir(TEXT))), "--input", "float64[3]", "--input", "2.0")
    assert "is the argument" not in out


def test_guards_are_told(run, file):
    _, out, _ = run("explain", file("graph(%0, %1):\n  %2 = np::add(%0, %1)\n  return (%2)"))
    assert "valid while n0.0 == n1.0" in out


def test_why_a_backend_does_not_serve(run, file):
    with installed("fake", OnlyBackend({"add"})), installed("other", DecliningBackend("has_fusion_backend", "no disk")):
        status, out, err = run("explain", file(TEXT))
    assert (status, err) == (0, "")
    assert "not by fake: this fake has no multiply" in out
    assert "other: no disk" in out
    assert "kernel 1: fake" in out


def test_code_is_appended(run, file, compiler):
    path = file(TEXT)
    assert "==== kernel 0, fake, fake ====" not in run("explain", path)[1]
    assert "==== kernel 0, fake, fake ====" in run("explain", path, "--code")[1]
    nothing = file("graph(%0):\n  return (%0)")
    assert run("explain", nothing, "--code")[1].endswith("\n\nThere is no kernel, so there is no code.\n")


def test_a_picture_instead(run, file, compiler):
    _, out, _ = run("explain", file(TEXT), "--mermaid")
    assert out.startswith('flowchart TD\n    n0[/"%x<br/>%0: float32(n0.0, n0.1)"/]\n')
    assert 'subgraph kernel0["kernel 0: fake over (n0.0, n0.1)"]' in out


@pytest.mark.parametrize("code", [True, False])
def test_json(run, file, code):
    path = file(TEXT)
    with installed("fake", OnlyBackend({"add"})), installed("other", DecliningBackend("has_fusion_backend", "no disk")):
        _, out, _ = run("explain", path, "--json", *(["--code"] if code else []))
    found = json.loads(out)
    assert found["file"] == path
    assert found["graph"] == str(parse_ir(TEXT))
    assert found["facts"] == {
        "inputs": 2,
        "constants": 1,
        "operations": {"aten::add": 1, "aten::mul": 1},
        "outputs": 1,
    }
    assert found["inputs"][1] == {"name": "%w.1", "type": "float", "input": "1.0", "assumed": True, "value": "$1"}
    assert found["plan"].startswith("plan(")
    assert found["guards"] == []
    assert found["backends"] == ["fallback_numpy", "fake"]
    assert {"backend": "other", "reason": "no disk"} in found["not_asked"]
    core, first, second = found["steps"]
    assert core["kind"] == "core"
    assert core["operations"][0].endswith("= box($1)")
    assert (first["kind"], first["backend"], first["device"]) == ("kernel", "fallback_numpy", "cpu")
    assert first["declined"] == [{"backend": "fake", "reason": "this fake has no multiply"}]
    assert first["space"] == ["n0.0", "n0.1"]
    assert second["backend"] == "fake"
    assert second["milliseconds"] >= 0
    assert ("code" in second) is code
    assert not code or list(second["code"]) == ["fake"]


def test_a_call_of_another_library_is_a_step(run, file):
    text = "graph(%0, %1):\n  %2 = np::matmul(%0, %1)\n  return (%2)"
    _, out, _ = run("explain", file(text), "--json")
    assert [step["kind"] for step in json.loads(out)["steps"]] == ["call"]
    assert json.loads(out)["backends"] == []


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, f"\n# a comment\n\n{TEXT}"])
def test_standard_input(text, run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status, out, _ = run("explain", "-")
    assert status == 0
    assert "standard input: 1 kernel by " in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("aten::mul", "aten::mull"), "line 3, `%3 : Tensor = aten::mull(%x, %w.1)`: aten::mull is not"),
        (TEXT.replace("return", "retrun"), "line 5, `retrun (%4)`: expected an operation"),
        ("", "line 1, ``: expected 'graph', found end of the text"),
        ("hello", "line 1, `hello`: expected 'graph', found 'hello'"),
        ("graph(x):\n  return (x)", "line 1, `graph(x):`: expected a value such as %x, found 'x'"),
        (b"\x89PNG\xff", "is no text in UTF-8 (byte 0); give the text of a graph, as str(graph) prints it"),
    ],
)
def test_a_malformed_text_is_told_by_its_line(text, message, run, file):
    path = file(text)
    status, out, err = run("explain", path)
    assert (status, out) == (2, "")
    assert err.startswith(f"fuser-core: error: {path}")
    assert message in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos.abort()\n", "script.txt"),
        ("raise SystemExit(7)", "noext"),
        ("print('ran')", "x.graph"),
        ("def f(x):\n    return x\n", "f.py"),
        ("this is not even Python :(", "broken.py"),
    ],
)
def test_python_is_refused_and_not_executed(text, name, run, file):
    status, out, err = run("explain", file(text, name))
    assert (status, out) == (2, "")
    assert f"{name} is Python, and this command executes nothing; in Python, call print(f.explain(...))" in err


@pytest.mark.parametrize("text", ["graph(" * 10_000, "(" * 100_000, "-" * 100_000 + "1", "x" * 100_000 + "\0"])
def test_no_text_breaks_the_judgement(text, run, file):
    status, _, err = run("explain", file(text))
    assert status == 2
    assert "Traceback" not in err


def test_a_file_that_cannot_be_read_is_told(run, tmp_path):
    status, _, err = run("explain", str(tmp_path / "missing"))
    assert status == 2
    assert err.endswith("missing cannot be read: No such file or directory; give the path of a text, or -\n")
    assert "cannot be read: " in run("explain", str(tmp_path))[2]


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        (["float32[3]", "float32[4]"], "%w.1 float32[4] (given with --input): operands could not be broadcast"),
        (["float32[3]", "1", "2"], "--input is given 3 times, and the graph of "),
        (["floaty[3]"], "--input 'floaty[3]': 'floaty' is no dtype of numbers; write one such as float32"),
        (["M8[s][3]"], "--input 'M8[s][3]' is neither an array such as 'float32[1000,3]' nor a Python number"),
        (["datetime64[3]"], "'datetime64' is no dtype of numbers"),
        (["float32"], "--input 'float32' is neither an array such as 'float32[1000,3]' nor a Python number such as"),
        (["float32[-1]"], "is neither an array"),
        (["float32[99999999999,99999999999]"], "NumPy has no such array: "),
    ],
)
def test_wrong_inputs_are_told(specs, message, run, file):
    arguments = [part for spec in specs for part in ("--input", spec)]
    status, out, err = run("explain", file(TEXT), *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.startswith("fuser-core: error: ")
    assert err.count("\n") == 1


def test_assumed_inputs_that_do_not_fit_are_told_as_such(run, file):
    text = "graph(%0):\n  %1 = np::add(%0, %0)\n  %2 = np::sum[axis=(5,), keepdims=False](%1)\n  return (%2)"
    status, _, err = run("explain", file(text))
    assert status == 2
    assert re.search(r"does not take %0 float32\[16,16\] \(assumed; give others with --input\): axis 5 is out of", err)


def test_no_backend_at_all_is_told(run, file, monkeypatch):
    monkeypatch.setenv("FUSER_BACKENDS", "nobody")
    status, _, err = run("explain", file(TEXT))
    assert status == 1
    assert err.startswith("fuser-core: error: no backend named 'nobody' is installed")


def test_a_defect_of_a_backend_is_a_warning(run, file):
    with installed("fake", RaisingBackend("compile")):
        status, out, err = run("explain", file(TEXT))
    assert status == 0
    assert "by fallback_numpy" in out
    assert err.startswith("fuser-core: warning: backend 'fake' of added in this process: its hook compile raised")


def test_the_settings_count(run, file, monkeypatch):
    with installed("fake", AcceptingBackend()):
        monkeypatch.setenv("FUSER_BACKENDS", "fallback_numpy")
        _, out, _ = run("explain", file(TEXT))
    assert "1 kernel by fallback_numpy" in out
    assert "fake: not among the backends in use: fallback_numpy" in out
