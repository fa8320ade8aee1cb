"""How functions of NumPy's that are called between kernels are called in the tests: along axes, tables, windows."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np

from unit.tracing.functions.operands import FLOATS, NUMBERS, REAL_NUMBERS, Case

_ANY = "grid vector zero_d scalar"


def _quantile(name, values, middle):
    function = getattr(np, name)
    return [
        Case(
            lambda x: (function(x, middle), function(x, values, 0) * 2, function(x, values, -1, keepdims=True)),
            REAL_NUMBERS,
            shapes="grid",
            plain=True,
        ),
        Case(
            lambda x: (function(x * 2, (values,)), function(x, middle, None, method="nearest")),
            "i d",
            shapes="grid vector",
        ),
        Case(lambda x, n: (function(x, n / 4), function(x, np.float32(0.5))), "f d", plain=True),
        Case(lambda x, w: function(x, values, weights=w, method="inverted_cdf"), "d", shapes="grid", plain=True),
        Case(lambda x: function(x, middle, 5), "d", shapes="grid", fails=True),
        Case(lambda x: function(x, 1000), "d", shapes="grid", fails=True),
    ]


def _holed(x):
    return np.where(x > 3, np.nan, x)


QUANTILES = {
    "median": [
        Case(
            lambda x: (np.median(x), np.median(x * 2, 0) * 2, np.median(x, keepdims=True)),
            REAL_NUMBERS,
            shapes=_ANY[:11],
        ),
        Case(lambda x: (np.median(x, (0, 1)), np.median(x, 1, overwrite_input=True)), "i f d", shapes="grid"),
        Case(lambda x: np.median(x, 2), "d", shapes="grid", fails=True),
    ],
    "percentile": _quantile("percentile", (10, 50.5, 100), 30),
    "quantile": _quantile("quantile", (0.1, 0.5, 1), 0.3),
    "nanmedian": [
        Case(lambda x: (np.nanmedian(_holed(x)), np.nanmedian(x, 0) * 2), REAL_NUMBERS, shapes="grid", plain=True)
    ],
    "nanpercentile": _quantile("nanpercentile", (10, 50.5, 100), 30),
    "nanquantile": _quantile("nanquantile", (0.1, 0.5, 1), 0.3),
}
"""Quantiles, by the name of the function, below ``numpy``."""

ALONG = {
    "cumulative_sum": [
        Case(
            lambda x: (np.cumulative_sum(x), np.cumulative_sum(x, include_initial=True)),
            REAL_NUMBERS,
            shapes="vector",
            plain=True,
        ),
        Case(
            lambda x: (np.cumulative_sum(x, axis=0), np.cumulative_sum(x, axis=-1, include_initial=True, dtype="f8")),
            NUMBERS,
            shapes="grid",
            plain=True,
        ),
        Case(lambda x: np.cumulative_sum(x), "d", shapes="grid", fails=True),
    ],
    "cumulative_prod": [Case(lambda x: np.cumulative_prod(x, axis=0) * 2, "i d", shapes="grid", plain=True)],
    "nancumsum": [
        Case(
            lambda x: (np.nancumsum(_holed(x), 0), np.nancumsum(x)),
            NUMBERS[:7] + " e f d",
            shapes="grid vector",
            plain=True,
        )
    ],
    "nancumprod": [
        Case(lambda x: (np.nancumprod(x, axis=-1), np.nancumprod(x * 1j, 0)), "i d", shapes="grid vector", plain=True)
    ],
    "nanargmax": [
        Case(
            lambda x: (np.nanargmax(x), np.nanargmax(_holed(x)), np.nanargmax(x, keepdims=True)),
            REAL_NUMBERS,
            shapes="grid",
            plain=True,
        ),
        Case(lambda x: np.nanargmax(x * np.nan), "d", fails=True),
    ],
    "nanargmin": [
        Case(lambda x: (np.nanargmin(x, 0), np.nanargmin(x, -1, keepdims=True) * 2), "i d", shapes="grid", plain=True)
    ],
    "partition": [
        Case(
            lambda x: (np.partition(x, 2), np.partition(x, (0, -1), 0) * 2, np.partition(x, 5, None)),
            REAL_NUMBERS,
            shapes="grid",
        ),
        Case(lambda x: np.partition(x, 4), "d", shapes="grid vector", fails=True),
    ],
    "argpartition": [
        Case(lambda x: (np.argpartition(x, 2), x.argpartition(1, axis=0) * 2), REAL_NUMBERS, shapes="grid"),
    ],
    "lexsort": [
        Case(lambda x, y: (np.lexsort((x, x * 2)), np.lexsort((x > 0, x), axis=0) * 2), "i d", shapes="grid"),
        Case(lambda x, y: np.lexsort((x, y)), "i d", shapes="vector"),
    ],
    "unwrap": [
        Case(lambda x: (np.unwrap(x), np.unwrap(x * 3, 2, axis=0, period=4) * 2), "i f d", shapes="grid", plain=True)
    ],
    "repeat": [
        Case(lambda x: (np.repeat(x, 2), x.repeat(3, -1) * 2, np.repeat(x, [3], 0)), NUMBERS, shapes="grid vector"),
        Case(lambda x, n: (np.repeat(x, n, 0), np.repeat(x, (1, 0, 2), axis=0)), "d", shapes="grid"),
        Case(lambda x: np.repeat(x, -1), "d", shapes="grid", fails=True),
    ],
    "tile": [
        Case(
            lambda x: (np.tile(x, 2), np.tile(x * 2, (2, 1, 3)) * 2, np.tile(x, (1, 0))), NUMBERS, shapes="grid vector"
        ),
        Case(lambda x, n: np.tile(x, [n, 1]), "d", shapes="grid"),
    ],
    "resize": [Case(lambda x: (np.resize(x, 5), np.resize(x * 2, (2, 7)) * 2), NUMBERS, shapes="grid vector")],
    "take_along_axis": [
        Case(
            lambda x: (
                np.take_along_axis(x, np.argsort(x, 0), 0),
                np.take_along_axis(x, np.array([[0], [1], [1]]), 1) * 2,
            ),
            NUMBERS,
            shapes="grid",
        ),
        Case(lambda x: np.take_along_axis(x, np.array([5, 1]), None), "d", shapes="grid"),
        Case(lambda x: np.take_along_axis(x, np.array([0, 1]), 0), "d", shapes="grid", fails=True),
        Case(lambda x: np.take_along_axis(x, np.array([[9]]), 0), "d", shapes="grid", fails=True),
    ],
    "trapezoid": [
        Case(
            lambda x: (np.trapezoid(x), np.trapezoid(x, axis=0) * 2, np.trapezoid(x, dx=0.5)),
            "i f d D",
            16,
            "grid",
            plain=True,
        ),
        Case(lambda x, v: (np.trapezoid(x, v), np.trapezoid(x, x * x, axis=0)), "i f d", 16, "grid vector", plain=True),
        Case(lambda x: np.trapezoid(x, x[0]), "d", shapes="grid", fails=False),
    ],
    "choose": [
        Case(lambda x: (np.choose(x > 0, [x, x * 2]), (x > 0).choose([x[0], 7])), "i d", shapes="grid", plain=True),
        Case(lambda x: np.choose([2, -1, 5, 0], [x, -x], mode="wrap"), "d", shapes="grid vector"),
        Case(lambda x: np.choose([0, 0, 2, 0], [x, x]), "d", shapes="grid", fails=True),
    ],
    "digitize": [
        Case(
            lambda x, v: (np.digitize(x, v), np.digitize(x * 2, [0, 1, 2], right=True) * 2),
            REAL_NUMBERS,
            shapes="grid vector",
        ),
        Case(lambda x, v: np.digitize(x, [1, 0, 2]), "d", shapes="grid", fails=True),
    ],
    "convolve": [
        Case(
            lambda x, v: (np.convolve(x, v), np.convolve(x, v[:3], "same"), np.convolve(x, [1, 2], "valid") * 2),
            NUMBERS,
            8,
            "vector",
            plain=True,
        ),
        Case(lambda x: np.convolve(x, x[:0]), "d", shapes="vector", fails=True),
    ],
    "correlate": [
        Case(
            lambda x, v: (np.correlate(x, v), np.correlate(x, v[:2]), np.correlate(v[:3], x, "full")),
            NUMBERS,
            8,
            "vector",
            plain=True,
        )
    ],
    "pad": [
        Case(
            lambda x: (np.pad(x, 1), np.pad(x, (1, 2), "edge") * 2, np.pad(x * 2, ((0, 1), (2, 0)), "wrap")),
            NUMBERS,
            shapes="grid",
        ),
        Case(
            lambda x: [np.pad(x, 2, mode) for mode in ("reflect", "symmetric", "mean", "maximum")],
            "i d",
            shapes="grid vector",
            plain=True,
        ),
        Case(
            lambda x: (np.pad(x, 1, "linear_ramp", end_values=3), np.pad(x, 1, constant_values=(1, 2))),
            "d",
            shapes="grid",
        ),
        Case(lambda x: np.pad(x, -1), "d", shapes="grid", fails=True),
        Case(lambda x: np.pad(x, ((1, 2), (1, 1), (1, 1))), "d", shapes="grid", fails=True),
    ],
    "lib.stride_tricks.sliding_window_view": [
        Case(
            lambda x: (_windows(x, 2, 1), _windows(x, (2, 3)).mean((-1, -2)), _windows(x * 2, 3, axis=0)),
            "i d",
            8,
            "grid",
            plain=True,
        ),
        Case(lambda x: _windows(x, 2) * 2, FLOATS, shapes="vector"),
        Case(lambda x: _windows(x, 9), "d", shapes="grid vector", fails=True),
    ],
}
"""Functions along an axis, by the name of the function, below ``numpy``."""

_windows = np.lib.stride_tricks.sliding_window_view
