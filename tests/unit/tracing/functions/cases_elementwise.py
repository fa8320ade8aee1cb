"""How elementwise functions of NumPy's are called in the tests."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np

from unit.tracing.functions.operands import ALL, FLOATS, INEXACT, NUMBERS, REAL, REAL_NUMBERS, Case

ELEMENTWISE = {
    "round": [
        Case(lambda x: np.round(x), ALL),
        Case(lambda x: (x.round(), x.round(1)), REAL_NUMBERS),
        Case(lambda x: np.round(x, -1), REAL_NUMBERS, plain=True),
        Case(lambda x: np.round(x, decimals=2)),
        Case(lambda x, n: np.round(x, n), "i f d"),
        Case(lambda x: np.round(x, 1), "?", fails=True),
        Case(lambda x: np.round(x, 30), "d"),
        Case(lambda r: np.round(r), "d"),
        Case(lambda x: np.round(x, out=x * 0), "f d", shapes="grid"),
    ],
    "around": [Case(lambda x: np.around(x, 1))],
    "fix": [Case(lambda x: np.fix(x), REAL), Case(lambda r: np.fix(r), "d")],
    "real": [Case(lambda x: (np.real(x), x.real + 1), NUMBERS), Case(lambda r: np.real(r), "d")],
    "imag": [Case(lambda x: (np.imag(x), x.imag + 1), NUMBERS), Case(lambda r: np.imag(r), "d")],
    "angle": [Case(lambda x: np.angle(x), NUMBERS, 4), Case(lambda x: np.angle(x, deg=True), REAL + " F D", 4)],
    "isreal": [Case(lambda x: np.isreal(x), ALL), Case(lambda r: np.isreal(r), "d")],
    "iscomplex": [Case(lambda x: np.iscomplex(x), ALL), Case(lambda r: np.iscomplex(r), "d")],
    "isposinf": [Case(lambda x: np.isposinf(x), ALL), Case(lambda r: np.isposinf(r), "d")],
    "isneginf": [Case(lambda x: np.isneginf(x), ALL), Case(lambda r: np.isneginf(r), "d")],
    "isclose": [
        Case(lambda x, y: np.isclose(x, y), REAL_NUMBERS),
        Case(lambda x, y: np.isclose(x, y, rtol=0.5, atol=1, equal_nan=True), REAL_NUMBERS),
        Case(lambda x, y: np.isclose(x, y, 0.1, y), "f d"),
        Case(lambda x, r: (np.isclose(x, r), np.isclose(r, x)), REAL_NUMBERS),
        Case(lambda x, n: (np.isclose(x, n), np.isclose(n, x), np.isclose(n, n)), REAL_NUMBERS),
        Case(lambda x: np.isclose(x, [1.0, 2.0, 3.0, 4.0]), "f d", shapes="grid"),
    ],
    "nan_to_num": [
        Case(lambda x: np.nan_to_num(x), REAL),
        Case(lambda x: np.nan_to_num(x, nan=7, posinf=1e300, neginf=-3.5), REAL),
        Case(lambda x, r: np.nan_to_num(x, nan=r), FLOATS),
        Case(lambda x: np.nan_to_num(x, nan=np.float64(0.1)), FLOATS),
        Case(lambda x: np.nan_to_num(x, copy=False), "i q"),
        Case(lambda x: np.nan_to_num(x * 1, copy=False), FLOATS, shapes="grid"),
        Case(lambda r: np.nan_to_num(r), "d"),
    ],
    "sinc": [Case(lambda x: np.sinc(x), ALL, 8, plain=True), Case(lambda x: np.sinc(x * 0), FLOATS, plain=True)],
    "polyval": [
        Case(lambda x: np.polyval([2, -1, 3], x), NUMBERS, 4, plain=True),
        Case(lambda x, y: np.polyval(y, x), "f d", 4, plain=True),
        Case(lambda x: np.polyval((), x), "f d"),
    ],
    "zeros_like": [
        Case(lambda x: np.zeros_like(x), ALL),
        Case(lambda x: np.zeros_like(x, dtype=np.int8) + 1, ALL),
        Case(lambda r: np.zeros_like(r), "d"),
    ],
    "ones_like": [Case(lambda x: (np.ones_like(x), np.ones_like(x, np.float32)), ALL)],
    "full_like": [
        Case(lambda x: np.full_like(x, 7), ALL),
        Case(lambda x: np.full_like(x, 300), ALL),
        Case(lambda x: np.full_like(x, 2.75, dtype=np.float16), ALL),
        Case(lambda x: np.full_like(x, 2.75), ALL),
        Case(lambda x, n: np.full_like(x, n), ALL),
        Case(lambda x, r: np.full_like(x, r), ALL),
        Case(lambda x, y: np.full_like(x, y), ALL),
        Case(lambda x: np.full_like(x, np.int64(5)), ALL),
        Case(lambda x: np.full_like(x, [[1]]), "i d"),
        Case(lambda x, y: np.full_like(y, x), "i d", shapes="grid", fails=True),
        Case(lambda x: np.full_like(x, 1j), "F D"),
    ],
    "empty_like": [Case(lambda x: np.empty_like(x).shape, ALL), Case(lambda x: np.empty_like(x, "i4") * 0 + 1, ALL)],
    "copy": [Case(lambda x: (np.copy(x), x.copy()), ALL), Case(lambda r: np.copy(r), "d")],
    "astype": [
        Case(lambda x: np.astype(x, np.float64), REAL, shapes="grid vector zero_d"),
        Case(lambda x: np.astype(x, x.dtype, copy=False), REAL),
        Case(lambda x: (x.astype(np.int16), x.astype("f4", copy=False)), "? b B i"),
        Case(lambda x: x.astype(np.int16, casting="safe"), "b i"),
        Case(lambda x: x.astype(float, "K", "unsafe", True, False), REAL),
    ],
    "where": [
        Case(lambda x, y: np.where(x > y, x, y), REAL),
        Case(lambda x: np.where(x, 1, 2.5), ALL),
        Case(lambda x, m: np.where(m, x, 0), ALL),
    ],
    "clip": [
        Case(lambda x: (np.clip(x, 1, 3), np.clip(x, a_min=1, a_max=3), x.clip(1, 3)), "b B i q e f d"),
        Case(lambda x: (np.clip(x, None, 3), np.clip(x, 1, None), x.clip(max=3), x.clip(min=1)), "b B i q e f d"),
        Case(lambda x, y: (np.clip(x, y, 2), x.clip(0, y)), "b B i q e f d"),
        Case(lambda x: np.clip(x, 1, 3, out=x * 0), "i d", shapes="grid"),
        Case(lambda x: np.clip(x, 1, 3, np.zeros_like(x)), "i d", shapes="grid"),
    ],
    "select": [
        Case(lambda x: np.select([x > 3, x > 1], [x, x * 2], default=-1), "b i q e f d"),
        Case(lambda x: np.select([x > 3, x > 1], [x, 7]), ALL, shapes="grid vector"),
        Case(lambda x: np.select([x > 3], [x], 2.5), REAL_NUMBERS),
        Case(lambda x, r: np.select([x > 3], [r], x), REAL_NUMBERS),
        Case(lambda x, y: np.select([x > y, y > 0], [x, y]), REAL_NUMBERS),
        Case(lambda x: np.select([x > 3, [True, False, True, False]], [x, -x]), "i d", shapes="grid vector"),
        Case(lambda x: np.select([x], [x]), "i d", fails=True),
        Case(lambda x: np.select([x > 3], [x, x]), "d", fails=True),
        Case(lambda x: np.select([], [x]), "d", fails=True),
    ],
    "copyto": [
        Case(lambda x, y: _copied(x * 1, y), NUMBERS, shapes="grid vector"),
        Case(lambda x, m: _copied(x * 1, 7, where=m), NUMBERS, shapes="grid vector"),
        Case(lambda x, r: _copied(x * 1, r), FLOATS, shapes="grid vector"),
        Case(lambda x, r: _copied(x * 1, r), "b i", shapes="grid", fails=True),
        Case(lambda x, m: _copied(x.astype("f4"), x, "unsafe", where=m), "d D", shapes="grid"),
        Case(lambda x: _copied(x.astype("i4"), x), "d", shapes="grid", fails=True),
        Case(lambda x: _copied(x.astype("i4"), [1, 2, 3, 4]), "d", shapes="grid"),
    ],
    "result_type": [
        Case(lambda x, y, n, r: (np.result_type(x, y, n), np.result_type(r, x), np.result_type(x, "f4")), ALL),
    ],
    "can_cast": [Case(lambda x: (np.can_cast(x, np.float32), np.can_cast(x, "i2", "unsafe")), ALL, shapes="grid")],
    "iscomplexobj": [Case(lambda x, r: (np.iscomplexobj(x), np.iscomplexobj(r)), ALL)],
    "isrealobj": [Case(lambda x, r: (np.isrealobj(x), np.isrealobj(r)), ALL)],
    "ndim": [Case(lambda x, r: (np.ndim(x), np.ndim(r)), "d")],
    "shape": [Case(lambda x, r: (np.shape(x), np.shape(r), x * np.shape(x)[0]), "d", shapes="grid")],
    "size": [
        Case(lambda x, r: (np.size(x), np.size(r), x.nbytes, x.itemsize), "d"),
        Case(lambda x: (np.size(x, 1), np.size(x, axis=0)), "d", shapes="grid"),
    ],
}
"""Cases by the name of the function, below ``numpy``."""

METHODS = {
    "conj": [Case(lambda x: (x.conj(), x.conjugate(), np.conj(x)), INEXACT + " b i")],
    "fill": [Case(lambda x: _fill(x * 1, 3), "b i d", shapes="grid vector")],
}


def _copied(array, *args, **options):
    np.copyto(array, *args, **options)
    return array


def _fill(array, value):
    array.fill(value)
    return array
