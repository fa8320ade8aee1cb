"""Fused groups: what a compiled graph calls in place of the nodes of a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from fuser_core import flags
from fuser_core.arguments import describe_arguments
from fuser_core.backend import Device
from fuser_core.config import backend_order, default_threads
from fuser_core.discovery import registry
from fuser_core.entries import Setting
from fuser_core.errors import FuserError, PluginError
from fuser_core.graph import Graph
from fuser_core.kernel_spec import KernelSpec, Request, intern
from fuser_core.location import warn_user
from fuser_core.log import logger
from fuser_core.torch_compile.results import Expected, shares
from fuser_core.torch_compile.tensors import array_of, tensor_of
from fuser_core.warm import WarmProgram, layout_of, may_warm_up, place, warm_up

__all__ = ["FusedGroup"]

_CPU = Device("cpu")
_MOST_LAYOUTS = 256
_REFUSED = (FuserError, RuntimeError, TypeError, ValueError)
"""What preparing a program raises where PyTorch may serve the call."""

Correction = Callable[[torch.Tensor], torch.Tensor] | None


class _Ready(NamedTuple):
    """What serves calls of one layout."""

    program: WarmProgram
    setting: Setting
    corrections: tuple[Correction, ...]


class FusedGroup:
    """A group as a function of tensors and numbers; it returns one tensor, or a tuple of them.

    Programs are found by the layout of the arguments; new sizes need no new kernel.
    """

    def __init__(
        self, name: str, graph: Graph, places: Sequence[int], module: Callable[..., Any], device: Device
    ) -> None:
        """Make the function of a graph.

        Args:
            name: What generated code calls it.
            graph: What it computes.
            places: Which of the arguments are the inputs of the graph, in their order.
            module: The same by PyTorch.
            device: Where its tensors are.
        """
        self.__name__ = self.__qualname__ = name
        self.__module__ = __name__
        self._spec: KernelSpec = intern(graph)
        self._places = tuple(places)
        self._module = module
        self._device = device
        self._expected: tuple[Expected, ...] = ()
        self._ready: dict[Any, _Ready] = {}
        self._refused: str | None = None

    def expect(self, results: Sequence[torch.Tensor]) -> None:
        """Note how results have to lie in memory: like these."""
        self._expected = tuple(map(Expected, results))

    def __call__(self, *args: Any) -> Any:
        if self._refused is None:
            try:
                values = [self._read(args[position]) for position in self._places]
                results = self._run(values)
            except (PluginError, torch.OutOfMemoryError):
                raise
            except _REFUSED as error:
                self._refuse(error)
            else:
                return results[0] if len(results) == 1 else tuple(results)
        return self._module(*args)

    def _read(self, argument: Any) -> Any:
        return array_of(argument) if isinstance(argument, torch.Tensor) else argument

    def _run(self, values: Sequence[Any]) -> list[torch.Tensor]:
        threads = default_threads()
        layout = layout_of(values)
        if layout is None:
            placed = place(values)
            if placed is not None:
                layout, values = placed[0], placed[1]
        setting = Setting(backend_order(), flags.enabled(self._device), registry.generation)
        ready = None if layout is None else self._ready.get(layout)
        if ready is None or ready.setting != setting:
            return self._run_anew(layout, values, setting, threads)
        return [
            tensor_of(result) if correct is None else correct(tensor_of(result))
            for result, correct in zip(ready.program.run(values, threads), ready.corrections, strict=True)
        ]

    def _run_anew(self, layout: Any, values: Sequence[Any], setting: Setting, threads: int) -> list[torch.Tensor]:
        program, _ = self._spec.program(describe_arguments(values), values, Request(setting.order))
        warm = None
        if layout is not None and may_warm_up(program):
            warm, arrays = warm_up(program, values, threads)
        else:
            arrays = program.run(values, threads)
        results = list(map(tensor_of, arrays))
        given = [tensor_of(getattr(value, "owner", value)) for value in values if hasattr(value, "shape")]
        corrections: list[Correction] = []
        for position, (result, expected) in enumerate(zip(results, self._expected, strict=True)):
            corrections.append(expected.correction(result, shares(result, [*given, *results[:position]])))
        if warm is not None:
            if len(self._ready) >= _MOST_LAYOUTS:
                self._ready.clear()
            self._ready[layout] = _Ready(warm, setting, tuple(corrections))
        return [
            result if correct is None else correct(result) for result, correct in zip(results, corrections, strict=True)
        ]

    def _refuse(self, error: Exception) -> None:
        """Leave the group to PyTorch from now on, and say why."""
        self._refused = f"{self.__name__}: a group runs in eager PyTorch: {error}"
        logger().warning("torch.compile: %s", self._refused)
        warn_user(self._refused)
