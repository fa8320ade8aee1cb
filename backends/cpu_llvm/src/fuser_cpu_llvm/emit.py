"""From a group to the text of its body: a loop over vectors of contiguous elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fuser_core.backend import CompileOptions, Constant, Elementwise, Group, Operand
from fuser_core.plan import DType
from fuser_cpu_llvm import complexes, half, mathematics, registers
from fuser_cpu_llvm.accumulation import Accumulators
from fuser_cpu_llvm.arrangement import Arrangement, is_function, is_scalar, may_repeat
from fuser_cpu_llvm.conversions import cast
from fuser_cpu_llvm.ir import Code, Vector, element_type, memory_type
from fuser_cpu_llvm.operations import OPERATIONS
from fuser_cpu_llvm.outlining import call
from fuser_cpu_llvm.reducers import reducer
from fuser_cpu_llvm.registers import Complex, Register, is_complex

__all__ = ["emit_body"]

_FEW_FUNCTIONS = 1
"""Up to here elementary functions are written out. More of them in one loop crowd each other out of the registers
and are compiled once per use: called instead, two sines, two cosines and an arcsin take 0.7 of the time to run and to
compile; a single sine takes 1.2 of it."""

_DIVISIONS = frozenset("floor_divide remainder fmod divmod".split())
_FEW_DIVISIONS = 6
"""Up to here divisions that round, and their rests, are written out. Called instead, four take 1.1 to 1.7 of the time
to run; but sixty that are written out take ten to fifty times as long to compile."""

_FEW_COMPLEX = 6
"""Up to here complex quotients and absolute values are written out; four hundred would take seconds to compile."""

_FAST_MATH = " reassoc nsz arcp contract"


def emit_body(
    group: Group,
    options: CompileOptions,
    arrangement: Arrangement,
    *,
    streaming: bool = False,
    accumulating: bool = False,
) -> str:
    """Write the module of a group's body, ``void body(ptr operands, i64 count)``.

    ``operands`` points to addresses of contiguous elements, in the order of the arrangement. ``count`` is a multiple of
    its lanes. Behind the addresses lie as many masks; see `_masked`. A streaming body writes past the cache, to
    addresses that are multiples of 64; an accumulating one adds up what the arrangement says, see `accumulation`.
    """
    code = Code(arrangement.lanes, _FAST_MATH if options.fast_math else "")
    called = _called(group)
    moved = [value for value in group.inputs if not is_scalar(value)] + list(arrangement.stored)
    order = registers.lane_order(code.lanes, [value.dtype for value in moved])
    values = dict(_load(code, group, len(group.inputs) + len(arrangement.stored), order))
    for step in group.steps:
        if isinstance(step, Elementwise):
            _emit_step(code, step, values, called)
    reduced = zip(group.reductions, arrangement.reduced, arrangement.accumulated, strict=True)
    reducers = {place: reducer(step.op, step.input.dtype) for step, place, suits in reduced if suits and accumulating}
    accumulators = Accumulators(code, reducers)
    for place, value in enumerate(arrangement.stored, start=len(group.inputs)):
        register = values[value.id]
        if place in accumulators and isinstance(register, Vector):
            accumulators.add(place, register, value.dtype)
        else:
            _store(code, place, register, value.dtype, order, streaming=streaming)
    return _module(code, len(group.inputs) + len(arrangement.stored), accumulators.loops() if reducers else _loop(code))


def _load(code: Code, group: Group, operands: int, order: Sequence[int]) -> Iterator[tuple[int, Register]]:
    """Load every input: all loads of an iteration precede its stores, so that outputs may overwrite inputs."""
    for place, value in enumerate(group.inputs):
        index = _masked(code, place, operands) if may_repeat(value, group) else "%i"
        if is_complex(value.dtype):
            yield value.id, registers.load(code, place, value.dtype, index, order, scalar=is_scalar(value))
            continue
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
                f"  {name}.at = getelementptr {kind}, ptr %p{place}, i64 {index}",
                f"  {name} = load {vector}, ptr {name}.at, align 1",
            ]
        loaded = Vector(name, kind, value.dtype.kind == "i")
        if value.dtype.kind == "b":
            loaded = code.compare("ne", loaded, code.integer(0, kind))
        yield value.id, half.widened(code, loaded) if value.dtype == half.DTYPE else loaded


def _masked(code: Code, place: int, operands: int) -> str:
    """Return the index of an input that may be one element repeated: by a mask behind the addresses, 0 or all ones."""
    code.entry += [
        f"  %mask{place}.at = getelementptr i64, ptr %operands, i64 {operands + place}",
        f"  %mask{place} = load i64, ptr %mask{place}.at",
    ]
    code.loop.append(f"  %i{place} = and i64 %i, %mask{place}")
    return f"%i{place}"


def _called(group: Group) -> frozenset[str]:
    """Return the operations that are called, not written out."""
    functions = [step.op for step in group.steps if is_function(step)]
    divisions = [step.op for step in group.steps if step.op in _DIVISIONS]
    of_complex = [step.op for step in group.steps if step.op in complexes.LONG and is_complex(step.inputs[-1].dtype)]
    many = (
        (functions, len(functions) > _FEW_FUNCTIONS),
        (divisions, len(divisions) > _FEW_DIVISIONS),
        (of_complex, len(of_complex) > _FEW_COMPLEX),
    )
    return frozenset(op for ops, called in many for op in ops if called)


def _emit_step(code: Code, step: Elementwise, values: dict[int, Register], called: frozenset[str]) -> None:
    operands = [_operand(code, operand, values) for operand in step.inputs]
    if step.op == "cast":
        results: tuple[Register, ...] = (cast(code, operands[0], step.outputs[0].dtype),)
    elif step.op in half.OWN and step.outputs[0].dtype == half.DTYPE:
        results = (half.OWN[step.op](code, *operands),)
    elif step.op in called and (is_function(step) or step.op not in mathematics.FUNCTIONS):
        dtypes = [output.dtype for output in step.outputs]
        results = call(code, step.op, operands, dtypes, OPERATIONS[step.op].emit)
    else:
        results = OPERATIONS[step.op].emit(code, *operands)
    if step.outputs[0].dtype == half.DTYPE and step.op not in half.EXACT:
        results = tuple(half.rounded(code, result) for result in registers.parts(results))
    for output, result in zip(step.outputs, results, strict=True):
        assert result.element == element_type(output.dtype), f"{step.op} gives {result.element}, not {output.dtype}"
        values[output.id] = result


def _operand(code: Code, operand: Operand, values: dict[int, Register]) -> Register:
    return registers.constant(code, operand.value) if isinstance(operand, Constant) else values[operand.id]


def _store(code: Code, place: int, value: Register, dtype: DType, order: Sequence[int], *, streaming: bool) -> None:
    if isinstance(value, Complex):
        item, kind, name, bits = registers.interleaved(code, value, order)
    else:
        value = half.narrowed(code, value) if dtype == half.DTYPE else value
        value = code.convert("zext", value, "i8") if value.element == "i1" else value
        item, kind, name, bits = value.element, code.vector_type(value.element), value.name, value.bits
    how = f"align {min(64, code.lanes * bits // 8)}, !nontemporal !1" if streaming else "align 1"
    code.loop += [
        f"  %output{place}.at = getelementptr {item}, ptr %p{place}, i64 %i",
        f"  store {kind} {name}, ptr %output{place}.at, {how}",
    ]


def _loop(code: Code) -> list[str]:
    return [
        "  br label %loop",
        "loop:",
        f"  %i = phi i64 [ 0, %entry ], [ %i.next, %{code.block} ]",
        *code.loop,
        f"  %i.next = add i64 %i, {code.lanes}",
        "  %more = icmp ult i64 %i.next, %count",
        "  br i1 %more, label %loop, label %done",
        "done:",
    ]


def _module(code: Code, operands: int, loop: Sequence[str]) -> str:
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
        *loop,
        "  ret void",
        "}",
        "",
        *code.declarations.values(),
        "",
        '!0 = !{!"branch_weights", i32 1, i32 1000000}',
        "!1 = !{i32 1}",
    ]
    return "\n".join(lines) + "\n"
