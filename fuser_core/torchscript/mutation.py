"""Mutation: operations in place become the operations that they are, and the names of what they write to move on.

Only an array that the graph itself computed may be written to, and only while it has no views: then nobody can tell
the new values from the old array. Everything else is refused, so no write is ever lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuser_core.torchscript.values import Call, Items, Meaning, Pieces

if TYPE_CHECKING:
    from fuser_core.torchscript.lowering import Lowering

__all__ = ["is_in_place", "write"]

_ALIASES = frozenset(
    f"aten::{name}"
    for name in """
        contiguous detach flatten numpy_T permute ravel reshape reshape_as select slice squeeze t to transpose type_as
        unsqueeze view view_as
    """.split()
) | {"prim::ConstantChunk"}
"""Operations whose result may be the memory of their operand."""


def is_in_place(op: str) -> bool:
    """Say whether PyTorch marks an operation as one that writes to its first operand."""
    return op.startswith("aten::") and op.endswith("_") and not op.endswith("__")


def write(lowering: Lowering, call: Call) -> tuple[Meaning, ...]:
    """Lower an operation in place; everything that named the array written to names the result from now on.

    Raises:
        GraphError: The write could be seen in another array, or in an argument of the caller.
    """
    functional = call.op[:-1]
    way_out = f"use {functional} and its result"
    if not call.operands or not isinstance(call.operands[0], int):
        raise lowering.error(f"{call.op} writes to its first operand, and was given {call.given}; {way_out}")
    array = call.operands[0]
    reason = _visible(lowering, array)
    if reason is not None:
        raise lowering.error(f"{call.op} works in place on {reason}; {way_out}")
    if functional == "aten::copy":
        (result,) = lowering.aten(functional, call.operands, call.attributes)
    else:
        (computed,) = lowering.aten(functional, call.operands, call.attributes)
        (result,) = lowering.aten("aten::copy", [array, computed], {"checked": True})
    assert isinstance(result, int)
    lowering.rename(array, result)
    return (result,)


def _visible(lowering: Lowering, array: int) -> str | None:
    """Return where else a write to an array would be seen, if anywhere."""
    maker = lowering.maker(array)
    if maker is None:
        return "an input of the graph, which belongs to the caller"
    if maker.op in _ALIASES:
        return f"the result of {maker.op}, which may be a view of another array"
    for reader in lowering.readers(array):
        if reader.op in _ALIASES:
            return f"an array of which {reader.op} may have made a view"
    if any(_holds(meaning, array) for meaning in lowering.meanings()):
        return "an array that a list holds"
    return None


def _holds(meaning: Meaning, array: int) -> bool:
    match meaning:
        case Items(items):
            return any(item == array or _holds(item, array) for item in items)
        case Pieces(whole):
            return whole == array
    return False
