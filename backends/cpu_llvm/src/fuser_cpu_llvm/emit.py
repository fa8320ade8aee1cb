"""From a group to the text of its body: a loop over vectors of contiguous elements."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from fuser_core.backend import CompileOptions, Constant, Elementwise, Group, Operand
from fuser_cpu_llvm import half, mathematics
from fuser_cpu_llvm.arrangement import Arrangement, is_scalar
from fuser_cpu_llvm.ir import Code, Vector, element_type, memory_type
from fuser_cpu_llvm.operations import OPERATIONS, cast
from fuser_cpu_llvm.outlining import call

__all__ = ["emit_body"]

_FEW_FUNCTIONS = 1
"""Up to here elementary functions are written out. More of them in one loop crowd each other out of the registers
and are compiled once per use: called instead, two sines, two cosines and an arcsin take 0.7 of the time to run and to
compile; a single sine takes 1.2 of it."""

_DIVISIONS = frozenset("floor_divide remainder fmod divmod".split())
_FEW_DIVISIONS = 6
"""Up to here divisions that round, and their rests, are written out. Called instead, four take 1.1 to 1.7 of the time
to run; but sixty that are written out take ten to fifty times as long to compile."""

_FENCE = "call void @llvm.x86.sse.sfence()"
_FAST_MATH = " reassoc nsz arcp contract"


def emit_body(group: Group, options: CompileOptions, arrangement: Arrangement, *, streaming: bool = False) -> str:
    """Write the module of a group's body, ``void body(ptr operands, i64 count)``.

    ``operands`` points to addresses of contiguous elements, in the order of the arrangement. ``count`` is a multiple of
    its lanes. A streaming body writes past the cache, to addresses that are multiples of 64.
    """
    code = Code(arrangement.lanes, _FAST_MATH if options.fast_math else "")
    called = _called(group)
    values = dict(_load(code, group))
    for step in group.steps:
        if isinstance(step, Elementwise):
            _emit_step(code, step, values, called)
    for place, value in enumerate(arrangement.stored, start=len(group.inputs)):
        stored = values[value.id]
        stored = half.narrowed(code, stored) if value.dtype == half.DTYPE else stored
        _store(code, place, stored, streaming=streaming)
    fenced = streaming and platform.machine() in ("x86_64", "AMD64")
    if fenced:  # other threads must see what was written past the cache; other processors keep order by themselves
        code.declare("fence", "declare void @llvm.x86.sse.sfence()")
    return _module(code, len(group.inputs) + len(arrangement.stored), _FENCE if fenced else "")


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
        if value.dtype.kind == "b":
            loaded = code.compare("ne", loaded, code.integer(0, kind))
        yield value.id, half.widened(code, loaded) if value.dtype == half.DTYPE else loaded


def _called(group: Group) -> frozenset[str]:
    """Return the operations that are called, not written out."""
    functions = [step.op for step in group.steps if step.op in mathematics.FUNCTIONS]
    divisions = [step.op for step in group.steps if step.op in _DIVISIONS]
    many = (functions, len(functions) > _FEW_FUNCTIONS), (divisions, len(divisions) > _FEW_DIVISIONS)
    return frozenset(op for ops, called in many for op in ops if called)


def _emit_step(code: Code, step: Elementwise, values: dict[int, Vector], called: frozenset[str]) -> None:
    operands = [_operand(code, operand, values) for operand in step.inputs]
    if step.op == "cast":
        results: tuple[Vector, ...] = (cast(code, operands[0], step.outputs[0].dtype),)
    elif step.op in half.OWN and step.outputs[0].dtype == half.DTYPE:
        results = (half.OWN[step.op](code, *operands),)
    elif step.op in called:
        dtypes = [output.dtype for output in step.outputs]
        results = call(code, step.op, operands, dtypes, OPERATIONS[step.op].emit)
    else:
        results = OPERATIONS[step.op].emit(code, *operands)
    if step.outputs[0].dtype == half.DTYPE and step.op not in half.EXACT:
        results = tuple(half.rounded(code, result) for result in results)
    for output, result in zip(step.outputs, results, strict=True):
        assert result.element == element_type(output.dtype), f"{step.op} gives {result.element}, not {output.dtype}"
        values[output.id] = result


def _operand(code: Code, operand: Operand, values: dict[int, Vector]) -> Vector:
    return code.constant(operand.value) if isinstance(operand, Constant) else values[operand.id]


def _store(code: Code, place: int, value: Vector, *, streaming: bool) -> None:
    if value.element == "i1":
        value = code.convert("zext", value, "i8")
    how = f"align {min(64, code.lanes * value.bits // 8)}, !nontemporal !1" if streaming else "align 1"
    code.loop += [
        f"  %output{place}.at = getelementptr {value.element}, ptr %p{place}, i64 %i",
        f"  store {code.vector_type(value.element)} {value.name}, ptr %output{place}.at, {how}",
    ]


def _module(code: Code, operands: int, last: str) -> str:
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
        f"  {last}",
        "  ret void",
        "}",
        "",
        *code.declarations.values(),
        "",
        '!0 = !{!"branch_weights", i32 1, i32 1000000}',
        "!1 = !{i32 1}",
    ]
    return "\n".join(lines) + "\n"
