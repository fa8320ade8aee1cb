"""From a group to the text of its body: a loop over vectors of contiguous elements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fuser_core.backend import CompileOptions, Constant, Elementwise, Group, Operand, Value
from fuser_cpu_llvm import mathematics
from fuser_cpu_llvm.ir import Code, Vector, element_type, memory_type
from fuser_cpu_llvm.operations import OPERATIONS, cast

__all__ = ["Body", "emit_body", "is_scalar"]

_VECTOR_BYTES = 128
"""Size of the widest vector: four AVX2 or eight NEON registers, whose dependency chains interleave."""

_MANY_STEPS = 100
"""From here on vectors of half that size: registers spill anyway, and compile time counts."""

_FEW_FUNCTIONS = 1
"""Up to here elementary functions are written out. More of them in one loop crowd each other out of the registers
and are compiled once per use: called instead, two sines, two cosines and an arcsin take 0.7 of the time to run and to
compile; a single sine takes 1.2 of it."""

_FAST_MATH = " reassoc nsz arcp contract"


@dataclass(frozen=True, slots=True)
class Body:
    """The compiled heart of a kernel, ``void body(ptr operands, i64 count)``.

    ``operands`` points to addresses of contiguous elements: the group's inputs, its elementwise outputs, and the
    values to reduce that are not themselves inputs. ``count`` is a multiple of ``lanes``.

    Attributes:
        text: The module.
        lanes: Elements per iteration.
        cost: Rough work per element, in additions.
        stored: What follows the inputs among the operands.
        reduced: Per reduction, the operand that holds its values.
    """

    text: str
    lanes: int
    cost: int
    stored: tuple[Value, ...]
    reduced: tuple[int, ...]


def is_scalar(value: Value) -> bool:
    """Whether an input has one element in every call: it is loaded once."""
    return all(dim == 1 for dim in value.shape)


def emit_body(group: Group, options: CompileOptions) -> Body:
    """Write the body of a group that `capabilities` accepts."""
    functions = sum(step.op in mathematics.FUNCTIONS for step in group.steps)
    code = Code(_lanes(group), _FAST_MATH if options.fast_math else "", outline=functions > _FEW_FUNCTIONS)
    reduced_ids = {reduction.output.id for reduction in group.reductions}
    stored = [value for value in group.outputs if value.id not in reduced_ids]
    # An input is reduced where it lies, unless an output may have overwritten it by then.
    places = {value.id: place for place, value in enumerate(group.inputs) if not stored and not is_scalar(value)}
    reduced = []
    for reduction in group.reductions:
        if reduction.input.id not in places:
            places[reduction.input.id] = len(group.inputs) + len(stored)
            stored.append(reduction.input)
        reduced.append(places[reduction.input.id])
    values = dict(_load(code, group))
    for step in group.steps:
        if isinstance(step, Elementwise):
            _emit_step(code, step, values)
    for place, value in enumerate(stored, start=len(group.inputs)):
        _store(code, place, values[value.id])
    cost = sum(OPERATIONS[step.op].cost if step.op in OPERATIONS else 1 for step in group.steps)
    return Body(_module(code, len(group.inputs) + len(stored)), code.lanes, cost, tuple(stored), tuple(reduced))


def _lanes(group: Group) -> int:
    """One number of lanes for all dtypes: the widest fills ``_VECTOR_BYTES``."""
    dtypes = [value.dtype for value in (*group.inputs, *group.outputs)]
    dtypes += [operand.dtype for step in group.steps for operand in step.inputs]
    widest = max(dtype.itemsize for dtype in dtypes)
    if any(step.op in mathematics.FUNCTIONS for step in group.steps):
        widest = 8  # They compute in double precision.
    lanes = min(_VECTOR_BYTES // widest, 64)
    return max(lanes // 2, 8) if len(group.steps) > _MANY_STEPS else lanes


def _load(code: Code, group: Group) -> Iterator[tuple[int, Vector]]:
    """Load every input: all loads of an iteration precede its stores, so that outputs may overwrite inputs."""
    for place, value in enumerate(group.inputs):
        kind = memory_type(value.dtype)
        vector = code.vector_type(kind)
        if is_scalar(value):
            name, zeros = f"%scalar{place}", f"<{code.lanes} x i32> zeroinitializer"
            code.entry += [
                f"  {name}.one = load {kind}, ptr %p{place}, align 1",
                f"  {name}.first = insertelement {vector} poison, {kind} {name}.one, i64 0",
                f"  {name} = shufflevector {vector} {name}.first, {vector} poison, {zeros}",
            ]
            code.mark_invariant(name)
        else:
            name = f"%input{place}"
            code.loop += [
                f"  {name}.at = getelementptr {kind}, ptr %p{place}, i64 %i",
                f"  {name} = load {vector}, ptr {name}.at, align 1",
            ]
        loaded = Vector(name, kind, value.dtype.kind == "i")
        yield value.id, code.compare("ne", loaded, code.integer(0, kind)) if value.dtype.kind == "b" else loaded


def _emit_step(code: Code, step: Elementwise, values: dict[int, Vector]) -> None:
    operands = [_operand(code, operand, values) for operand in step.inputs]
    if step.op == "cast":
        results: tuple[Vector, ...] = (cast(code, operands[0], step.outputs[0].dtype),)
    else:
        results = OPERATIONS[step.op].emit(code, *operands)
    for output, result in zip(step.outputs, results, strict=True):
        assert result.element == element_type(output.dtype), f"{step.op} gives {result.element}, not {output.dtype}"
        values[output.id] = result


def _operand(code: Code, operand: Operand, values: dict[int, Vector]) -> Vector:
    return code.constant(operand.value) if isinstance(operand, Constant) else values[operand.id]


def _store(code: Code, place: int, value: Vector) -> None:
    if value.element == "i1":
        value = code.convert("zext", value, "i8")
    code.loop += [
        f"  %output{place}.at = getelementptr {value.element}, ptr %p{place}, i64 %i",
        f"  store {code.vector_type(value.element)} {value.name}, ptr %output{place}.at, align 1",
    ]


def _module(code: Code, operands: int) -> str:
    pointers = [
        line
        for place in range(operands)
        for line in (
            f"  %p{place}.at = getelementptr ptr, ptr %operands, i64 {place}",
            f"  %p{place} = load ptr, ptr %p{place}.at",
        )
    ]
    lines = [
        "define void @body(ptr %operands, i64 %count) {",
        "entry:",
        *pointers,
        *code.entry,
        "  br label %loop",
        "loop:",
        f"  %i = phi i64 [ 0, %entry ], [ %i.next, %{code.block} ]",
        *code.loop,
        f"  %i.next = add i64 %i, {code.lanes}",
        "  %more = icmp ult i64 %i.next, %count",
        "  br i1 %more, label %loop, label %done",
        "done:",
        "  ret void",
        "}",
        "",
        *code.declarations.values(),
        "",
        '!0 = !{!"branch_weights", i32 1, i32 1000000}',
    ]
    return "\n".join(lines) + "\n"
