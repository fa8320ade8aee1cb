"""The hooks that a backend plugin implements: the manual for its author.

A backend is a module (or any object) named by an entry point of the group ``fuser_core.backends``::

    [project.entry-points."fuser_core.backends"]
    my_backend = "my_package"

The entry point's name is the backend's name. The module states:

``FUSER_API``
    The integer `fuser_core.backend.API_VERSION` that it was written for.
``ROLE``
    `Role.COMPILER`, or `Role.FALLBACK` for an evaluator that serves whatever no compiler accepts.
``PRIORITY``
    An integer; among the installed backends the highest is asked first. Optional, 0 by default.
``LIMITS``
    `fuser_core.backend.Limits`: the most operations and arrays that one kernel holds. Optional, no limits by default.
    The core cuts its groups accordingly, so ``compile`` is never asked for more.
``DEVICES``
    A tuple of the kinds of devices that it is for, such as ``("cuda",)``. Optional, any by default. Where it has
    nothing to do with a call's device it is neither asked nor named among the reasons.

and implements the hooks below, each marked with ``hookimpl``. Importing the module must be cheap: no compiler, driver
or array library, no thread, no context. Import those inside ``compile``.

Hooks are called through pluggy while a plan is compiled. ``launch`` is looked up once per kernel and called directly
ever after, so it costs nothing but itself; so is what ``prepare`` returns.

Whatever a backend cannot do, it *declines* with a reason; the next backend is asked and the reason is shown to the
user. An exception out of a hook is a defect of the plugin: it is recorded, told once as a warning, and the next
backend serves the call (under ``FUSER_STRICT=1`` it raises). Only ``launch`` raises to the user, because by then
outputs may be half written.

A hook names its parameters as they are named here, in any order, and may leave some out; a default or ``*args`` is
refused, since pluggy would pass nothing there. A hook other than ``launch`` must not call fused functions: what they
ask for could be what the hook is asked for. Hooks are called from any thread, for different groups at the same moment.
A fork of the process waits until no other thread is inside ``compile``, so its locks are open in the child; threads
and whatever else a fork does not carry over are the plugin's own business (`os.register_at_fork`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pluggy

from fuser_core.backend import (
    ArrayDesc,
    CallEntry,
    Chain,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    PreparedLaunch,
    Verdict,
)

__all__ = ["ENTRY_POINT_GROUP", "BackendHooks", "hookimpl"]

ENTRY_POINT_GROUP = "fuser_core.backends"
"""Name of the entry-point group; also the project name of the pluggy markers."""

hookspec = pluggy.HookspecMarker(ENTRY_POINT_GROUP)
hookimpl = pluggy.HookimplMarker(ENTRY_POINT_GROUP)
"""Marks a function of a plugin as a hook; ``@hookimpl(specname="compile")`` frees its name."""


class BackendHooks:
    """The specification of every hook."""

    @hookspec
    def has_fusion_backend(self, device: Device) -> Verdict:  # type: ignore[empty-body]
        """Say whether this backend can compile for a device on this machine. Required.

        Must be cheap, create no context, and be safe before ``fork``.

        Args:
            device: The device that the data is on.

        Returns:
            ``Accept()``, with a ``note`` for people if there is something to tell, or ``Decline(reason)``, for example
            ``Decline("no CUDA driver: libcuda.so.1 not found")``.
        """

    @hookspec
    def supports(self, step: GroupStep, device: Device) -> Verdict:  # type: ignore[empty-body]
        """Say whether a kernel of this backend can hold one step. Optional; the default accepts.

        The core forms groups from the steps that a backend supports, so that one unsupported operation or dtype does
        not drag its neighbours into the fallback.

        Args:
            step: An elementwise operation or a reduction; its operands and results carry their dtypes.
            device: The device that the data is on.
        """

    @hookspec
    def compile(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:  # type: ignore[empty-body]
        """Make one kernel of a group. Required; called once per group and set of options.

        The kernel must serve every size, every stride and every value: sizes and strides come with ``launch``.

        Args:
            group: What to compile.
            options: What the user asked of the code.

        Returns:
            A kernel, or ``Decline(reason)``.
        """

    @hookspec
    def chain(self, chain: Chain, kernels: Sequence[FusedKernel]) -> FusedKernel | Decline:  # type: ignore[empty-body]
        """Make one kernel of several that it compiled. Optional; without it each is launched on its own.

        Its results must be those of the kernels launched one after the other, to the bit, where the arrays that they
        pass on to each other would be laid out as `fuser_core.chain_layouts` says. It is launched with arrays of any
        strides, of which none is empty and no output shares memory with an input.

        Args:
            chain: The groups, what connects them, and what they read and write together.
            kernels: What ``compile`` returned for each group.

        Returns:
            A kernel for ``launch``, or ``Decline(reason)``.
        """

    @hookspec
    def entry(self, slow: Callable[..., Any]) -> CallEntry | Decline:  # type: ignore[empty-body]
        """Make what serves calls of one fused function in machine code, without a frame of Python. Optional.

        Asked for when a call is repeated with arrays of a layout that was there before, all of whose kernels are this
        backend's. Results must be those of ``launch``, to the bit.

        Args:
            slow: Takes the function's arguments, and serves every call.

        Returns:
            An entry, or ``Decline(reason)``.
        """

    @hookspec
    def prepare(  # type: ignore[empty-body]
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
    ) -> PreparedLaunch | Decline:
        """Fix all of a launch that shapes and strides decide. Optional; without it each call's arrays are described.

        Asked for when a call on a device is repeated with arrays of a layout that was there before. What is returned
        serves arrays of these dtypes, shapes and strides, on the same device (numbers: on the host), at any addresses
        that are alike but for multiples of `fuser_core.backend.ALIGNMENT`. It writes what ``launch`` would, to the bit.

        Args:
            kernel: What ``compile`` or ``chain`` returned.
            inputs: As ``launch`` gets them; there is nothing behind the addresses of memory that is still to be made.
            outputs: The same. None shares memory with another array.

        Returns:
            A prepared launch, or ``Decline(reason)``.
        """

    @hookspec
    def launch(
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        """Run a kernel. Required; the only hook on the hot path.

        Args:
            kernel: What ``compile`` returned.
            inputs: One array per ``group.inputs``, of its dtype and rank, with any strides. Where the group's input
                has the literal size 1 the array has size 1. All are on the group's device, but for numbers: an input of
                rank 0 may be on the host (its ``device`` is the CPU, its ``array`` NumPy's) in one call and on the
                device in the next; a kernel takes the number by value.
            outputs: One allocated, writeable array per ``group.outputs``. No output overlaps another; an output may
                be the very same memory as an input (same pointer, shape and strides), never a partial overlap. On a
                device with streams the kernel runs on the stream of the outputs, and the hook does not wait for it:
                whoever allocated them takes their memory back in the order of that stream. Where `ArrayDesc.stream` of
                an input is another, the kernel waits for that stream, and that stream for the kernel.
            threads: The most threads to use.

        Returns:
            Nothing; for a kernel of ``chain`` where parts of these arrays do not pay, a ``Decline`` and nothing
            written: then the kernels are launched one after the other.

        Raises:
            Exception: Whatever went wrong; it reaches the user.
        """
