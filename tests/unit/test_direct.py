"""Direct calls: what the core tells a backend about a warm call, and how the backend's function gets the calls."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse, use_backends
from fuser_core.backend import Container, Decline, hookimpl
from fuser_core.fused import FusedFunction
from fuser_core.testing.fakes import AcceptingBackend, installed
from fuser_core.vectorcall import TABLE
from fuser_core.watches import Reading

_FUNCTION = ctypes.PYFUNCTYPE(
    ctypes.py_object, ctypes.py_object, ctypes.POINTER(ctypes.py_object), ctypes.c_size_t, ctypes.c_void_p
)


class Entry:
    """Answers every call with its positional arguments, and what it finds behind the object."""

    def __init__(self, slow, accepts=True):
        self.slow, self.accepts = slow, accepts
        self.calls = []
        self.served = None
        self.table = 4242
        self._function = _FUNCTION(self.answer)
        self.function = ctypes.cast(self._function, ctypes.c_void_p).value

    def answer(self, owner, args, count, _names):
        count &= ~(1 << (8 * ctypes.sizeof(ctypes.c_size_t) - 1))
        self.served = 0
        return tuple(args[place] for place in range(count)), ctypes.c_size_t.from_address(id(owner) + TABLE).value

    def add(self, call):
        self.calls.append(call)
        return len(self.calls) - 1 if self.accepts else None


class EntryBackend(AcceptingBackend):
    """A backend that serves calls by itself."""

    def __init__(self, make=Entry):
        super().__init__()
        self.make = make
        self.entries = []

    @hookimpl
    def entry(self, slow):
        made = self.make(slow)
        self.entries.append(made)
        return made


@pytest.fixture
def backend():
    plugin = EntryBackend()
    with installed("fake", plugin), use_backends("fake"):
        yield plugin


def test_the_third_call_is_the_backend_s(backend):
    fused = fuse(lambda x, y: x * y + 1)
    x, y = np.arange(5.0), np.ones(5)
    np.testing.assert_array_equal(fused(x, y), x + 1)
    assert backend.entries == []
    np.testing.assert_array_equal(fused(x, y), x + 1)
    assert fused.last_run.direct is False
    assert isinstance(fused, FusedFunction)
    (given, table) = fused(x, y)
    assert (given[0] is x, given[1] is y, table) == (True, True, 4242)
    assert fused.last_run.direct is True
    assert (fused.last_run.backend, fused.last_run.cache) == ("fake", "hit")
    (entry,) = backend.entries
    np.testing.assert_array_equal(entry.slow(x, y), x + 1)
    assert fused.last_run.direct is False
    (call,) = entry.calls
    assert [each.shape for each in call.arguments] == [(5,), (5,)]
    assert [(each.buffer, each.shape, each.dtype) for each in call.results] == [(2, (5,), np.dtype("f8"))]
    assert (call.scalars, call.container, call.constants, call.boxes, call.spaces) == ((False,), None, (), (), ())
    assert {watch.reading for watch in call.watches} == {Reading.CODE, Reading.CONTEXT, Reading.ITEM, Reading.CELL}


def test_views_and_values_in_between_are_told_as_places(backend):
    def function(x, factor):
        shifted = x - x.max(0)
        return shifted[1:, ::-1].sum() * factor, shifted

    fused = fuse(function)
    x = np.arange(12.0).reshape(3, 4)
    for _ in range(2):
        fused(x, 2.5)
    (entry,) = backend.entries
    (call,) = entry.calls
    assert call.arguments[1] is float
    assert call.boxes == ((1, np.dtype("f8")),)
    assert call.container == Container(tuple)
    assert call.scalars == (True, False)
    places = {"arguments": 2, "results": 2, "constants": 0, "boxes": 1}
    first_space = sum(places.values())
    seen = {each.buffer for kernel in call.kernels for each in (*kernel.inputs, *kernel.outputs)}
    assert {0, 2, 3, 4} <= seen
    assert max(seen) == first_space + len(call.spaces) - 1
    reversed_views = [each for kernel in call.kernels for each in kernel.inputs if each.strides[-1:] == (-8,)]
    assert all(each.offset == 4 * 8 + 3 * 8 for each in reversed_views)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x + 1, 2),
        lambda x: [x + 1, [x - 1]],
        lambda x: (x + 1)[::2],
        lambda x: x.T,
        lambda x: np.sort(x) + 1,
        lambda x: np.concatenate([x + 1, x]),
    ],
)
def test_other_functions_are_not_offered(backend, function):
    fused = fuse(function)
    for _ in range(3):
        fused(np.arange(6.0))
    assert all(entry.calls == [] for entry in backend.entries)


def test_a_call_that_the_entry_cannot_serve_stays_python_s():
    plugin = EntryBackend(lambda slow: Entry(slow, accepts=False))
    with installed("fake", plugin), use_backends("fake"):
        fused = fuse(lambda x: x + 1)
        for _ in range(4):
            np.testing.assert_array_equal(fused(np.ones(3)), 2)
    assert [len(entry.calls) for entry in plugin.entries] == [1]
    assert type(fused) is FusedFunction


def test_what_was_refused_is_offered_again_a_few_times():
    plugin = EntryBackend(lambda slow: Entry(slow, accepts=False))
    with installed("fake", plugin), use_backends("fake"):
        fused, x = fuse(lambda x: x + 1), np.ones(3)
        offers = []
        for number in range(700):
            fused(x)
            if len(offers) < sum(len(entry.calls) for entry in plugin.entries):
                offers.append(number)
        assert offers == [1, 9, 65, 513]
        (entry,) = plugin.entries
        entry.accepts = True
        fused(np.ones(4))
        fused(np.ones(4))
        assert type(fused) is not FusedFunction


def test_a_backend_may_decline():
    plugin = EntryBackend(lambda slow: Decline("not here"))
    with installed("fake", plugin), use_backends("fake"):
        fused = fuse(lambda x: x + 1)
        for _ in range(4):
            np.testing.assert_array_equal(fused(np.ones(3)), 2)
    assert not fused.last_run.direct


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda slow: 1 / 0, "its hook entry raised ZeroDivisionError: division by zero"),
        (lambda slow: 5, "its hook entry returned 5 instead of an entry or a Decline"),
    ],
)
def test_what_is_no_entry_is_a_defect(make, words):
    plugin = EntryBackend(make)
    with installed("fake", plugin), use_backends("fake"):
        fused = fuse(lambda x: x + 1)
        fused(np.ones(3))
        with pytest.warns(FuserWarning, match=words):
            np.testing.assert_array_equal(fused(np.ones(3)), 2)
        np.testing.assert_array_equal(fused(np.ones(3)), 2)


def test_without_the_c_api_the_class_is_an_ordinary_one():
    code = (
        "import sys, types\n"
        "sys.implementation = types.SimpleNamespace(**{**vars(sys.implementation), 'name': 'other'})\n"
        "from fuser_core.fused import FusedFunction\n"
        "assert FusedFunction.__mro__[1].__flags__ >> 11 & 1 == 0, 'it has a slot'\n"
        "from fuser_core import fuse\n"
        "import numpy as np\n"
        "f = fuse(lambda x: x + 1)\n"
        "for _ in range(4): assert f(np.ones(3))[0] == 2\n"
        "assert not f.last_run.direct\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
