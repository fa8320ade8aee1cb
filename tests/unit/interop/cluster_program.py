"""Fused functions on a cluster of several processes: run as a script, as a user would, and printing what came out."""

# ruff: noqa: T201, SIM117  it is a script, and what it needs stands in one order

import os
import time

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

from fuser_core import fuse
from fuser_core.dask_arrays import fuse_dask

SCALE = 2.0


@fuse
def curve(x, y):
    return np.exp(-x * SCALE) * y + 1


@fuse
def slow(x):
    return np.sqrt(x * x + SCALE) - 1


def traced():
    """Return how often this process has traced the functions that came to it."""
    from fuser_core import by_value

    return [
        sum(map(len, f._dispatcher.inner[kind]._entries.values()))
        for f in by_value._restored.values()
        for kind in f._dispatcher.inner
    ]


def without_compilers():
    from fuser_core import refresh_backends

    os.environ["FUSER_DISABLE"] = "cpu_llvm,cuda_nvrtc"
    refresh_backends()


def told():
    from fuser_core.dask_arrays import chunks

    return sorted(chunks._told)


def main():
    with LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="500MiB", dashboard_address=None) as cluster:
        with Client(cluster) as client:
            # One of the two has no compiler.
            plain = next(iter(client.scheduler_info()["workers"]))
            client.run(without_compilers, workers=[plain])
            x = da.random.default_rng(3).random((400, 1000), chunks=(25, 1000))
            y = np.linspace(0, 1, 1000)
            wanted = np.exp(-x * SCALE) * y + 1
            assert float(abs(curve(x, y) - wanted).max().compute()) < 1e-12
            print("told", client.run(told)[plain], sorted(map(tuple, client.run(told).values())))
            print("traced", sorted(map(tuple, client.run(traced).values())))
            # 1.6 GB in chunks of 16 MB, where a worker may have 0.5.
            big = da.random.default_rng(4).random((200_000, 1000), chunks=(2000, 1000))
            mean = float(curve(big, 1.0).mean().compute())
            print("large", abs(mean - (1 + (1 - np.exp(-2)) / 2)) < 1e-3)
            # One is killed in the middle; its nanny starts another.
            total = fuse_dask((slow(x.rechunk((5, 1000)).map_blocks(wait, dtype=float)) * 2 + 1).sum())
            future = client.compute(total)
            time.sleep(0.5)
            pid = client.run(os.getpid)[plain]
            os.kill(pid, 9)
            found = future.result()
            expected = float(((da.sqrt(x * x + SCALE) - 1) * 2 + 1).sum().compute())
            print("killed", np.isclose(found, expected, rtol=1e-12))


def wait(x):
    time.sleep(0.03)
    return x


if __name__ == "__main__":
    main()
