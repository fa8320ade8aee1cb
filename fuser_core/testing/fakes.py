"""Fake backends: plugins that behave well or badly on purpose, and distributions that provide one.

They let tests of discovery, selection, grouping and containment say in one line what kind of plugin they are about.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from fuser_core.backend import (
    API_VERSION,
    ENTRY_POINT_GROUP,
    Accept,
    ArrayDesc,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    Limits,
    Reduce,
    Role,
    Value,
    Verdict,
    hookimpl,
)
from fuser_core.discovery import registry
from fuser_core.ops import ELEMENTWISE, REDUCTIONS

__all__ = [
    "AcceptingBackend",
    "AnsweringBackend",
    "DecliningBackend",
    "FakeKernel",
    "OnlyBackend",
    "RaisingBackend",
    "SlowBackend",
    "WrongBackend",
    "installed",
    "make_distribution",
]


@dataclass(frozen=True)
class FakeKernel:
    """A group to be evaluated with NumPy, one step after the other."""

    group: Group

    @property
    def artifacts(self) -> Mapping[str, str]:
        return MappingProxyType({"fake": str(self.group)})

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Evaluate the group; results are stored last, since an output may be the memory of an input."""
        values = {value.id: array for value, array in zip(self.group.inputs, inputs, strict=True)}
        with np.errstate(all="ignore"):
            for step in self.group.steps:
                results = _evaluate(step, values)
                values.update({value.id: array for value, array in zip(step.outputs, results, strict=True)})
        for value, out in zip(self.group.outputs, outputs, strict=True):
            np.copyto(out, values[value.id])


def _evaluate(step: GroupStep, values: Mapping[int, Any]) -> tuple[Any, ...]:
    operands = [values[item.id] if isinstance(item, Value) else item.value for item in step.inputs]
    if isinstance(step, Reduce):
        return (REDUCTIONS[step.op].function(operands[0], axis=step.axes, dtype=step.output.dtype),)
    shape = np.broadcast_shapes(*map(np.shape, operands))
    results = tuple(np.empty(shape, value.dtype) for value in step.outputs)
    ELEMENTWISE[step.op].function(*operands, out=results)
    return results


class AcceptingBackend:
    """A compiler that accepts everything on the CPU and computes it with NumPy.

    Attributes:
        compiled: The groups that it was asked to compile, in order.
        launches: How many kernels it ran.
    """

    FUSER_API = API_VERSION

    def __init__(
        self,
        *,
        role: Role = Role.COMPILER,
        priority: int = 0,
        limits: Limits = Limits(),  # noqa: B008 - immutable
    ) -> None:
        self.ROLE = role
        self.PRIORITY = priority
        self.LIMITS = limits
        self.compiled: list[Group] = []
        self.launches = 0

    @hookimpl
    def has_fusion_backend(self, device: Device) -> Verdict:
        return Accept() if device.kind == "cpu" else Decline(f"this fake runs on the CPU only, not on {device}")

    @hookimpl
    def supports(self, step: GroupStep, device: Device) -> Verdict:
        return Accept()

    @hookimpl(specname="compile")
    def compile_group(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        self.compiled.append(group)
        return FakeKernel(group)

    @hookimpl
    def launch(
        self, kernel: FakeKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        self.launches += 1
        kernel.run([desc.array for desc in inputs], [desc.array for desc in outputs])
        return None


class OnlyBackend(AcceptingBackend):
    """Accepts the named operations and declines all others."""

    def __init__(self, ops: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self._ops = frozenset(ops)

    @hookimpl
    def supports(self, step: GroupStep, device: Device) -> Verdict:
        return Accept() if step.op in self._ops else Decline(f"this fake has no {step.op}")


class DecliningBackend(AcceptingBackend):
    """Declines in one hook; one that accepts in ``supports`` and declines in ``compile`` has promised too much."""

    def __init__(self, hook: str = "supports", reason: str = "this fake declines", **options: Any) -> None:
        super().__init__(**options)
        self._hook = hook
        self._reason = reason

    @hookimpl
    def has_fusion_backend(self, device: Device) -> Verdict:
        return Decline(self._reason) if self._hook == "has_fusion_backend" else Accept()

    @hookimpl
    def supports(self, step: GroupStep, device: Device) -> Verdict:
        return Decline(self._reason) if self._hook == "supports" else Accept()

    @hookimpl(specname="compile")
    def compile_group(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        return Decline(self._reason) if self._hook == "compile" else super().compile_group(group, options)


class RaisingBackend(AcceptingBackend):
    """Raises in one hook: a plugin with a defect."""

    def __init__(self, hook: str, error: BaseException | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._hook = hook
        self._error = error

    def _raise_in(self, hook: str) -> None:
        if hook == self._hook:
            raise self._error or RuntimeError("a fake defect")

    @hookimpl
    def has_fusion_backend(self, device: Device) -> Verdict:
        self._raise_in("has_fusion_backend")
        return super().has_fusion_backend(device)

    @hookimpl
    def supports(self, step: GroupStep, device: Device) -> Verdict:
        self._raise_in("supports")
        return super().supports(step, device)

    @hookimpl(specname="compile")
    def compile_group(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        self._raise_in("compile")
        return super().compile_group(group, options)

    @hookimpl
    def launch(
        self, kernel: FakeKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> None:
        self._raise_in("launch")
        super().launch(kernel, inputs, outputs, threads)


class AnsweringBackend(AcceptingBackend):
    """Answers the same in one hook, whatever it is asked: nonsense, as a rule."""

    def __init__(self, hook: str, answer: Any, **options: Any) -> None:
        super().__init__(**options)
        self._answers = {hook: answer}

    @hookimpl
    def has_fusion_backend(self, device: Device) -> Any:
        return self._answers.get("has_fusion_backend", super().has_fusion_backend(device))

    @hookimpl
    def supports(self, step: GroupStep, device: Device) -> Any:
        return self._answers.get("supports", Accept())

    @hookimpl(specname="compile")
    def compile_group(self, group: Group, options: CompileOptions) -> Any:
        return self._answers.get("compile", super().compile_group(group, options))


class SlowBackend(AcceptingBackend):
    """Takes its time to compile, so that several threads can ask for one kernel at once."""

    def __init__(self, seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._seconds = seconds

    @hookimpl(specname="compile")
    def compile_group(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        time.sleep(self._seconds)
        return super().compile_group(group, options)


class WrongBackend(AcceptingBackend):
    """Computes wrong values: the last element of each output is spoilt."""

    @hookimpl
    def launch(
        self, kernel: FakeKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> None:
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            if desc.array.size:
                last = (-1,) * desc.array.ndim
                desc.array[last] = desc.array[last] == 0


@contextlib.contextmanager
def installed(name: str, plugin: object) -> Iterator[None]:
    """Make a plugin object an installed backend inside a ``with`` block."""
    registry.add(name, plugin)
    try:
        yield
    finally:
        registry.remove(name)


MODULE_SOURCE = "from fuser_core.testing.fakes import AcceptingBackend\n\nbackend = AcceptingBackend()\n"
"""Source of a module whose object ``backend`` is an accepting plugin."""


def make_distribution(
    folder: Path,
    *,
    distribution: str = "fake-backend",
    version: str = "1.0",
    backend: str = "fake",
    module: str = "fake_backend",
    attribute: str = "backend",
    source: str = MODULE_SOURCE,
) -> Path:
    """Write an installed distribution that provides one backend, as pip would leave it.

    Args:
        folder: What plays the part of ``site-packages``; put it on ``sys.path`` and call `refresh_backends`.
        distribution: Name of the distribution.
        version: Its version.
        backend: Name of the entry point.
        module: Name of the module to write.
        attribute: What the entry point loads from the module; empty for the module itself.
        source: The module's text.

    Returns:
        ``folder``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    target = f"{module}:{attribute}" if attribute else module
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\n{backend} = {target}\n")
    return folder
