"""What crosses the boundary between the core and a backend plugin: the one module that an author imports.

The hooks themselves, and the manual for writing them, are in :mod:`fuser_core.hookspecs`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from fuser_core.plan import Constant, Elementwise, Operand, Reduce, Value
from fuser_core.shapes import Shape

__all__ = [
    "API_VERSION",
    "Accept",
    "ArrayDesc",
    "CompileOptions",
    "Constant",
    "Decline",
    "Device",
    "Elementwise",
    "FusedKernel",
    "Group",
    "GroupStep",
    "Operand",
    "Reduce",
    "Role",
    "Value",
    "Verdict",
]

API_VERSION = 1
"""The contract that this core speaks; a plugin states the one it was written for as ``FUSER_API``."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where data lives: the kind (``"cpu"``, ``"cuda"``) and the number of the device among those of its kind."""

    kind: str
    index: int = 0

    def __str__(self) -> str:
        return self.kind if self.kind == "cpu" else f"{self.kind}:{self.index}"


class Role(enum.Enum):
    """What a backend is for: to compile, or to serve whatever no compiler accepts."""

    COMPILER = "compiler"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Accept:
    """The backend can do it."""


@dataclass(frozen=True, slots=True)
class Decline:
    """The backend cannot do it, and says why in words that a user can act on."""

    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a Decline needs a reason: say which operation, dtype, layout or device, and why")


Verdict = Accept | Decline
GroupStep = Elementwise | Reduce


@dataclass(frozen=True, slots=True)
class Group:
    """The steps that one kernel holds: elementwise operations over one iteration space, then reductions of it.

    Every elementwise output has exactly the shape ``shape``. A reduction reduces a value of that shape, is always an
    output of the group, and feeds no other step of it. All reductions of a group share their axes.

    Attributes:
        device: Where the kernel runs.
        shape: The iteration space; its dimensions are symbolic, known only at launch.
        inputs: Arrays that the kernel reads. Their shapes broadcast to ``shape`` by NumPy's rule: aligned at the
            right, an axis that is the literal 1 or missing repeats.
        steps: In an order in which they can be executed.
        outputs: Values that the kernel writes, in the order of ``launch``'s outputs.
    """

    device: Device
    shape: Shape
    inputs: tuple[Value, ...]
    steps: tuple[GroupStep, ...]
    outputs: tuple[Value, ...]

    @property
    def reductions(self) -> tuple[Reduce, ...]:
        """The reductions that end the group, in order."""
        return tuple(step for step in self.steps if isinstance(step, Reduce))


class CompileOptions(NamedTuple):
    """What the user asked of the generated code.

    Attributes:
        fast_math: Results may differ from strict IEEE evaluation in the last digits and for NaN, inf and -0.0.
    """

    fast_math: bool = False


class FusedKernel(Protocol):
    """What ``compile`` returns: it owns its machine code, is immutable, and can be launched by several threads."""

    @property
    def artifacts(self) -> Mapping[str, str]:
        """The generated code at each stage, by the stage's name (``"ir"``, ``"asm"``, ``"cuda"``, ...)."""


class ArrayDesc(Protocol):
    """An array at launch.

    Attributes:
        device: Where its memory is.
        dtype: Its elements.
        shape: Sizes in elements.
        strides: Steps in bytes.
        pointer: Address of the first element in the device's memory.
        array: The array object itself; on the CPU a `numpy.ndarray`.
    """

    @property
    def device(self) -> Device: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    @property
    def pointer(self) -> int: ...
    @property
    def array(self) -> Any: ...
