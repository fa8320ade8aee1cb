"""The lines of a kernel that depend on its arrays, by the names that the templates in ``text/`` call them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fuser_core.backend import Group, Value
from fuser_cuda_nvrtc.source.arrangement import Arrangement
from fuser_cuda_nvrtc.source.body import computed
from fuser_cuda_nvrtc.source.reducers import FINISHED
from fuser_cuda_nvrtc.source.storage import Storage, storage

__all__ = ["fragments"]


_ROW = "p.arrays.at[{0}] + offset[{0}]"
"""Where the row of an array begins."""


class _Lines:
    """Writes the lines. Array ``k`` of a kernel is ``a<k>`` where it is read and ``b<k>`` where it is written."""

    def __init__(self, group: Group, arrangement: Arrangement) -> None:
        self._inputs = [storage(group.inputs[place].dtype) for place in arrangement.walked]
        self._numbers = [storage(group.inputs[place].dtype) for place in arrangement.numbers]
        self._stored = [storage(group.outputs[place].dtype) for place in arrangement.stored]
        self._computed = computed(group, arrangement)
        self._reduced = [self._place(step.input) for step in group.reductions]
        self._results = [storage(step.output.dtype) for step in group.reductions]
        self._reducers = arrangement.reducers
        self._first = len(self._inputs)

    def _place(self, value: Value) -> int:
        """Return which result of the body a reduced value is."""
        return next(place for place, each in enumerate(self._computed) if each.id == value.id)

    def _reading(self, line: Callable[[int, Storage], str]) -> list[str]:
        return [line(place, kind) for place, kind in enumerate(self._inputs)]

    def _writing(self, line: Callable[[int, Storage], str]) -> list[str]:
        return [line(place, kind) for place, kind in enumerate(self._stored, start=self._first)]

    def _per_reducer(self, line: str, *, blocked: bool = False) -> list[str]:
        """Write a line for each accumulator, or for those that take numbers block by block."""
        each = enumerate(self._reducers)
        return [line.format(place, name=own.name) for place, own in each if own.is_blocked or not blocked]

    def _call(self, element: str) -> list[str]:
        """Compute the results ``r0``, ``r1``, ... of an element.

        ``element`` is the format of one as it lies in memory, by the number of its array and its type there.
        """
        operands = [kind.load.format(element.format(place, kind.memory)) for place, kind in enumerate(self._inputs)]
        operands += [f"n{place}" for place in range(len(self._numbers))]
        names = [f"r{place}" for place in range(len(self._computed))]
        kinds = [storage(value.dtype).register for value in self._computed]
        declared = [f"{kind} {name};" for kind, name in zip(kinds, names, strict=True)]
        return [*declared, f"body({', '.join((*operands, *names))});"]

    def _added(self, lane: str = "") -> list[str]:
        """Add the results of an element: to the parts of a block, or to totals at once."""
        names = ["part" if each.is_blocked else "total" for each in self._reducers]
        return [f"{name}{place}{lane}.add(r{self._reduced[place]});" for place, name in enumerate(names)]

    def _result(self, place: int) -> str:
        return self._stored[place - self._first].store.format(f"r{place - self._first}")

    def numbers(self) -> list[str]:
        lines = []
        for place, kind in enumerate(self._numbers):
            read = kind.load.format(f"read_number<{kind.memory}>(p.arrays, {place})")
            lines.append(f"const {kind.register} n{place} = {read};")
        return lines

    def in_packs(self) -> dict[str, list[str]]:
        """Lines about packs."""
        in_lane = self._writing(lambda place, _: f"b{place}.item[j] = {self._result(place)};")
        return {
            "declare_packs": self._reading(lambda place, kind: f"Pack<{kind.memory}> a{place}[PACKS];"),
            "read_packs": self._reading(
                lambda place, kind: f"a{place}[u] = read_pack<{kind.memory}>(p.arrays.at[{place}], i);"
            ),
            "read_row_packs": self._reading(
                lambda place, kind: (
                    f"a{place}[u] = p.repeats >> {place} & 1 ? "
                    f"repeat<{kind.memory}>({_ROW.format(place)}) : read_pack<{kind.memory}>({_ROW.format(place)}, i);"
                )
            ),
            "declare_results": self._writing(lambda place, kind: f"Pack<{kind.memory}> b{place};"),
            "compute_lane": self._call("a{0}[u].item[j]") + in_lane,
            "reduce_lane": self._call("a{0}[u].item[j]") + in_lane + self._added(),
            "write_packs": self._writing(lambda place, _: f"write_pack(p.arrays.at[{place}], i, b{place});"),
            "write_row_packs": self._writing(lambda place, _: f"write_pack({_ROW.format(place)}, i, b{place});"),
        }

    def in_columns(self) -> dict[str, list[str]]:
        """Lines about packs of which every element belongs to another result."""
        at = "p.arrays.at[{0}] + offset[u][{0}]"
        each_lane = "#pragma unroll\nfor (int j = 0; j < LANES; ++j) "
        finishing = [
            f"{each_lane}part{place}[j].finish();" for place, each in enumerate(self._reducers) if each.name in FINISHED
        ]
        return {
            "start_columns": self._per_reducer(f"{{name}} total{{0}}[LANES];\n{each_lane}total{{0}}[j].start();"),
            "begin_columns": self._per_reducer(
                f"{{name}} part{{0}}[LANES];\n{each_lane}part{{0}}[j].begin(total{{0}}[j]);", blocked=True
            ),
            "read_column_packs": self._reading(
                lambda place, kind: (
                    f"a{place}[u] = p.repeats >> {place} & 1 ? "
                    f"repeat<{kind.memory}>({at.format(place)}) : read_pack<{kind.memory}>({at.format(place)}, 0);"
                )
            ),
            "reduce_column_lane": self._call("a{0}[u].item[j]")
            + self._writing(lambda place, _: f"b{place}.item[j] = {self._result(place)};")
            + self._added("[j]"),
            "write_column_packs": self._writing(lambda place, _: f"write_pack({at.format(place)}, 0, b{place});"),
            "join_columns": finishing
            + self._per_reducer(f"{each_lane}total{{0}}[j].join(part{{0}}[j]);", blocked=True),
            "join_all_columns": self._per_reducer(f"{each_lane}join_lanes(total{{0}}[j], own);"),
            "column_accumulators": [", ".join(self._per_reducer("total{0}[j]"))],
        }

    def in_elements(self) -> dict[str, list[str]]:
        """Lines about single elements."""
        flat = self._reading(
            lambda place, kind: f"const {kind.memory} a{place} = ((const {kind.memory} *)p.arrays.at[{place}])[i];"
        )
        flat += self._call("a{0}")
        flat += self._writing(
            lambda place, kind: f"(({kind.memory} *)p.arrays.at[{place}])[i] = {self._result(place)};"
        )
        at = "(p.arrays.at[{0}] + offset[{0}])"
        row = self._reading(
            lambda place, kind: (
                f"const {kind.memory} a{place} = "
                f"((const {kind.memory} *){at.format(place)})[p.repeats >> {place} & 1 ? 0 : i];"
            )
        )
        row += self._call("a{0}")
        row += self._writing(lambda place, kind: f"(({kind.memory} *){at.format(place)})[i] = {self._result(place)};")
        any_strides = self._call("a{0}[u]")
        any_strides += self._writing(
            lambda place, kind: (
                f"write<{kind.memory}>(p.arrays.at[{place}], offset[u][{place}], {self._result(place)});"
            )
        )
        return {
            "compute_flat_element": flat,
            "compute_row_element": row,
            "reduce_row_element": row + self._added(),
            "declare_elements": self._reading(lambda place, kind: f"{kind.memory} a{place}[ELEMENTS];"),
            "read_elements": self._reading(
                lambda place, kind: f"a{place}[u] = read<{kind.memory}>(p.arrays.at[{place}], offset[u][{place}]);"
            ),
            "compute_element": any_strides,
            "reduce_element": any_strides + self._added(),
        }

    def looks(self) -> dict[str, list[str]]:
        """Lines that show accumulators of distances a number, before there is any: the first of a thread, or of all."""
        aims = [(k, v) for k, (v, each) in enumerate(zip(self._reduced, self._reducers, strict=True)) if each.is_aimed]
        if not aims:
            return {"look_at_element": [], "look_at_row": [], "look_at_columns": []}
        aimed = [f"total{place}.aim(r{value});" for place, value in aims]
        place = "begin + own.lane < end ? begin + own.lane : begin"
        at, one = "p.arrays.at[{0}]", "((const {1} *)(" + _ROW + "))[p.repeats >> {0} & 1 ? 0 : i]"
        locate = [
            "#pragma unroll",
            "for (int array = 0; array < WALKED; ++array) offset[0][array] = start[array];",
            "locate<WALKED>(offset[0], i, p.reduced);",
        ]
        element = [
            f"const Index i = {place};",
            "Offset offset[1][WALKED];",
            *locate,
            *self._call(f"read<{{1}}>({at}, offset[0][{{0}}])"),
            *aimed,
        ]
        row = [f"const i64 i = ({place}) * LANES;", *self._call(one), *aimed]
        item = f"((const {{1}} *)({at} + offset[0][{{0}}]))[p.repeats >> {{0}} & 1 ? 0 : j]"
        lanes = [*self._call(item), *(f"total{place}[j].aim(r{value});" for place, value in aims)]
        columns = [
            f"const u32 i = {place};",
            "i64 offset[1][WALKED];",
            *locate,
            "#pragma unroll",
            "for (int j = 0; j < LANES; ++j) {",
            *(f"    {line}" for line in lanes),
            "}",
        ]
        return {
            name: ["if (begin < end) {", *(f"    {line}" for line in lines), "}"]
            for name, lines in {"look_at_element": element, "look_at_row": row, "look_at_columns": columns}.items()
        }

    def in_reductions(self) -> dict[str, list[str]]:
        """Lines about accumulators."""
        finished = [f"part{place}.finish();" for place, each in enumerate(self._reducers) if each.name in FINISHED]
        first = self._first + len(self._stored)
        written = []
        for place, (each, kind) in enumerate(zip(self._reducers, self._results, strict=True)):
            value = each.stored.format(f"total{place}")
            array = first + place
            written.append(f"write<{kind.memory}>(p.arrays.at[{array}], offset[{array}], {value});")
        return {
            "start_all": self._per_reducer("{name} total{0};\ntotal{0}.start();"),
            "begin_blocks": self._per_reducer("{name} part{0};\npart{0}.begin(total{0});", blocked=True),
            "join_blocks": finished + self._per_reducer("total{0}.join(part{0});", blocked=True),
            "join_all": self._per_reducer("join_lanes(total{0}, own);"),
            "join_partials": self._per_reducer("total{0}.join(((const {name} *)p.partial[{0}])[place]);"),
            "write_partials": self._per_reducer("(({name} *)p.partial[{0}])[place] = total{0};"),
            "write_results": written,
            "accumulators": [", ".join(self._per_reducer("total{0}"))],
            "accumulator_arguments": [", ".join(self._per_reducer("const {name} &total{0}"))],
        }


def fragments(group: Group, arrangement: Arrangement) -> Mapping[str, str]:
    """Return the text for each name in the templates."""
    lines = _Lines(group, arrangement)
    found = {"numbers": lines.numbers(), **lines.in_packs(), **lines.in_elements(), **lines.in_reductions()}
    if arrangement.reduced:
        found |= {**lines.in_columns(), **lines.looks()}
    return {name: "\n".join(each) for name, each in found.items()}
