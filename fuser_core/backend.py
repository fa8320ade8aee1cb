"""What crosses the boundary between the core and a backend plugin: the one module that an author imports.

The hooks themselves, and the manual for writing them, are in :mod:`fuser_core.hookspecs`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from fuser_core.axes import NewAxis, SourceAxis, look
from fuser_core.plan import Constant, Elementwise, Operand, Reduce, Value, View
from fuser_core.records import frozen
from fuser_core.shapes import Shape
from fuser_core.warm_calls import CallEntry, Container, Exactly, KernelCall, Located, PreparedLaunch, WarmCall
from fuser_core.watches import MISSING, Reading, Watch

__all__ = [
    "ALIGNMENT",
    "API_VERSION",
    "MISSING",
    "Accept",
    "ArrayDesc",
    "CallEntry",
    "Chain",
    "CompileOptions",
    "Constant",
    "Container",
    "Decline",
    "Device",
    "Elementwise",
    "Exactly",
    "FusedKernel",
    "Group",
    "GroupStep",
    "KernelCall",
    "Limits",
    "Located",
    "NewAxis",
    "Operand",
    "PreparedLaunch",
    "Reading",
    "Reduce",
    "Role",
    "SourceAxis",
    "Value",
    "Verdict",
    "View",
    "WarmCall",
    "Watch",
    "look",
]

API_VERSION = 1
"""The contract that this core speaks; a plugin states the one it was written for as ``FUSER_API``."""


ALIGNMENT = 16
"""Addresses that differ by a multiple of so many bytes are alike to a launch that was prepared."""


@frozen
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


@frozen
class Accept:
    """The backend can do it.

    Attributes:
        note: What a user may want to know of how; ``fuser-core backends`` shows what ``has_fusion_backend`` says.
    """

    note: str = ""


@frozen
class Decline:
    """The backend cannot do it, and says why in words that a user can act on."""

    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a Decline needs a reason: say which operation, dtype, layout or device, and why")


Verdict = Accept | Decline
GroupStep = Elementwise | Reduce


@frozen
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


@frozen
class Chain:
    """Groups whose kernels run in turn on one part of their space after another.

    What one computes for a part is still in the cache when the next reads it. A part is a range along one or more of
    the chain's axes, and everything along all others. No group mixes what lies apart along an axis of the chain: none
    reduces it, and a value that one of them computes has it wherever it is read.

    Attributes:
        groups: In the order of running.
        axes: Per group, the axes of its space that are the chain's: the same for all groups, in one order, never none.
        views: What groups read of values that others compute; each walks the axes of the chain from end to end.
        inputs: Arrays that the groups read and none of them computes.
        outputs: Values that the groups compute and others read, in the order of ``launch``'s outputs. What is in
            neither is nobody else's business.
    """

    groups: tuple[Group, ...]
    axes: tuple[tuple[int, ...], ...]
    views: tuple[View, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]

    def places(self, number: int, value: Value) -> tuple[int | None, ...]:
        """Say where the axes of the chain are in a value that group ``number`` reads or writes.

        Returns:
            Per axis of the chain, the value's; ``None`` where the value has none, or repeats along it.
        """
        group, axes = self.groups[number], self.axes[number]
        gone = next((step.axes for step in group.reductions if step.output.id == value.id), None)
        if gone is not None:
            return tuple(axis - sum(other < axis for other in gone) for axis in axes)
        own = (axis - len(group.shape) + len(value.shape) for axis in axes)
        return tuple(axis if axis >= 0 and value.shape[axis] != 1 else None for axis in own)


@frozen
class Limits:
    """The most that one kernel of a backend holds; groups are cut so that none has more. ``None`` is no limit.

    Attributes:
        steps: Operations.
        arrays: Arrays, inputs and outputs together.

    Raises:
        ValueError: A limit is less than 1.
    """

    steps: int | None = None
    arrays: int | None = None

    def __post_init__(self) -> None:
        for name, most in (("steps", self.steps), ("arrays", self.arrays)):
            if most is not None and most < 1:
                raise ValueError(f"Limits({name}={most}): a kernel holds at least 1; leave it out for no limit")

    def excess(self, steps: int, arrays: int) -> str:
        """Return what would be too much for one kernel, in words; empty when it holds so many."""
        sizes = ((steps, self.steps, "operations"), (arrays, self.arrays, "arrays"))
        over = [f"{size} {name} of at most {most}" for size, most, name in sizes if most is not None and size > most]
        return f"too much for one kernel: {' and '.join(over)}" if over else ""


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
        """The generated code at each stage, by the stage's name (``"ir"``, ``"asm"``, ``"cuda"``, ...), or about it."""


class ArrayDesc(Protocol):
    """An array at launch.

    Attributes:
        device: Where its memory is.
        dtype: Its elements.
        shape: Sizes in elements.
        strides: Steps in bytes.
        pointer: Address of the first element in the device's memory; any number where there are no elements.
        array: The array object itself; on the CPU a `numpy.ndarray`. For a view on a device it is made when asked for,
            and ``None`` where the array's library has none of such strides; a kernel needs only the rest.
        stream: On a device with streams, the one in whose order the array's library works, as a handle of the driver:
            what was written to the array before comes before the kernel, and what its library does afterwards comes
            after. ``None``: no order is asked for. On CUDA it is never 0: 1 is the legacy default stream and 2 the
            default stream of the thread (``CU_STREAM_LEGACY``, ``CU_STREAM_PER_THREAD``).
        read_only: The array must not be written; never so for an output.
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
    @property
    def stream(self) -> int | None: ...
    @property
    def read_only(self) -> bool: ...
