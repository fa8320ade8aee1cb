"""Outlining: a long operation becomes a function of the module, which is written once and called at every use.

Written out at every use it would make a block of instructions so long that LLVM's time grows faster than its length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fuser_core.plan import DType
from fuser_cpu_llvm.ir import Code, Vector, element_type
from fuser_cpu_llvm.registers import Complex, Register, is_complex, parts, wholes

__all__ = ["call"]

Emit = Callable[..., tuple[Register, ...]]


def call(
    code: Code, name: str, operands: Sequence[Register], dtypes: Sequence[DType], emit: Emit
) -> tuple[Register, ...]:
    """Emit a call, and the function that it calls, if the module does not have it yet.

    Args:
        code: The caller.
        name: Of the operation.
        operands: What it is called with.
        dtypes: Of its results.
        emit: ``emit(code, *operands)`` writes the operation out and returns its results.
    """
    vectors = parts(operands)
    # An integer literal stays within the function, one for each: a division by a known number is far cheaper.
    passed = [operand.is_float or operand.name.startswith("%") for operand in vectors]
    own = [
        Vector(f"%x{place}", operand.element, operand.signed) if variable else operand
        for place, (operand, variable) in enumerate(zip(vectors, passed, strict=True))
    ]
    arguments, parameters = (
        [each for each, variable in zip(some, passed, strict=True) if variable] for some in (vectors, own)
    )
    given = [dtype for dtype in dtypes for _ in range(2 if is_complex(dtype) else 1)]
    kinds = [code.vector_type(element_type(dtype)) for dtype in given]
    kind = kinds[0] if len(kinds) == 1 else f"{{ {', '.join(kinds)} }}"
    traits = [f"{'s' * each.signed}{each.element if each.name.startswith('%') else each.name}" for each in own]
    function = f'@"{".".join([name, *traits])}"'
    if function not in code.declarations:
        inner = Code(code.lanes, code.fast_math)
        results = parts(emit(inner, *wholes(own, map(type, operands))))
        code.declare(function, _definition(inner, f"{kind} {function}({_list(code, parameters)})", kind, results))
        for declared, text in inner.declarations.items():
            code.declare(declared, text)
    answer = code.emit(f"call {kind} {function}({_list(code, arguments)})", arguments)
    answers = [answer]
    if len(given) > 1:
        answers = [code.emit(f"extractvalue {kind} {answer}, {place}", [answer]) for place in range(len(given))]
    registers = [
        Vector(each, element_type(dtype), dtype.kind == "i") for each, dtype in zip(answers, given, strict=True)
    ]
    return wholes(registers, (Complex if is_complex(dtype) else Vector for dtype in dtypes))


def _list(code: Code, vectors: Sequence[Vector]) -> str:
    return ", ".join(f"{code.vector_type(each.element)} {each.name}" for each in vectors)


def _definition(code: Code, head: str, kind: str, results: Sequence[Vector]) -> str:
    answer = results[0].name
    packed: list[str] = []
    if len(results) > 1:
        answer = "poison"
        for place, result in enumerate(results):
            packed.append(f"  %r{place} = insertvalue {kind} {answer}, {_list(code, [result])}, {place}")
            answer = f"%r{place}"
    return code.function(head, [*packed, f"  ret {kind} {answer}"])
