"""The text of a chain's module: the bodies of its groups, and a kernel that does a row of all of them in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fuser_core.backend import Chain, CompileOptions, Value
from fuser_cuda_nvrtc.source.arrangement import THREADS, Arrangement, lanes_of
from fuser_cuda_nvrtc.source.body import body_text, computed
from fuser_cuda_nvrtc.source.chain_values import ChainValues, inside
from fuser_cuda_nvrtc.source.library import library_text, template_text
from fuser_cuda_nvrtc.source.module import MOST_UNROLLED, filled
from fuser_cuda_nvrtc.source.storage import storage

__all__ = ["CHAIN_ENTRIES", "chain_text", "fixed_bytes"]

CHAIN_ENTRIES = ("chain_packs", "chain_elements")


def chain_text(chain: Chain, options: CompileOptions, arrangements: Sequence[Arrangement], values: ChainValues) -> str:
    """Write the module of a chain.

    Args:
        chain: The groups.
        options: See `body_text`.
        arrangements: Those of the groups' kernels: sums are taken in the order in which those do.
        values: What is held where.
    """
    bodies = [
        body_text(group, options, own, f"body{number}")
        for number, (group, own) in enumerate(zip(chain.groups, arrangements, strict=True))
    ]
    groups = [_Group(chain, number, own, values) for number, own in enumerate(arrangements)]
    numbers = [
        f"const {kind.register} n{chain.inputs[place].id} = "
        + kind.load.format(f"read_number<{kind.memory}>(p.arrays, {own})")
        + ";"
        for own, place in enumerate(values.numbers)
        for kind in [storage(chain.inputs[place].dtype)]
    ]
    texts = {"numbers": "\n".join(numbers), "groups": "\n".join(line for group in groups for line in group.lines())}
    kernel = filled(template_text("chain"), texts).strip()
    library = library_text(*bodies, kernel)
    return "\n\n".join((_constants(chain, values), library, *bodies, kernel)) + "\n"


def fixed_bytes(arrangements: Sequence[Arrangement]) -> int:
    """Return the shared memory that a chain's kernel takes whatever the sizes are."""
    accumulators = {each.name: each.size for own in arrangements for each in own.reducers}
    cells = sum(16 for own in arrangements for _ in own.reducers)
    return THREADS * (sum(accumulators.values()) + cells)


def _constants(chain: Chain, values: ChainValues) -> str:
    rank = max(1, len(chain.axes[0]))
    numbers = {
        "ARRAYS": len(values.along),
        "NUMBERS": max(1, len(values.numbers)),
        "RANK": rank,
        "UNROLLED_RANK": rank if rank <= MOST_UNROLLED else 1,
        "THREADS": THREADS,
        "GROUPS": len(chain.groups),
        "SLOTS": max(1, len(values.slot_sizes)),
    }
    return "\n".join(f"#define {name} {number}" for name, number in numbers.items())


class _Group:
    """Writes the lines of one group. Value ``k`` is ``s<k>`` where it is one number per row."""

    def __init__(self, chain: Chain, number: int, arrangement: Arrangement, values: ChainValues) -> None:
        self._group, self._number, self._own, self._values = chain.groups[number], number, arrangement, values
        arrays = [*(chain.inputs[place].id for place in values.walked), *(value.id for value in chain.outputs)]
        self._arrays = {name: place for place, name in enumerate(arrays)}
        self._inputs = [self._group.inputs[place] for place in (*arrangement.walked, *arrangement.numbers)]
        self._given = {chain.inputs[place].id for place in (*values.walked, *values.numbers)}
        self._numbers = {chain.inputs[place].id for place in values.numbers}
        self._computed = computed(self._group, arrangement)
        self._is_last = number + 1 == len(chain.groups)
        self._is_rows = bool(inside(chain, number))
        self._stored = [self._group.outputs[place] for place in arrangement.stored]

    def lines(self) -> list[str]:
        if not self._is_rows:
            return self._per_row()
        rows = [value for value in self._inputs if self._values.source(value) in self._values.rows]
        rows = list({self._values.source(value): value for value in rows}.values())
        widths = [value.dtype.itemsize for value in (*rows, *self._stored)]
        lanes = self._own.lanes if self._group.reductions else lanes_of(widths, self._own.cost)
        texts = {
            "number": [str(self._number)],
            "lanes": [str(lanes)],
            "pack_block": [str(self._own.pack_block if self._group.reductions else self._own.packs)],
            "block": [str(self._own.block if self._group.reductions else self._own.elements)],
            "packs": [str(self._own.packs)],
            "elements": [str(self._own.elements)],
            "start": self._totals("{name} total{0};", "total{0}.start();"),
            "singles": self._singles(),
            "begin_blocks": self._totals("{name} part{0};", "part{0}.begin(total{0});"),
            "join_blocks": [
                *(
                    f"part{self._tag(place)}.finish();"
                    for place, each in enumerate(self._own.reducers)
                    if each.finishes_blocks
                ),
                *self._totals("total{0}.join(part{0});"),
            ],
            **self._moves(rows),
            "finish": self._finish(),
        }
        return filled(
            template_text("chain_group"), {name: "\n".join(each) for name, each in texts.items()}
        ).splitlines()

    def _tag(self, place: int) -> str:
        return f"{self._number}_{place}"

    def _totals(self, *lines: str) -> list[str]:
        reducers = enumerate(self._own.reducers)
        return [line.format(self._tag(place), name=each.name) for place, each in reducers for line in lines]

    def _at(self, source: int) -> str:
        place = self._arrays[source]
        return f"p.arrays.at[{place}] + offset[{place}]"

    def _held(self, source: int) -> str:
        return f"own_held + p.slot[{self._values.slots[source]}]"

    def _place(self, source: int) -> str:
        """Where a row is read: in shared memory if an earlier group has put it there."""
        return self._held(source) if self._values.born.get(source, self._number) < self._number else self._at(source)

    def _writes(self, value: Value) -> list[str]:
        """Where a row that is computed here goes."""
        places = [self._held(value.id)] if value.id in self._values.slots else []
        return places + ([self._at(value.id)] if value.id in self._arrays else [])

    def _moves(self, rows: Sequence[Value]) -> dict[str, list[str]]:
        """Lines that read, compute and write elements."""
        values, source = self._values, self._values.source
        memory = {source(value): storage(value.dtype).memory for value in rows}
        read = [f"a{name}[u] = read_packed<{kind}, N>({self._place(name)}, i);" for name, kind in memory.items()]
        single = [
            f"const {kind} a{name} = ((const {kind} *)({self._place(name)}))[i];" for name, kind in memory.items()
        ]
        fresh = [name for name in memory if values.born.get(name) == self._number]
        kept = [f"write_packed({self._held(name)}, i, a{name}[u]);" for name in fresh]
        single_kept = [f"(({memory[name]} *)({self._held(name)}))[i] = a{name};" for name in fresh]
        stored = list(enumerate(self._stored))
        results = [storage(value.dtype).store.format(f"r{place}") for place, value in stored]
        packed = [f"write_packed({at}, i, b{place});" for place, value in stored for at in self._writes(value)]
        written = [
            f"(({storage(value.dtype).memory} *)({at}))[i] = {results[place]};"
            for place, value in stored
            for at in self._writes(value)
        ]
        return {
            "declare_packs": [f"RowPack<{kind}, N> a{name}[FLIGHT];" for name, kind in memory.items()],
            "read_packs": read,
            "declare_results": [f"RowPack<{storage(value.dtype).memory}, N> b{place};" for place, value in stored],
            "compute_lane": [
                *self._call(lambda name: f"a{name}[u].item[j]"),
                *(f"b{place}.item[j] = {results[place]};" for place, _ in stored),
                *self._added(),
            ],
            "write_packs": kept + packed,
            "compute_element": [*single, *self._call(lambda name: f"a{name}"), *single_kept, *written, *self._added()],
        }

    def _call(self, element: Callable[[int], str]) -> list[str]:
        names = [f"r{place}" for place in range(len(self._computed))]
        kinds = [storage(value.dtype).register for value in self._computed]
        operands = [self._operand(value, element) for value in self._inputs]
        declared = [f"{kind} {name};" for kind, name in zip(kinds, names, strict=True)]
        return [*declared, f"body{self._number}({', '.join((*operands, *names))});"]

    def _operand(self, value: Value, element: Callable[[int], str]) -> str:
        source, load = self._values.source(value), storage(value.dtype).load
        if source in self._numbers:
            return f"n{source}"
        if source in self._values.rows:
            return load.format(element(source))
        return load.format(f"q{source}" if source in self._given else f"s{source}")

    def _added(self) -> list[str]:
        places = {value.id: place for place, value in enumerate(self._computed)}
        steps = enumerate(self._group.reductions)
        return [f"part{self._tag(place)}.add(r{places[step.input.id]});" for place, step in steps]

    def _singles(self) -> list[str]:
        """Read what is given as one number per row."""
        found = {}
        for value in self._inputs:
            if value.id in self._given and value.id not in self._numbers and value.id not in self._values.rows:
                kind = storage(value.dtype).memory
                found[value.id] = f"const {kind} q{value.id} = *(const {kind} *)({self._at(value.id)});"
        return list(found.values())

    def _finish(self) -> list[str]:
        """Join what threads have, and let all threads of the row know."""
        if not self._group.reductions:
            return [] if self._is_last else ["__syncthreads();"]
        share = f"own{self._number}"
        lines = [f"const Share {share} = {{lane, u32(p.lanes[{self._number}]), threadIdx.y, blockDim.y}};"]
        lines += self._totals(f"join_lanes(total{{0}}, {share});")
        outputs = [step.output for step in self._group.reductions]
        for place, (each, value) in enumerate(zip(self._own.reducers, outputs, strict=True)):
            lines.append(f"__shared__ {storage(value.dtype).memory} cell{value.id}[THREADS];")
            total = each.stored.format(f"total{self._tag(place)}")
            lines.append(f"if (lane == 0) cell{value.id}[threadIdx.y] = {total};")
        lines.append("__syncthreads();")
        for value in outputs:
            lines.append(f"const {storage(value.dtype).memory} s{value.id} = cell{value.id}[threadIdx.y];")
            lines += self._row_output(value)
        return lines

    def _row_output(self, value: Value) -> list[str]:
        if value.id not in self._arrays:
            return []
        kind = storage(value.dtype).memory
        return [f"if (mine && lane == 0) *({kind} *)({self._at(value.id)}) = s{value.id};"]

    def _per_row(self) -> list[str]:
        """A group of one number per row: every thread of the row computes it."""
        declared = [f"{storage(value.dtype).memory} s{value.id};" for value in self._stored]
        inner = [*self._singles(), *self._call(lambda name: f"s{name}")]
        for place, value in enumerate(self._stored):
            inner.append(f"s{value.id} = {storage(value.dtype).store.format(f'r{place}')};")
        outputs = [line for value in self._stored for line in self._row_output(value)]
        return [*declared, "{", *(f"    {line}" for line in inner), "}", *outputs]
