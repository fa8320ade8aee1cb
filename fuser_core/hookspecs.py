"""The hooks that a backend plugin implements: the manual for its author.

A backend is a module (or any object) named by an entry point of the group ``fuser_core.backends``::

    [project.entry-points."fuser_core.backends"]
    my_backend = "my_package"

The entry point's name is the backend's name. All that the module needs is in `fuser_core.backend`. It states:

``FUSER_API``
    The integer `fuser_core.backend.API_VERSION` that it was written for.
``ROLE``
    `Role.COMPILER`, or `Role.FALLBACK` for an evaluator that serves whatever no compiler accepts.
``PRIORITY``
    An integer; among the installed backends the highest is asked first. Optional, 0 by default.
``LIMITS``
    `Limits`: the most operations and arrays that one kernel holds. Optional, no limits by default. The core cuts its
    groups accordingly, so ``compile`` is never asked for more.
``DEVICES``
    A tuple of the kinds of devices that it is for, such as ``("cuda",)``. Optional, any by default. Where it has
    nothing to do with a call's device it is neither asked nor named among the reasons.
``LAYOUT``
    `Layout`: how arrays must lie for its kernels. Optional, any way by default. For `Layout.CONTIGUOUS` the core copies
    what lies otherwise.
``OPTIONS``
    The class of its options, as `fuser_core.options` says: a named tuple or frozen data class whose fields, annotated
    as bool, int, float, str or Literal, all have defaults. Optional, none by default.

and implements the hooks below, each marked with ``hookimpl``: ``has_fusion_backend``, ``compile`` and ``launch``;
the others are optional. Importing the module must be cheap: no compiler, driver or array library, no thread, no
context. Import those inside ``compile``.

Hooks are called through pluggy while a plan is compiled. ``launch`` is looked up once per kernel and called directly
ever after, so it costs nothing but itself.

Whatever a backend cannot do, it *declines* with a reason; the next backend is asked and the reason is shown to the
user. An exception out of a hook, or an answer of another kind than its specification says, is a defect of the plugin:
it is recorded, told once as a warning that names the distribution and its version, and the next backend serves the call
(under ``FUSER_STRICT=1`` it raises). Only ``launch`` raises to the user, because by then outputs may be half written;
the error gets a note that names the backend.

A hook names its parameters as they are named here, in any order, and may leave some out; a default or ``*args`` is
refused, since pluggy would pass nothing there. A hook other than ``launch`` must not call fused functions: what they
ask for could be what the hook is asked for. Hooks are called from any thread, for different groups at the same moment.
A fork of the process waits until no other thread is inside ``compile``, so its locks are open in the child; threads
and whatever else a fork does not carry over are the business of ``after_fork``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pluggy

from fuser_core.backend import (
    ENTRY_POINT_GROUP,
    ArrayDesc,
    CallEntry,
    Chain,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    Verdict,
)

__all__ = ["BackendHooks"]

hookspec = pluggy.HookspecMarker(ENTRY_POINT_GROUP)


class BackendHooks:
    """The specification of every hook."""

    @hookspec
    def has_fusion_backend(self, device: Device) -> Verdict:  # type: ignore[empty-body]
        """Say whether this backend can compile for a device on this machine. Required.

        Called for every plan that is compiled, and by ``fuser-core backends`` for devices that may not exist, from any
        thread. Must take microseconds, create no context, and be safe before ``fork``: look whether a package or a
        library is there, but do not load it. The answer may change while the process runs.

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
        not drag its neighbours into the fallback. Called for every step of every plan, so it should look things up
        and not compute them. Equal steps must get equal answers as long as the process runs.

        Args:
            step: An `Elementwise` operation or a `Reduce`, named as in ``docs/operations.md``. Operands
                (``step.inputs``; of a reduction ``step.input``) and results (``step.outputs``, ``step.output``) carry
                their dtypes: those of one loop of the operation, every cast being a step of its own. Operands of a
                ``cast`` and of copies may have the other byte order (``dtype.isnative``). Shapes are symbolic.
            device: The device that the data is on.
        """

    @hookspec
    def compile(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:  # type: ignore[empty-body]
        """Make one kernel of a group. Required; called once per group and set of options.

        Called only for groups of steps that ``supports`` accepts, within ``LIMITS``. The kernel must serve every size
        and every value, and every layout that ``LAYOUT`` allows: sizes and strides come with ``launch``. Groups that
        differ in names or sizes only are one group. May take its time, start threads and write files; two groups may
        be compiled at the same moment by two threads.

        Args:
            group: What to compile. Values are numbered; constants are NumPy scalars with their dtype.
            options: What the user asked of the code, and what the backend has of its own as ``options.own``.

        Returns:
            A kernel: any object with ``artifacts``, a mapping from names to texts, which is read only when somebody
            wants to see the code. It is launched from several threads at once, for as long as anybody holds it. Or
            ``Decline(reason)``: then the next backend that supports all of the group's steps is asked.
        """

    @hookspec
    def launch(
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        """Run a kernel. Required; the only hook on the hot path.

        Called from any thread, several at once, also with the same kernel. It may release the GIL. It must not keep
        arrays, nor resize, replace or retype them: shapes and dtypes of results are the core's business.

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
            threads: The most threads to use. Results must be the same to the bit for any number.

        Returns:
            Nothing; for a kernel of ``chain`` where parts of these arrays do not pay, a ``Decline`` and nothing
            written: then the kernels are launched one after the other.

        Raises:
            Exception: Whatever went wrong; it reaches the user.
        """

    @hookspec
    def chain(self, chain: Chain, kernels: Sequence[FusedKernel]) -> FusedKernel | Decline:  # type: ignore[empty-body]
        """Make one kernel of several that it compiled. Optional; without it each is launched on its own.

        Called while a plan is compiled, after ``compile``. Its results must be those of the kernels launched one after
        the other, to the bit, where the arrays that they pass on to each other would be laid out as
        `fuser_core.chain_layouts` says. It is launched with arrays of any strides, of which none is empty and no output
        shares memory with an input.

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
    def cache_token(self, device: Device) -> str | Decline:  # type: ignore[empty-body]
        """Say what compiled code depends on besides the group and the options. Optional, with ``save`` and ``restore``.

        Of a plugin with these three hooks the core keeps kernels in its disk cache, under a name made of the backend,
        its distribution and version, this token, the group and the options. Code is read back where all are equal.

        Args:
            device: That the code is for.

        Returns:
            A text: the versions of the compiler and of libraries that are compiled in, the processor, settings; best
            also a digest of the plugin's own files, or whoever edits them runs yesterday's code. Or ``Decline(reason)``
            where nothing is to be stored.
        """

    @hookspec
    def save(self, kernel: FusedKernel) -> bytes | Decline:  # type: ignore[empty-body]
        """Write a kernel down, right after it was compiled. Optional; see ``cache_token``.

        Returns:
            All that ``restore`` needs, without addresses of this process; or ``Decline(reason)``.
        """

    @hookspec
    def restore(  # type: ignore[empty-body]
        self, code: bytes, group: Group, options: CompileOptions
    ) -> FusedKernel | Decline:
        """Make a kernel of what ``save`` wrote in another process, instead of compiling. Optional; see ``cache_token``.

        Args:
            code: What ``save`` returned; the core has seen to it that it is whole.
            group: As for ``compile``.
            options: As for ``compile``.

        Returns:
            A kernel, or ``Decline(reason)``: then the group is compiled.
        """

    @hookspec
    def after_fork(self) -> None:
        """Go on in a forked child: make locks anew, forget threads and handles. Optional.

        Called in the child by its only thread, before any other hook; kernels of the parent will be launched there.
        What raises is a defect, and the child goes on.
        """

    @hookspec
    def close(self) -> None:
        """Let go of what the process holds: workers, connections, temporary files. Optional.

        Called once, when the interpreter ends, by the main thread. Kernels may still be launched afterwards by whatever
        else ends then, and must not crash. Not called where the process is killed or ends by ``os._exit``, as forked
        children of `multiprocessing` do.
        """
