"""What a benchmark found: one JSON file of format 1, read with its types checked, and written."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fuser_core.bench.fields import Fields
from fuser_core.errors import ArgumentError

__all__ = ["FORMAT", "Machine", "Result", "Row", "Run", "read_result"]

FORMAT = 1
"""The only format that is known."""

_KINDS = ("memory", "arithmetic", "reduction")
_DEVICES = ("cpu", "cuda")


@dataclass(frozen=True)
class Machine:
    """Where a result was taken; ``device`` is the accelerator, if there is one."""

    processor: str
    cores: int
    memory_gib: float
    device: str | None
    system: str
    python: str

    @classmethod
    def of(cls, fields: Fields) -> Machine:
        """Read one; see `Fields` for errors."""
        return cls(
            fields.text("processor"),
            fields.count("cores"),
            fields.number("memory_gib"),
            fields.optional("device", fields.text),
            fields.text("system"),
            fields.text("python"),
        )


@dataclass(frozen=True)
class Row:
    """One workload in one run.

    Attributes:
        workload: Its name.
        group: What is measured, such as ``"kernel"`` or ``"call"``.
        kind: What limits it at best: ``"memory"``, ``"arithmetic"`` or ``"reduction"``.
        source: Where its definition is from.
        elements: Of a result, or of the largest argument.
        bytes: Read and written at least.
        operations: Per element; ``None`` where nobody has counted.
        floor: Seconds of a copy of as many bytes, in the same rounds.
        times: Median seconds of each contender.
        spread: Interquartile range of each contender, in seconds.
        unable: Why a contender has no time.
        reason: Why ours is behind, where somebody found out.
    """

    workload: str
    group: str
    kind: str
    source: str
    elements: int
    bytes: int
    operations: int | None
    floor: float
    times: dict[str, float]
    spread: dict[str, float]
    unable: dict[str, str]
    reason: str | None = None

    @classmethod
    def of(cls, fields: Fields) -> Row:
        """Read one; see `Fields` for errors."""
        if fields.text("kind") not in _KINDS:
            fields.refuse("kind", "one of " + ", ".join(map(repr, _KINDS)))
        times, spread = fields.seconds_of("times"), fields.number_of("spread")
        if times.keys() != spread.keys():
            fields.refuse("spread", f"one number for each of {', '.join(times) or 'no contenders'}, as in times,")
        return cls(
            fields.text("workload"),
            fields.text("group"),
            fields.text("kind"),
            fields.text("source"),
            fields.count("elements"),
            fields.count("bytes"),
            fields.optional("operations", fields.count),
            fields.seconds("floor"),
            times,
            spread,
            fields.text_of("unable"),
            fields.optional("reason", fields.text),
        )


@dataclass(frozen=True)
class Run:
    """Workloads on one device, at one size, with one number of threads; ``None`` where threads mean nothing."""

    device: str
    size: int
    threads: int | None
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, fields: Fields) -> Run:
        """Read one; see `Fields` for errors."""
        if fields.text("device") not in _DEVICES:
            fields.refuse("device", "one of " + ", ".join(map(repr, _DEVICES)))
        rows = tuple(Row.of(each) for each in fields.objects("rows"))
        names = [row.workload for row in rows]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ArgumentError(
                f"result of a benchmark: {fields.where}.rows has {twice!r} twice, so nobody could tell them apart; "
                "measure each workload once per run"
            )
        return cls(fields.text("device"), fields.count("size"), fields.optional("threads", fields.count), rows)

    @property
    def key(self) -> tuple[str, int, int | None]:
        """What tells it from the other runs of a result."""
        return self.device, self.size, self.threads


@dataclass(frozen=True)
class Result:
    """All that one benchmark found.

    Attributes:
        date: When, in ISO 8601.
        machine: Where.
        versions: Of each distribution.
        contenders: The settings of each contender, in words.
        runs: What was measured.
        ours: Which of the contenders are backends of ours, in the order of `contenders`.
    """

    date: str
    machine: Machine
    versions: dict[str, str]
    contenders: dict[str, str]
    runs: tuple[Run, ...]
    ours: tuple[str, ...]

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Read a result; fields that format 1 does not know are passed over.

        Raises:
            ArgumentError: The text is no JSON, or not of this format; the message says what, and where.
        """
        try:
            fields = Fields(json.loads(text))
        except json.JSONDecodeError as error:
            raise ArgumentError(
                f"result of a benchmark: this is no JSON ({error}); give a file that `fuser-core bench --output` wrote"
            ) from error
        found = fields.count("format")
        if found != FORMAT:
            raise ArgumentError(
                f"result of a benchmark: its format is {found}, and this version of fuser_core reads format {FORMAT}; "
                "read it by the version that wrote it, or measure again"
            )
        try:
            datetime.fromisoformat(fields.text("date"))
        except ValueError:
            fields.refuse("date", "a date and time in ISO 8601")
        contenders = fields.text_of("contenders")
        ours = fields.texts("ours")
        runs = tuple(Run.of(each) for each in fields.objects("runs"))
        _check(fields, contenders, ours, runs)
        machine = Machine.of(fields.object("machine"))
        return cls(fields.text("date"), machine, fields.text_of("versions"), contenders, runs, ours)

    def to_json(self) -> str:
        """Return the text of the file, which `from_json` reads."""
        return json.dumps({"format": FORMAT, **dataclasses.asdict(self)}, indent=1, ensure_ascii=False) + "\n"


def read_result(path: str | Path) -> Result:
    """Read a file; see `Result.from_json`.

    Raises:
        ArgumentError: It cannot be read, or it is no such result; the message names the file.
    """
    try:
        return Result.from_json(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(
            f"{path}: cannot be read as text ({error}); give a file that `fuser-core bench --output` wrote"
        ) from error
    except ArgumentError as error:
        raise ArgumentError(f"{path}: {error}") from error


def _check(fields: Fields, contenders: dict[str, str], ours: tuple[str, ...], runs: tuple[Run, ...]) -> None:
    """Refuse what each part allows and the whole does not."""
    strange = sorted(set(ours) - set(contenders))
    if strange:
        fields.refuse("ours", f"a list of names that stand in contenders, as {strange[0]!r} does not,")
    keys = [run.key for run in runs]
    if len(set(keys)) < len(keys):
        raise ArgumentError(
            "result of a benchmark: two of its runs have the same device, size and threads, so nobody could tell them "
            "apart; measure each once"
        )
    for number, run in enumerate(runs):
        for place, row in enumerate(run.rows):
            unknown = sorted((row.times.keys() | row.unable.keys()) - contenders.keys())
            if unknown:
                raise ArgumentError(
                    f"result of a benchmark: runs[{number}].rows[{place}] ({row.workload}) has {unknown[0]!r}, which "
                    "is not in contenders, where its settings belong; add them there"
                )
