"""The text of one group of a chain: a walk over a row, and a second one for what is about the mean of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fuser_core.backend import Chain, Value
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.arrangement import Arrangement
from fuser_cuda_nvrtc.source.body import computed
from fuser_cuda_nvrtc.source.chain_values import ChainValues, inside
from fuser_cuda_nvrtc.source.library import paragraphs_of, template_text
from fuser_cuda_nvrtc.source.module import filled
from fuser_cuda_nvrtc.source.reducers import FINISHED
from fuser_cuda_nvrtc.source.storage import storage

__all__ = ["group_lines"]


def group_lines(chain: Chain, number: int, arrangement: Arrangement, values: ChainValues) -> list[str]:
    """Write the lines of a group.

    Args:
        chain: All groups.
        number: Which of them.
        arrangement: That of its kernel.
        values: What is passed on.
    """
    group = _Group(chain, number, arrangement, values)
    return group.walks() if inside(chain, number) else group.per_row()


@frozen
class _Total:
    """An accumulator of a walk: its name, its type, and what takes an element of a pack into it."""

    name: str
    kind: str
    add: str


class _Group:
    """Writes a group.

    Value ``k`` is ``a<k>`` where a thread holds packs of it, ``b<k>`` where it only stores one, ``q<k>`` where it is
    read as one number per row, and ``s<k>`` where that is computed.
    """

    def __init__(self, chain: Chain, number: int, arrangement: Arrangement, values: ChainValues) -> None:
        self._group, self._number, self._values = chain.groups[number], number, values
        self._reducers = arrangement.reducers
        arrays = [*(chain.inputs[place].id for place in values.walked), *(value.id for value in chain.outputs)]
        self._arrays = {name: place for place, name in enumerate(arrays)}
        self._inputs = [self._group.inputs[place] for place in (*arrangement.walked, *arrangement.numbers)]
        self._given = {chain.inputs[place].id for place in (*values.walked, *values.numbers)}
        self._numbers = {chain.inputs[place].id for place in values.numbers}
        self._computed = computed(self._group, arrangement)
        self._stored = [self._group.outputs[place] for place in arrangement.stored]

    def walks(self) -> list[str]:
        """Walk over a row, twice where the second walk needs a mean."""
        results = {value.id: f"r{place}" for place, value in enumerate(self._computed)}
        totals: list[_Total] = []
        squares: list[_Total] = []
        means: list[str] = []
        for place, (step, own) in enumerate(zip(self._group.reductions, self._reducers, strict=True)):
            tag, value = f"{self._number}_{place}", results[step.input.id]
            if step.op == "squared_deviations":
                totals.append(_Total(f"sum{tag}", own.sums, f"sum{tag}.add({value});"))
                real = storage(step.input.dtype).register
                means.append(f"const {real} mean{tag} = {real}(sum{tag}.result() / f64(p.elements));")
                squares.append(_Total(f"total{tag}", own.sums, f"total{tag}.add_square({value} - mean{tag});"))
            else:
                totals.append(_Total(f"total{tag}", own.name, f"total{tag}.add({value});"))
        lines = self._walk(totals, self._moves([each.add for each in totals]))
        if squares:
            again = [*self._call(), *(each.add for each in squares)]
            lines += means + self._walk(squares, _template("compute", {"compute": _per_lane(again)}))
        return lines + self._results()

    def per_row(self) -> list[str]:
        """A group of one number per row: every thread of the row computes it."""
        declared = [f"{storage(value.dtype).memory} s{value.id};" for value in self._stored]
        inner = [*self._singles(), *self._call()]
        for place, value in enumerate(self._stored):
            inner.append(f"s{value.id} = {storage(value.dtype).store.format(f'r{place}')};")
        outputs = [line for value in self._stored for line in self._row_output(value)]
        return [*declared, *_braced(inner), *outputs]

    def _walk(self, totals: Sequence[_Total], moves: Sequence[str]) -> list[str]:
        """Do something with each pack of a row, and join what its threads have."""
        lines = [line for each in totals for line in (f"{each.kind} {each.name};", f"{each.name}.start();")]
        lines += _braced([*self._singles(), *moves])
        for each in totals:
            lines += [f"{each.name}.finish();"] if each.kind in FINISHED else []
            lines.append(f"join_row({each.name}, lane, lanes, WHOLE ? 0 : threadIdx.y);")
        return lines

    def _moves(self, adds: Sequence[str]) -> list[str]:
        """Read, compute and write packs."""
        values = self._values
        memory: dict[int, str] = {}
        for value in self._inputs:
            name = values.source(value)
            if name in values.rows and values.born.get(name, self._number) == self._number:
                memory[name] = storage(value.dtype).memory
        read = {name: f"{self._pack(name)} = read_pack<{memory[name]}>({self._at(name)}, i);" for name in memory}
        ahead = [name for name in memory if name not in values.born]
        texts = {
            "read_held": [read[name] for name in memory if name in values.born],
            "declare_ahead": [f"Pack<{memory[name]}> a{name}[AHEAD];" for name in ahead],
            "read_ahead": [read[name] for name in ahead],
            "compute": self._packs(adds),
        }
        first = _template("read_held", texts) if texts["read_held"] else []
        return first + _template("compute_ahead" if ahead else "compute", texts)

    def _packs(self, adds: Sequence[str]) -> list[str]:
        """Compute a pack of each result."""
        own = [value for value in self._stored if value.id not in self._values.born]
        lane = self._call()
        for place, value in enumerate(self._stored):
            lane.append(f"{self._pack(value.id)}.item[j] = {storage(value.dtype).store.format(f'r{place}')};")
        left = [value.id for value in self._stored if value.id in self._arrays]
        return [
            *(f"Pack<{storage(value.dtype).memory}> b{value.id};" for value in own),
            *_per_lane([*lane, *adds]),
            *(f"if (mine) write_pack({self._at(name)}, i, {self._pack(name)});" for name in left),
        ]

    def _call(self) -> list[str]:
        """Compute the results ``r0``, ``r1``, ... of an element."""
        names = [f"r{place}" for place in range(len(self._computed))]
        kinds = [storage(value.dtype).register for value in self._computed]
        operands = [self._operand(value) for value in self._inputs]
        declared = [f"{kind} {name};" for kind, name in zip(kinds, names, strict=True)]
        return [*declared, f"body{self._number}({', '.join((*operands, *names))});"]

    def _operand(self, value: Value) -> str:
        source, load = self._values.source(value), storage(value.dtype).load
        if source in self._numbers:
            return f"n{source}"
        if source in self._values.rows:
            return load.format(f"{self._pack(source)}.item[j]")
        return load.format(f"q{source}" if source in self._given else f"s{source}")

    def _pack(self, name: int) -> str:
        """Name the pack of a value: one of all that a thread holds, one of those ahead, or one to store."""
        if name in self._values.born:
            return f"a{name}[u]"
        return f"b{name}" if any(name == value.id for value in self._stored) else f"a{name}[v]"

    def _at(self, source: int) -> str:
        place = self._arrays[source]
        return f"p.arrays.at[{place}] + offset[{place}]"

    def _singles(self) -> list[str]:
        """Read what is given as one number per row."""
        found = {}
        for value in self._inputs:
            if value.id in self._given and value.id not in self._numbers and value.id not in self._values.rows:
                kind = storage(value.dtype).memory
                found[value.id] = f"const {kind} q{value.id} = *(const {kind} *)({self._at(value.id)});"
        return list(found.values())

    def _results(self) -> list[str]:
        """What was reduced, which all threads of the row have."""
        lines = []
        for place, (step, own) in enumerate(zip(self._group.reductions, self._reducers, strict=True)):
            total = own.stored.format(f"total{self._number}_{place}")
            lines.append(f"const {storage(step.output.dtype).memory} s{step.output.id} = {total};")
            lines += self._row_output(step.output)
        return lines

    def _row_output(self, value: Value) -> list[str]:
        if value.id not in self._arrays:
            return []
        kind = storage(value.dtype).memory
        return [f"if (mine && lane == 0) *({kind} *)({self._at(value.id)}) = s{value.id};"]


def _template(name: str, texts: Mapping[str, Sequence[str]]) -> list[str]:
    """Fill one paragraph of the file of templates."""
    paragraphs = dict(zip(("read_held", "compute", "compute_ahead"), _paragraphs(), strict=True))
    return filled(paragraphs[name], {key: "\n".join(lines) for key, lines in texts.items()}).splitlines()


def _paragraphs() -> list[str]:
    return [text for _, text in paragraphs_of(template_text("chain_group"))]


def _per_lane(lines: Sequence[str]) -> list[str]:
    return ["#pragma unroll", "for (int j = 0; j < LANES; ++j) {", *(f"    {line}" for line in lines), "}"]


def _braced(lines: Sequence[str]) -> list[str]:
    return ["{", *(f"    {line}" for line in lines), "}"]
