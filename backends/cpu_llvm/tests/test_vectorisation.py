"""The summary of a kernel: what its loops execute, call and keep on the stack, on both kinds of processors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from fuser_core import fuse
from fuser_cpu_llvm.jit import assembly
from fuser_cpu_llvm.vectorisation import read_assembly, summarise
from llvm_groups import Builder

X86 = """
	.globl	body                            # -- Begin function body
body:                                   # @body
# %bb.0:                                # %entry
	pushq	%rbp
	movabsq	$.LCPI0_0, %rax
	movabsq	$"sin.double", %r13
	vbroadcastsd	(%rax), %ymm0
	vmovaps	%ymm1, 800(%rsp)                # 32-byte Spill
.LBB0_1:                                # %loop
                                        # =>This Inner Loop Header: Depth=1
	vmovupd	32(%rbx,%r12,8), %ymm1
	vfmadd231pd	672(%rsp), %ymm1, %ymm0 # 32-byte Folded Reload
	vpminsd	%ymm1, %ymm0, %ymm0
	vaddsd	%xmm1, %xmm0, %xmm0
	vcvttsd2si	%xmm0, %rax
	vpextrq	$1, %xmm0, %rax
	vmovaps	%ymm1, 800(%rsp)                # 32-byte Spill
	callq	*%r13
	callq	*%r13
	callq	*%rbx
	jne	.LBB0_3
.LBB0_2:                                # %usual3
                                        #   in Loop: Header=BB0_1 Depth=1
	vmovupd	%ymm0, (%r15,%r12,8)
	addq	$16, %r12
	jb	.LBB0_1
	jmp	.LBB0_4
.LBB0_3:                                # %rare3
                                        #   in Loop: Header=BB0_1 Depth=1
	vmovaps	%ymm1, 832(%rsp)                # 32-byte Spill
	callq	exact@PLT
	jmp	.LBB0_2
.LBB0_4:                                # %done
	vzeroupper
	retq
.Lfunc_end0:
"""

ARM = """
	.globl	body                            // -- Begin function body
body:                                   // @body
// %bb.0:                               // %entry
	stp	x29, x30, [sp, #64]             // 16-byte Folded Spill
	mov	x9, #51331                      // =0xc883
.LBB0_1:                                // %row
                                        // =>This Loop Header: Depth=1
                                        //     Child Loop BB0_2 Depth 2
	mov	x8, xzr
.LBB0_2:                                // %loop
                                        //   Parent Loop BB0_1 Depth=1
                                        // =>  This Inner Loop Header: Depth=2
	ldp	q2, q1, [x9, #96]
	ldr	q22, [sp, #464]                 // 16-byte Reload
	fmla	v20.2d, v22.2d, v1.2d
	mov	x10, v0.d[1]
	fadd	d0, d0, d1
	str	q27, [sp, #512]                 // 16-byte Spill
	bl	fuser.libm.sin
	b.lo	.LBB0_2
// %bb.3:                               // %row.end
                                        //   in Loop: Header=BB0_1 Depth=1
	add	x8, x8, #1
	blr	x8
	b.lo	.LBB0_1
// %bb.4:                               // %done
	ret
"""


def test_a_loop_of_x86() -> None:
    (routine,) = read_assembly(X86)
    loop = routine.longest
    assert (routine.name, len(routine.loops)) == ("body", 1)
    assert (loop.vector, loop.scalar, loop.bits) == (5, 10, 256)
    assert (loop.spills, loop.reloads) == (1, 1)
    assert loop.calls == {"sin.double": 2, "a function by its address": 1}
    assert loop.rare_calls == Counter(["exact"])


def test_loops_of_arm() -> None:
    (routine,) = read_assembly(ARM)
    loop = routine.longest
    assert len(routine.loops) == 2
    assert (loop.vector, loop.scalar, loop.bits) == (4, 4, 128)
    assert (loop.spills, loop.reloads) == (1, 1)
    assert loop.calls == Counter(["fuser.libm.sin"])
    assert routine.loops["BB0_1"].calls == Counter(["a function by its address"])


def test_apple_writes_the_arrangement_behind_the_instruction() -> None:
    text = "_body:            ; @body\n; %bb.0:\n\tfmul.2d\tv1, v2, v3\n\tmov.d\tv0[1], x8\n\tbl\t_exact\n"
    loop = read_assembly(text)[0].longest
    assert (loop.vector, loop.scalar, loop.calls) == (1, 2, {"exact": 1})


@pytest.mark.parametrize(
    ("features", "named"),
    [
        ({"avx512f": True, "avx2": True, "fma": True}, "AVX-512 and FMA"),
        ({"avx512f": False, "avx2": True, "fma": True}, "AVX2 and FMA"),
        ({"avx": True, "sse2": True}, "AVX"),
        ({"neon": True, "sve": False}, "NEON"),
        ({}, "LLVM does not say which vector instructions this processor has"),
    ],
)
def test_the_set_of_instructions_is_named(features: dict[str, bool], named: str) -> None:
    assert summarise(X86, 16, features).splitlines()[0] == f"target: {named}"


def test_a_summary_in_words() -> None:
    assert summarise(X86, 16, {"avx2": True}) == (
        "target: AVX2\n"
        "lanes: 16 elements per iteration, in vector registers of 256 bits\n"
        "body: 1 loop; in it 5 vector and 10 scalar instructions, 1 spill and 1 reload, "
        "calls a function by its address, sin.double x 2, rarely exact"
    )


def _summary(dtype: str, *ops: str) -> str:
    builder = Builder()
    value = builder.input(dtype)
    for op in ops:
        value = builder.apply(op, value, dtype=dtype)
    return builder.kernel(value).artifacts["summary"]


def _line(summary: str, name: str) -> str:
    (line,) = (line for line in summary.splitlines() if line.startswith(f"{name}: "))
    return line


def _numbers(line: str) -> Sequence[int]:
    return [int(text) for text in re.findall(r"\b\d+\b(?= (?:vector|scalar|spill|reload))", line)]


def test_kernels_of_this_processor() -> None:
    plain = _summary("f8", "negative", "floor")
    vector, scalar, spills, reloads = _numbers(_line(plain, "body"))
    assert "1 loop" in plain
    assert vector >= 4
    assert scalar <= 10
    assert (spills, reloads) == (0, 0)
    assert "no calls" in plain
    assert "16 elements per iteration" in plain
    sines = _summary("f8", "sin", "sin")
    assert "calls sin.double x 2" in _line(sines, "body")
    assert "rarely fuser.libm.sin.lanes" in _line(sines, "sin.double")
    assert _numbers(_line(sines, "sin.double"))[0] > 50


def test_reductions_are_summarised_too() -> None:
    builder = Builder()
    summary = builder.kernel(builder.reduce("sum", builder.input("f4"), (0,))).artifacts["summary"]
    vector, scalar, *_ = _numbers(_line(summary, "rows"))
    assert vector >= 4
    assert scalar <= 10


def test_what_is_not_vectorised_shows() -> None:
    body = """
define void @body(ptr %p, i64 %count) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
  %at = getelementptr double, ptr %p, i64 %i
  %x = load double, ptr %at
  %y = fdiv double %x, 3.0
  store double %y, ptr %at
  %i.next = add i64 %i, 1
  %more = icmp ult i64 %i.next, %count
  br i1 %more, label %loop, label %done
done:
  ret void
}
"""
    (routine,) = read_assembly(assembly(body))
    assert len(routine.loops) == 1
    assert routine.longest.vector == 0
    assert routine.longest.scalar >= 5


def test_the_code_of_a_function_begins_with_it() -> None:
    function = fuse(lambda a: np.sin(a) * 2, backend="cpu_llvm")
    heading, target, lanes, body, *_ = function.code(np.ones(9)).splitlines()
    assert heading == "==== kernel 0, cpu_llvm, summary ===="
    assert target.startswith("target: ")
    assert lanes.startswith("lanes: 16 elements per iteration, in vector registers of ")
    assert body.startswith("body: 1 loop; in it ")
