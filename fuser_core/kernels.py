"""The kernel cache: every distinct group is compiled once per backend, however many threads and plans ask.

Groups are compared in canonical form, with values and sizes renumbered in the order of their appearance, so equal
work in different plans, for different layouts and sizes, shares one kernel.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fuser_core.backend import CompileOptions, Decline, Elementwise, FusedKernel, Group, GroupStep, Reduce, Role, Value
from fuser_core.plugin import Launch, Plugin
from fuser_core.shapes import Dim, SizeOf

__all__ = ["CompiledGroup", "canonical_group", "compile_group", "n_compiled_kernels"]


@dataclass(frozen=True, slots=True)
class CompiledGroup:
    """A kernel, ready to launch.

    Attributes:
        plugin: The backend that made it.
        kernel: What its ``compile`` returned.
        launch: Its launch hook, bound once.
        seconds: How long ``compile`` took.
    """

    plugin: Plugin
    kernel: FusedKernel
    launch: Launch
    seconds: float


class _Slot:
    """The one place where a kernel is made; whoever comes second waits for the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._result: CompiledGroup | Decline | None = None

    def get(self, make: Callable[[], CompiledGroup | Decline]) -> tuple[CompiledGroup | Decline, bool]:
        """Return the result, and whether this call made it."""
        with self._lock:
            fresh = self._result is None
            result = self._result = make() if self._result is None else self._result
            return result, fresh


_MOST_KERNELS = 4096
"""Kernels kept for programs to come; the oldest go first. Programs hold their own."""

_slots: dict[Any, _Slot] = {}
_compiled: list[Plugin] = []
"""The compiler of every kernel made ready so far; appending is atomic, so the counter needs no lock."""


def compile_group(plugin: Plugin, group: Group, options: CompileOptions) -> tuple[CompiledGroup | Decline, bool]:
    """Return a backend's kernel for a group, or its refusal, and whether it was made by this call."""
    canonical = canonical_group(group)
    slot = _slots.setdefault((plugin, canonical, options), _Slot())
    if len(_slots) > _MOST_KERNELS:
        _slots.pop(next(iter(_slots)), None)
    return slot.get(lambda: _compile(plugin, canonical, options))


def n_compiled_kernels() -> int:
    """Return how many kernels compilers have made ready in this process; the fallback's do not count."""
    return len(_compiled)


def _compile(plugin: Plugin, group: Group, options: CompileOptions) -> CompiledGroup | Decline:
    start = time.perf_counter()
    kernel = plugin.compile(group, options)
    if isinstance(kernel, Decline):
        return kernel
    if plugin.role is Role.COMPILER:
        _compiled.append(plugin)
    return CompiledGroup(plugin, kernel, plugin.launch, time.perf_counter() - start)


def canonical_group(group: Group) -> Group:
    """Return the group with values and symbolic sizes renumbered in the order of their appearance."""
    sizes: dict[Dim, Dim] = {}
    values: dict[int, Value] = {}

    def dim(old: Dim) -> Dim:
        return old if isinstance(old, int) else sizes.setdefault(old, SizeOf(0, len(sizes)))

    def value(old: Any) -> Any:
        if not isinstance(old, Value):
            return old
        if old.id not in values:
            values[old.id] = Value(len(values), old.dtype, tuple(map(dim, old.shape)))
        return values[old.id]

    def step(old: GroupStep) -> GroupStep:
        if isinstance(old, Reduce):
            return Reduce(old.op, value(old.input), old.axes, value(old.output))
        return Elementwise(old.op, tuple(map(value, old.inputs)), tuple(map(value, old.outputs)))

    shape = tuple(map(dim, group.shape))
    inputs = tuple(map(value, group.inputs))
    steps = tuple(map(step, group.steps))
    return Group(group.device, shape, inputs, steps, tuple(map(value, group.outputs)))
