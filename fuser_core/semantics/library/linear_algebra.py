"""Linear algebra: functions of matrices, which are the last two axes."""

from __future__ import annotations

from typing import Any

from fuser_core.semantics.builder import PlanBuilder
from fuser_core.semantics.library.extents import reduced, require_equal, smaller
from fuser_core.semantics.library.table import called
from fuser_core.shapes import Shape

__all__: list[str] = []


def _square(builder: PlanBuilder, a: Shape) -> Shape:
    require_equal(builder, a[-2], a[-1])
    return a


def _without_matrix(shape: Shape) -> Shape:
    return reduced(shape, (-2, -1))


called("linalg.inv linalg.cholesky", "a", _square)
called("linalg.matrix_power", "a", _square, view=True)
called("linalg.pinv", "a", lambda a: (*a[:-2], a[-1], a[-2]))
called("linalg.det", "a", lambda builder, a: _square(builder, a)[:-2])
called("linalg.slogdet", "a", lambda builder, a: (_square(builder, a)[:-2],) * 2, several=True)
called("linalg.matrix_rank", "A", _without_matrix)
called("linalg.cond", "x", _without_matrix)
called("linalg.matrix_norm", "x", lambda x, keepdims: reduced(x, (-2, -1), keepdims))


def _solved(builder: PlanBuilder, a: Shape, b: Shape) -> Shape:
    rows = require_equal(builder, _square(builder, a)[-1], b[-1] if len(b) == 1 else b[-2])
    if len(b) == 1:
        return (*a[:-2], rows)
    return (*builder.broadcast([a[:-2], b[:-2]], "numpy.linalg.solve"), rows, b[-1])


called("linalg.solve", "a b", _solved)


def _triangular(a: Shape, mode: str) -> Any:
    *outer, rows, columns = a
    least = smaller(rows, columns)
    match mode:
        case "complete":
            return (*outer, rows, rows), (*outer, rows, columns)
        case "raw":
            return (*outer, columns, rows), (*outer, least)
        case "r":
            return (*outer, least, columns)
    return (*outer, rows, least), (*outer, least, columns)


def _singular(a: Shape, full_matrices: Any, compute_uv: Any) -> Any:
    *outer, rows, columns = a
    least = smaller(rows, columns)
    if not compute_uv:
        return (*outer, least)
    sides = (rows, columns) if full_matrices else (least, least)
    return (*outer, rows, sides[0]), (*outer, least), (*outer, sides[1], columns)


called("linalg.qr", "a", _triangular, several=True)
called("linalg.svd", "a", _singular, several=True)
called("linalg.svdvals", "x", lambda x: _singular(x, False, False))


def _values(builder: PlanBuilder, a: Shape) -> Shape:
    return _square(builder, a)[:-1]


def _values_and_vectors(builder: PlanBuilder, a: Shape) -> tuple[Shape, Shape]:
    return _values(builder, a), a


called("linalg.eig", "a", _values_and_vectors, several=True, by_hand=True)
called("linalg.eigh", "a", _values_and_vectors, several=True)
called("linalg.eigvals", "a", _values, by_hand=True)
called("linalg.eigvalsh", "a", _values)
