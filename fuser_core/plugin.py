"""Plugin: one loaded backend, with its hooks as typed methods and its defects contained.

This is the only place that calls hooks. Whatever comes out of one other than an answer of the contract is recorded
against the plugin and becomes a `Decline`, so that the next backend serves the call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import pluggy

from fuser_core.asking import asking
from fuser_core.backend import (
    Accept,
    ArrayDesc,
    CallEntry,
    Chain,
    CompileOptions,
    Decline,
    Device,
    FusedKernel,
    Group,
    GroupStep,
    Layout,
    PreparedLaunch,
    Value,
    Verdict,
)
from fuser_core.config import strict
from fuser_core.contract import Statement
from fuser_core.errors import PluginError, PluginHookError
from fuser_core.forks import undivided
from fuser_core.hooks import Hooks
from fuser_core.location import warn_user
from fuser_core.log import logger
from fuser_core.options import settle
from fuser_core.pools import Pool
from fuser_core.wording import origin, raised, shown

__all__ = ["Launch", "Plugin"]

Launch = Callable[[FusedKernel, Sequence[ArrayDesc], Sequence[ArrayDesc], int], Decline | None]
T = TypeVar("T")

_LAUNCH = ("kernel", "inputs", "outputs", "threads")

_MEMBERS = {
    "entry": ("function", "table", "served", "add"),
    "pool": ("stream", "allocate", "order", "upload", "download", "keep", "settle", "locate"),
    "prepare": ("places", "workspace", "launch"),
}
"""What the answers of some hooks have."""

_MOST_DEFECTS = 100
"""Defects of a plugin that are kept and told: each may have words of its own, and there may be one for every call."""


class Plugin:
    """A loaded backend.

    Attributes:
        name: The backend's name.
        distribution: Name and version of its distribution.
        role: Compiler or fallback.
        priority: Its rank among the compilers, the highest first.
        limits: The most that one of its kernels holds.
        devices: The kinds of devices that it is for; ``None`` for any.
        layout: How arrays must lie for its kernels.
        options: The class of its options; ``None`` where it has none.
    """

    def __init__(self, name: str, distribution: str, statement: Statement, manager: pluggy.PluginManager) -> None:
        self.name = name
        self.distribution = distribution
        self.role, self.priority = statement.role, statement.priority
        self.limits, self.devices = statement.limits, statement.devices
        self.layout, self.options = statement.layout, statement.options
        self._defects: dict[str, object] = {}
        self._hooks = Hooks(name, manager)

    def __repr__(self) -> str:
        return f"<backend {self.name} of {self.distribution}>"

    @property
    def defects(self) -> list[str]:
        """What it did wrong so far, in words."""
        return list(self._defects)

    def has_fusion_backend(self, device: Device) -> Verdict:
        """Ask whether it can serve a device."""
        return self._verdict("has_fusion_backend", device=device)

    def supports(self, step: GroupStep, device: Device) -> Verdict:
        """Ask whether its kernels can hold a step; a plugin without this hook accepts what is within its limits."""
        verdict = self._within_limits(1, len(_arrays_of(step)))
        if self.layout is not Layout.ANY and device.kind != "cpu":
            verdict = Decline(
                "its kernels take contiguous arrays only, which the core sees to on the CPU and nowhere else"
            )
        if isinstance(verdict, Decline) or not self._hooks.own("supports"):
            return verdict
        return self._verdict("supports", step=step, device=device)

    def compile(self, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        """Ask for a kernel; the hook is not asked for one beyond the plugin's limits."""
        verdict = self._within_limits(len(group.steps), len(group.inputs) + len(group.outputs))
        if isinstance(verdict, Decline):
            return verdict
        kernel = self._kernel("compile", group=group, options=options)
        if not isinstance(kernel, Decline) and self._hooks.own("launch") is None:
            return self._defect("launch", "only wraps those of other plugins, and nothing launches its own kernels")
        return kernel

    def options_for(self, options: CompileOptions) -> CompileOptions:
        """Return options as its hooks get them, with its own among them.

        Raises:
            ArgumentError: The user set one that it has not, or to what it does not take.
        """
        return CompileOptions(options.fast_math, settle(self.name, self.options, options.settings))

    @property
    def stores(self) -> bool:
        """Whether its kernels can outlive the process."""
        return self._hooks.own("save") is not None

    def cache_token(self, device: Device) -> str | Decline:
        """Ask what its code depends on besides the group and the options."""
        return self._answer("cache_token", str, "a text", device=device)

    def save(self, kernel: FusedKernel) -> bytes | Decline:
        """Ask for a kernel as bytes."""
        return self._answer("save", bytes, "bytes", kernel=kernel)

    def restore(self, code: bytes, group: Group, options: CompileOptions) -> FusedKernel | Decline:
        """Ask for the kernel that was saved."""
        return self._kernel("restore", code=code, group=group, options=options)

    def after_fork(self) -> None:
        """Tell it that this is a forked child."""
        if self._hooks.own("after_fork"):
            self._contained("after_fork")

    def close(self) -> None:
        """Tell it that the process ends."""
        if self._hooks.own("close"):
            self._contained("close")

    @property
    def chains(self) -> bool:
        """Whether it can make one kernel of several."""
        return self._hooks.own("chain") is not None

    def chain(self, chain: Chain, kernels: Sequence[FusedKernel]) -> FusedKernel | Decline:
        """Ask for one kernel of several."""
        return self._kernel("chain", chain=chain, kernels=kernels)

    def entry(self, slow: Callable[..., Any]) -> CallEntry | Decline:
        """Ask for what serves calls without Python; a plugin without this hook declines."""
        answer: CallEntry | Decline = self._offered("entry", "it serves no calls by itself", "an entry", slow=slow)
        return answer

    def pool(self, device: Device) -> Pool | Decline:
        """Ask for memory on a device; a plugin without this hook declines."""
        answer: Pool | Decline = self._offered("pool", "it lends no memory", "a pool", device=device)
        return answer

    def prepare(
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc]
    ) -> PreparedLaunch | Decline:
        """Ask for a launch that is ready but for addresses; a plugin without this hook declines."""
        asked = {"kernel": kernel, "inputs": inputs, "outputs": outputs}
        answer: PreparedLaunch | Decline = self._offered(
            "prepare", "it prepares no launches", "a prepared launch", **asked
        )
        return answer

    def _offered(self, hook: str, without: str, words: str, **arguments: Any) -> Any:
        """Ask an optional hook for an object that has certain members."""
        if not self._hooks.own(hook):
            return Decline(without)
        answer = self._contained(hook, **arguments)
        if isinstance(answer, Decline) or all(hasattr(answer, name) for name in _MEMBERS[hook]):
            return answer
        return self._defect(hook, f"returned {shown(answer)} instead of {words} or a Decline")

    def _answer(self, hook: str, kind: type[T], words: str, **arguments: Any) -> T | Decline:
        answer: T | Decline = self._contained(hook, **arguments)
        if isinstance(answer, kind | Decline):
            return answer
        return self._defect(hook, f"returned {shown(answer)} instead of {words} or a Decline")

    def _kernel(self, hook: str, **arguments: Any) -> FusedKernel | Decline:
        kernel: FusedKernel | Decline = self._contained(hook, **arguments)
        if isinstance(kernel, Decline) or _has_artifacts(kernel):
            return kernel
        why = "it has no attribute artifacts"
        return self._defect(hook, f"returned {shown(kernel)} instead of a kernel with artifacts or a Decline: {why}")

    def artifacts(self, kernel: FusedKernel) -> Mapping[str, str]:
        """Return the generated code of one of its kernels; where it cannot be had, the defect in its place."""
        try:
            with undivided():  # which may take a compiler, and its locks
                artifacts = dict(kernel.artifacts)
            if all(isinstance(text, str) for item in artifacts.items() for text in item):
                return artifacts
            what = f"are {shown(artifacts)} instead of a mapping from names to texts"
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its defect, not the user's
            return {"defect": self._record(f"the artifacts of its kernel raised {raised(error)}", "", error).reason}
        return {"defect": self._record(f"the artifacts of its kernel {what}", "").reason}

    @property
    def launch(self) -> Launch:
        """The function that launches its kernels: the hook itself, unless another plugin wraps it.

        A hook that names its parameters in another order, or not all of them, is called by name too.
        """
        if self.layout is not Layout.ANY:
            from fuser_core.packing import packed  # few backends ask for it

            return packed(self._launch)
        return self._launch

    @property
    def _launch(self) -> Launch:
        implementation = self._hooks.own("launch")
        wrapped = self._hooks.are_wrapped("launch")
        if implementation is None or wrapped or tuple(implementation.argnames) != _LAUNCH:
            return self._launch_by_name
        return cast("Launch", implementation.function)

    def _launch_by_name(
        self, kernel: FusedKernel, inputs: Sequence[ArrayDesc], outputs: Sequence[ArrayDesc], threads: int
    ) -> Decline | None:
        results = self._hooks.caller("launch")(kernel=kernel, inputs=inputs, outputs=outputs, threads=threads)
        return results[0] if results else None

    def misanswered(self, answer: object) -> None:
        """Record that ``launch`` returned something: its results are what it writes."""
        self._record(f"its hook launch returned {shown(answer)} instead of None", "; results are what it writes")

    def note(self, defect: str) -> None:
        """Note what is wrong with it, where somebody else tells it."""
        if len(self._defects) < _MOST_DEFECTS:
            self._defects.setdefault(defect, object())

    def blame(self, error: Exception) -> None:
        """Add to an error out of ``launch`` whose it is: the user sees it, since outputs may be half written."""
        if isinstance(error, PluginError):  # which says so
            return
        error.add_note(
            f"raised by backend {self.name!r} of {self.distribution}, in its hook launch; if it is no fault of yours, "
            f"report it to the backend's author, and FUSER_DISABLE={self.name} goes on without it"
        )

    def _within_limits(self, steps: int, arrays: int) -> Verdict:
        excess = self.limits.excess(steps, arrays)
        return Decline(excess) if excess else Accept()

    def _verdict(self, hook: str, **arguments: Any) -> Verdict:
        result = self._contained(hook, **arguments)
        if isinstance(result, Accept | Decline):
            return result
        return self._defect(hook, f"returned {shown(result)} instead of Accept() or Decline(reason)")

    def _contained(self, hook: str, **arguments: Any) -> Any:
        try:
            with asking(self):
                results = self._hooks.caller(hook)(**arguments)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its defect, not the user's
            return self._defect(hook, f"raised {raised(error)}{origin(error)}", error)
        return results[0] if results else None  # pluggy leaves out a result of None

    def _defect(self, hook: str, what: str, error: Exception | None = None) -> Decline:
        return self._record(f"its hook {hook} {what}", "; the next backend serves the call", error)

    def _record(self, what: str, consequence: str, error: Exception | None = None) -> Decline:
        """Note what is wrong with the plugin and tell it, once however many threads find it at the same moment."""
        message = f"backend {self.name!r} of {self.distribution}: {what}"
        if strict():
            raise PluginHookError(f"{message}; report this to its author") from error
        token = object()
        if len(self._defects) < _MOST_DEFECTS and self._defects.setdefault(message, token) is token:
            logger().warning("%s", message, exc_info=error)
            warn_user(f"{message}{consequence}{'; FUSER_STRICT=1 raises it' if error else ''}")
        return Decline(f"a defect of the plugin: {what}")


def _arrays_of(step: GroupStep) -> set[int]:
    return {value.id for value in (*step.inputs, *step.outputs) if isinstance(value, Value)}


def _has_artifacts(kernel: object) -> bool:
    """Say whether there are artifacts, without making them: that may take as long as the compilation."""
    return inspect.getattr_static(kernel, "artifacts", None) is not None or hasattr(kernel, "artifacts")
