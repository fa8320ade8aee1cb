"""Hostile text: whatever is read is a graph or a `GraphError`, soon, and nothing of it is ever evaluated."""

import builtins
import contextlib
import os
import sys
import time
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuser_core import FuserError, GraphError, parse_ir, register_fusion, run_fusion
from fuser_core.testing.growth import grow_case

PYTORCH = """graph(%x.1 : Float(3, 4, strides=[4, 1], requires_grad=0, device=cpu),
      %w.1 : float):
  %3 : NoneType = prim::Constant() # f.py:3:4
  %4 : int = prim::Constant[value=2]()
  %5 : int[] = prim::Constant[value=[0, 1]]()
  %6 : Double() = prim::Constant[value={2.5}]()
  %s : str = prim::Constant[value="tr\\x75nc"]()
  %9 : bool = prim::Constant[value=1]()
  %7 : Tensor = aten::clamp(%x.1, %3, %w.1), scope: Net/Relu # f.py:3:4
  %d : Tensor = aten::div(%7, %6, %s)
  %8 : Tensor = aten::sum(%d, %5, %9, %3)
  %10 : Tensor, %11 : Tensor = prim::ConstantChunk[chunks=2, dim=1](%7)
  %12 : Tensor[] = prim::ListConstruct(%10, %11)
  %13 : Tensor = aten::cat(%12, %4)
  %14 : (Tensor, Tensor) = prim::TupleConstruct(%8, %13)
  return (%14)
"""
NUMPY = """graph(%0, %1):
  %2 = np::getitem[index=(slice(None, 2, -1), None, Ellipsis, 0)](%0)
  %3 = np::astype[dtype=dtype('>f4')](%2)
  %4 = np::sum[axis=(0, 1), dtype=dtype('float64'), keepdims=True](%3)
  %5 = prim::Constant[value=np.float32(1.5e-3)]()
  %6 = prim::Constant[value=(1-2.5j)]()
  %7 = np::clip[bounds=('low', 'high')](%4, %1, %5)
  %8, %9 = np::divmod(%7, %5)
  %10 = py::size[axis=0](%0)
  %11 = py::add[type=int](%10, %10)
  %12 = np::multiply(%8, %6)
  return (%12, %9, %11)
"""


def _grown():
    rng = np.random.default_rng(7)
    return [str(grow_case(lambda bound: int(rng.integers(bound))).graph) for _ in range(12)]


TEXTS = [PYTORCH, NUMPY, *_grown()]
PIECES = [
    *("", " ", "\n", "\t", "\0", "\r", "\x0b", "\u2028", "\ufeff", "\U0001f600", "é", "²", "٣", "\ud800"),
    *("(", ")", "[", "]", "{", "}", "<", ">", ",", ":", "=", "%", "^", "#", "->", "::", ".", "-", "$", "`", "\\"),
    *('"', "'", '"\\U00110000"', '"\\9"', "'\\x'", '"\\', '"a\\\nb"'),
    *("0", "-1", "9" * 30, "1e999", "-inf", "nan", "1e", "0x10", "1_000", "1j", "(1+2j)", "1.5.2", "00"),
    *("None", "True", "Ellipsis", "int", "slice(0, 1, 0)", "slice(None)", "dtype('i99')", "dtype('O')", "dtype('M8')"),
    *("np.float64(nan)", "np.int8(300)", "np.float64((1, 2))", "np.void(1)", "np.str_('a')", "np.bool('x')", "{1}"),
    *("return", "graph", "%0", "%1", "%x.1", "prim::Constant", "np::add", "py::add", "aten::add", "np::load", "block0"),
    *("[value=", "[axis=", "index=", "dtype=", "type=", "ufunc='load'", "bounds=('low',)", "axis='a'"),
    *("__import__('os').abort()", "eval('1')", "exec", "lambda: 0", "open('x')", "{}.__class__", "f'{1}'", "os.system"),
]


@contextlib.contextmanager
def nothing_is_evaluated():
    """Fail when something is evaluated, opened or run inside a ``with`` block."""

    def refuse(*args, **kwargs):
        raise AssertionError(f"something was evaluated: {args!r:.200}")

    with contextlib.ExitStack() as stack:
        for name in ("eval", "exec", "compile", "open", "input", "breakpoint"):
            stack.enter_context(mock.patch.object(builtins, name, refuse))
        for name in ("system", "abort"):
            stack.enter_context(mock.patch.object(os, name, refuse))
        yield


def _read(text):
    """Return the graph of a text, or nothing where it has none; anything else than a `GraphError` goes through."""
    start = time.perf_counter()
    graph, message = None, "line "
    try:
        with nothing_is_evaluated():
            graph = parse_ir(text)
    except GraphError as error:
        message = str(error)
    assert message.startswith("line ")
    assert len(message) < 2000
    assert time.perf_counter() - start < 5
    return graph


@pytest.fixture(autouse=True, scope="module")
def _import_everything():
    """Import what reading a text needs, since an import opens and evaluates files."""
    for text in TEXTS:
        parse_ir(text)
    for name in ("np::nothing", "aten::nothing", "scipy::nothing"):
        with pytest.raises(GraphError):
            parse_ir(f"graph(%x):\n  %y = {name}(%x)\n  return (%y)")


@st.composite
def mutations(draw):
    """Draw a text with pieces of others, and of nonsense, in places where they do not belong."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 15))
        match draw(st.integers(0, 3)):
            case 0:
                piece = draw(st.sampled_from(PIECES))
            case 1:
                piece = draw(st.sampled_from(PIECES)) * draw(st.integers(1, 60))
            case 2:
                other = draw(st.sampled_from(TEXTS))
                start = draw(st.integers(0, len(other)))
                piece = other[start : start + draw(st.integers(0, 40))]
            case _:
                piece = draw(st.text(max_size=5))
        text = text[:place] + piece + text[place + cut :]
    return text


@settings(
    max_examples=1000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(text=mutations())
def test_random_damage(text):
    graph = _read(text)
    if graph is not None:
        assert str(parse_ir(str(graph))) == str(graph)
        assert type(register_fusion(graph)) is int


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_random_text(text):
    _read(text)
    _read(f"graph(%x : Tensor):\n  {text}\n  return (%x)")
    _read(f"graph(%x : {text}):\n  return (%x)")
    _read(f"graph(%x):\n  %y = prim::Constant[value={text}]()\n  return (%x)")


def _constant(value):
    return f"graph(%x):\n  %y = prim::Constant[value={value}]()\n  return (%x)"


LONG = {
    "digits": _constant("9" * 200_000),
    "digits and a letter": _constant("9" * 200_000 + "x"),
    "a fraction": _constant("0." + "9" * 200_000 + "x"),
    "an exponent": _constant("1e" + "9" * 200_000 + "x"),
    "signs": _constant("-" * 200_000),
    "a string": _constant('"' + "a" * 200_000 + '"'),
    "an open string": _constant('"' + "a" * 200_000),
    "escapes": _constant('"' + "\\n" * 100_000),
    "quotes": _constant("'\"" * 100_000),
    "a name": _constant("a" * 200_000),
    "colons": _constant("a" + "::" * 100_000),
    "dots": _constant("a" + ".a" * 100_000),
    "round brackets": _constant("(" * 100_000),
    "square brackets": _constant("[" * 100_000),
    "curly brackets": _constant("{" * 100_000),
    "calls": _constant("np.float64(" * 50_000),
    "slices": _constant("slice(" * 50_000),
    "dtypes": _constant("dtype(" * 50_000),
    "a list": _constant("[" + "1, " * 60_000 + "]"),
    "a type": f"graph(%x : {'(' * 100_000}):\n  return (%x)",
    "a long type": f"graph(%x : {'a' * 200_000}):\n  return (%x)",
    "lines": "\n" * 200_000,
    "spaces": " " * 200_000,
    "a comment": "#" * 200_000,
    "comments": "#\n" * 100_000,
    "null bytes": "\0" * 200_000,
    "percent signs": "%" * 200_000,
    "inputs": f"graph({', '.join(f'%{number}' for number in range(20_000))}):\n  return (%0)",
    "results": f"graph(%x):\n  return ({', '.join(['%x'] * 50_000)})",
    "operands": f"graph(%x):\n  %y = np::add({', '.join(['%x'] * 50_000)})\n  return (%y)",
    "targets": f"graph(%x):\n  {', '.join(f'%y{number}' for number in range(20_000))} = np::exp(%x)\n  return (%x)",
    "a scope": f"graph(%x):\n  %y = np::exp(%x), scope: {'a/' * 100_000}\n  return (%y)",
    "damage at the end": PYTORCH[:-2] + " " * 200_000 + "$",
}


@pytest.mark.parametrize("case", LONG)
def test_long_text_takes_no_long_time(case):
    start = time.perf_counter()
    _read(LONG[case])
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "value", ["__import__('os').abort()", "sys.modules", "open('/etc/passwd').read()", "1 if 1 else 2"]
)
@pytest.mark.parametrize("place", ["prim::Constant[value={}]()", "np::sum[axis={}](%x)", "np::astype[dtype={}](%x)"])
def test_python_is_not_evaluated(value, place):
    text = f"graph(%x):\n  %y = {place.format(value)}\n  return (%y)"
    assert _read(text) is None


NUMBERS = ["0", "-0", "9" * 18, "-" + "9" * 19, "9" * 30, "9" * 4000, "1e308", "-1e309", "1e-400", "inf", "nan"]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:6])
@pytest.mark.parametrize(
    "type_", ["int", "float", "bool", "Long()", "Bool()", "Half()", "ComplexDouble()", "int[]", "str"]
)
def test_numbers_of_any_size_are_constants_or_told(number, type_):
    value = f"{{{number}}}" if type_.endswith("()") else f"[{number}]" if type_.endswith("[]") else number
    _read(f"graph(%x):\n  %y : {type_} = prim::Constant[value={value}]()\n  %z = aten::mul(%x, %y)\n  return (%z)")


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:6])
@pytest.mark.parametrize("op", ["aten::unsqueeze", "aten::pow", "aten::sum", "np::add", "np::power", "py::add"])
def test_numbers_of_any_size_run_or_raise_what_numpy_raises(number, op):
    attributes = "[type=int]" if op.startswith("py") else ""
    text = f"graph(%x):\n  %y = prim::Constant[value={number}]()\n  %z = {op}{attributes}(%x, %y)\n  return (%z)"
    graph = _read(text)
    if graph is None:
        return
    argument = 2 if op.startswith("py") else np.ones((2, 2))
    stack = [argument]
    try:
        run_fusion(register_fusion(graph), stack)
    except (FuserError, OverflowError, np.exceptions.AxisError):
        assert stack[0] is argument
    assert len(stack) == 1


def test_the_limit_of_recursion_is_as_it_was():
    before = sys.getrecursionlimit()
    for case in ("round brackets", "calls", "a type"):
        _read(LONG[case])
    assert sys.getrecursionlimit() == before
