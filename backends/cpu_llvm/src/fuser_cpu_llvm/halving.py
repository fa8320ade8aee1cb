"""The end of a reduction in vectors: halves are joined until one element is left."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Join", "halving_tree"]


class Join(Protocol):
    """Writes IR of ``name = left op right``; ``kind`` is the LLVM type."""

    def __call__(self, *, kind: str, name: str, left: str, right: str) -> str: ...


def halving_tree(join: Join, element: str, width: int, last: int, vector: str, result: str) -> str:
    """Return IR that halves a vector until ``last`` elements are left.

    Args:
        join: Joins two halves.
        element: LLVM type of a lane.
        width: Lanes of the vector, a power of two.
        last: 1, or 2 where a pair is a number.
        vector: The register that holds it.
        result: The register for what is left.
    """
    lines, name = [], vector
    while width > last:
        half, step = width // 2, f"{vector}.half{width}"
        low, high = (", ".join(f"i32 {start + lane}" for lane in range(half)) for start in (0, half))
        for part, mask in (("low", low), ("high", high)):
            lines.append(
                f"  {step}.{part} = shufflevector <{width} x {element}> {name}, <{width} x {element}> poison, "
                f"<{half} x i32> <{mask}>"
            )
        lines.append(join(kind=f"<{half} x {element}>", name=step, left=f"{step}.low", right=f"{step}.high"))
        name, width = step, half
    kind = f"<{width} x {element}>"
    lines.append(f"  {result} = {f'extractelement {kind} {name}, i64 0' if width == 1 else f'freeze {kind} {name}'}")
    return "\n".join(lines)
