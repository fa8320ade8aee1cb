"""The contenders: every way to evaluate a workload that can be had here, each at its best fair settings.

A contender is made for a workload and a set of arguments: it converts them to its own arrays, which is not measured,
and returns a call without arguments. One that lacks its package, or cannot express the workload, is left out and says
why.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from workloads import Workload

from fuser_core import fuse

__all__ = ["CONTENDERS", "Unable", "contend", "limit_threads", "torch_namespace"]

Call = Callable[[], Any]
Maker = Callable[[Workload, Sequence[Any], int], Call]


class Unable(Exception):  # noqa: N818 - it says what a contender is, not what went wrong
    """A contender cannot take part, for a reason."""


def contend(name: str, workload: Workload, arguments: Sequence[Any], threads: int) -> Call:
    """Return the call of a contender, warmed up and with its result checked against NumPy's.

    Raises:
        Unable: Its package is missing, or it cannot express the workload, or its result is another one.
    """
    try:
        call = CONTENDERS[name](workload, arguments, threads)
        result = call()
    except ImportError as error:
        raise Unable(f"{error.name} is not installed") from error
    except Exception as error:  # whatever a compiler of somebody else's raises
        raise Unable(f"{type(error).__name__}: {error}".splitlines()[0]) from error
    expected = workload.function(*arguments)
    try:
        np.testing.assert_allclose(np.asarray(result), expected, rtol=workload.tolerance, atol=workload.tolerance)
    except AssertionError as error:
        raise Unable(f"its result is another one: {' '.join(str(error).split())[:80]}") from error
    call()
    return call


def _numpy(workload: Workload, arguments: Sequence[Any], _threads: int) -> Call:
    function = workload.function
    return lambda: function(*arguments)


def _fused(backend: str) -> Maker:
    def make(workload: Workload, arguments: Sequence[Any], threads: int) -> Call:
        function = fuse(workload.function, backend=backend, threads=threads)
        return lambda: function(*arguments)

    return make


def _numexpr(workload: Workload, arguments: Sequence[Any], threads: int) -> Call:
    import numexpr

    if workload.expression is None:
        raise Unable("the workload is no expression of numexpr's")
    numexpr.set_num_threads(threads)
    names = dict(zip("abcdefgh", arguments, strict=False))
    numexpr.evaluate(workload.expression, local_dict=names)
    return lambda: numexpr.re_evaluate(local_dict=names)


def _numba(workload: Workload, arguments: Sequence[Any], threads: int) -> Call:
    import numba

    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    function = numba.njit(parallel=threads > 1, fastmath=True)(workload.function)
    return lambda: function(*arguments)


def _jax(workload: Workload, arguments: Sequence[Any], _threads: int) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    own = [jax.numpy.asarray(argument) for argument in arguments]
    function = jax.jit(workload.make(jax.numpy))
    return lambda: function(*own).block_until_ready()


def _torch(workload: Workload, arguments: Sequence[Any], threads: int) -> Call:
    import torch

    torch.set_num_threads(threads)
    torch._dynamo.reset()  # each workload starts from nothing
    own = [torch.from_numpy(np.ascontiguousarray(argument)) for argument in arguments]
    function = torch.compile(workload.make(torch_namespace(torch)), dynamic=False)
    return lambda: function(*own)


def torch_namespace(torch: Any) -> SimpleNamespace:
    """NumPy's names for PyTorch's functions."""

    def reduction(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        return lambda x, axis=(), keepdims=False: function(x, dim=axis, keepdim=keepdims, **options)

    same = "exp expm1 log log1p sin cos tan tanh sqrt arcsin arctan2 where abs".split()
    return SimpleNamespace(
        **{name: getattr(torch, name) for name in same},
        max=reduction(torch.amax),
        sum=reduction(torch.sum),
        mean=reduction(torch.mean),
        var=reduction(torch.var, correction=0),
        std=reduction(torch.std, correction=0),
    )


CONTENDERS: dict[str, Maker] = {
    "fuser": _fused("cpu_llvm"),
    "numpy": _numpy,
    "numexpr": _numexpr,
    "numba": _numba,
    "jax": _jax,
    "torch": _torch,
}
"""By name; a backend of our own first."""


def limit_threads(threads: int) -> None:
    """Tell every library, before it is imported, how many threads it may use."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        os.environ[variable] = str(threads)
    if threads == 1:  # JAX has no setting for it; its pool has as many threads as the process has processors
        with contextlib.suppress(AttributeError, OSError):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
