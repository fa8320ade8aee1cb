"""Integer operations that take a loop: powers by squaring, greatest common divisors by halving.

Each is a function of the module that works on whole vectors until the last lane is done.
"""

from __future__ import annotations

from fuser_cpu_llvm.integers import absolute
from fuser_cpu_llvm.ir import Code, Vector

__all__ = ["gcd", "lcm", "power"]


def power(code: Code, base: Vector, exponent: Vector) -> Vector:
    """Power that wraps around; the exponent is not negative."""
    if not exponent.name.startswith("%"):
        return _known_power(code, base, int(exponent.name.split()[-1].rstrip(")")))
    kind, name = code.vector_type(base.element), f"@power.{base.element}"
    lines = [
        f"define internal {kind} {name}({kind} %base, {kind} %exponent) {{",
        "entry:",
        "  br label %loop",
        "loop:",
        f"  %square = phi {kind} [ %base, %entry ], [ %square.next, %loop ]",
        f"  %left = phi {kind} [ %exponent, %entry ], [ %left.next, %loop ]",
        f"  %product = phi {kind} [ splat ({base.element} 1), %entry ], [ %product.next, %loop ]",
        f"  %odd = trunc {kind} %left to {code.vector_type('i1')}",
        f"  %more = mul {kind} %product, %square",
        f"  %product.next = select {code.vector_type('i1')} %odd, {kind} %more, {kind} %product",
        f"  %square.next = mul {kind} %square, %square",
        f"  %left.next = lshr {kind} %left, splat ({base.element} 1)",
        *_until_all_are_zero(code, "%left.next", base.element),
        f"  ret {kind} %product.next",
        "}",
    ]
    code.declare(name, "\n".join(lines))
    return _call(code, name, base, exponent)


def _known_power(code: Code, base: Vector, exponent: int) -> Vector:
    result = code.integer(1, base.element, signed=base.signed)
    for place in reversed(range(exponent.bit_length())):
        result = code.binary("mul", result, result) if place + 1 < exponent.bit_length() else result
        result = code.binary("mul", result, base) if exponent >> place & 1 else result
    return result


def gcd(code: Code, x: Vector, y: Vector) -> Vector:
    """Greatest common divisor of the magnitudes, wrapped around; 0 for two zeros."""
    return Vector(_divisor(code, absolute(code, x), absolute(code, y)).name, x.element, x.signed)


def lcm(code: Code, x: Vector, y: Vector) -> Vector:
    """Least common multiple of the magnitudes, wrapped around; 0 where either is 0."""
    magnitude, other = absolute(code, x), absolute(code, y)
    divisor = _divisor(code, magnitude, other)
    none = code.compare("eq", divisor, code.integer(0, x.element))
    quotient = code.binary("udiv", magnitude, code.select(none, code.integer(1, x.element), divisor))
    return Vector(code.binary("mul", quotient, other).name, x.element, x.signed)


def _divisor(code: Code, x: Vector, y: Vector) -> Vector:
    """Stein's algorithm; lanes of at least 32 bits, since processors shift others one by one."""
    if x.bits < 32:
        wide = (code.convert("zext", each, "i32") for each in (x, y))
        return code.convert("trunc", _divisor(code, *wide), x.element)
    kind, name, element = code.vector_type(x.element), f"@gcd.{x.element}", x.element
    zeros = f"@llvm.cttz.v{code.lanes}{element}"
    code.declare(zeros, f"declare {kind} {zeros}({kind}, i1)")
    least = f"@llvm.umin.v{code.lanes}{element}"
    code.declare(least, f"declare {kind} {least}({kind}, {kind})")
    flags, last = code.vector_type("i1"), f"splat ({element} {x.bits - 1})"
    lines = [
        f"define internal {kind} {name}({kind} %x, {kind} %y) {{",
        "entry:",
        # gcd(0, y) is y, and of two numbers the common factors 2 are set aside.
        f"  %none = icmp eq {kind} %x, zeroinitializer",
        f"  %either = or {kind} %x, %y",
        f"  %common = call {kind} {zeros}({kind} %either, i1 false)",
        f"  %x.some = select {flags} %none, {kind} %y, {kind} %x",
        f"  %x.zeros = call {kind} {zeros}({kind} %x.some, i1 false)",
        f"  %x.shift = and {kind} %x.zeros, {last}",
        f"  %x.odd = lshr {kind} %x.some, %x.shift",
        "  br label %loop",
        "loop:",
        f"  %a = phi {kind} [ %x.odd, %entry ], [ %a.next, %loop ]",
        f"  %b = phi {kind} [ %y, %entry ], [ %b.next, %loop ]",
        f"  %b.zeros = call {kind} {zeros}({kind} %b, i1 false)",
        f"  %b.shift = and {kind} %b.zeros, {last}",
        f"  %b.odd = lshr {kind} %b, %b.shift",
        f"  %b.none = icmp eq {kind} %b, zeroinitializer",
        f"  %least = call {kind} {least}({kind} %a, {kind} %b.odd)",
        f"  %a.next = select {flags} %b.none, {kind} %a, {kind} %least",
        f"  %sum = add {kind} %a, %b.odd",
        f"  %greatest = sub {kind} %sum, %least",
        f"  %difference = sub {kind} %greatest, %least",
        f"  %b.next = select {flags} %b.none, {kind} zeroinitializer, {kind} %difference",
        *_until_all_are_zero(code, "%b.next", element),
        f"  %shift = and {kind} %common, {last}",
        f"  %result = shl {kind} %a.next, %shift",
        f"  ret {kind} %result",
        "}",
    ]
    code.declare(name, "\n".join(lines))
    return _call(code, name, x, y)


def _until_all_are_zero(code: Code, name: str, element: str) -> list[str]:
    return [
        f"  %some = icmp ne {code.vector_type(element)} {name}, zeroinitializer",
        f"  %flags = bitcast {code.vector_type('i1')} %some to i{code.lanes}",
        f"  %again = icmp ne i{code.lanes} %flags, 0",
        "  br i1 %again, label %loop, label %done",
        "done:",
    ]


def _call(code: Code, name: str, x: Vector, y: Vector) -> Vector:
    kind = code.vector_type(x.element)
    text = f"call {kind} {name}({kind} {x.name}, {kind} {y.name})"
    return Vector(code.emit(text, (x, y)), x.element, x.signed)
