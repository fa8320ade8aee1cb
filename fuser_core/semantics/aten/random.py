"""``aten::rand_like``: random numbers, drawn anew by every call of every node, from one generator of NumPy's.

It is an opaque call, so no kernel holds it; its steps are never taken for equal, and they run in the graph's order.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from fuser_core.plan import Opaque
from fuser_core.semantics.aten.casts import scalar_type
from fuser_core.semantics.aten.signatures import Arguments, operation
from fuser_core.semantics.aten.values import dtype_of, materialise, require
from fuser_core.semantics.builder import PlanBuilder, Term

__all__ = ["set_generator"]

_generators: list[np.random.Generator] = []


def set_generator(generator: np.random.Generator | None) -> None:
    """Draw from this generator from now on; ``None``: from a new one, seeded by the operating system."""
    _generators[:] = [generator] if generator is not None else []


def _draw(like: Any, dtype: np.dtype[Any]) -> Any:
    if not _generators:
        _generators.append(np.random.default_rng())
    # A Generator draws float32 and float64; half precision is cut from float32, so that 1 stays out of reach.
    wide = np.dtype(np.float64) if dtype == np.float64 else np.dtype(np.float32)
    numbers = np.asarray(_generators[-1].random(np.shape(like), wide.type))
    if dtype.itemsize == 2:
        return (np.floor(numbers * 2048) / 2048).astype(dtype)
    return numbers


@operation("aten::rand_like", "self .dtype=None .layout=None .device=None .pin_memory=None .memory_format=None")
def _rand_like(builder: PlanBuilder, args: Arguments) -> Term:
    """Uniform in [0, 1), one number per element of the array."""
    array = materialise(builder, args.term("self"))
    code = args.static("dtype")
    dtype = dtype_of(array) if code is None else scalar_type(code)
    require("rand_like", dtype, "f")
    output = builder.value(dtype, array.shape)
    call = functools.partial(_draw, dtype=dtype)
    builder.steps.append(Opaque("numpy.random.Generator.random", call, (array,), (output,)))
    return output
