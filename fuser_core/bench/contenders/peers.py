"""Other compilers of array expressions as contenders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from fuser_core.bench.contenders.entrant import Entrant, Unable
from fuser_core.bench.place import Place
from fuser_core.bench.rounds import Call
from fuser_core.bench.workload import Workload

__all__ = ["ENTRANTS"]

_BOTH = ("cpu", "cuda")


def _numexpr(workload: Workload, arguments: Sequence[Any], threads: int | None, _place: Place) -> Call:
    import numexpr

    if workload.expression is None:
        raise Unable("the workload is no expression of numexpr's")
    if threads is not None:
        numexpr.set_num_threads(threads)
    names = dict(zip("abcdefgh", arguments, strict=False))
    numexpr.evaluate(workload.expression, local_dict=names)
    return Call(lambda: numexpr.re_evaluate(local_dict=names))


def _numba(workload: Workload, arguments: Sequence[Any], threads: int | None, _place: Place) -> Call:
    import numba

    if threads is not None:
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    function = numba.njit(parallel=threads != 1, fastmath=True)(workload.function)
    try:
        function(*arguments)
    except AssertionError:  # parallel loops need operands of one shape
        function = numba.njit(fastmath=True)(workload.function)
    return Call(lambda: function(*arguments))


def _numba_vectorize(workload: Workload, arguments: Sequence[Any], threads: int | None, _place: Place) -> Call:
    import numba

    if workload.kind == "reduction" or workload.group == "stencil":
        raise Unable("vectorize() is for functions of single elements")
    result = workload.function(*workload.arguments(np.random.default_rng(20), 100))
    if isinstance(result, tuple):
        raise Unable("vectorize() is for one result")
    if threads is not None:
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    kinds = [numba.from_dtype(np.asarray(each).dtype) for each in arguments]
    signature = numba.from_dtype(result.dtype)(*kinds)
    target = "cpu" if threads == 1 else "parallel"
    function = numba.vectorize([signature], target=target, fastmath=True)(workload.function)
    return Call(lambda: function(*arguments))


def _jax(workload: Workload, arguments: Sequence[Any], _threads: int | None, place: Place) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    device = jax.devices("gpu" if place.device == "cuda" else "cpu")[0]
    own = [jax.device_put(argument, device) for argument in arguments]
    function = jax.jit(workload.make(jax.numpy))
    if place.device == "cuda":
        return Call(lambda: function(*own), jax.block_until_ready)
    return Call(lambda: jax.block_until_ready(function(*own)))


def _torch(workload: Workload, arguments: Sequence[Any], threads: int | None, place: Place) -> Call:
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    torch._dynamo.reset()  # noqa: SLF001 - each workload starts from nothing
    own = [torch.from_numpy(np.ascontiguousarray(argument)).to(place.device) for argument in arguments]
    function = torch.compile(workload.make(_namespace(torch)), dynamic=False)
    wait = (lambda _: torch.cuda.synchronize()) if place.device == "cuda" else place.wait
    return Call(lambda: function(*own), wait)


def _namespace(torch: Any) -> SimpleNamespace:
    """NumPy's names for PyTorch's functions."""

    def reduction(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        return lambda x, axis=(), keepdims=False: function(x, dim=axis, keepdim=keepdims, **options)

    def bound(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x, y: function(x, y if isinstance(y, torch.Tensor) else torch.full_like(x, y))

    same = "exp expm1 log log1p sin cos tan sinh tanh sqrt arcsin arctan2 where abs".split()
    return SimpleNamespace(
        **{name: getattr(torch, name) for name in same},
        minimum=bound(torch.minimum),
        maximum=bound(torch.maximum),
        max=reduction(torch.amax),
        min=reduction(torch.amin),
        sum=reduction(torch.sum),
        mean=reduction(torch.mean),
        var=reduction(torch.var, correction=0),
        std=reduction(torch.std, correction=0),
    )


def _cupy(workload: Workload, arguments: Sequence[Any], _threads: int | None, place: Place) -> Call:
    import cupy

    function = cupy.fuse(workload.make(cupy))
    own = [cupy.asarray(argument) for argument in arguments]
    return Call(lambda: function(*own), place.wait)


def _of_torch(array: Any, _place: Place) -> Any:
    return array.cpu().numpy()


def _of_cupy(array: Any, _place: Place) -> Any:
    return array.get()


_THREADS = "as many threads as the run says"
ENTRANTS = {
    "numexpr": Entrant(_numexpr, f"re_evaluate() of a compiled expression, {_THREADS}", distribution="numexpr"),
    "numba": Entrant(
        _numba,
        f"njit(fastmath=True), with parallel=True unless one thread or where it fails, {_THREADS}",
        distribution="numba",
    ),
    "numba_vectorize": Entrant(
        _numba_vectorize,
        f'vectorize(fastmath=True), with target="parallel" unless one thread, {_THREADS}',
        distribution="numba",
    ),
    "jax": Entrant(
        _jax,
        "jit() with 64 bits enabled, arguments on the device beforehand; on the host its own pool of a thread per "
        "processor, and one processor for runs of one thread",
        _BOTH,
        distribution="jax",
    ),
    "torch": Entrant(_torch, f"torch.compile(dynamic=False), on the host {_THREADS}", _BOTH, _of_torch, "torch"),
    "cupy": Entrant(_cupy, "cupy.fuse()", ("cuda",), _of_cupy, "cupy"),
}
"""By name."""
