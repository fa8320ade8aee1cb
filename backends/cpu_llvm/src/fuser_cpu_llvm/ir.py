"""A small builder for the text of LLVM IR: vectors of a fixed number of lanes, in SSA form."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

import numpy as np

from fuser_core.plan import DType
from fuser_core.records import frozen

__all__ = ["Code", "Vector", "element_type", "hex_float", "memory_type"]


@frozen
class Vector:
    """A register, or a literal, that holds one element per lane.

    Attributes:
        name: Text of the operand: ``%7`` or ``splat (double 0x3FF0000000000000)``.
        element: LLVM type of one lane: ``double``, ``float``, ``i64``, ..., ``i1``.
        signed: Whether an integer lane is signed; LLVM types do not say it.
    """

    name: str
    element: str
    signed: bool = False

    @property
    def is_float(self) -> bool:
        return self.element in ("double", "float")

    @property
    def bits(self) -> int:
        """Width of one lane."""
        return {"double": 64, "float": 32}.get(self.element) or int(self.element[1:])

    @property
    def number(self) -> float | None:
        """The value of a literal of floats; ``None`` for a register."""
        if self.name.startswith("%") or not self.is_float:
            return None
        (value,) = struct.unpack(">d", bytes.fromhex(self.name.rstrip(")")[-16:]))
        return float(value)


def element_type(dtype: DType) -> str:
    """LLVM type of one lane in a register: a bool is an ``i1``, a half a ``float``; of complex numbers a part's."""
    if dtype.kind == "c":
        return "double" if dtype.itemsize == 16 else "float"
    if dtype.kind == "f":
        return "double" if dtype.itemsize == 8 else "float"
    return "i1" if dtype.kind == "b" else f"i{8 * dtype.itemsize}"


def memory_type(dtype: DType) -> str:
    """LLVM type of one element in memory: a bool is a byte, a half sixteen bits; of complex numbers that of a part."""
    if dtype.kind == "f" and dtype.itemsize == 2:
        return "i16"
    return "i8" if dtype.kind == "b" else element_type(dtype)


def hex_float(value: float) -> str:
    """Exact text of a number; LLVM writes a float, too, with the bits of the double of the same value."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


class Code:
    """The body of a loop: straight-line code that shares equal instructions and hoists what does not change.

    Attributes:
        lanes: Elements of a vector.
        fast_math: LLVM's flags, with a space in front, for the program's own floating-point operations.

    An instruction all of whose operands are invariant goes to ``entry``, in front of the loop; any other into the
    loop. `rarely` may open new blocks, but everything emitted here dominates whatever is emitted later.
    """

    def __init__(self, lanes: int, fast_math: str = "") -> None:
        self.lanes = lanes
        self.fast_math = fast_math
        self.entry: list[str] = []
        self.loop: list[str] = []
        self.declarations: dict[str, str] = {}
        self.block = "loop"
        self._shared: dict[str, str] = {}
        self._invariant: set[str] = set()
        self._count = 0

    def vector_type(self, element: str) -> str:
        return f"<{self.lanes} x {element}>"

    def fresh(self) -> str:
        """Name a register that has not been used."""
        self._count += 1
        return f"%v{self._count}"

    def emit(self, instruction: str, operands: Sequence[Vector | str], *, pure: bool = True) -> str:
        """Add ``instruction`` and return its register.

        Args:
            instruction: The text behind ``=``.
            operands: What it reads.
            pure: Whether an equal, earlier instruction gives the same result.
        """
        if pure and (known := self._shared.get(instruction)):
            return known
        name = self.fresh()
        names = [operand if isinstance(operand, str) else operand.name for operand in operands]
        invariant = pure and all(not operand.startswith("%") or operand in self._invariant for operand in names)
        if invariant:
            self._invariant.add(name)
        (self.entry if invariant else self.loop).append(f"  {name} = {instruction}")
        if pure:
            self._shared[instruction] = name
        return name

    def function(self, head: str, ending: Sequence[str], *, traits: str = "") -> str:
        """Return this code as the text of a function: its type, name and parameters, and the lines that return."""
        body = ["entry:", *self.entry, "  br label %loop", "loop:", *self.loop, *ending]
        return "\n".join([f"define internal {head} {traits}{{", *body, "}"])

    def mark_invariant(self, name: str) -> None:
        """Say that a register set in ``entry`` is the same in all iterations."""
        self._invariant.add(name)

    def declare(self, name: str, text: str) -> None:
        """Add a declaration or a helper function to the module, once."""
        self.declarations.setdefault(name, text)

    # Literals.

    def constant(self, value: np.generic) -> Vector:
        """A number of the program in every lane."""
        dtype = value.dtype
        element = element_type(dtype)
        if dtype.kind == "f":
            return self.real(float(value), element)
        return self.integer(int(value), element, signed=dtype.kind == "i")

    def real(self, value: float, element: str = "double") -> Vector:
        """A number in every lane, rounded to the type."""
        if element == "float":
            with np.errstate(over="ignore"):
                value = float(np.float32(value))
        return Vector(f"splat ({element} {hex_float(value)})", element)

    def integer(self, value: int, element: str, *, signed: bool = False) -> Vector:
        text = ("true" if value else "false") if element == "i1" else str(value)
        return Vector(f"splat ({element} {text})", element, signed)

    # Instructions.

    def binary(self, opcode: str, left: Vector, right: Vector) -> Vector:
        text = f"{opcode} {self.vector_type(left.element)} {left.name}, {right.name}"
        return Vector(self.emit(text, (left, right)), left.element, left.signed)

    def compare(self, predicate: str, left: Vector, right: Vector) -> Vector:
        opcode = "fcmp" if left.is_float else "icmp"
        text = f"{opcode} {predicate} {self.vector_type(left.element)} {left.name}, {right.name}"
        return Vector(self.emit(text, (left, right)), "i1")

    def select(self, condition: Vector, yes: Vector, no: Vector) -> Vector:
        kind = self.vector_type(yes.element)
        text = f"select {self.vector_type('i1')} {condition.name}, {kind} {yes.name}, {kind} {no.name}"
        return Vector(self.emit(text, (condition, yes, no)), yes.element, yes.signed)

    def convert(self, opcode: str, source: Vector, element: str, *, signed: bool = False) -> Vector:
        if opcode == "fpext" and source.number is not None:
            return self.real(source.number, element)
        text = f"{opcode} {self.vector_type(source.element)} {source.name} to {self.vector_type(element)}"
        return Vector(self.emit(text, (source,)), element, signed)

    def negate(self, value: Vector) -> Vector:
        return Vector(self.emit(f"fneg {self.vector_type(value.element)} {value.name}", (value,)), value.element)

    def intrinsic(self, name: str, *operands: Vector, result: str | None = None, extra: str = "") -> Vector:
        """Call ``llvm.<name>`` on vectors.

        Args:
            name: For example ``fma``.
            operands: Vectors; the first gives the type of the result and, unless ``result`` is given, the suffix.
            result: Element type of the result where it differs from the operands'.
            extra: A trailing immediate with its type, for example ``i1 false``.
        """
        kind, target = operands[0].element, result or operands[0].element
        suffix = f"v{self.lanes}{_mangle(target)}" + (f".v{self.lanes}{_mangle(kind)}" if result else "")
        types = [self.vector_type(operand.element) for operand in operands]
        function = f"@llvm.{name}.{suffix}"
        signature = ", ".join([*types, *([extra.split(maxsplit=1)[0]] if extra else [])])
        self.declare(function, f"declare {self.vector_type(target)} {function}({signature})")
        arguments = [f"{text} {operand.name}" for text, operand in zip(types, operands, strict=True)]
        text = f"call {self.vector_type(target)} {function}({', '.join([*arguments, *([extra] if extra else [])])})"
        return Vector(self.emit(text, operands), target, operands[0].signed)

    def fma(self, left: Vector, right: Vector, addend: Vector) -> Vector:
        """``left * right + addend`` with one rounding."""
        return self.intrinsic("fma", left, right, addend)

    def any_lane(self, condition: Vector) -> str:
        """A scalar ``i1``: whether ``condition`` holds in some lane."""
        bits = self.emit(f"bitcast {self.vector_type('i1')} {condition.name} to i{self.lanes}", (condition, "%loop"))
        return self.emit(f"icmp ne i{self.lanes} {bits}, 0", (bits, "%loop"))

    def rarely(self, condition: Vector, function: str, operands: Sequence[Vector], usual: Vector) -> Vector:
        """Replace lanes of ``usual`` where ``condition`` holds, by a branch that is nearly never taken.

        Args:
            condition: Lanes to replace.
            function: A scalar function of the module, ``@name``, from the operands' element type to ``usual``'s.
            operands: Its arguments, lane by lane.
            usual: The result in all other lanes.
        """
        helper, kind = self._lane_by_lane(function, operands, usual), self.vector_type(usual.element)
        mask = f"{self.vector_type('i1')} {condition.name}"
        arguments = f"{mask}, {kind} {usual.name}, {self._typed(operands)}"
        return self._rare_block(condition, usual, [f"%rare = call {kind} {helper}({arguments})"])

    def rarely_all(self, condition: Vector, function: str, operands: Sequence[Vector], usual: Vector) -> Vector:
        """Likewise by a function of vectors, quick enough to be called for all lanes when some lane wants it."""
        kind, mask = self.vector_type(usual.element), f"{self.vector_type('i1')} {condition.name}"
        call = f"%other = call {kind} {function}({self._typed(operands)})"
        return self._rare_block(condition, usual, [call, f"%rare = select {mask}, {kind} %other, {kind} {usual.name}"])

    def _typed(self, operands: Sequence[Vector]) -> str:
        return ", ".join(f"{self.vector_type(each.element)} {each.name}" for each in operands)

    def _rare_block(self, condition: Vector, usual: Vector, lines: Sequence[str]) -> Vector:
        """Branch to lines that set ``%rare``, which takes the place of ``usual``, if ``condition`` holds anywhere."""
        some = self.any_lane(condition)
        before, rare, after = self.block, f"rare{self._count}", f"usual{self._count}"
        kind, result = self.vector_type(usual.element), self.fresh()
        own = [re.sub("%(rare|other)", rf"{result}.\1", line) for line in lines]
        self.loop += [
            f"  br i1 {some}, label %{rare}, label %{after}, !prof !0",
            f"{rare}:",
            *[f"  {line}" for line in own],
            f"  br label %{after}",
            f"{after}:",
            f"  {result} = phi {kind} [ {usual.name}, %{before} ], [ {result}.rare, %{rare} ]",
        ]
        self.block = after
        return Vector(result, usual.element)

    def _lane_by_lane(self, function: str, operands: Sequence[Vector], usual: Vector) -> str:
        name = f"{function}.lanes"
        kind = self.vector_type(usual.element)
        mask = self.vector_type("i1")
        parameters = [f"{self.vector_type(each.element)} %x{place}" for place, each in enumerate(operands)]
        scalars = [
            f"  %s{place} = extractelement {self.vector_type(each.element)} %x{place}, i64 %lane"
            for place, each in enumerate(operands)
        ]
        arguments = ", ".join(f"{each.element} %s{place}" for place, each in enumerate(operands))
        lines = [
            f"define internal {kind} {name}({mask} %mask, {kind} %usual, {', '.join(parameters)}) cold noinline {{",
            "entry:",
            "  br label %loop",
            "loop:",
            "  %lane = phi i64 [ 0, %entry ], [ %next, %join ]",
            f"  %so.far = phi {kind} [ %usual, %entry ], [ %result, %join ]",
            f"  %wanted = extractelement {mask} %mask, i64 %lane",
            "  br i1 %wanted, label %call, label %join",
            "call:",
            *scalars,
            f"  %value = call {usual.element} {function}({arguments})",
            f"  %replaced = insertelement {kind} %so.far, {usual.element} %value, i64 %lane",
            "  br label %join",
            "join:",
            f"  %result = phi {kind} [ %so.far, %loop ], [ %replaced, %call ]",
            "  %next = add i64 %lane, 1",
            f"  %more = icmp ult i64 %next, {self.lanes}",
            "  br i1 %more, label %loop, label %done",
            "done:",
            f"  ret {kind} %result",
            "}",
        ]
        self.declare(name, "\n".join(lines))
        return name


def _mangle(element: str) -> str:
    return {"double": "f64", "float": "f32"}.get(element, element)
