"""A trial of a backend: a small program with it alone, so that what is wrong with it shows before a user sees it."""

from __future__ import annotations

import time

import numpy as np

from fuser_core.arguments import describe_arguments
from fuser_core.errors import FusionDeclinedError
from fuser_core.graph import GraphBuilder
from fuser_core.kernel_spec import Request, intern

__all__ = ["try_backend"]


def try_backend(name: str) -> tuple[bool, str]:
    """Compile and run ``x * y + x`` and its maximum with a backend alone, and compare with NumPy.

    Returns:
        Whether nothing is wrong with it, and what happened, in words.
    """
    builder = GraphBuilder(2)
    (product,) = builder.add("np::multiply", (0, 1)).outputs
    (total,) = builder.add("np::add", (product, 0)).outputs
    (largest,) = builder.add("np::max", (total,), axis=None).outputs
    x, y = np.linspace(-2, 2, 1003), np.linspace(1, 3, 1003)
    start = time.perf_counter()
    try:
        program, _ = intern(builder.build([total, largest])).program(
            describe_arguments([x, y]), [x, y], Request((name,), fallback=False)
        )
        results = program.run([x, y], 2)
    except FusionDeclinedError as error:
        lines = map(str.strip, str(error).splitlines())
        own = next((line.removeprefix(f"{name}: ") for line in lines if line.startswith(f"{name}: ")), str(error))
        return not own.startswith("a defect of the plugin"), f"it declines x * y + x with its maximum: {own}"
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is to be told
        return False, f"x * y + x failed: {type(error).__name__}: {error}"
    milliseconds = (time.perf_counter() - start) * 1e3
    wanted = x * y + x, (x * y + x).max()
    if not all(np.array_equal(each, right) for each, right in zip(results, wanted, strict=True)):
        return False, "it computes x * y + x wrong; FUSER_VERIFY=1 shows where, the conformance tests what else"
    return True, f"x * y + x of 1,003 elements and its maximum are right, in {milliseconds:.1f} ms"
