"""Watches: each way to read Python's state notices a change, and nothing else."""

from __future__ import annotations

import types
from contextvars import ContextVar

import pytest

from fuser_core.watches import MISSING, Reading, Watch, hold, holder, watch_attribute, watch_cell, watch_variable

VARIABLE: ContextVar[object] = ContextVar("VARIABLE", default=None)


class Holder:
    """Something with an attribute."""

    value = object()


def make():
    """Return a function with a closure, defaults and globals of its own, and its cell."""
    inner = object()

    def function(x=1, *, y=2):
        return inner, x, y

    space = {"__builtins__": __builtins__, "a": object()}
    return types.FunctionType(function.__code__, space, "f", (object(),), function.__closure__), function.__closure__[0]


def test_every_reading_notices_a_change():
    function, cell = make()
    function.__kwdefaults__ = {"y": object()}
    module = types.ModuleType("module")
    module.a = object()
    changes = [
        (
            Watch(Reading.ITEM, function.__globals__, "a", function.__globals__["a"]),
            lambda: function.__globals__.update(a=object()),
        ),
        (
            Watch(Reading.CODE, function, None, function.__code__),
            lambda: setattr(function, "__code__", function.__code__.replace(co_name="g")),
        ),
        (
            Watch(Reading.DEFAULTS, function, None, function.__defaults__),
            lambda: setattr(function, "__defaults__", (1,)),
        ),
        (
            Watch(Reading.KEYWORD_DEFAULTS, function, None, function.__kwdefaults__),
            lambda: setattr(function, "__kwdefaults__", {}),
        ),
        (watch_cell(cell), lambda: setattr(cell, "cell_contents", object())),
        (watch_attribute(module, "a"), lambda: setattr(module, "a", object())),
        (watch_attribute(Holder, "value"), lambda: setattr(Holder, "value", object())),
        (Watch(Reading.CONTEXT, VARIABLE, None, None), lambda: VARIABLE.set(object())),
    ]
    watches = [watch for watch, _ in changes]
    assert {watch.reading for watch in watches} == set(Reading)
    assert hold(watches)
    holds = holder(watches)
    assert holds()
    for watch, change in changes:
        alone = holder([watch])
        assert hold([watch])
        assert alone()
        change()
        assert not hold([watch]), watch.reading
        assert not alone(), watch.reading
        assert not hold(watches)
        assert not holds()


def test_what_is_not_there_is_watched_too():
    function, _ = make()
    before = watch_variable(function, "later")
    assert [watch.expected for watch in before] == [MISSING, MISSING]
    assert hold(before)
    function.__globals__["later"] = 1
    assert not hold(before)
    empty = types.CellType()
    watch = watch_cell(empty)
    assert watch.expected is MISSING
    unset = Watch(Reading.CONTEXT, ContextVar("unset"), None, MISSING)
    holds = holder([watch, unset])
    assert holds()
    empty.cell_contents = 1
    assert not hold([watch])
    assert not holds()


def test_nothing_to_watch():
    assert holder([])()


def test_a_builtin_may_be_hidden_by_a_global():
    function, _ = make()
    watches = watch_variable(function, "len")
    assert watches[-1].expected is len
    function.__globals__["len"] = None
    assert not hold(watches)


@pytest.mark.parametrize(
    ("owner", "reading"), [(types.ModuleType("module", "text"), Reading.ITEM), (Holder, Reading.ATTRIBUTE)]
)
def test_a_module_is_asked_for_its_dict(owner, reading):
    watch = watch_attribute(owner, "__doc__")
    assert watch.reading is reading
    assert watch.expected is owner.__doc__
    assert watch_attribute(owner, "no_such").expected is MISSING
