"""The one module that an author of a backend imports: types, verdicts, errors, and the marker of hooks.

    from fuser_core.backend import Accept, Decline, Role, hookimpl

The hooks themselves, and the manual for writing them, are in :mod:`fuser_core.hookspecs`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import pluggy

from fuser_core.axes import NewAxis, SourceAxis, look
from fuser_core.errors import (
    FuserError,
    FusionDeclinedError,
    PluginError,
    PluginHookError,
    PluginLoadError,
    VerificationError,
)
from fuser_core.groups import Chain, Device, Group, GroupStep
from fuser_core.options import Settings
from fuser_core.plan import Constant, Elementwise, Operand, Reduce, Value, View
from fuser_core.records import frozen
from fuser_core.warm_calls import CallEntry, Container, Exactly, KernelCall, Located, WarmCall
from fuser_core.watches import MISSING, Reading, Watch

__all__ = [
    "API_VERSION",
    "ENTRY_POINT_GROUP",
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
    "FuserError",
    "FusionDeclinedError",
    "Group",
    "GroupStep",
    "KernelCall",
    "Layout",
    "Limits",
    "Located",
    "NewAxis",
    "Operand",
    "PluginError",
    "PluginHookError",
    "PluginLoadError",
    "Reading",
    "Reduce",
    "Role",
    "SourceAxis",
    "Value",
    "Verdict",
    "VerificationError",
    "View",
    "WarmCall",
    "Watch",
    "hookimpl",
    "look",
]

API_VERSION = 1
"""The contract that this core speaks; a plugin states the one it was written for as ``FUSER_API``."""

ENTRY_POINT_GROUP = "fuser_core.backends"
"""Name of the entry-point group; also the project name of the pluggy markers."""

hookimpl = pluggy.HookimplMarker(ENTRY_POINT_GROUP)
"""Marks a function of a plugin as a hook; ``@hookimpl(specname="compile")`` frees its name."""


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


class Layout(enum.Enum):
    """How arrays must lie in memory for a backend's kernels."""

    ANY = "any"
    """With any strides, of any sign and 0 among them, at any address."""

    CONTIGUOUS = "contiguous"
    """In C order without gaps, and aligned. The core copies what lies otherwise before a launch, and results to where
    they belong after it; on the CPU only."""


class CompileOptions(NamedTuple):
    """What the user asked of the generated code.

    Attributes:
        fast_math: Results may differ from strict IEEE evaluation in the last digits and for NaN, inf and -0.0.
        own: An instance of what the backend states as ``OPTIONS``, with what the user set in ``fuse(options=...)``;
            ``None`` where it states none.
        settings: What the user set for any backend, as `fuser_core.options.Settings`; the core makes ``own`` of it, and
            hooks get none.
    """

    fast_math: bool = False
    own: Any = None
    settings: Settings = ()


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
