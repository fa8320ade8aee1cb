"""How functions of NumPy's that change shapes, or put arrays together, are called in the tests."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np

from unit.tracing.functions.operands import NUMBERS, REAL_NUMBERS, Case

_ANY = "grid vector zero_d scalar empty"

SHAPES_OF_ARRAYS = {
    "transpose": [
        Case(lambda x: (np.transpose(x), x.T + 1, x.transpose() * 2), "i d", shapes=_ANY),
        Case(lambda x: (np.transpose(x, (1, 0)), x.transpose(1, 0), x.transpose((-1, 0))), "i d", shapes="grid"),
        Case(lambda x: np.transpose(x, (0, 0)), "d", shapes="grid", fails=True),
    ],
    "permute_dims": [Case(lambda x: np.permute_dims(x, (1, 0)), "d", shapes="grid")],
    "matrix_transpose": [Case(lambda x: (np.matrix_transpose(x), x.mT), "d", shapes="grid vector")],
    "linalg.matrix_transpose": [Case(lambda x: np.linalg.matrix_transpose(x), "d", shapes="grid")],
    "swapaxes": [
        Case(lambda x: (np.swapaxes(x, 0, -1), x.swapaxes(0, 0) + 1), "d", shapes="grid vector"),
        Case(lambda x: np.swapaxes(x, 0, 2), "d", shapes="grid", fails=True),
    ],
    "moveaxis": [
        Case(lambda x: np.moveaxis(x[None], 0, -1), "d", shapes="grid vector"),
        Case(lambda x: np.moveaxis(x[None], (0, 1), (-1, 0)), "d", shapes="grid"),
        Case(lambda x: np.moveaxis(x, (0, 1), 0), "d", shapes="grid", fails=True),
    ],
    "rollaxis": [
        Case(lambda x: (np.rollaxis(x[None], 2), np.rollaxis(x[None], 0, 3), np.rollaxis(x, 1, 1)), "d", shapes="grid"),
        Case(lambda x: (np.rollaxis(x[None], -1, -2), np.rollaxis(x, 0, 0)), "d", shapes="grid"),
        Case(lambda x: np.rollaxis(x, 0, 9), "d", shapes="grid", fails=True),
    ],
    "flip": [
        Case(lambda x: np.flip(x), "i d", shapes=_ANY),
        Case(lambda x: (np.flip(x, 0) + 1, np.flip(x, (0, 1)), np.flip(x, axis=-1)), "i d", shapes="grid"),
        Case(lambda x: np.flip(x, 3), "d", fails=True),
    ],
    "fliplr": [Case(lambda x: np.fliplr(x), "d", shapes="grid vector")],
    "flipud": [Case(lambda x: np.flipud(x), "d", shapes="grid vector zero_d")],
    "rot90": [
        Case(lambda x: (np.rot90(x), np.rot90(x, 2), np.rot90(x, 3), np.rot90(x, 4)), "i d", shapes="grid"),
        Case(lambda x: (np.rot90(x, -1, (1, 0)), np.rot90(x[None], 1, axes=(0, 2))), "d", shapes="grid"),
        Case(lambda x: np.rot90(x), "d", shapes="vector", fails=True),
        Case(lambda x: np.rot90(x, axes=(0, 0)), "d", shapes="grid", fails=True),
    ],
    "expand_dims": [
        Case(lambda x: (np.expand_dims(x, 0), np.expand_dims(x, (0, -1)) + 1), "i d", shapes=_ANY),
        Case(lambda r: np.expand_dims(r, 0), "d"),
        Case(lambda x: np.expand_dims(x, 5), "d", fails=True),
    ],
    "squeeze": [
        Case(lambda x: (np.squeeze(x), x[None].squeeze(), np.squeeze(x[..., None], -1)), "i d", shapes=_ANY),
        Case(lambda x: (np.squeeze(x[1:2]), x[:1, :1].squeeze(axis=(0, 1)), x[:1].squeeze() + 1), "d", shapes="grid"),
        Case(lambda x: np.squeeze(x, 0), "d", shapes="grid vector", fails=True),
    ],
    "reshape": [
        Case(lambda x: (x.reshape(-1, 1), x.reshape((1, -1, 1)) + 1, np.reshape(x, -1)), "i d", shapes="vector"),
        Case(lambda x: (x.reshape(3, 4), x.reshape(3, 1, 4), x.reshape(*x.shape, 1)), "i d", shapes="grid"),
        Case(lambda x: (x.reshape(x.shape), x.reshape(-1, 4), x.reshape(3, -1, 1)), "d", shapes="grid"),
        Case(lambda x: (x[None].reshape(3, 4), x[:, None].reshape((1, 3, 4), order="F")), "d", shapes="grid"),
        Case(lambda x: (x.reshape(1, 1), x.reshape(()), np.reshape(x, -1)), "d", shapes="zero_d scalar"),
        Case(lambda x: x[:1, :1].reshape(()) + 1, "d", shapes="grid"),
        Case(
            lambda x: (x.reshape(-1), x.reshape(2, -1) + 1, x.T.reshape(6, 2), np.reshape(x, -1, order="F")),
            "i d",
            shapes="grid",
        ),
        Case(
            lambda x: (x.reshape(x.size), x.reshape(x.shape[0] * x.shape[1], 1), x.reshape(0, -1, 4)),
            "d",
            shapes="empty",
            fails=True,
        ),
        Case(lambda x, n: (x.reshape(n, -1), (x + 1).reshape(n, n, -1).sum(0)), "i d", shapes="grid"),
        Case(lambda x: (x.flatten(), (x + 1).flatten("F")), "i d", shapes="grid vector empty zero_d scalar"),
        Case(lambda x: x.reshape(5, -1), "d", shapes="grid vector", fails=True),
    ],
    "ravel": [
        Case(lambda x: (np.ravel(x), x.ravel(), (x * 2).ravel(), x[::2].ravel()), "i d", shapes="vector"),
        Case(
            lambda x: (np.ravel(x), x.T.ravel(), np.ravel(x[:, ::2], "F"), (x + 1).ravel()), "i d", shapes="grid empty"
        ),
        Case(lambda x: np.ravel(x), "d", shapes="zero_d scalar"),
    ],
    "atleast_1d": [Case(lambda x, y: (np.atleast_1d(x), np.atleast_1d(x, y, 2)), "i d", shapes=_ANY)],
    "atleast_2d": [Case(lambda x, y: (np.atleast_2d(x), np.atleast_2d(x, y)), "i d", shapes=_ANY)],
    "atleast_3d": [Case(lambda x, y: (np.atleast_3d(x), np.atleast_3d(y, 2.0)), "i d", shapes=_ANY)],
    "broadcast_to": [
        Case(lambda x, y: (np.broadcast_to(y, x.shape), np.broadcast_to(y, x.shape) + x), "i d", shapes="grid vector"),
        Case(lambda x: (np.broadcast_to(x, (2, 3, 4)), np.broadcast_to(x, x.shape)), "i d", shapes="grid"),
        Case(
            lambda x: (np.broadcast_to(x, (2, 3)), np.broadcast_to(x, 3), np.broadcast_to(x, ())),
            "d",
            shapes="zero_d scalar",
        ),
        Case(lambda x, r: np.broadcast_to(r, x.shape) * 2, "d", shapes="grid empty"),
        Case(lambda x, n: np.broadcast_to(x, (n, *x.shape)), "d", shapes="grid"),
        Case(lambda x: np.broadcast_to(x, (3, 1)), "d", shapes="grid", fails=True),
        Case(lambda x: np.broadcast_to(x, (-1, 4)), "d", shapes="grid", fails=True),
    ],
    "broadcast_arrays": [
        Case(lambda x, y: np.broadcast_arrays(x, y), "i d", shapes=_ANY),
        Case(lambda x, y, r: np.broadcast_arrays(y[:, None], x[0], r)[0] + 1, "i d", shapes="grid"),
        Case(lambda x: np.broadcast_arrays(x, x), "d"),
        Case(lambda x: np.broadcast_arrays(x), "d"),
        Case(lambda x, y: np.broadcast_arrays(x, y[:3]), "d", shapes="grid", fails=True),
    ],
    "split": [
        Case(lambda x: (np.split(x, 2, axis=1), np.split(x, [1, 2])), "i d", shapes="grid"),
        Case(lambda x: [part * 2 for part in np.split(x, 4)], "i d", shapes="vector"),
        Case(lambda x: np.split(x, 5), "d", shapes="grid vector", fails=True),
    ],
    "array_split": [
        Case(lambda x: (np.array_split(x, 3, axis=-1), np.array_split(x, 7)), "i d", shapes="grid vector empty"),
        Case(lambda x, n: (np.array_split(x, n), np.array_split(x, (1, 3, 2, 9))), "d", shapes="grid vector"),
        Case(lambda x: np.array_split(x, 0), "d", shapes="grid vector", fails=True),
    ],
    "hsplit": [Case(lambda x: (np.hsplit(x, 2), np.hsplit(x, [1])), "d", shapes="grid vector zero_d")],
    "vsplit": [Case(lambda x: (np.vsplit(x, 3), np.vsplit(x, [1])), "d", shapes="grid vector")],
    "dsplit": [Case(lambda x: (np.dsplit(x[None], 2), np.dsplit(x[:, None], [1])), "d", shapes="grid vector")],
    "unstack": [Case(lambda x: (np.unstack(x), np.unstack(x, axis=-1)), "i d", shapes="grid vector zero_d")],
    "meshgrid": [
        Case(lambda x, y: np.meshgrid(x, y[:3]), "i d", shapes="vector"),
        Case(lambda x, y: np.meshgrid(x, y[:2], x[:1], indexing="ij"), "i d", shapes="vector"),
        Case(lambda x, y: np.meshgrid(x, y[:2], sparse=True, copy=False), "d", shapes="vector"),
        Case(lambda x, y: [grid + 1 for grid in np.meshgrid(x, y[:3], copy=False)], "d", shapes="vector"),
        Case(lambda x: np.meshgrid(x, 2.0), "d", shapes="vector"),
    ],
}
"""Views, by the name of the function, below ``numpy``."""

JOINS = {
    "concatenate": [
        Case(lambda x, y: np.concatenate([x, y, x]), "i d", shapes="vector"),
        Case(lambda x: (np.concatenate([x, x * 2], axis=1), np.concatenate((x, x[:1]), -2)), NUMBERS, shapes="grid"),
        Case(lambda x: np.concatenate([x, [1.5]], dtype=np.float32), "i d", shapes="vector"),
        Case(lambda x: np.concatenate([x, x], axis=None), "i d", shapes="grid vector empty zero_d scalar"),
        Case(lambda x: np.concatenate([x, x], dtype="i2", casting="safe"), "d", shapes="vector", fails=True),
        Case(lambda x: np.concatenate([x, x[0]]), "d", shapes="grid vector", fails=True),
    ],
    "concat": [Case(lambda x: np.concat([x, x * 2]), "i d", shapes="grid")],
    "stack": [
        Case(lambda x: (np.stack([x, x + 1]), np.stack((x, -x), axis=-1)), NUMBERS, shapes="grid vector zero_d scalar"),
        Case(lambda x, r: np.stack([x[0, 0], r]), "i d", shapes="grid"),
        Case(lambda x: np.stack([x, x[0]]), "d", shapes="grid", fails=True),
    ],
    "hstack": [Case(lambda x: (np.hstack([x, x]), np.hstack((x * 2, x))), "i d", shapes="grid vector zero_d scalar")],
    "vstack": [Case(lambda x, y: (np.vstack([x, y]), np.vstack([x, x])), "i d", shapes="grid vector")],
    "dstack": [Case(lambda x: np.dstack([x, x]), "i d", shapes="grid vector zero_d")],
    "column_stack": [Case(lambda x: np.column_stack([x, x]), "i d", shapes="grid vector")],
    "append": [
        Case(lambda x, r: (np.append(x, r), np.append(x, [1, 2])), "i d", shapes="grid vector"),
        Case(lambda x: np.append(x, x, axis=1), "d", shapes="grid"),
    ],
    "roll": [
        Case(
            lambda x: (np.roll(x, 1, 0), np.roll(x, -2, axis=-1), np.roll(x, 9, 0)), "i d", shapes="grid vector empty"
        ),
        Case(lambda x: (np.roll(x, 1), np.roll(x, 0), np.roll(x, -1) + x), "i d", shapes="grid vector"),
        Case(lambda x: (np.roll(x, (1, -1), (0, 1)), np.roll(x, 1, (0, 1))), "d", shapes="grid"),
    ],
    "diff": [
        Case(lambda x: (np.diff(x), np.diff(x, 2), np.diff(x, axis=0)), NUMBERS + " ?", shapes="grid"),
        Case(lambda x: (np.diff(x, prepend=0), np.diff(x, append=x[:2]), np.diff(x, n=0)), NUMBERS, shapes="vector"),
        Case(lambda x, n: np.diff(x, n, -1, 1, 2), "i d", shapes="grid"),
        Case(lambda x: np.diff(x, 9), "d", shapes="vector"),
        Case(lambda x: np.diff(x, -1), "d", shapes="vector zero_d", fails=True),
    ],
    "gradient": [
        Case(lambda x: np.gradient(x), "b B i q e f d", 4, "grid vector", plain=True),
        Case(
            lambda x, r: (np.gradient(x, r, axis=1), np.gradient(x, 0.5, 2, axis=(1, 0))),
            "i f d",
            4,
            "grid",
            plain=True,
        ),
        Case(lambda x: np.gradient(x[:1]), "d", shapes="grid vector", fails=True),
    ],
}
"""What puts arrays together, by the name of the function, below ``numpy``."""

CALLS = {
    "cumsum": [
        Case(
            lambda x: (np.cumsum(x), x.cumsum(), np.cumsum(x, dtype="f4")),
            REAL_NUMBERS + " ?",
            shapes="grid vector zero_d scalar",
            plain=True,
        ),
        Case(lambda x: (np.cumsum(x, axis=0), np.cumsum(x * 2, -1) + 1), NUMBERS, shapes="grid", plain=True),
        Case(lambda x: np.cumsum(x, 2), "d", shapes="grid", fails=True),
    ],
    "cumprod": [
        Case(lambda x: (np.cumprod(x, 0), np.cumprod(x, axis=1, dtype="f8")), "i d", shapes="grid", plain=True)
    ],
    "sort": [
        Case(lambda x: (np.sort(x), np.sort(x, 0), np.sort(x, kind="stable") + 1), REAL_NUMBERS, shapes="grid"),
        Case(lambda x: np.sort(x, None), "d", shapes="grid vector zero_d"),
        Case(lambda x: np.sort(x), "d", shapes="zero_d", fails=True),
    ],
    "argsort": [
        Case(lambda x: (np.argsort(x, kind="stable"), x.argsort(0, stable=True)), "i d", shapes="grid vector"),
        Case(lambda x: np.argsort(x, None), "i d", shapes="grid vector"),
    ],
    "argmax": [
        Case(
            lambda x: (np.argmax(x), x.argmax(), np.argmax(x, keepdims=True) + 1),
            REAL_NUMBERS + " ?",
            shapes="grid vector zero_d",
        ),
        Case(lambda x: (np.argmax(x, 0), x.argmax(axis=-1) * 2), NUMBERS, shapes="grid"),
        Case(lambda x: np.argmax(x * 2 + 1, axis=1, keepdims=True), "d f", shapes="grid"),
        Case(lambda x: np.argmax(x, 2), "d", shapes="grid", fails=True),
    ],
    "argmin": [
        Case(lambda x: (np.argmin(x), x.argmin(0), np.argmin(-x, -1, keepdims=True)), "i d", shapes="grid"),
    ],
    "take": [
        Case(lambda x, i: (np.take(x, i, 0), x.take(i, axis=-1), x[i], x[..., i] * 2), NUMBERS, shapes="grid vector"),
        Case(lambda x, i: (x[:, i], x[i, ...], x[[0, 1]], x[:, [-1]]), "d", shapes="grid"),
        Case(
            lambda x, i: (np.take(x, i), np.take(x, i + 9, mode="wrap"), np.take(x, [9], mode="clip")),
            "d",
            shapes="vector",
        ),
        Case(lambda x, i: x[i * 9], "d", shapes="grid", fails=True),
        Case(lambda x: x[np.abs(x).astype(int) % 3], "i d", shapes="grid vector", plain=True),
    ],
    "searchsorted": [
        Case(lambda x, v: (np.searchsorted(v, x), v.searchsorted(x, side="right")), REAL_NUMBERS, shapes="grid vector"),
        Case(lambda x, v, r: np.searchsorted(v, r), "d", shapes="vector"),
    ],
    "interp": [
        Case(lambda x, v: np.interp(x, v, v * v), "i f d", shapes="grid vector"),
        Case(lambda x, v, r: (np.interp(r, v, v), np.interp(x, v, v * 1j)), "d", shapes="grid"),
        Case(lambda x: np.interp(x, [0.0, 1.0], [2, 3], left=-1, right=7), "d"),
        Case(lambda x, v, n: np.interp(x, v, v, period=n), "d", shapes="grid", plain=True),
        Case(lambda x, v: np.interp(x, v, v[1:]), "d", shapes="grid", fails=True),
    ],
}
"""Calls that no kernel holds, by the name of the function, below ``numpy``."""
