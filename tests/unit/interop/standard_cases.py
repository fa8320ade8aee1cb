"""Calls of the array API standard's functions, each as a function of a namespace and its arrays."""

import inspect

import numpy as np

ELEMENTWISE = """
    abs acos acosh add asin asinh atan atan2 atanh ceil conj copysign cos cosh divide equal exp expm1 floor
    floor_divide greater greater_equal hypot isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp
    maximum minimum multiply negative nextafter not_equal positive pow reciprocal remainder round sign signbit sin
    sinh square sqrt subtract tan tanh trunc
""".split()
ON_INTEGERS = "bitwise_and bitwise_left_shift bitwise_invert bitwise_or bitwise_right_shift bitwise_xor".split()
ON_BOOLS = "logical_and logical_not logical_or logical_xor".split()


def _call(name, operands):
    """Return a call of an elementwise function with as many of some arrays as it takes."""
    count = getattr(getattr(np, name), "nin", 1)
    return eval(f"lambda xp, x, y, i, b: xp.{name}({', '.join(operands.split()[:count])})")  # noqa: S307


CASES = {name: _call(name, "x y") for name in ELEMENTWISE}
CASES |= {name: _call(name, "i i") for name in ON_INTEGERS}
CASES |= {name: _call(name, "b b") for name in ON_BOOLS}
CASES |= {
    # Creation
    "arange": lambda xp, x, y, i, b: xp.arange(4, dtype=xp.float64) + x,
    "asarray": lambda xp, x, y, i, b: (xp.asarray(2.0), xp.asarray(x, dtype=xp.float32), xp.asarray(x, copy=True)),
    "asarray of a dtype": lambda xp, x, y, i, b: xp.asarray(3, dtype=x.dtype) * x,
    "asarray of lists": lambda xp, x, y, i, b: xp.asarray([1.0, 2.0, 3.0, 4.0]) * x,
    "empty": lambda xp, x, y, i, b: xp.empty((2, 0)),
    "empty_like": lambda xp, x, y, i, b: xp.multiply(xp.empty_like(i), 0),
    "eye": lambda xp, x, y, i, b: xp.eye(3, 4) * x,
    "full": lambda xp, x, y, i, b: (xp.full((3, 4), 2.5), xp.full(x.shape, 2, dtype=xp.float32)),
    "full_like": lambda xp, x, y, i, b: (xp.full_like(x, 2.5), xp.full_like(x, 1, dtype=xp.int8)),
    "linspace": lambda xp, x, y, i, b: xp.linspace(0.0, 1.0, 4) + x,
    "ones": lambda xp, x, y, i, b: xp.ones(x.shape) + x,
    "ones_like": lambda xp, x, y, i, b: (xp.ones_like(x), xp.ones_like(i, dtype=xp.float32)),
    "zeros": lambda xp, x, y, i, b: xp.zeros((3, 1), dtype=xp.float32),
    "zeros_like": lambda xp, x, y, i, b: (xp.zeros_like(x, device=x.device), xp.zeros_like(b)),
    "tril": lambda xp, x, y, i, b: (xp.tril(x), xp.triu(x, k=1)),
    "meshgrid": lambda xp, x, y, i, b: xp.meshgrid(x[0, :], x[:, 0]),
    # Dtypes
    "astype": lambda xp, x, y, i, b: (xp.astype(x, xp.int32), xp.astype(i, xp.complex64), xp.astype(x, x.dtype)),
    "constants": lambda xp, x, y, i, b: (x * xp.pi, x + xp.e, xp.where(b, x, xp.inf), xp.where(b, xp.nan, x)),
    "newaxis": lambda xp, x, y, i, b: x[:, xp.newaxis, :],
    "finfo": lambda xp, x, y, i, b: x * xp.finfo(xp.float32).eps + xp.finfo(x.dtype).smallest_normal,
    "iinfo": lambda xp, x, y, i, b: xp.minimum(i, xp.asarray(xp.iinfo(i.dtype).max)),
    "isdtype": lambda xp, x, y, i, b: (
        xp.sqrt(x) if xp.isdtype(x.dtype, "real floating") else x,
        x if xp.isdtype(x.dtype, ("integral", "bool")) else xp.square(x),
        x + 1 if xp.isdtype(x.dtype, xp.float64) and x.dtype == xp.float64 else x,
        x if x.dtype in {xp.float32, xp.int8} else x - 1,
    ),
    "result_type": lambda xp, x, y, i, b: xp.astype(i, xp.result_type(x, xp.float32)),
    "can_cast": lambda xp, x, y, i, b: x if xp.can_cast(x, xp.float32) else xp.negative(x),
    # Manipulation
    "broadcast_arrays": lambda xp, x, y, i, b: [array + 1 for array in xp.broadcast_arrays(x, x[0, :])],
    "broadcast_to": lambda xp, x, y, i, b: xp.broadcast_to(x, (2, 3, 4)) + 1,
    "concat": lambda xp, x, y, i, b: (xp.concat([x, y]), xp.concat((x, y), axis=1)),
    "expand_dims": lambda xp, x, y, i, b: xp.expand_dims(x, axis=1) + 1,
    "flip": lambda xp, x, y, i, b: (xp.flip(x), xp.flip(x, axis=1)),
    "moveaxis": lambda xp, x, y, i, b: xp.moveaxis(x, 0, 1) * 2,
    "permute_dims": lambda xp, x, y, i, b: xp.permute_dims(x, (1, 0)),
    "repeat": lambda xp, x, y, i, b: xp.repeat(x, 2, axis=1),
    "reshape": lambda xp, x, y, i, b: xp.reshape(x + 1, (2, 6)),
    "roll": lambda xp, x, y, i, b: xp.roll(x, 1, axis=0),
    "squeeze": lambda xp, x, y, i, b: xp.squeeze(x[:, :1], axis=1),
    "stack": lambda xp, x, y, i, b: xp.stack([x, y], axis=-1),
    "tile": lambda xp, x, y, i, b: xp.tile(x, (2, 1)),
    "unstack": lambda xp, x, y, i, b: xp.unstack(x),
    "transposes": lambda xp, x, y, i, b: (x.T, x.mT, xp.matrix_transpose(x)),
    # Statistics
    "max": lambda xp, x, y, i, b: (xp.max(x), xp.max(x, axis=0, keepdims=True)),
    "min": lambda xp, x, y, i, b: (xp.min(x), xp.min(x, axis=1)),
    "mean": lambda xp, x, y, i, b: (xp.mean(x), xp.mean(x, axis=(0, 1), keepdims=True)),
    "prod": lambda xp, x, y, i, b: (xp.prod(x), xp.prod(i, axis=1)),
    "std": lambda xp, x, y, i, b: (xp.std(x, axis=0), xp.std(x, correction=1.0)),
    "sum": lambda xp, x, y, i, b: (xp.sum(x), xp.sum(i, axis=-1), xp.sum(x, dtype=xp.float32)),
    "var": lambda xp, x, y, i, b: xp.var(x, axis=1, correction=1.0, keepdims=True),
    "cumulative_sum": lambda xp, x, y, i, b: xp.cumulative_sum(x, axis=1, include_initial=True),
    "cumulative_prod": lambda xp, x, y, i, b: xp.cumulative_prod(x, axis=0),
    "all": lambda xp, x, y, i, b: (xp.all(b), xp.any(b, axis=0), xp.all(x)),
    "diff": lambda xp, x, y, i, b: xp.diff(x, axis=1),
    # Searching, sorting and sets
    "argmax": lambda xp, x, y, i, b: (xp.argmax(x), xp.argmin(x, axis=1, keepdims=True)),
    "count_nonzero": lambda xp, x, y, i, b: xp.count_nonzero(b, axis=0),
    "searchsorted": lambda xp, x, y, i, b: xp.searchsorted(xp.asarray([1.0, 2.0, 4.0]), x[0, :], side="right"),
    "where": lambda xp, x, y, i, b: (xp.where(b, x, y), xp.where(b, 1.0, x)),
    "isin": lambda xp, x, y, i, b: xp.isin(i, xp.asarray([1, 5])),
    "sort": lambda xp, x, y, i, b: (xp.sort(x), xp.sort(x, axis=0, descending=True)),
    "argsort": lambda xp, x, y, i, b: (xp.argsort(i % 2), xp.argsort(i % 2, axis=0, descending=True)),
    "take": lambda xp, x, y, i, b: xp.take(x, xp.asarray([2, 0]), axis=1),
    "take_along_axis": lambda xp, x, y, i, b: xp.take_along_axis(x, xp.argsort(x, axis=1), axis=1),
    "clip": lambda xp, x, y, i, b: (xp.clip(x, 1.0, 2.0), xp.clip(x, min=1.5)),
    "imag": lambda xp, x, y, i, b: (xp.imag(x + y * 1j), xp.real(x * 1j), xp.conj(x + 1j)),
    # Linear algebra and Fourier transforms
    "matmul": lambda xp, x, y, i, b: (xp.matmul(x, x.T), x @ y.T, xp.tensordot(x, y.T, axes=1), xp.vecdot(x, y)),
    "linalg": lambda xp, x, y, i, b: (
        xp.linalg.vector_norm(x),
        xp.linalg.matrix_norm(x),
        xp.linalg.inv(x @ x.T + xp.eye(3)),
        xp.linalg.det(x @ x.T),
        xp.linalg.svdvals(x),
        xp.linalg.solve(x @ x.T + xp.eye(3), x),
        xp.linalg.trace(x),
        xp.linalg.outer(x[0, :], y[0, :]),
        xp.linalg.cholesky(x @ x.T + xp.eye(3), upper=True),
        tuple(xp.linalg.slogdet(x @ x.T + xp.eye(3))),
    ),
    "fft": lambda xp, x, y, i, b: (xp.fft.fft(x + 0j), xp.fft.rfft(x), xp.fft.fftfreq(4) + x[0, :]),
}
"""The arrays are, all of shape (3, 4): two of float64, one of int64 and one of bool."""

assert all(len(inspect.signature(case).parameters) == 5 for case in CASES.values())
