"""Chaining: consecutive kernels become one that works through their first axis part by part.

A softmax is three kernels: the maximum of each row, the exponentials and their sum, the quotient. Launched one after
the other each goes over all of memory. But none of them mixes rows, so all three can do some rows before the next
rows: what they pass on to each other then stays in the cache, and nobody else needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fuser_core.axes import NewAxis, SourceAxis
from fuser_core.backend import Chain, Decline, Group
from fuser_core.instructions import BoundGroup, BoundKernel, BoundStep, Frame, Instruction, Result
from fuser_core.kernels import CompiledGroup
from fuser_core.layout import keep_order
from fuser_core.plan import Concat, HostValue, Opaque, Plan, Value, View, numbers_read

__all__ = ["BoundChain", "chain_groups"]

_LEAST_ROWS = 64
"""With fewer the parts are too large for the cache, or too few for the threads."""

_MOST_SKIPPED = 16
"""Instructions between two members that may go before them, so that the search for a chain stays short."""


class BoundChain(BoundKernel):
    """Kernels that run as one where memory is laid out for it, else one after the other.

    Attributes:
        chain: What they are.
        members: The instructions of the kernels, and of the views between them, in order.
        inner: The values that nobody else reads, by their numbers in the plan.
    """

    def __init__(self, chain: Chain, members: Sequence[BoundGroup | BoundStep], compiled: CompiledGroup) -> None:
        super().__init__(chain, compiled, chain.groups[0].device)
        self.chain = chain
        self.members = tuple(members)
        self.inner = frozenset(number for member in members for number in member.numbers) - self.numbers
        self._rows = chain.groups[0].shape[0]
        outside = {value.id for value in chain.inputs}
        self._read = tuple(tuple(value.id for value in group.inputs if value.id in outside) for group in chain.groups)

    @property
    def groups(self) -> tuple[BoundGroup, ...]:
        """The kernels that it is made of."""
        return tuple(member for member in self.members if isinstance(member, BoundGroup))

    def run(self, frame: Frame) -> None:
        if self.runs_as_one(frame):
            super().run(frame)
            return
        for member in self.members:
            member.run(frame)
        for number in self.inner & frame.registers.keys():
            del frame.registers[number]

    def results(self, frame: Frame) -> list[Result]:
        return [(value, frame.shape(value.shape), None) for value in self.chain.outputs]

    def runs_as_one(self, frame: Frame) -> bool:
        """Say whether there are rows enough, and no axis lies outside of the rows in memory."""
        if not self.chain.inputs or frame.shape((self._rows,))[0] < _LEAST_ROWS:
            return False
        for group, read in zip(self.chain.groups, self._read, strict=True):
            shape = frame.shape(group.shape)
            if 0 in shape or keep_order([frame.registers[number] for number in read], shape) is not None:
                return False
        return True

    def _may_overwrite(self, value: Value, array: Any, given: Any) -> bool:  # noqa: ARG002 - a later member may read it
        return False


def chain_groups(plan: Plan, instructions: Sequence[Instruction]) -> list[Instruction]:
    """Return the instructions of a program with those that can run as one put together."""
    readers = _readers(plan, instructions)
    chained: list[Instruction] = []
    place = 0
    while place < len(instructions):
        run = _Run(instructions, place)
        found = run.close(readers)
        chained += found or [instructions[place]]
        place = run.end if found else place + 1
    return chained


def _readers(plan: Plan, instructions: Sequence[Instruction]) -> dict[int, set[int]]:
    """Return, per value, the places of the instructions that read it; -1 stands for the caller."""
    readers: dict[int, set[int]] = {}
    for place, instruction in enumerate(instructions):
        for number in _read_by(instruction):
            readers.setdefault(number, set()).add(place)
    for output in plan.outputs:
        if isinstance(output, Value | HostValue):
            readers.setdefault(output.id, set()).add(-1)
    return readers


def _read_by(instruction: Instruction) -> Iterable[int]:
    if isinstance(instruction, BoundGroup):
        return [value.id for value in instruction.group.inputs]
    return numbers_read(instruction.step) if isinstance(instruction, BoundStep) else instruction.numbers


class _Run:
    """The longest chain that begins at an instruction.

    Attributes:
        members: The groups, and the views between them.
        before: Instructions among them that wait for none of them, and go first.
        end: The place behind the last member.
    """

    def __init__(self, instructions: Sequence[Instruction], start: int) -> None:
        self._made: dict[int, Value] = {}
        self._places: set[int] = set()
        self.members: list[BoundGroup | BoundStep] = []
        self.before: list[Instruction] = []
        self.end = start
        skipped: list[Instruction] = []
        for place in range(start, len(instructions)):
            instruction = instructions[place]
            if (made := self._made_by(instruction)) is not None:
                assert isinstance(instruction, BoundGroup | BoundStep)
                self.members.append(instruction)
                self._places.add(place)
                self._made.update((value.id, value) for value in made)
                self.before += skipped
                self.end, skipped = place + 1, []
            elif not self.members or len(skipped) == _MOST_SKIPPED or not self._can_skip(instruction):
                break
            else:
                skipped.append(instruction)

    def _made_by(self, instruction: Instruction) -> Sequence[Value] | None:
        """Return what a member computes; ``None`` for an instruction that cannot be one."""
        if isinstance(instruction, BoundGroup):
            return instruction.group.outputs if self._takes_group(instruction) else None
        step = instruction.step if isinstance(instruction, BoundStep) else None
        return step.outputs if isinstance(step, View) and self._sees(step) else None

    def _takes_group(self, bound: BoundGroup) -> bool:
        """Say whether a group keeps the rows apart, and reads what was computed before row by row."""
        group = bound.group
        if not group.shape or group.shape[0] == 1 or any(0 in step.axes for step in group.reductions):
            return False
        if not self.members:
            return bound.compiled.plugin.chains
        first = self.members[0]
        assert isinstance(first, BoundGroup), "a view of nothing computed begins no chain"
        own = [value for value in group.inputs if value.id in self._made]
        in_rows = all(len(value.shape) == len(group.shape) and value.shape[0] == group.shape[0] for value in own)
        same = first.compiled.plugin is bound.compiled.plugin and first.group.shape[0] == group.shape[0]
        return bool(own) and in_rows and same

    def _sees(self, view: View) -> bool:
        """Say whether a view shows a computed value row by row, and whole."""
        if view.input.id not in self._made or any(index is not None for index in view.indices):
            return False
        whole = all(isinstance(axis, NewAxis) or axis.slice == slice(None) for axis in view.axes)
        return whole and bool(view.axes) and view.axes[0] == SourceAxis(0)

    def _can_skip(self, instruction: Instruction) -> bool:
        free = isinstance(instruction, BoundGroup) or (
            isinstance(instruction, BoundStep) and not isinstance(instruction.step, Concat | Opaque)
        )
        return free and not any(number in self._made for number in _read_by(instruction))

    def close(self, readers: Mapping[int, set[int]]) -> list[Instruction]:
        """Return what takes the place of the instructions up to the end; nothing where there is no chain.

        That is if it would save nothing, or the backend does not make it.
        """
        groups = [member for member in self.members if isinstance(member, BoundGroup)]
        if len(groups) < 2 or not _saves([bound.group for bound in groups]):
            return []
        escaping = {number for number in self._made if readers.get(number, set()) - self._places}
        after: list[Instruction] = []
        views: list[View] = []
        for member in reversed(self.members):
            if isinstance(member, BoundStep) and isinstance(member.step, View):
                views.insert(0, member.step)
                if member.step.output.id in escaping:  # It is looked at again, when all parts are there.
                    escaping.add(member.step.input.id)
                    after.insert(0, member)
        seen = {view.output.id for view in views}
        inputs = {value.id: value for bound in groups for value in bound.group.inputs if value.id not in self._made}
        outputs = tuple(value for number, value in self._made.items() if number in escaping - seen)
        chain = Chain(tuple(bound.group for bound in groups), tuple(views), tuple(inputs.values()), outputs)
        plugin = groups[0].compiled.plugin
        kernel = plugin.chain(chain, [bound.compiled.kernel for bound in groups])
        if isinstance(kernel, Decline):
            return []
        compiled = CompiledGroup(plugin, kernel, plugin.launch, sum(bound.compiled.seconds for bound in groups))
        return [*self.before, BoundChain(chain, self.members, compiled), *after]


def _saves(groups: Sequence[Group]) -> bool:
    """Say whether something as large as the largest space is read that another group computes or has read."""
    rank = max(len(group.shape) for group in groups)
    read = [value for group in groups for value in group.inputs if len(value.shape) == rank and 1 not in value.shape]
    made = {value.id for group in groups for value in group.outputs}
    return any(value.id in made for value in read) or len({value.id for value in read}) < len(read)
