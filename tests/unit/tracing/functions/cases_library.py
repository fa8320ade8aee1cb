"""How functions of NumPy's that are called between kernels are called in the tests: matrices and frequencies."""

# ruff: noqa: PLW0108  a lambda is the function that is fused

import numpy as np

from unit.tracing.functions.operands import FLOATS, NUMBERS, Case

_WIDE = "f d F D"


def _matrix(x):
    """Return a matrix far from singular, of three rows, or a stack of two."""
    return x[:, :3] + np.eye(3, dtype=x.dtype) * 9


def _case(function, chars=_WIDE, ulps=64):
    return Case(function, chars, ulps, "grid", plain=True)


def _along(f):
    return [
        _case(lambda x: (f(x), f(x * 2, axis=0) * 2, f(x, 8, norm="ortho")), "q f d D"),
        _case(lambda x: (f(x, x.shape[0]), f(x, 2, 0)), "d"),
        Case(lambda x: f(x, axis=2), "d", shapes="grid", fails=True),
        Case(lambda x: f(x, 0), "d", shapes="grid", fails=True),
    ]


def _along_of_real(f):
    return [
        _case(lambda x: (f(x), f(x * 2, axis=0) * 2, f(x, 7, norm="forward")), "i f d"),
        _case(lambda x: f(x, norm="x"), "d")._replace(fails=True),
    ]


def _of_many(f):
    return [
        _case(lambda x: (f(x), f(x * 2, (2, 8), (0, 1)) * 2, f(x, axes=(1, 0))), "q f d D"),
        _case(lambda x: (f(x[None], (-1, 5), (0, 2)), f(x, norm="forward"), f(x, axes=(0, 0))), "d"),
        Case(lambda x: f(x, (2,), (0, 1)), "d", shapes="grid", fails=True),
    ]


def _of_many_real(f):
    return [_case(lambda x: (f(x), f(x * 2, (2, 7), (0, 1)) * 2, f(x, axes=(1, 0)), f(x, axes=(0, 0))), "i d")]


def _shifted(f):
    return [Case(lambda x: (f(x), f(x * 2, 0) * 2, f(x, axes=(-1,))), NUMBERS, shapes="grid vector")]


FOURIER = {
    f"fft.{name}": cases(getattr(np.fft, name))
    for cases, names in {
        _along: "fft ifft irfft hfft",
        _along_of_real: "rfft ihfft",
        _of_many: "fft2 ifft2 fftn ifftn irfft2 irfftn",
        _of_many_real: "rfft2 rfftn",
        _shifted: "fftshift ifftshift",
    }.items()
    for name in names.split()
}
"""Transforms, by the name of the function, below ``numpy``."""

MATRICES = {
    "linalg.inv": [
        _case(lambda x: (np.linalg.inv(_matrix(x)) * 2, np.linalg.inv(_matrix(x)[None])), "q " + _WIDE),
        Case(lambda x: np.linalg.inv(x), "d", shapes="grid vector", fails=True),
        Case(lambda x: np.linalg.inv(_matrix(x)), "e", shapes="grid", fails=True),
        Case(lambda x: np.linalg.inv(x[:, :3] * 0), "d", shapes="grid", fails=True),
    ],
    "linalg.pinv": [
        _case(lambda x: (np.linalg.pinv(x) * 2, np.linalg.pinv(x, rcond=0.5), np.linalg.pinv(x, rtol=0.1)))
    ],
    "linalg.solve": [
        _case(lambda x: (np.linalg.solve(_matrix(x), x) * 2, np.linalg.solve(_matrix(x), x[:, 0]))),
        _case(lambda x: np.linalg.solve(_matrix(x)[None, None], x[None])),
        Case(lambda x: np.linalg.solve(_matrix(x), x[0]), "d", shapes="grid", fails=True),
    ],
    "linalg.det": [
        _case(lambda x: (np.linalg.det(_matrix(x)) * 2, np.linalg.det(_matrix(x)[None])), "q " + _WIDE),
        Case(lambda x: np.linalg.det(x), "d", shapes="grid", fails=True),
    ],
    "linalg.slogdet": [
        _case(lambda x: (np.linalg.slogdet(_matrix(x)), np.linalg.slogdet(_matrix(x)[None]).logabsdet + 1)),
    ],
    "linalg.cholesky": [
        _case(lambda x: np.linalg.cholesky(_matrix(x) @ _matrix(x).T.conj()) * 2, "f d D"),
        Case(lambda x: np.linalg.cholesky(x), "d", shapes="grid", fails=True),
    ],
    "linalg.qr": [
        _case(lambda x: (np.linalg.qr(x), np.linalg.qr(x.T, "complete"), np.linalg.qr(x, "r") + 1)),
        _case(lambda x: (np.linalg.qr(x.T, mode="raw"), np.linalg.qr(x.T).R * 2, np.linalg.qr(x[None])), "d"),
        Case(lambda x: np.linalg.qr(x, "x"), "d", shapes="grid", fails=True),
    ],
    "linalg.svd": [
        _case(lambda x: (np.linalg.svd(x), np.linalg.svd(x, full_matrices=False), np.linalg.svd(x.T).S * 2)),
        _case(lambda x: (np.linalg.svd(x, compute_uv=False) + 1, np.linalg.svd(_matrix(x), hermitian=True)), "d"),
    ],
    "linalg.svdvals": [_case(lambda x: np.linalg.svdvals(x) * 2)],
    "linalg.eig": [_case(lambda x: np.linalg.eig(_matrix(x)), "F D", 512)],
    "linalg.eigvals": [_case(lambda x: np.linalg.eigvals(_matrix(x)) + 1, "F D", 512)],
    "linalg.eigh": [
        _case(lambda x: (np.linalg.eigh(_matrix(x)), np.linalg.eigh(_matrix(x), "U").eigenvalues * 2), ulps=512)
    ],
    "linalg.eigvalsh": [_case(lambda x: np.linalg.eigvalsh(_matrix(x), UPLO="U") * 2, ulps=512)],
    "linalg.matrix_power": [
        _case(lambda x: [np.linalg.matrix_power(_matrix(x), n) for n in (0, 1, 2, 3, -2)]),
        _case(lambda x: np.linalg.matrix_power(x[:, :3], 3), "b q"),
        _case(lambda x, n: np.linalg.matrix_power(_matrix(x), n)),
        Case(lambda x: np.linalg.matrix_power(x, 2), "d", shapes="grid", fails=True),
    ],
    "linalg.matrix_rank": [
        _case(lambda x: (np.linalg.matrix_rank(x) * 2, np.linalg.matrix_rank(x[None], tol=1e3)), "i " + _WIDE),
    ],
    "linalg.matrix_norm": [
        _case(lambda x: (np.linalg.matrix_norm(x), np.linalg.matrix_norm(x[None], ord=2, keepdims=True)))
    ],
    "linalg.cond": [_case(lambda x: (np.linalg.cond(x) * 2, np.linalg.cond(_matrix(x), 1), np.linalg.cond(x[None])))],
    "linalg.multi_dot": [
        _case(lambda x: np.linalg.multi_dot([x, x.T, x]) * 2, "q " + _WIDE),
        _case(lambda x: (np.linalg.multi_dot([x[0], x.T, x]), np.linalg.multi_dot([x[0], x.T, x[:, 0]]))),
        Case(lambda x: np.linalg.multi_dot([x, x, x]), "d", shapes="grid", fails=True),
    ],
    "cov": [
        _case(lambda x: (np.cov(x) * 2, np.cov(x[0]), np.cov(x, x * 3), np.cov(x, rowvar=False)), "q d D"),
        _case(lambda x: (np.cov(x[:1]), np.cov(x, bias=True), np.cov(x, ddof=0), np.cov(x, dtype="f4")), "f d"),
        _case(lambda x, v: (np.cov(x, aweights=v), np.cov(x, fweights=np.array([1, 2, 1, 1]))), "d"),
    ],
    "corrcoef": [
        _case(lambda x: (np.corrcoef(x), np.corrcoef(x, x * x), np.corrcoef(x[0]), np.corrcoef(x, rowvar=False)), "d D")
    ],
}
"""Functions of matrices, by the name of the function, below ``numpy``."""

CONTRACTIONS = {
    "einsum": [
        Case(
            lambda x, v: (
                *(np.einsum("ij,ij->i", x, x), np.einsum("ij,ij->", x, x), np.einsum("ij,j", x, v)),
                *(np.einsum("ij->j", x), np.einsum("i,j->ij", v, v), np.einsum("ij,j->ji", x, v)),
            ),
            "i q f d D",
            64,
            "grid",
            plain=True,
        ),
        _case(
            lambda x: (np.einsum("ij,kj->ik", x, x) * 2, np.einsum("ij,jk", x, x.T), np.einsum("ij->ji", x)),
            "q " + _WIDE,
        ),
        _case(lambda x: (np.einsum("ii", x[:, :3]), np.einsum("ii->i", x[:, :3]), np.einsum("i...->...", x)), "q d D"),
        _case(lambda x: (np.einsum("...j,j...->...", x, x.T), np.einsum("...ij,...kj", x[None], x)), "q d"),
        _case(lambda x: (np.einsum(x, [0, 1], x, [2, 1], [0, 2]), np.einsum(x, [0, ...]), np.einsum(x, [3, 2])), "d"),
        _case(lambda x: (np.einsum("ij,jk,kl", x, x.T, x, optimize=True), np.einsum("ij,ij->i", x, x, dtype="f8"))),
        _case(lambda x: (np.einsum("ij,ij->i", x > 0, x < 2), np.einsum("ij,j->ij", x[:, :1], x[0])), "e d"),
        Case(lambda x: np.einsum("ij,jk", x, x), "d", shapes="grid", fails=True),
        Case(lambda x: np.einsum("ijk", x), "d", shapes="grid", fails=True),
    ],
    "tensordot": [
        _case(lambda x: (np.tensordot(x, x), np.tensordot(x, x.T, 1) * 2, np.tensordot(x, x, (0, 0))), "q " + _WIDE),
        _case(lambda x: (np.tensordot(x, x, 0), np.tensordot(x[None], x, ([1, 2], [0, 1])))),
        Case(lambda x: np.tensordot(x, x, 1), "d", shapes="grid", fails=True),
    ],
    "linalg.tensordot": [_case(lambda x: np.linalg.tensordot(x, x.T, axes=1))],
    "kron": [
        Case(
            lambda x, v: (np.kron(x, v) * 2, np.kron(v, x), np.kron(x, x), np.kron(x, 2)),
            NUMBERS,
            shapes="grid vector",
            plain=True,
        )
    ],
    "trace": [
        Case(
            lambda x: (np.trace(x), x.trace(1) * 2, np.trace(x[None], 0, 1, 2, dtype="f8")),
            NUMBERS,
            shapes="grid",
            plain=True,
        ),
        Case(lambda x: np.trace(x), "d", shapes="vector", fails=True),
    ],
    "linalg.trace": [Case(lambda x: np.linalg.trace(x, offset=-1), NUMBERS, shapes="grid", plain=True)],
    "diagonal": [
        Case(
            lambda x: (np.diagonal(x), x.diagonal(1) * 2, np.diagonal(x, -2), np.diagonal(x, 9)), NUMBERS, shapes="grid"
        ),
        Case(lambda x: (np.diagonal(x[None], 0, 2, 1) + 1, np.diagonal(x * 2)), "d", shapes="grid empty"),
        Case(lambda x: np.diagonal(x), "d", shapes="vector", fails=True),
    ],
    "linalg.diagonal": [Case(lambda x: np.linalg.diagonal(x[None], offset=1) * 2, NUMBERS, shapes="grid")],
    "diag": [
        Case(lambda x: (np.diag(x), np.diag(x, -1) * 2, np.diag(x * 2, 2)), NUMBERS, shapes="grid vector"),
        Case(lambda x: np.diag(x), "d", shapes="zero_d", fails=True),
    ],
    "diagflat": [Case(lambda x: (np.diagflat(x), np.diagflat(x, -2) * 2), NUMBERS, shapes="grid vector scalar")],
    "tril": [Case(lambda x: (np.tril(x), np.tril(x * 2, 1) + 1), NUMBERS, shapes="grid vector")],
    "triu": [Case(lambda x: (np.triu(x), np.triu(x[None], -1) + 1), NUMBERS, shapes="grid vector")],
    "ediff1d": [
        Case(
            lambda x: (np.ediff1d(x), np.ediff1d(x, to_begin=x[:1]), np.ediff1d(x, [1, 2], 3)), "i d", shapes="vector"
        ),
        Case(lambda x: np.ediff1d(x * 2) * 2, FLOATS, shapes="grid empty scalar"),
    ],
}
"""Sums of products and diagonals, by the name of the function, below ``numpy``."""
