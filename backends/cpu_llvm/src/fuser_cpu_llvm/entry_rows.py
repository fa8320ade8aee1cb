"""The rows of an entry's table: one kind of calls each, as words for `text/entry.ll`."""

from __future__ import annotations

import array
import enum
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.backend import MISSING, Container, Exactly, Located, WarmCall, Watch
from fuser_cpu_llvm.break_even import threads_pay
from fuser_cpu_llvm.driver import driver
from fuser_cpu_llvm.kernel import Kernel
from fuser_cpu_llvm.numpy_api import dtype_word, numpy_function
from fuser_cpu_llvm.places import Place
from fuser_cpu_llvm.scratch import aligned_memory
from fuser_cpu_llvm.script import Script

__all__ = ["Field", "Row", "make_row"]

_LONG_NANOSECONDS = 20_000
"""Work for which the interpreter's lock is released."""

_MOST_SCRATCH = 1 << 20
_BOX_BYTES = 8

_EXACT = (-(1 << 53), 1 << 53)
"""Integers that a double holds, and a kernel takes from Python."""

_CONVERSIONS: Mapping[tuple[object, str], int] = MappingProxyType(
    {(float, "d"): 0, (float, "f"): 1, (int, "d"): 2, (int, "f"): 3, (int, "i"): 4, (int, "u"): 4}
)
"""By the type of a number and what it becomes; see ``convert`` in `text/entry.ll`."""


_CONTAINERS: Mapping[type, int] = MappingProxyType({tuple: 1, list: 2, dict: 3})
_NAMED = 4
"""See ``contain`` in `text/entry.ll`."""


class Field(enum.IntEnum):
    """Places of the words of a row; ``..._WORDS`` and ``..._OBJECTS`` are addresses of as many as the word before."""

    ARGUMENTS = 0
    ARGUMENT_WORDS = 1
    NAMES = 2
    NAME_OBJECTS = 3
    CAPTURED = 4
    CAPTURED_WORDS = 5
    CAPTURED_OBJECTS = 6
    WATCHES = 7
    WATCH_WORDS = 8
    BOXES = 9
    BOX_WORDS = 10
    RESULTS = 11
    RESULT_WORDS = 12
    CONTAINER = 13
    BUSY = 14
    TAKES_LONG = 15
    BASES = 16
    SCRIPT = 17
    SCRATCH = 18
    CHAIN = 19
    ARRAY_TYPE = 20
    ARRAY_NEW = 21
    ARRAY_RETURN = 22
    CONTAINER_OBJECTS = 23


class Row:
    """The words of a row, and what they point to.

    Attributes:
        address: Where they are.
    """

    def __init__(self) -> None:
        self._words = array.array("q", [0] * len(Field))
        self._kept: list[object] = []
        self.address = self._words.buffer_info()[0]

    def __setitem__(self, field: Field, word: int) -> None:
        self._words[field] = word

    @property
    def is_busy(self) -> bool:
        """Whether a thread runs the call of this row."""
        return bool(self._words[Field.BUSY])

    def keep(self, *objects: object) -> None:
        """Hold objects as long as the row."""
        self._kept += objects

    def words(self, words: Iterable[int]) -> int:
        """Return the address of words that live as long as the row."""
        memory = array.array("q", words)
        self._kept.append(memory)
        return memory.buffer_info()[0]

    def memory(self, size: int) -> int:
        """Return the address of so many bytes of aligned memory, all of them 0."""
        memory, address = aligned_memory(size)
        self._kept.append(memory)
        return address


def make_row(call: WarmCall) -> Row | None:
    """Return the row of a kind of calls; ``None`` where Python had better serve them."""
    script, boxes = _script(call), _boxes(call)
    if script is None or boxes is None:
        return None
    program = script.words()
    if script.scratch > _MOST_SCRATCH or threads_pay(script.nanoseconds, call.threads):
        return None
    row = Row()
    row.keep(call, script, program)
    _write_conditions(row, call)
    _write_results(row, call)
    given = len(call.arguments) + len(call.captured) + len(call.results)
    spaces = [row.memory(size) for size in (*[_BOX_BYTES] * len(boxes), *call.spaces)]
    constants = [constant.ctypes.data for constant in call.constants]
    row[Field.BASES] = row.words([*[0] * given, *constants, *spaces])
    first = given + len(constants)
    row[Field.BOXES] = len(boxes)
    row[Field.BOX_WORDS] = row.words(word for place, box in enumerate(boxes, start=first) for word in (*box, place))
    row[Field.TAKES_LONG] = int(script.nanoseconds > _LONG_NANOSECONDS)
    row[Field.SCRIPT] = program.buffer_info()[0]
    row[Field.SCRATCH] = row.memory(script.scratch)
    row[Field.CHAIN] = driver().address("chain")
    return row


def _script(call: WarmCall) -> Script | None:
    """Return what is launched; ``None`` where that cannot be written."""
    script = Script(alone=True)
    for each in call.kernels:
        inputs, outputs = (
            [Place(one.buffer, (), one.offset, one.shape, one.strides) for one in side]
            for side in (each.inputs, each.outputs)
        )
        if 0 in outputs[0].shape or any(0 in one.shape for one in inputs):
            return None
        if not isinstance(each.kernel, Kernel) or not script.launch(each.kernel, inputs, outputs):
            return None
    return script


def _boxes(call: WarmCall) -> list[tuple[int, int]] | None:
    """Return which argument each number is, and how it is converted; ``None`` where one cannot be."""
    boxes = []
    for argument, dtype in call.boxes:
        how = _CONVERSIONS.get((call.arguments[argument], dtype.char if dtype.kind == "f" else dtype.kind))
        if how is None:
            return None
        boxes.append((argument, how))
    return boxes


def _write_conditions(row: Row, call: WarmCall) -> None:
    """Write what must be the case for a call to be of this kind."""
    names = [sys.intern(name) for name in call.names]
    row.keep(names)
    arguments = zip(call.arguments, _bounds(call), strict=True)
    row[Field.ARRAY_TYPE] = id(np.ndarray)
    row[Field.ARGUMENTS] = len(call.arguments)
    row[Field.ARGUMENT_WORDS] = row.words(word for each, bounds in arguments for word in _argument(each, bounds))
    row[Field.NAMES], row[Field.NAME_OBJECTS] = len(names), row.words(map(id, names))
    row[Field.CAPTURED] = len(call.captured)
    row[Field.CAPTURED_WORDS] = row.words(word for _, each in call.captured for word in _argument(each))
    row[Field.CAPTURED_OBJECTS] = row.words(id(each) for each, _ in call.captured)
    row[Field.WATCHES] = len(call.watches)
    row[Field.WATCH_WORDS] = row.words(word for watch in call.watches for word in _watch(watch))


def _bounds(call: WarmCall) -> list[tuple[int, int]]:
    """Return the least and the greatest value of every argument that is an integer."""
    bounds = [_EXACT if kind is int else (0, 0) for kind in call.arguments]
    for argument, dtype in call.boxes:
        if dtype.kind in "iu":
            limits, (low, high) = np.iinfo(dtype), bounds[argument]
            bounds[argument] = max(low, int(limits.min)), min(high, int(limits.max))
    return bounds


def _argument(argument: Located | type | Exactly, bounds: tuple[int, int] = (0, 0)) -> list[int]:
    if isinstance(argument, Exactly):
        return [id(type(argument.value)), id(argument.value), 0]
    if isinstance(argument, type):
        return [id(argument), *bounds]
    axes = zip(argument.shape, argument.strides, strict=True)
    return [id(np.ndarray), dtype_word(argument.dtype), len(argument.shape), *[word for axis in axes for word in axis]]


def _watch(watch: Watch) -> list[int]:
    key = 0 if watch.key is None else id(watch.key)
    return [watch.reading.value, id(watch.owner), key, 0 if watch.expected is MISSING else id(watch.expected)]


def _write_container(row: Row, container: Container | None) -> None:
    if container is not None:
        row[Field.CONTAINER] = _CONTAINERS.get(container.kind, _NAMED)
        row[Field.CONTAINER_OBJECTS] = row.words(map(id, container.keys or (container.kind,)))


def _write_results(row: Row, call: WarmCall) -> None:
    """Write what is made and returned."""
    words: list[int] = []
    for result, scalar in zip(call.results, call.scalars, strict=True):
        dtype: np.dtype[Any] = result.dtype
        sizes, strides = row.words(result.shape), row.words(result.strides)
        words += [len(result.shape), sizes, dtype.num, strides, dtype.itemsize, int(scalar), 0, 0]
    row[Field.RESULTS], row[Field.RESULT_WORDS] = len(call.results), row.words(words)
    _write_container(row, call.container)
    row[Field.ARRAY_NEW] = numpy_function("PyArray_New")
    row[Field.ARRAY_RETURN] = numpy_function("PyArray_Return")
