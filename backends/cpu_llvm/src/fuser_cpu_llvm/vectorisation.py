"""How well a kernel is vectorised, read from its assembly: what its loops execute, call and keep on the stack.

LLVM annotates the assembly that it writes: which block belongs to which loop, the name that a block has in the IR, and
what is a spill. So this needs to know of a processor no more than what its vector registers are called.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["Loop", "Routine", "read_assembly", "summarise"]

_COMMENT = re.compile(r"(?:^|\s)(?:#|//|;)\s+(.*)$")
_ROUTINE = re.compile(r"^[^\s.#/;].*:\s.*[#/;]\s@(\S+)$")
_BLOCK = re.compile(r"^\.?L(BB\d+_\d+):|^\S+ %bb\.\d+:")
_BLOCK_NAME = re.compile(r"\s%([\w.]+)$")
_INSIDE = re.compile(r"\bin Loop: Header=(BB\d+_\d+)")
_HEADER = re.compile(r"=>\s*This (Inner )?Loop Header")
_INSTRUCTION = re.compile(r"^\s+([a-z][\w.]*)\s*(.*?)\s*$")
_ADDRESS = re.compile(r"""^\$("[^"]+"|[A-Za-z_][\w.]*), (%\w+)$""")
_CALL = re.compile(r"^(?:call[ql]?|blr?)$")

# Where vectors live: %ymm3, %k1; q3, v3.2d or, as Apple writes it, `fadd.2d v3`; z3.
_REGISTER_BITS = {r"%zmm\d": 512, r"%ymm\d": 256, r"%xmm\d": 128, r"\bq\d|\bv\d+\.\d+[bhsd]|\.\d+[bhsd] v\d": 128}
_VECTOR = re.compile("|".join([*_REGISTER_BITS, r"%k\d", r"\bz\d"]))
# x86 computes single elements in vector registers too, by addsd, cvtsi2sd, ucomiss, pextrq, movd and the like.
_ONE_ELEMENT = re.compile(r"(?!v?p|v?broadcast)\w+s[sd](?:2\w+|[lq])?$|v?(?:pextr\w|pinsr\w|mov[dq])$")

_X86_SETS = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX", "sse4.2": "SSE4.2", "sse2": "SSE2"}
_ARM_SETS = {"sve2": "SVE2", "sve": "SVE", "neon": "NEON"}


@dataclass
class Loop:
    """What one iteration executes; what stands in blocks that are rarely entered counts apart.

    Attributes:
        vector: Instructions on whole vectors.
        scalar: All others: addresses, the loop's own control, single elements.
        spills: Registers stored on the stack for want of others.
        reloads: Instructions that read such a register back.
        calls: Functions called, and at how many places.
        rare_calls: The same in blocks that are rarely entered.
        bits: Width of the widest vector register.
        inner: Whether there is no loop inside of it.
    """

    vector: int = 0
    scalar: int = 0
    spills: int = 0
    reloads: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    rare_calls: Counter[str] = field(default_factory=Counter)
    bits: int = 0
    inner: bool = False


@dataclass
class Routine:
    """A function of the assembly.

    Attributes:
        name: Of the function.
        loops: What is in each loop, but not in a loop inside of it; by the label of its first block.
        outside: What is in no loop.
    """

    name: str
    loops: dict[str, Loop] = field(default_factory=dict)
    outside: Loop = field(default_factory=Loop)

    @property
    def longest(self) -> Loop:
        """The loop of most instructions, among those with none inside; where there is no loop, everything."""
        inner = [loop for loop in self.loops.values() if loop.inner]
        return max(inner, key=lambda loop: loop.vector + loop.scalar, default=self.outside)


def summarise(assembly: str, lanes: int, features: Mapping[str, bool]) -> str:
    """Say in a few lines how well a kernel is vectorised.

    Args:
        assembly: What `fuser_cpu_llvm.jit.assembly` returns.
        lanes: Elements that an iteration of the body computes.
        features: Of the processor, by LLVM's names.
    """
    routines = [routine for routine in read_assembly(assembly) if not routine.name.endswith(".lanes")]
    bits = max((routine.longest.bits for routine in routines), default=0)
    registers = f"in vector registers of {bits} bits" if bits else "in no vector register"
    return "\n".join(
        [
            f"target: {_instruction_set(features)}",
            f"lanes: {lanes} elements per iteration, {registers}",
            *map(_line, routines),
        ]
    )


def read_assembly(text: str) -> list[Routine]:
    """Count what is in each function of an annotated assembly, for x86-64 or AArch64."""
    routines: list[Routine] = []
    named: dict[str, str] = {}
    label, rare, loop = "", False, Loop()
    for line in text.splitlines():
        if found := _ROUTINE.match(line):
            routines.append(Routine(found[1]))
            named, loop, rare = {}, routines[-1].outside, False
        elif not routines:
            continue
        elif found := _BLOCK.match(line):
            name = _BLOCK_NAME.search(line)
            label, rare, loop = found[1] or "", bool(name and name[1].startswith("rare")), routines[-1].outside
        elif found := _INSIDE.search(line):
            loop = routines[-1].loops.setdefault(found[1], Loop())
        elif found := _HEADER.search(line):
            loop = routines[-1].loops.setdefault(label, Loop())
            loop.inner = bool(found[1])
        elif found := _INSTRUCTION.match(line):
            _count(loop, found[1], found[2], named, rare=rare)
    return routines


def _count(loop: Loop, mnemonic: str, rest: str, named: dict[str, str], *, rare: bool) -> None:
    """Add one instruction.

    Args:
        loop: Where it is.
        mnemonic: Its name.
        rest: Operands and comment.
        named: The symbol whose address each register holds, as far as it is known; changed.
        rare: Whether its block is rarely entered.
    """
    comment = _COMMENT.search(rest)
    operands = rest[: comment.start()].strip() if comment else rest
    remark = comment[1] if comment else ""
    if address := _ADDRESS.match(operands):
        named[address[2]] = address[1]
    if _CALL.match(mnemonic):
        direct = operands if mnemonic != "blr" and not operands.startswith("*") else "a function by its address"
        callee = named.get(operands.lstrip("*"), direct).strip('"').removeprefix("_").removesuffix("@PLT")
        (loop.rare_calls if rare else loop.calls)[callee] += 1
    if rare:
        return
    loop.spills += remark.endswith("Spill")
    loop.reloads += remark.endswith("Reload")
    spelt = f"{mnemonic} {operands}"
    if _VECTOR.search(spelt) and not _ONE_ELEMENT.match(mnemonic):
        loop.vector += 1
        loop.bits = max([loop.bits, *[bits for name, bits in _REGISTER_BITS.items() if re.search(name, spelt)]])
    else:
        loop.scalar += 1


def _instruction_set(features: Mapping[str, bool]) -> str:
    """Name the widest set of vector instructions that a processor has."""
    for sets in (_X86_SETS, _ARM_SETS):
        for feature, name in sets.items():
            if features.get(feature):
                return f"{name} and FMA" if features.get("fma") else name
    return "LLVM does not say which vector instructions this processor has"


def _line(routine: Routine) -> str:
    loop = routine.longest
    loops = len(routine.loops)
    where = {0: "no loop; in all", 1: "1 loop; in it"}.get(loops, f"{loops} loops; in the longest inner one")
    calls = f"calls {', '.join(_calls(loop.calls))}" if loop.calls else "no calls"
    rarely = f", rarely {', '.join(_calls(loop.rare_calls))}" if loop.rare_calls else ""
    return (
        f"{routine.name}: {where} {loop.vector} vector and {loop.scalar} scalar instructions, "
        f"{_number(loop.spills, 'spill')} and {_number(loop.reloads, 'reload')}, {calls}{rarely}"
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _calls(calls: Counter[str]) -> Iterator[str]:
    return (name if count == 1 else f"{name} x {count}" for name, count in sorted(calls.items()))
