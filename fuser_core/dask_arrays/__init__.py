"""Dask's arrays: a fused function on them is lazy, and runs as one kernel per chunk.

`calls` serves the calls of fused functions, `chunks` is what runs on the workers, and `rewriting` makes kernels of
chains that Dask has already.
"""

from fuser_core.dask_arrays.rewriting import fuse_dask

__all__ = ["fuse_dask"]
