"""The kernel cache: every distinct group is compiled once per backend, however many threads and plans ask.

Groups are compared in canonical form, with values and sizes renumbered in the order of their appearance, so equal
work in different plans, for different layouts and sizes, shares one kernel.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from fuser_core.backend import CompileOptions, Decline, Elementwise, FusedKernel, Group, GroupStep, Reduce, Role, Value
from fuser_core.forks import in_child
from fuser_core.log import Later, logger
from fuser_core.plugin import Launch, Plugin
from fuser_core.records import frozen
from fuser_core.shapes import Dim, SizeOf

__all__ = ["CompiledGroup", "canonical_group", "compile_group", "make_kernel", "n_compiled_kernels"]


@frozen
class CompiledGroup:
    """A kernel, ready to launch.

    Attributes:
        plugin: The backend that made it.
        kernel: What its ``compile`` returned.
        launch: Its launch hook, bound once.
        seconds: How long it took to make it.
        restored: Whether an earlier process compiled it, and the core stored it.
    """

    plugin: Plugin
    kernel: FusedKernel
    launch: Launch
    seconds: float
    restored: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the backend's own hook launches it: no other plugin wraps it, nothing verifies it."""
        return self.launch is self.plugin.launch

    @property
    def artifacts(self) -> Mapping[str, str]:
        """The generated code at each stage, by the stage's name."""
        return self.plugin.artifacts(self.kernel)

    @property
    def from_disk(self) -> bool:
        """Whether the code was compiled by an earlier process; a backend with a cache of its own says so."""
        return self.restored or getattr(self.kernel, "from_disk", False) is True


class _Slot:
    """The one place where a kernel is made; whoever comes second waits for the first."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler or a finaliser may come back here in the same thread
        self._result: CompiledGroup | Decline | None = None

    @property
    def unfinished(self) -> bool:
        """Whether there is no result yet."""
        return self._result is None

    def get(self, make: Callable[[], CompiledGroup | Decline]) -> tuple[CompiledGroup | Decline, bool]:
        """Return the result, and whether this call made it."""
        found = self._result
        if found is not None:
            return found, False
        with self._lock:
            found = self._result
            result = self._result = make() if found is None else found
            return result, found is None


_MOST_KERNELS = 4096
"""Kernels kept for programs to come; the oldest go first. Programs hold their own."""

_slots: dict[Any, _Slot] = {}
_compiled: list[Plugin] = []
"""The compiler of every kernel made ready so far; appending is atomic, so the counter needs no lock."""


@in_child
def _forget_slots() -> None:
    """In a forked child: drop those whose kernel a thread of the parent was making. Programs hold their kernels."""
    for key, slot in list(_slots.items()):
        if slot.unfinished:
            del _slots[key]


def compile_group(plugin: Plugin, group: Group, options: CompileOptions) -> tuple[CompiledGroup | Decline, bool]:
    """Return a backend's kernel for a group, or its refusal, and whether it was made by this call.

    Raises:
        ArgumentError: The user set an option of the backend that it has not, or to what it does not take.
    """
    canonical, options = canonical_group(group), plugin.options_for(options)
    slot = _slots.setdefault((plugin, canonical, options), _Slot())
    if len(_slots) > _MOST_KERNELS:
        with contextlib.suppress(RuntimeError, StopIteration):  # another thread came in between; the next one may
            _slots.pop(next(iter(_slots)), None)
    return slot.get(lambda: _compile(plugin, canonical, options))


def n_compiled_kernels() -> int:
    """Return how many kernels compilers have made ready in this process; the fallback's do not count."""
    return len(_compiled)


def _compile(plugin: Plugin, group: Group, options: CompileOptions) -> CompiledGroup | Decline:
    start = time.perf_counter()
    kernel, restored = make_kernel(plugin, group, options)
    seconds = time.perf_counter() - start
    if isinstance(kernel, Decline):
        logger().info("%s declines a kernel of %s: %s", plugin.name, _operations(group), kernel.reason)
        return kernel
    compiled = CompiledGroup(plugin, kernel, plugin.launch, seconds, restored)
    made = "loaded" if compiled.from_disk else "compiled"
    logger().info("%s %s a kernel of %s in %.1f ms", plugin.name, made, _operations(group), seconds * 1e3)
    logger().debug("its code:\n%s", Later(lambda: "\n".join(plugin.artifacts(kernel).values())))
    if plugin.role is Role.COMPILER:
        _compiled.append(plugin)
    return compiled


def make_kernel(plugin: Plugin, group: Group, options: CompileOptions) -> tuple[FusedKernel | Decline, bool]:
    """Have a kernel made anew; return it, and whether an earlier process compiled it and the core stored it."""
    if not plugin.stores:
        return plugin.compile(group, options), False
    from fuser_core.stored import restore_kernel, store_kernel  # few backends leave this to the core

    kernel = restore_kernel(plugin, group, options)
    if kernel is not None:
        return kernel, True
    made = plugin.compile(group, options)
    if not isinstance(made, Decline):
        store_kernel(plugin, group, options, made)
    return made, False


def _operations(group: Group) -> Later:
    names = [step.op for step in group.steps]
    return Later(lambda: f"{len(names)} step{'s' * (len(names) != 1)} ({', '.join(dict.fromkeys(names))})")


def canonical_group(group: Group) -> Group:
    """Return the group with values and symbolic sizes renumbered in the order of their appearance."""
    sizes: dict[Dim, Dim] = {}
    values: dict[int, Value] = {}

    def dim(old: Dim) -> Dim:
        # A size that the program fixes is a size like any other to a kernel; only 1 stands for repetition.
        return old if old == 1 else sizes.setdefault(old, SizeOf(0, len(sizes)))

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
