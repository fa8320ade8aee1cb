"""The rules of tracing, one by one: how often a function is traced and compiled, and that the answer is NumPy's."""

import functools
import importlib
import sys
import types
from dataclasses import dataclass, field

import numpy as np
import pytest

from fuser_core import fuse

X = np.arange(6.0).reshape(2, 3)
Y = np.arange(12.0).reshape(4, 3)
ROW = np.array([1.0, -2.0, 4.0])
BYTES = np.arange(6, dtype=np.uint8)
SCALE = 2.0
WEIGHTS = np.ones(3)

pytestmark = pytest.mark.filterwarnings("ignore:.* may change unseen")


@dataclass
class Rule:
    """What a function costs over some calls.

    Attributes:
        function: What is fused.
        calls: The arguments of each call.
        traces: How often it is traced for all of them.
        kernels: How many kernels are compiled for all of them.
    """

    function: object
    calls: list
    traces: int
    kernels: int = 1
    keywords: list = field(default_factory=list)


RULES = {
    "one trace serves one kind of arguments": Rule(lambda x: x + 1, [(X,), (X * 2,), (X,)], 1),
    "another dtype is another trace": Rule(lambda x: x + 1, [(X,), (X.astype("f4"),), (X,)], 2, 2),
    "another rank is another trace": Rule(lambda x: x + 1, [(X,), (ROW,), (X,)], 2, 2),
    "another structure is another trace": Rule(lambda x: (x[0] if isinstance(x, tuple) else x) + 1, [(X,), ((X,),)], 2),
    "a scalar is another kind than an array": Rule(lambda x: x + 1, [(X,), (2.0,), (np.float64(2),)], 3, 2),
    "the rank is concrete": Rule(lambda x: x * x.ndim, [(X,), (Y,)], 1),
    "the dtype is concrete": Rule(lambda x: x + np.finfo(x.dtype).eps, [(X,), (Y,)], 1),
    "a new size is no new trace": Rule(lambda x: x + 1, [(X,), (Y,), (X[:0],)], 1),
    "a size is a number": Rule(lambda x: x / x.shape[0] + x.size, [(X,), (Y,)], 1),
    "a size compares": Rule(lambda x: x if x.shape[0] > 3 else -x, [(X,), (X + 1,), (Y,)], 2),
    "a size that is forced guards": Rule(lambda x: sum(x[row] for row in range(len(x))), [(X,), (X,), (Y,)], 2, 2),
    "len is forced": Rule(lambda x: x * len(x), [(X,), (Y,), (X,)], 2, 2),
    "an axis of size 1 broadcasts": Rule(lambda x, y: x + y, [(X, ROW), (X, X[:1]), (Y, ROW)], 2, 2),
    "a literal is a constant": Rule(lambda x: x * 3.5, [(X,), (Y,)], 1),
    "a scalar argument is no constant": Rule(lambda x, s: x * s, [(X, 2.0), (X, 3.0), (X, float("nan"))], 1),
    "another type of scalar is another trace": Rule(lambda x, s: x * s, [(X, 2.0), (X, 3), (X, 4.0)], 2),
    "a scalar in a keyword is one too": Rule(lambda x, *, s=1.0: x * s, [(X,), (X,)], 1, 1, [{"s": 2.0}, {"s": 3.0}]),
    "arithmetic of scalars costs no kernel": Rule(lambda x, s: x * (s + 1) ** 2, [(X, 2.0), (X, 3.0)], 1),
    "only numbers are no constants either": Rule(lambda s: np.sqrt(s), [(4.0,), (9.0,)], 1),  # noqa: PLW0108
    "a branch makes static": Rule(lambda x, s: x if s else -x, [(X, 1), (X, 2), (X, 0)], 3),
    "a comparison is guarded by its outcome": Rule(lambda x, s: x + 1 if s > 1 else -x, [(X, 2), (X, 3), (X, 0)], 2, 2),
    "int() makes static": Rule(lambda x, s: x * int(s), [(X, 2.5), (X, 2.5), (X, 3.5)], 2, 2),
    "static arguments select": Rule(
        lambda x, how: x + 1 if how == "up" else x - 1, [(X, "up"), (X, "down"), (Y, "up")], 2, 2
    ),
    "a slice is static": Rule(lambda x, part: x[part] + 1, [(X, slice(1)), (X, slice(1, 2)), (X, slice(1))], 2, 1),
    "an array given twice is one": Rule(lambda x, y: x + 1 if x is y else x + y, [(X, X), (X, X.copy()), (X, X)], 2, 2),
    "containers go in and come out": Rule(lambda d: {"r": [d["a"] + 1, (d["b"],)]}, [({"a": X, "b": ROW},)] * 2, 1),
    "captured arrays are inputs": Rule(lambda x: x + WEIGHTS, [(X,), (Y,)], 1),
    "helpers are a part": Rule(lambda x: _scaled(x) + 1, [(X,), (Y,)], 1),
    "a partial is a function": Rule(functools.partial(lambda s, x: x * s, 3.0), [(X,), (Y,)], 2),
    "in place is functional": Rule(lambda x: _in_place(x * 2), [(X,), (Y,)], 1),
}


def _scaled(x):
    return x * SCALE


def _in_place(t):
    t += 1
    t[t < 4] = 0
    np.multiply(t, 3, out=t)
    t[...] = t - 1
    return t


@pytest.mark.parametrize("name", RULES)
def test_rule(name, compiler, traces, same):
    rule = RULES[name]
    fused = fuse(rule.function)
    for position, args in enumerate(rule.calls):
        keywords = rule.keywords[position] if rule.keywords else {}
        same(fused(*args, **keywords), rule.function(*args, **keywords))
    assert len(traces) == rule.traces
    assert len(compiler.compiled) == rule.kernels


@pytest.mark.parametrize("value", [300, -1, 2**40])
def test_a_scalar_out_of_range_raises_at_each_call(value, traces):
    fused = fuse(lambda x, s: x + s)
    fused(BYTES, 1)
    with pytest.raises(OverflowError, match=f"Python integer {value} out of bounds for uint8"):
        fused(BYTES, value)
    np.testing.assert_array_equal(fused(BYTES, 2), BYTES + 2)
    assert len(traces) == 1


@pytest.fixture
def module(tmp_path, monkeypatch):
    """An imported module on disk that has a number and a function; ``rewrite(text)`` changes and reloads it."""
    path = tmp_path / "module_of_a_rule.py"
    path.write_text("scale = 2.0\ndef scaled(x):\n    return x * scale\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loaded = importlib.import_module("module_of_a_rule")
    loaded.rewrite = lambda text: (path.write_text(text), importlib.reload(loaded))
    yield loaded
    del sys.modules["module_of_a_rule"]


def test_a_reloaded_module_is_seen(module, same):
    fused = fuse(lambda x: module.scaled(x) + module.scale)
    same(fused(X), X * 2 + 2)
    module.rewrite("scale = 5.0\ndef scaled(x):\n    return x - scale\n")
    same(fused(X), X - 5 + 5)


def test_a_function_of_a_reloaded_module_is_seen(module, same):
    fused = fuse(lambda x: module.scaled(x))  # noqa: PLW0108  it looks the function up at each call
    same(fused(X), X * 2)
    module.rewrite("scale = 7.0\ndef scaled(x):\n    return x * scale\n")
    same(fused(X), X * 7)


class Settings:
    """Something with attributes."""

    def __init__(self, scale):
        self.scale = scale


def _cell():
    scale = 2.0

    def function(x):
        return x * scale

    def change():
        nonlocal scale
        scale = 3.0

    return function, change


def _mutated_default():
    def function(x, scales=[2.0]):  # noqa: B006  the mutable default is the point
        return x * scales[0]

    return function, lambda: function.__defaults__[0].__setitem__(0, 3.0)


def _replaced_default():
    def function(x, scale=2.0):
        return x * scale

    return function, lambda: setattr(function, "__defaults__", (3.0,))


def _attribute():
    settings = Settings(2.0)
    return lambda x: x * settings.scale, lambda: setattr(settings, "scale", 3.0)


def _nested_attribute():
    outer = types.SimpleNamespace(inner=Settings(2.0))
    return lambda x: x * outer.inner.scale, lambda: setattr(outer, "inner", Settings(3.0))


def _replaced_helper():
    def helper(x):
        return x * 2.0

    def function(x):
        return helper(x)

    def change():
        nonlocal helper
        helper = lambda x: x * 3.0  # noqa: E731  a function like any other

    return function, change


def _helper_with_other_code():
    def helper(x):
        return x * 2.0

    return lambda x: helper(x), lambda: setattr(helper, "__code__", (lambda x: x * 3.0).__code__)  # noqa: PLW0108


def _array_in_place():
    weights = np.full(3, 2.0)
    return lambda x: x * weights, lambda: weights.fill(3.0)


def _array_behind_a_helper():
    weights = np.full(3, 2.0)

    def helper(x):
        return x * weights

    return lambda x: helper(x), lambda: weights.fill(3.0)  # noqa: PLW0108


def _number_of_an_array():
    weights = np.full(3, 2.0)
    return lambda x: x * float(weights[0]), lambda: weights.fill(3.0)


def _length_of_an_array():
    weights = np.ones(2)
    return lambda x: x * len(weights), lambda: weights.resize(3, refcheck=False)


def _dictionary():
    settings = {"scale": 2.0}
    return lambda x: x * settings["scale"], lambda: settings.update(scale=3.0)


def _class_attribute():
    kind = type("Kind", (), {"scale": 2.0})
    return lambda x: x * kind.scale, lambda: setattr(kind, "scale", 3.0)


def _partial():
    settings = Settings(2.0)

    def scaled(settings, x):
        return x * settings.scale

    return functools.partial(scaled, settings), lambda: setattr(settings, "scale", 3.0)


SURROUNDINGS = [
    value
    for name, value in list(globals().items())
    if isinstance(value, types.FunctionType)
    and name
    in """
    _cell _mutated_default _replaced_default _attribute _nested_attribute _replaced_helper _helper_with_other_code
    _array_in_place _array_behind_a_helper _number_of_an_array _length_of_an_array _dictionary _class_attribute _partial
""".split()
]


@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_a_change_is_seen_at_the_next_call(surroundings, same):
    function, change = surroundings()
    fused = fuse(function)
    for _ in range(2):
        same(fused(X), X * 2.0)
    change()
    for _ in range(2):
        same(fused(X), X * 3.0)


def test_a_changed_global_is_seen_at_the_next_call(monkeypatch, same):
    fused = fuse(lambda x: _scaled(x) + WEIGHTS)
    same(fused(X), X * 2.0 + 1)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    monkeypatch.setitem(globals(), "WEIGHTS", np.full(3, 5, np.float32))
    same(fused(X), X * 3.0 + 5)
    monkeypatch.setitem(globals(), "_scaled", lambda x: -x)
    same(fused(X), -X + 5)
