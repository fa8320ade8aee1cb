"""How reductions, statistics and products of NumPy's are called in the tests."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np

from unit.tracing.functions.operands import ALL, FLOATS, INEXACT, NUMBERS, REAL, REAL_NUMBERS, Case

_ANY = "grid vector zero_d scalar empty"


def _options(function, chars, ulps, **more):
    """Return the ways in which a reduction can be called."""
    return [
        Case(lambda x: function(x), chars, ulps, **more),
        Case(lambda x: (function(x, axis=0), function(x, -1)), chars, ulps, "grid vector", **more),
        Case(lambda x: (function(x, axis=(1, 0)), function(x, axis=())), chars, ulps, "grid", **more),
        Case(lambda x: function(x, axis=1, keepdims=True), chars, ulps, "grid empty", **more),
        Case(lambda x: function(x, axis=2), "d", ulps, "grid", **more, fails=True),
    ]


def _masked(function, chars, ulps):
    return [
        Case(lambda x, m: function(x, where=m), chars, ulps, plain=True),
        Case(lambda x, m: function(x, axis=0, where=m, keepdims=True), chars, ulps, "grid", plain=True),
        Case(lambda x: function(x, axis=1, where=[True, False, True, True]), chars, ulps, "grid", plain=True),
    ]


def _typed(function, ulps):
    return [
        Case(lambda x: (function(x, dtype=np.float64), function(x, 0, "f4")), REAL, ulps, "grid", plain=True),
        Case(lambda x: function(x, dtype=np.int64), REAL, ulps, "grid", plain=True),
    ]


REDUCTIONS = {
    "sum": [
        *_options(np.sum, ALL, 8, plain=True),
        *_masked(np.sum, NUMBERS, 8),
        *_typed(np.sum, 8),
        Case(lambda x: (np.sum(x, initial=3), np.sum(x, initial=2.75, axis=0)), REAL_NUMBERS, 8, "grid", plain=True),
        Case(lambda x, r: x.sum(initial=r), REAL_NUMBERS, 8, _ANY, plain=True),
        Case(lambda x: np.add.reduce(x), NUMBERS, 8, "grid vector", plain=True),
        Case(lambda x: np.sum(x, axis=0, out=x[0] * 0.5), "f d", 8, "grid", plain=True),
    ],
    "prod": [*_options(np.prod, "? b q d D", 16, plain=True), *_masked(np.prod, "b q d D", 16)],
    "min": [
        *_options(np.min, REAL, 0, plain=True),
        Case(lambda x: (np.min(x, initial=1), x.min(initial=-2.5, axis=0)), "b i q e f d", 0, "grid", plain=True),
        Case(lambda x, m: np.min(x, where=m, initial=3), "b i q e f d", 0, "grid vector", plain=True),
    ],
    "amin": [Case(lambda x: np.amin(x, 0), REAL, shapes="grid", plain=True)],
    "max": [
        *_options(np.max, REAL, 0, plain=True),
        Case(lambda x, n: np.max(x, initial=n), "b i q e f d", 0, "grid", plain=True),
        Case(lambda x: np.max(x, initial=300), "b B", 0, "grid", plain=True, fails=True),
        Case(lambda x: np.maximum.reduce(x, axis=1, keepdims=True), "b i q e f d", 0, "grid", plain=True),
    ],
    "amax": [Case(lambda x: np.amax(x, 0), REAL, shapes="grid", plain=True)],
    "any": [*_options(np.any, ALL, 0), *_masked(np.any, ALL, 0)],
    "all": [*_options(np.all, ALL, 0), *_masked(np.all, ALL, 0)],
    "ptp": _options(np.ptp, REAL, 0, plain=True),
    "count_nonzero": [
        Case(lambda x: (np.count_nonzero(x, axis=0), np.count_nonzero(x, axis=(0, 1))), ALL, shapes="grid empty"),
        Case(lambda x: np.count_nonzero(x, keepdims=True), ALL, 0, _ANY),
    ],
    "mean": [
        *_options(np.mean, ALL, 8, plain=True),
        *_masked(np.mean, NUMBERS, 8),
        *_typed(np.mean, 8),
    ],
    "var": [
        *_options(np.var, ALL, 8, plain=True),
        *_masked(np.var, NUMBERS, 8),
        *_typed(np.var, 8),
        Case(lambda x: (np.var(x, ddof=1), x.var(0, None, None, 1)), NUMBERS, 8, "grid", plain=True),
        Case(lambda x, n, r: (np.var(x, ddof=n), np.var(x, ddof=r)), NUMBERS, 8, plain=True),
        Case(
            lambda x: (np.var(x, correction=1), np.var(x, mean=x.mean(keepdims=True))), NUMBERS, 8, "grid", plain=True
        ),
        Case(lambda x: np.var(x, ddof=1, correction=1), "d", fails=True),
    ],
    "std": [
        *_options(np.std, ALL, 8, plain=True),
        *_masked(np.std, REAL_NUMBERS, 8),
        *_typed(np.std, 8),
        Case(lambda x: (np.std(x, ddof=1), x.std(axis=1)), NUMBERS, 8, "grid", plain=True),
    ],
    "average": [
        *_options(np.average, NUMBERS, 8, plain=True),
        Case(lambda x, w: np.average(x, weights=w), NUMBERS, 8, "grid vector", plain=True),
        Case(lambda x, w: np.average(x, 0, w, True), NUMBERS, 8, "grid vector", plain=True),
        Case(lambda x, v: np.average(x, -1, v, returned=True), NUMBERS, 8, "grid vector", plain=True),
        Case(lambda x, v: np.average(x, 1, v, keepdims=True), NUMBERS, 8, "grid", plain=True),
        Case(lambda x: np.average(x, 1, [1, 2, 3, 4]), NUMBERS, 8, "grid", plain=True),
        Case(lambda x: np.average(x, returned=True), NUMBERS, 8, plain=True),
        Case(lambda x, w: np.average(x, weights=w * 0), "i d", 8, "grid vector", plain=True, fails=True),
    ],
    "nansum": [*_options(np.nansum, ALL, 8), Case(lambda x: np.nansum(x * 0 + np.nan), FLOATS)],
    "nanprod": _options(np.nanprod, "b q d", 16),
    "nanmin": [*_options(np.nanmin, REAL_NUMBERS, 0), Case(lambda x: np.nanmin(x * 0 + np.nan, 0), "f d", 0, "grid")],
    "nanmax": [*_options(np.nanmax, REAL_NUMBERS, 0), Case(lambda x: np.nanmax(x * 0 + np.nan), "f d")],
    "nanmean": [
        Case(
            lambda x: (np.nanmean(_holed(x)), np.nanmean(_holed(x), 0), np.nanmean(_holed(x), 1, "f8")),
            FLOATS,
            8,
            "grid",
            plain=True,
        ),
        *_options(np.nanmean, NUMBERS, 8, plain=True),
        Case(lambda x: np.nanmean(x, dtype=int), "f d", 8, plain=True, fails=True),
        Case(lambda x, m: np.nanmean(x, where=m), "f d", 8, plain=True),
    ],
    "nanvar": [
        Case(lambda x: (np.nanvar(_holed(x)), np.nanvar(_holed(x), 0, ddof=2)), FLOATS, 8, "grid", plain=True),
        *_options(np.nanvar, NUMBERS, 8, plain=True),
    ],
    "nanstd": [
        Case(lambda x: (np.nanstd(_holed(x)), np.nanstd(_holed(x), 0, ddof=3)), FLOATS, 8, "grid", plain=True),
        *_options(np.nanstd, NUMBERS, 8, plain=True),
    ],
    "linalg.norm": [
        Case(lambda x: (np.linalg.norm(x), np.linalg.norm(x, keepdims=True)), NUMBERS, 8, _ANY, plain=True),
        Case(lambda x: (np.linalg.norm(x, axis=0), np.linalg.norm(x, "fro")), INEXACT, 8, "grid", plain=True),
        Case(
            lambda x: (np.linalg.norm(x, 1, -1), np.linalg.norm(x, 2, -1)),
            INEXACT + " i",
            16,
            "grid vector",
            plain=True,
        ),
        Case(
            lambda x: (np.linalg.norm(x, np.inf, -1), np.linalg.norm(x, -np.inf, -1)),
            INEXACT,
            8,
            "grid vector",
            plain=True,
        ),
        Case(
            lambda x: (np.linalg.norm(x, 0, -1), np.linalg.norm(x, 3, axis=-1)), INEXACT, 16, "grid vector", plain=True
        ),
    ],
    "linalg.vector_norm": [
        Case(
            lambda x: (np.linalg.vector_norm(x), np.linalg.vector_norm(x, ord=1)),
            INEXACT,
            16,
            "grid vector",
            plain=True,
        ),
        Case(lambda x: np.linalg.vector_norm(x, axis=1, keepdims=True), INEXACT + " i", 8, "grid", plain=True),
    ],
    "dot": [
        Case(lambda x, y: (np.dot(x, y), x.dot(y[::-1])), NUMBERS + " ?", 8, "grid vector", plain=True),
        Case(lambda x, n: (np.dot(x, n), np.dot(n, x), np.dot(n, n)), NUMBERS, 8, plain=True),
        Case(lambda x: np.dot(x, x.T), NUMBERS, 8, "grid", plain=True),
        Case(lambda x: np.dot(x, x), "d", 8, "grid", fails=True),
    ],
    "inner": [Case(lambda x, y: (np.inner(x, y), np.inner(x, x)), NUMBERS, 8, "grid vector", plain=True)],
    "vdot": [
        Case(lambda x, y: np.vdot(x, y), NUMBERS, 8, "vector", plain=True),
        Case(lambda x: np.vdot(x, x), NUMBERS, 8, "grid", plain=True),
    ],
    "vecdot": [
        Case(
            lambda x, y: (np.vecdot(x, y), np.vecdot(x, x, keepdims=True)), NUMBERS + " ?", 8, "grid vector", plain=True
        ),
        Case(lambda x: np.vecdot(x, x, axis=0), NUMBERS, 8, "grid", plain=True),
    ],
    "linalg.vecdot": [Case(lambda x, y: np.linalg.vecdot(x, y), NUMBERS, 8, "grid", plain=True)],
    "matvec": [Case(lambda x, y: np.matvec(x, y), NUMBERS, 8, "grid", plain=True)],
    "vecmat": [Case(lambda x: np.vecmat(x[:, 0], x), NUMBERS, 8, "grid", plain=True)],
    "linalg.matmul": [Case(lambda x, y: np.linalg.matmul(x, y), NUMBERS, 8, "grid", plain=True)],
    "outer": [Case(lambda x, y: (np.outer(x, y), np.outer(x, 2)), NUMBERS, 0, "grid vector zero_d scalar", plain=True)],
    "linalg.outer": [
        Case(lambda x, y: np.linalg.outer(x, y), NUMBERS, 0, "vector", plain=True),
        Case(lambda x: np.linalg.outer(x, x), "d", 0, "grid", fails=True),
    ],
    "cross": [
        Case(lambda x: np.cross(x[..., :3], x[..., 1:]), NUMBERS, 4, "grid vector", plain=True),
        Case(lambda x: (np.cross(x, x[:, ::-1], axis=0), np.cross(x, -x, 0, 0, 0)), NUMBERS, 4, "grid", plain=True),
    ],
    "linalg.cross": [Case(lambda x: np.linalg.cross(x, x[:, ::-1], axis=0), NUMBERS, 4, "grid", plain=True)],
}
"""Cases by the name of the function, below ``numpy``."""


def _holed(x):
    """Return an array with NaN in a whole column and here and there."""
    return np.where((x > 3) | (np.arange(4) == 2), np.nan, x).astype(x.dtype)
