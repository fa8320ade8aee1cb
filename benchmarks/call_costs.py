"""What a call costs: ``python benchmarks/call_costs.py``, beside one ufunc of NumPy and every peer.

Functions of 1, 2, 4 and 10 arrays are called on few elements, as often as the clock needs, in turn with the peers and
with one call of `numpy.add` on arrays of the same size. A time is the least of several rounds; calls are written out,
so that nothing but the call is measured. Prints a table in nanoseconds, and each time over that of the one ufunc.
"""

from __future__ import annotations

import argparse
import sys
import timeit
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fuser_core import fuse
from fuser_core.bench.contenders import Unable
from fuser_core.bench.running import limit_threads

Called = tuple[Callable[..., Any], Sequence[Any]]
"""A function, and the arguments that it is called with."""

FUNCTIONS: dict[int, tuple[Callable[..., Any], str]] = {
    1: (lambda a: a * 2 + 1, "a*2+1"),
    2: (lambda a, b: a * b + a, "a*b+a"),
    4: (lambda a, b, c, d: a * b + c * d, "a*b+c*d"),
    10: (lambda a, b, c, d, e, f, g, h, i, j: a * b + c * d + e * f + g * h + i * j, "a*b+c*d+e*f+g*h+i*j"),
}
"""By the number of arrays: the function, and the same as an expression."""


def _ufunc(arrays: Sequence[Any], _inputs: int) -> Called:
    return np.add, (arrays[0], arrays[-1])


def _numpy(arrays: Sequence[Any], inputs: int) -> Called:
    return FUNCTIONS[inputs][0], arrays


def _fused(arrays: Sequence[Any], inputs: int) -> Called:
    return fuse(FUNCTIONS[inputs][0]), arrays


def _njit(arrays: Sequence[Any], inputs: int) -> Called:
    import numba

    return numba.njit(fastmath=True)(FUNCTIONS[inputs][0]), arrays


def _vectorize(arrays: Sequence[Any], inputs: int) -> Called:
    import numba

    signature = numba.float64(*[numba.float64] * inputs)
    return numba.vectorize([signature])(FUNCTIONS[inputs][0]), arrays


def _numexpr(arrays: Sequence[Any], inputs: int) -> Called:
    import numexpr

    names = dict(zip("abcdefghij", arrays, strict=False))
    numexpr.evaluate(FUNCTIONS[inputs][1], local_dict=names)
    return numexpr.re_evaluate, (names,)


def _jax(arrays: Sequence[Any], inputs: int) -> Called:
    import jax

    jax.config.update("jax_enable_x64", True)
    compiled = jax.jit(FUNCTIONS[inputs][0])
    return lambda *own: compiled(*own).block_until_ready(), [jax.numpy.asarray(array) for array in arrays]


def _torch(arrays: Sequence[Any], inputs: int) -> Called:
    import torch

    torch._dynamo.reset()
    return torch.compile(FUNCTIONS[inputs][0], dynamic=False), [torch.from_numpy(array) for array in arrays]


CONTENDERS = {
    "np.add": _ufunc,
    "fuser": _fused,
    "numpy": _numpy,
    "numba vectorize": _vectorize,
    "numba njit": _njit,
    "numexpr": _numexpr,
    "jax": _jax,
    "torch": _torch,
}
"""By name; the one ufunc first."""


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, nargs="+", default=list(FUNCTIONS), choices=list(FUNCTIONS))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 100, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    options = parser.parse_args()
    limit_threads(1)
    print("| arrays | elements | " + " | ".join(options.contenders) + " |")
    print("|--:|--:|" + "--:|" * len(options.contenders))
    for inputs in options.inputs:
        for size in options.sizes:
            times = _compare(inputs, size, options.contenders, options.rounds)
            cells = [_cell(times.get(name), times.get("np.add")) for name in options.contenders]
            print(f"| {inputs} | {size:,} | " + " | ".join(cells) + " |", flush=True)
    return 0


def _compare(inputs: int, size: int, contenders: Sequence[str], rounds: int) -> dict[str, float]:
    """Return the least time of a call of each contender, in nanoseconds."""
    arrays = list(np.random.default_rng(inputs).random((inputs, size)))
    timers: dict[str, tuple[timeit.Timer, int]] = {}
    for name in contenders:
        try:
            timers[name] = _timer(*CONTENDERS[name](arrays, inputs))
        except (ImportError, Unable) as error:
            print(f"  {name}: {error}", file=sys.stderr)
    times = {name: float("inf") for name in timers}
    for _ in range(rounds):
        for name, (timer, number) in timers.items():
            times[name] = min(times[name], timer.timeit(number) / number * 1e9)
    return times


def _timer(function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[timeit.Timer, int]:
    """Return what times a call, and how many calls take some milliseconds."""
    names = {f"a{place}": argument for place, argument in enumerate(arguments)}
    timer = timeit.Timer(f"f({', '.join(names)})", globals={"f": function, **names})
    timer.timeit(5)  # whatever a first call does
    once = min(timer.repeat(3, 20)) / 20
    return timer, max(int(10e-3 / once), 1)


def _cell(nanoseconds: float | None, one: float | None) -> str:
    if nanoseconds is None:
        return "-"
    return f"{nanoseconds:,.0f}" + (f" ({nanoseconds / one:.2f})" if one else "")


if __name__ == "__main__":
    raise SystemExit(main())
