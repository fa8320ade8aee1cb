"""What a call on a GPU costs: ``python benchmarks/device_call_costs.py``, for each library of arrays and beside it.

Functions of 1, 2 and 4 arrays, of arrays and numbers, and a sum are called on few elements, so that the device waits
for the host and not the other way round. A time is the least of many short rounds, in microseconds, each followed by a
synchronisation that is not measured. A second table says where ours goes: what the call reads of its arguments, what it
looks up and checks, the library's allocation, the launch, and the rest.
"""

from __future__ import annotations

import argparse
import sys
import timeit
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fuser_core import fuse
from fuser_core.bench.contenders import Unable
from fuser_core.fused import FusedFunction
from fuser_core.prepared import read_call

Function = Callable[..., Any]


class Case(NamedTuple):
    """A function, of how many arrays it is, and the numbers that go along."""

    function: Function
    arrays: int
    numbers: tuple[float, ...] = ()


CASES = {
    "1 array": Case(lambda a: a * 2 + 1, 1),
    "2 arrays": Case(lambda a, b: a * b + a, 2),
    "4 arrays": Case(lambda a, b, c, d: a * b + c * d, 4),
    "1 array, 1 number": Case(lambda a, s: a * s + 1, 1, (2.5,)),
    "3 arrays, 2 numbers": Case(lambda a, b, c, s, t: a * s + b * t + c, 3, (2.5, 3.5)),
    "a sum": Case(lambda a: (a * a).sum(), 1),
}


class Library(NamedTuple):
    """A library of arrays: how NumPy's become its own, how to wait, and in which ways it calls a function itself."""

    place: Callable[[np.ndarray[Any, Any]], Any]
    wait: Callable[[], Any]
    peers: dict[str, Callable[[Function], Function]]


def _cupy() -> Library:
    import cupy

    peers = {"as it is": lambda function: function, "fused": cupy.fuse(kernel_name="fused")}
    return Library(cupy.asarray, cupy.cuda.runtime.deviceSynchronize, peers)


def _torch() -> Library:
    import torch

    def compiled(function: Function) -> Function:
        torch._dynamo.reset()
        return torch.compile(function, dynamic=False)

    peers = {"as it is": lambda function: function, "fused": compiled}
    return Library(lambda array: torch.from_numpy(array).cuda(), torch.cuda.synchronize, peers)


def _pycuda() -> Library:
    import pycuda.autoprimaryctx  # the context that others share
    import pycuda.driver
    from pycuda import gpuarray

    return Library(gpuarray.to_gpu, pycuda.driver.Context.synchronize, {"as it is": lambda function: function})


def _numba() -> Library:
    from numba import cuda

    return Library(cuda.to_device, cuda.synchronize, {})


LIBRARIES: dict[str, Callable[[], Library]] = {"cupy": _cupy, "torch": _torch, "pycuda": _pycuda, "numba": _numba}


def main() -> int:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--libraries", nargs="+", default=list(LIBRARIES), choices=list(LIBRARIES))
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    items: list[str] = []
    print("| call | library | fuser | the library as it is | the library's fuser |")
    print("|---|---|--:|--:|--:|")
    for name in options.libraries:
        try:
            library = LIBRARIES[name]()
        except Exception as error:  # noqa: BLE001 - whatever a library raises that finds no device
            print(f"  {name}: {type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)
            continue
        for title in options.cases:
            case = CASES[title]
            rng = np.random.default_rng(0)
            arrays = [library.place(rng.random(options.size, np.float32)) for _ in range(case.arrays)]
            arguments = (*arrays, *case.numbers)
            clock = _Clock(library.wait, options.rounds)
            fused = fuse(case.function, fallback=False)
            cells = [f"{clock.measure(fused, *arguments):.1f}"]
            cells += [_peer(clock, library.peers.get(peer), case, arguments) for peer in ("as it is", "fused")]
            print(f"| {title} | {name} | {' | '.join(cells)} |", flush=True)
            try:
                items.append(f"| {title} | {name} | {_items(clock, fused, arguments)} |")
            except Unable as error:
                print(f"  {title}, {name}: {error}", file=sys.stderr)
    print("\n| call | library | all | reading | looking up | allocating | launching | the rest |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    print("\n".join(items))
    return 0


class _Clock:
    """Measures calls."""

    def __init__(self, wait: Callable[[], Any], rounds: int) -> None:
        self._wait, self._rounds = wait, rounds

    def measure(self, function: Function, *arguments: Any) -> float:
        """Return the least time of a call, in microseconds."""
        names = {f"a{place}": argument for place, argument in enumerate(arguments)}
        timer = timeit.Timer(f"f({', '.join(names)})", globals={"f": function, **names})
        timer.timeit(10)  # whatever first calls do
        self._wait()
        best = float("inf")
        for _ in range(self._rounds):
            best = min(best, timer.timeit(200) / 200)
            self._wait()
        return best * 1e6


def _peer(clock: _Clock, make: Callable[[Function], Function] | None, case: Case, arguments: Sequence[Any]) -> str:
    if make is None:
        return "-"
    try:
        return f"{clock.measure(make(case.function), *arguments):.1f}"
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        print(f"  {type(error).__name__}: {error}".splitlines()[0], file=sys.stderr)
        return "-"


def _items(clock: _Clock, fused: FusedFunction[..., Any], arguments: tuple[Any, ...]) -> str:
    """Return where the time of a call goes, as the cells of a row.

    Raises:
        Unable: Calls like this one are not prepared.
    """
    calls = fused._dispatcher._prepared.calls
    read = read_call(arguments, {})
    if read is None or read[0] not in calls:
        raise Unable("a call was not prepared; fused.explain(...) says how it runs")
    prepared, table = calls[read[0]][0], read[2]
    prepared.takes(table)
    like = arguments[prepared.like]
    stream = prepared.stream(like)
    kept = [make(like) for make in prepared.made]
    table += [pointer for _, pointer in kept]
    for derive in prepared.derived:
        table.append(derive(table))

    def look_up() -> None:
        calls[read[0]][0].takes([])

    def allocate() -> None:
        for make in prepared.made:
            make(like)

    def launch() -> None:
        prepared.stream(like)
        for pick, do in prepared.launches:
            do(pick(table), stream)

    whole = clock.measure(fused, *arguments)
    nothing = clock.measure(lambda: None)
    parts = [clock.measure(read_call, arguments, {})]
    parts += [clock.measure(part) - nothing for part in (look_up, allocate, launch)]
    cells = [whole, *parts, whole - sum(parts)]
    return " | ".join([f"{cell:.1f}" for cell in cells])


if __name__ == "__main__":
    raise SystemExit(main())
