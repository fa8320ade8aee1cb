"""The slot for calls: who goes through it, and what stays as Python has it."""

import ctypes
import sys

import numpy as np
import pytest

from fuser_core import fuse, vectorcall
from fuser_core.fused import FusedFunction, _DirectFunction

pytestmark = pytest.mark.skipif(sys.implementation.name != "cpython", reason="no C-API")


def has_slot(kind):
    read = ctypes.PYFUNCTYPE(ctypes.c_ulong, ctypes.py_object)(("PyType_GetFlags", ctypes.pythonapi))
    return bool(read(kind) & vectorcall._HAVE_VECTORCALL)


def test_only_direct_functions_are_called_by_the_slot():
    assert has_slot(vectorcall.VectorcallBase)
    assert has_slot(_DirectFunction)
    assert not has_slot(FusedFunction)


def test_a_class_of_the_users_own_keeps_its_call():
    class Counted(FusedFunction):
        calls = 0

        def __call__(self, *args, **kwargs):
            self.calls += 1
            return super().__call__(*args, **kwargs)

    plain = fuse(lambda x: x + 1)
    counted = Counted(plain.__wrapped__, plain._options)
    for number in range(1, 5):
        np.testing.assert_array_equal(counted(np.ones(3)), np.full(3, 2.0))
        assert counted.calls == number
    assert type(counted) is Counted


def test_flags_that_lie_elsewhere_are_left_alone(monkeypatch):
    class Plain(vectorcall.VectorcallBase):
        __call__ = vectorcall.VectorcallBase.__call__

    before = has_slot(Plain)
    monkeypatch.setattr(vectorcall, "_FLAGS", vectorcall._FLAGS - 8)
    words = ctypes.string_at(id(Plain), vectorcall._FLAGS + 24)
    vectorcall.call_by_slot(Plain)
    assert ctypes.string_at(id(Plain), vectorcall._FLAGS + 24) == words
    assert has_slot(Plain) == before
