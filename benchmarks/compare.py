"""Compare contenders on workloads: ``python benchmarks/compare.py --size 4000000 --threads 2``.

Contenders take turns in every round, with a pause before each, because the workers of a library spin on for a while
and slow whoever comes next. A time is the median of the rounds; it is given as a ratio to the time that this machine
takes, in the same rounds, to copy as many bytes as the workload reads and writes at least.
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

import numpy as np
from contenders import CONTENDERS, Unable, contend, limit_threads
from workloads import WORKLOADS

_PAUSE = 0.02
_MOST_SECONDS = 6.0


def main() -> int:
    """Run the comparison and print a table."""
    options = _options()
    limit_threads(options.threads)
    rows = [_compare(name, options) for name in options.workloads]
    if options.json:
        json.dump(rows, sys.stdout, indent=1)
    else:
        _print(rows, options.contenders)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", default=[], help="names; all when none is given")
    parser.add_argument("--size", type=int, default=4_000_000, help="elements (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each contender (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=11, help="rounds (default: %(default)s)")
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    options.workloads = options.workloads or list(WORKLOADS)
    return options


def _compare(name: str, options: argparse.Namespace) -> dict[str, Any]:
    workload = WORKLOADS[name]
    arguments = workload.arguments(np.random.default_rng(20), options.size)
    moved = sum(argument.nbytes for argument in arguments) + np.asarray(workload.function(*arguments)).nbytes
    calls: dict[str, Callable[[], Any]] = {"floor": _copy(moved)}
    unable: dict[str, str] = {}
    for contender in options.contenders:
        try:
            calls[contender] = contend(contender, workload, arguments, options.threads)
        except Unable as error:
            unable[contender] = str(error)
    times = _take_turns(calls, options.rounds)
    floor = times.pop("floor")
    print(f"  {name}: {', '.join(f'{who} {value / floor:.2f}' for who, value in times.items())}", file=sys.stderr)
    return {"workload": name, "kind": workload.kind, "floor": floor, "times": times, "unable": unable}


def _copy(moved: int) -> Callable[[], None]:
    """Return a copy that moves so many bytes, half of them in."""
    source = np.ones(max(moved // 16, 1))
    target = np.empty_like(source)
    return lambda: np.copyto(target, source)


def _take_turns(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the median time of each call, in seconds."""
    names = list(calls)
    samples: dict[str, list[float]] = {name: [] for name in names}
    started = time.perf_counter()
    for number in range(rounds):
        for place in range(len(names)):
            name = names[(place + number) % len(names)]
            time.sleep(_PAUSE)
            samples[name].append(_time(calls[name]))
        if time.perf_counter() - started > _MOST_SECONDS and number >= 2:
            break
    return {name: statistics.median(values) for name, values in samples.items()}


def _time(call: Callable[[], Any]) -> float:
    """Return the time of one call; of many together where one is short."""
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    if once > 1e-3:
        return once
    count = min(1000, int(2e-3 / max(once, 1e-7)) + 1)
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def _print(rows: Sequence[dict[str, Any]], contenders: Sequence[str]) -> None:
    print("| workload | kind | " + " | ".join(contenders) + " | best peer / fuser |")
    print("|---|---|" + "--:|" * (len(contenders) + 1))
    ratios: dict[str, list[float]] = {}
    for row in sorted(rows, key=_lead):
        cells = [f"{row['times'][name] / row['floor']:.2f}" if name in row["times"] else "-" for name in contenders]
        lead = _lead(row)
        if math.isfinite(lead):
            ratios.setdefault(row["kind"], []).append(lead)
        print(f"| {row['workload']} | {row['kind']} | {' | '.join(cells)} | {lead:.2f} |")
    for kind, values in ratios.items():
        mean = math.exp(statistics.fmean(map(math.log, values)))
        print(f"\n{kind}: geometric mean of best peer / fuser {mean:.2f} over {len(values)}", end="")
    print()


def _lead(row: dict[str, Any]) -> float:
    """Return the time of the best peer over ours."""
    peers = [value for name, value in row["times"].items() if name != "fuser"]
    return min(peers) / row["times"]["fuser"] if peers and "fuser" in row["times"] else math.inf


if __name__ == "__main__":
    raise SystemExit(main())
