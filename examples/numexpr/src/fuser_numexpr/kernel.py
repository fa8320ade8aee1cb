"""The kernel: numexpr's programs for the expressions of a group, and how they are run."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fuser_core.backend import Group, Operand, Value
from fuser_numexpr.expressions import Expression, translate

__all__ = ["NumExprKernel", "defect_of_engine"]

Array = np.ndarray[Any, np.dtype[Any]]

_RUNNING = threading.Lock()
"""The number of threads is one of the process, as are the threads. A fork waits, so that a child finds both at rest."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_RUNNING.acquire, after_in_parent=_RUNNING.release, after_in_child=_RUNNING.release)


def defect_of_engine() -> str:
    """Return why the numexpr that is installed computes something else than NumPy; empty as a rule."""
    import numexpr

    if numexpr.use_vml:
        return "this numexpr computes with Intel's VML, whose divisions and roots are not rounded as NumPy's are"
    return ""


class NumExprKernel:
    """A group, translated and compiled to numexpr's byte code."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._expressions = translate(group)
        self._programs = [_compile(expression) for expression in self._expressions]

    @property
    def artifacts(self) -> Mapping[str, str]:
        """The texts, one a line."""
        return {"numexpr": "\n".join(f"a{each.result.id} = {each.text}" for each in self._expressions)}

    def run(self, inputs: Sequence[Array], outputs: Sequence[Array], threads: int) -> None:
        """Evaluate the expressions.

        An output that shares memory with an input is written last, since it may be read by several expressions.
        """
        shared = [any(np.may_share_memory(out, array) for array in inputs) for out in outputs]
        arrays: dict[int, Array] = {value.id: array for value, array in zip(self._group.inputs, inputs, strict=True)}
        targets = {value.id: out for value, out in zip(self._group.outputs, outputs, strict=True)}
        late = {value.id for value, late in zip(self._group.outputs, shared, strict=True) if late}
        with _RUNNING:
            _use(threads)
            for expression, program in zip(self._expressions, self._programs, strict=True):
                number = expression.result.id
                operands = [_operand(item, arrays) for item in expression.operands.values()]
                if expression.identity is not None and any(operand.size == 0 for operand in operands):
                    arrays[number] = np.full_like(targets[number], expression.identity)
                    late.add(number)
                else:
                    out = None if number in late else targets.get(number)
                    arrays[number] = program(*operands, out=out, order="K", casting="safe", ex_uses_vml=False)
        for number in late:
            np.copyto(targets[number], arrays[number])


def _use(threads: int) -> None:
    """Set the number of numexpr's threads; it makes them anew, so only where it changes."""
    import numexpr

    number = min(threads, numexpr.MAX_THREADS)
    if numexpr.get_num_threads() != number:
        numexpr.set_num_threads(number)


def _operand(item: Operand, arrays: Mapping[int, Array]) -> Array:
    return arrays[item.id] if isinstance(item, Value) else np.asarray(item.value)


def _compile(expression: Expression) -> Any:
    import numexpr

    # To numexpr `float` is single precision, and NumPy's `double` is double.
    types: dict[str, Any] = {"bool": bool, "int32": np.int32, "int64": np.int64, "float32": float, "float64": np.double}
    types["complex128"] = complex
    signature = [(name, types[item.dtype.name]) for name, item in expression.operands.items()]
    return numexpr.NumExpr(expression.text, signature=signature, optimization="none", truediv=True)
