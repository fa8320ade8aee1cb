"""Compare contenders on a GPU: ``python benchmarks/compare_gpu.py``, arrays far larger than its second-level cache.

Ours is called on CuPy's arrays. Contenders take turns; a time is the median of several rounds, each of so many calls
that it takes some milliseconds, between two synchronisations. It is given over the time of a copy on the device that
moves as many bytes as the workload reads and writes at least. Then what a call of 1,024 elements costs.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import cupy as cp
import numpy as np
from contenders import torch_namespace
from workload import Workload
from workloads import WORKLOADS

from fuser_core import fuse

Call = Callable[[], Any]

_LEFT_OUT = {"powers", "blend"}
"""What CUDA's peers spell differently."""


def _fused(workload: Workload, arrays: Sequence[Any]) -> Call:
    function = fuse(workload.function, fallback=False)
    own = [cp.asarray(array) for array in arrays]
    return lambda: function(*own)


def _torch(workload: Workload, arrays: Sequence[Any]) -> Call:
    import torch

    torch._dynamo.reset()
    function = torch.compile(workload.make(torch_namespace(torch)), dynamic=False)
    own = [torch.from_numpy(np.ascontiguousarray(array)).cuda() for array in arrays]
    return lambda: function(*own)


def _cupy_fuse(workload: Workload, arrays: Sequence[Any]) -> Call:
    function = cp.fuse(workload.make(cp))
    own = [cp.asarray(array) for array in arrays]
    return lambda: function(*own)


def _jax(workload: Workload, arrays: Sequence[Any]) -> Call:
    import jax

    jax.config.update("jax_enable_x64", True)
    function = jax.jit(workload.make(jax.numpy))
    own = [jax.numpy.asarray(array) for array in arrays]
    return lambda: function(*own)


CONTENDERS: dict[str, Callable[[Workload, Sequence[Any]], Call]] = {
    "fuser": _fused,
    "torch": _torch,
    "cupy": _cupy_fuse,
    "jax": _jax,
}


def main() -> int:
    """Run the comparison and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", default=[])
    parser.add_argument("--size", type=int, default=1 << 25)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1e9, help="stop beginning workloads after so many")
    options = parser.parse_args()
    started = time.perf_counter()
    print("| workload | elements | " + " | ".join(CONTENDERS) + " | best peer / fuser |")
    print("|---|--:|" + "--:|" * (len(CONTENDERS) + 1))
    for size in (options.size, 1024):
        for name in options.workloads or [each for each in WORKLOADS if each not in _LEFT_OUT]:
            if time.perf_counter() - started < options.seconds:
                print(_row(name, size, options.rounds), flush=True)
    return 0


def _row(name: str, size: int, rounds: int) -> str:
    workload = WORKLOADS[name]
    arrays = workload.arguments(np.random.default_rng(20), size)
    calls: dict[str, Call] = {}
    first: dict[str, float] = {}
    expected: Any = None
    for contender, make in CONTENDERS.items():
        try:
            call = make(workload, arrays)
            start = time.perf_counter()
            result = call()
            _wait(result)
            first[contender] = time.perf_counter() - start
            found = _on_host(result)
            expected = workload.make(np)(*arrays) if expected is None else expected
            np.testing.assert_allclose(found, expected, rtol=max(workload.tolerance, 2e-5), atol=1e-5)
            calls[contender] = call
        except Exception as error:  # noqa: BLE001 - whatever a library raises
            print(f"  {name}, {contender}: {type(error).__name__}: {error}".splitlines()[0][:160], file=sys.stderr)
    moved = sum(array.nbytes for array in arrays) + np.asarray(expected).nbytes
    calls["floor"] = _copy(moved)
    times = _take_turns(calls, rounds)
    copied = times.pop("floor")
    floor = copied if size > 1 << 20 else 1e-6
    peers = [value for contender, value in times.items() if contender != "fuser"]
    lead = f"{min(peers) / times['fuser']:.2f}" if peers and "fuser" in times else "-"
    cells = [f"{times[each] / floor:.2f}" if each in times else "-" for each in CONTENDERS]
    print(json.dumps({"workload": name, "size": size, "first": first, "floor": floor}), file=sys.stderr)
    return f"| {name} | {size:,} | {' | '.join(cells)} | {lead} |"


def _copy(moved: int) -> Call:
    source = cp.ones(max(moved // 16, 1))
    target = cp.empty_like(source)
    return lambda: cp.copyto(target, source)


def _wait(result: Any) -> None:
    if hasattr(result, "block_until_ready"):
        result.block_until_ready()
    cp.cuda.runtime.deviceSynchronize()


def _on_host(result: Any) -> Any:
    if isinstance(result, cp.ndarray):
        return cp.asnumpy(result)
    return np.asarray(result.cpu() if hasattr(result, "cpu") else result)


def _take_turns(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Return the median time of each call, in seconds."""
    counts = {}
    for name, call in calls.items():
        for _ in range(3):
            result = call()
        _wait(result)
        start = time.perf_counter()
        result = call()
        _wait(result)
        counts[name] = max(3, min(500, math.ceil(5e-3 / (time.perf_counter() - start))))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            result = call()
            _wait(result)
            start = time.perf_counter()
            for _ in range(counts[name]):
                result = call()
            _wait(result)
            samples[name].append((time.perf_counter() - start) / counts[name])
    return {name: statistics.median(values) for name, values in samples.items()}


if __name__ == "__main__":
    raise SystemExit(main())
