"""The original fuser's table of 58 operations with code, and `clamp`: the operands that each is called with.

A row's operands are words: ``t`` a tensor, ``m`` a mask, anything else a constant of the text; Python's functions take
those with a name by keyword.
"""

UNARY = """
    log log10 log1p log2 lgamma exp expm1 erf erfc cos acos cosh sin asin sinh tan atan tanh sqrt rsqrt ceil floor
    round trunc frac reciprocal sigmoid abs neg relu _cast_Float
""".split()
BINARY = "mul div pow fmod remainder eq ne lt le gt ge __and__ __or__ __xor__".split()
SHIFTS = "__lshift__ __rshift__".split()

ROWS = {
    **dict.fromkeys(UNARY, ("t",)),
    **dict.fromkeys(BINARY + SHIFTS, ("t t", "t 2", "t 0.5")),
    "pow": ("t t", "t 2", "t 0.5", "t 3.0"),
    **dict.fromkeys(("type_as", "atan2", "min", "max"), ("t t",)),
    "add": ("t t", "t t alpha=1", "t t alpha=2", "t 3 alpha=1", "t 0.5 alpha=2"),
    "sub": ("t t", "t t alpha=1", "t t alpha=2", "t 3 alpha=1", "t 0.5 alpha=2"),
    "threshold": ("t 0.5 20.0", "t 0 3"),
    "addcmul": ("t t t", "t t t value=2"),
    "lerp": ("t t t", "t t 0.25", "t t 0.75"),
    "where": ("m t t",),
    "clamp": ("t -1 2", "t 0.5 None", "t None 1.5", "t t t"),
}
"""Every row but ``rand_like``, whose values nobody can foresee."""


def text(name, operands):
    """Return the graph of one operation."""
    parameters, lines, names = [], [], []
    for place, operand in enumerate(operands.split()):
        names.append(f"%v{place}")
        if operand in ("t", "m"):
            parameters.append(f"%v{place} : Tensor")
        else:
            number = operand.rpartition("=")[2]
            value = "" if number == "None" else f"[value={number}]"
            kind = "NoneType" if number == "None" else "float" if "." in number else "int"
            lines.append(f"  %v{place} : {kind} = prim::Constant{value}()")
    lines.append(f"  %r : Tensor = aten::{name}({', '.join(names)})")
    return "\n".join([f"graph({', '.join(parameters)}):", *lines, "  return (%r)"])
