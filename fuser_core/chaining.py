"""Chaining: consecutive kernels become one that works through an axis that they all keep apart, part by part.

A softmax is three kernels: the maximum of each row, the exponentials and their sum, the quotient. Launched one after
the other each goes over all of memory. But none of them mixes rows, so all three can do some rows before the next
rows: what they pass on to each other then stays in the cache, and nobody else needs it. Along the first axis it is
columns instead, and in a batch of images channels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fuser_core.backend import Chain, Decline, Group
from fuser_core.chain_axes import KeptAxes
from fuser_core.chain_layouts import lay_out
from fuser_core.instructions import BoundGroup, BoundKernel, BoundStep, Frame, Instruction, Result
from fuser_core.kernels import CompiledGroup
from fuser_core.plan import Concat, HostValue, Opaque, Plan, Value, View, numbers_read

__all__ = ["BoundChain", "chain_groups", "mixes"]

_MOST_SKIPPED = 16
"""Instructions between two members that may go before them, so that the search for a chain stays short."""


class BoundChain(BoundKernel):
    """Kernels that run as one where the backend finds that it pays, else one after the other.

    Attributes:
        chain: What they are.
        members: The instructions of the kernels, and of the views between them, in order.
        inner: The values that nobody else reads, by their numbers in the plan.
    """

    _may_decline = True

    def __init__(self, chain: Chain, members: Sequence[BoundGroup | BoundStep], compiled: CompiledGroup) -> None:
        super().__init__(chain, compiled)
        self.chain = chain
        self.members = tuple(members)
        self.inner = frozenset(number for member in members for number in member.numbers) - self.numbers

    @property
    def groups(self) -> tuple[BoundGroup, ...]:
        """The kernels that it is made of."""
        return tuple(member for member in self.members if isinstance(member, BoundGroup))

    def run(self, frame: Frame) -> None:
        if self.may_run_as_one(frame):
            super().run(frame)
        else:
            self._run_one_by_one(frame)

    def launch(self, frame: Frame, results: Sequence[Result]) -> Decline | None:
        declined = self.launch_as_one(frame, results)
        if declined is not None:
            self._run_one_by_one(frame)
        return declined

    def launch_as_one(self, frame: Frame, results: Sequence[Result]) -> Decline | None:
        """Do what `launch` does, but nothing where the backend declines."""
        declined = super().launch(frame, results)
        if declined is not None:
            for value, _, _ in results:
                del frame.registers[value.id]
        return declined

    def _run_one_by_one(self, frame: Frame) -> None:
        for member in self.members:
            member.run(frame)
        for number in self.inner & frame.registers.keys():
            del frame.registers[number]

    def results(self, frame: Frame) -> list[Result]:
        arrays = [frame.registers[number] for number in self._inputs]
        if all(array.flags.c_contiguous for array in arrays):
            return [(value, frame.shape(value.shape), None) for value in self.chain.outputs]
        found = lay_out(self.chain, arrays)
        return [(value, found[value.id].shape, found[value.id].order) for value in self.chain.outputs]

    def may_run_as_one(self, frame: Frame) -> bool:
        """Say whether the backend may be asked: a kernel of nothing is no business of its."""
        return all(0 not in frame.shape(group.shape) for group in self.chain.groups)

    def _may_overwrite(self, value: Value, same: bool) -> bool:  # noqa: ARG002 - a later member may read it
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
        self._axes = KeptAxes()
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
        return step.outputs if isinstance(step, View) and self._takes_view(step) else None

    def _takes_group(self, bound: BoundGroup) -> bool:
        """Go on behind a group if it keeps apart what those before it do, and reads what they compute."""
        group = bound.group
        places = self._axes.of_group(group)
        if not places:
            return False
        if self.members:
            first = self.members[0]
            assert isinstance(first, BoundGroup), "a view of nothing computed begins no chain"
            reads = any(value.id in self._made for value in group.inputs)
            if not reads or first.compiled.plugin is not bound.compiled.plugin:
                return False
            if self._axes.common[0] not in places and _saves([each.group for each in self._groups]):
                return False  # A cut along the axes that would be left is worse for what is there already.
        elif not bound.compiled.plugin.chains:
            return False
        self._axes.add_group(group, places)
        return True

    def _takes_view(self, view: View) -> bool:
        """Go on behind a view of a computed value, if it walks some axis of the chain from end to end."""
        places = self._axes.of_view(view)
        if places:
            self._axes.add_view(view, places)
        return bool(places)

    @property
    def _groups(self) -> list[BoundGroup]:
        return [member for member in self.members if isinstance(member, BoundGroup)]

    def _can_skip(self, instruction: Instruction) -> bool:
        free = isinstance(instruction, BoundGroup) or (
            isinstance(instruction, BoundStep) and not isinstance(instruction.step, Concat | Opaque)
        )
        return free and not any(number in self._made for number in _read_by(instruction))

    def close(self, readers: Mapping[int, set[int]]) -> list[Instruction]:
        """Return what takes the place of the instructions up to the end; nothing where there is no chain.

        That is if it would save nothing, or the backend does not make it.
        """
        groups = self._groups
        if len(groups) < 2 or not _saves([bound.group for bound in groups]):
            return []
        escaping = {number for number in self._made if readers.get(number, set()) - self._places}
        after: list[Instruction] = []
        views: list[View] = []
        seen: set[int] = set()
        for member in reversed(self.members):
            if isinstance(member, BoundStep) and isinstance(member.step, View):
                if self._axes.walks(member.step.output):  # else it is read by nobody here
                    views.insert(0, member.step)
                seen.add(member.step.output.id)
                if member.step.output.id in escaping:  # It is looked at again, when all parts are there.
                    escaping.add(member.step.input.id)
                    after.insert(0, member)
        inputs = {value.id: value for bound in groups for value in bound.group.inputs if value.id not in self._made}
        outputs = tuple(value for number, value in self._made.items() if number in escaping - seen)
        kept = self._axes.places
        chain = Chain(tuple(each.group for each in groups), kept, tuple(views), tuple(inputs.values()), outputs)
        if not _is_sized_by_inputs(chain):
            return []
        plugin = groups[0].compiled.plugin
        kernel = plugin.chain(chain, [bound.compiled.kernel for bound in groups])
        if isinstance(kernel, Decline):
            return []
        compiled = CompiledGroup(plugin, kernel, plugin.launch, sum(bound.compiled.seconds for bound in groups))
        return [*self.before, BoundChain(chain, self.members, compiled), *after]


def mixes(members: Iterable[BoundGroup | BoundStep], group: Group) -> bool:
    """Say whether a group needs all of what others compute, since no axis is kept apart by all of them."""
    axes = KeptAxes()
    for member in members:
        if isinstance(member, BoundGroup):
            axes.add_group(member.group, axes.of_group(member.group))
        elif isinstance(member.step, View):
            axes.add_view(member.step, axes.of_view(member.step))
    return not axes.of_group(group)


def _is_sized_by_inputs(chain: Chain) -> bool:
    """Say whether all sizes that a chain's groups speak of are those of its inputs, or of views in it."""
    known = {dim for value in chain.inputs for dim in value.shape}
    known |= {dim for view in chain.views for dim in view.output.shape}
    return all(isinstance(dim, int) or dim in known for group in chain.groups for dim in group.shape)


def _saves(groups: Sequence[Group]) -> bool:
    """Say whether something as large as the largest space is read that another group computes or has read."""
    long = [sum(dim != 1 for dim in group.shape) for group in groups]
    read = [
        value
        for group, own in zip(groups, long, strict=True)
        for value in group.inputs
        if own == max(long) and value.shape == group.shape
    ]
    made = {value.id for group in groups for value in group.outputs}
    return any(value.id in made for value in read) or len({value.id for value in read}) < len(read)
