"""Copies on a device: made by kernels of one cast, since the core cannot move what the host does not reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fuser_core.backend import ArrayDesc, CompileOptions, Decline, Device, Elementwise, Group, Value
from fuser_core.errors import FusionDeclinedError
from fuser_core.forks import undivided
from fuser_core.kernels import CompiledGroup, compile_group
from fuser_core.plugin import Plugin
from fuser_core.shapes import Dim, SizeOf

__all__ = ["CopyKernels"]


class CopyKernels:
    """Copies arrays of any layout, and casts them, by the first backend that holds such a kernel."""

    def __init__(self, plugins: Sequence[Plugin], options: CompileOptions, device: Device) -> None:
        self._plugins, self._options, self._device = tuple(plugins), options, device
        self._kernels: dict[Any, CompiledGroup] = {}

    def copy(self, target: ArrayDesc, source: ArrayDesc, threads: int) -> None:
        """Write an array into another.

        Args:
            target: What is written; shares no memory with ``source``.
            source: Of a shape that broadcasts to that of ``target``.
            threads: The most threads to use.

        Raises:
            FusionDeclinedError: No backend holds the cast from one dtype to the other.
        """
        rank = len(source.shape)
        sizes = zip(source.shape, target.shape[len(target.shape) - rank :], strict=True)
        repeats = tuple([own == 1 != wanted for own, wanted in sizes])
        key = source.dtype, target.dtype, len(target.shape), repeats
        kernel = self._kernels.get(key)
        if kernel is None:
            kernel = self._kernels[key] = self._make(source, target, repeats)
        kernel.launch(kernel.kernel, [source], [target], threads)

    @undivided()
    def _make(self, source: ArrayDesc, target: ArrayDesc, repeats: Sequence[bool]) -> CompiledGroup:
        whole: tuple[Dim, ...] = tuple(SizeOf(0, axis) for axis in range(len(target.shape)))
        part = whole[len(whole) - len(repeats) :]
        shape = tuple(1 if repeated else dim for repeated, dim in zip(repeats, part, strict=True))
        read, written = Value(0, source.dtype, shape), Value(1, target.dtype, whole)
        step = Elementwise("cast", (read,), (written,))
        group = Group(self._device, whole, (read,), (step,), (written,))
        reasons: list[str] = []
        for plugin in self._plugins:
            verdict = plugin.supports(step, self._device)
            made = verdict if isinstance(verdict, Decline) else compile_group(plugin, group, self._options)[0]
            if not isinstance(made, Decline):
                return made
            reasons.append(f"\n  {plugin.name}: {made.reason}")
        raise FusionDeclinedError(
            f"an array on {self._device} has to be copied from {source.dtype} to {target.dtype}, and no backend in "
            f"use does it:{''.join(reasons) or ' none works there'}"
        )
