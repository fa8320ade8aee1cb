"""Calls of workloads that have been made once, with NumPy's results; a backend that declines is skipped."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core.bench.contenders.entrant import results
from fuser_core.bench.contenders.ours import entrant
from fuser_core.bench.place import find_place
from fuser_core.errors import FusionDeclinedError


def checked_call(workload, backend, arguments, device="cpu"):
    """Return a call without arguments that waits for its results, as this backend alone serves it."""
    place = find_place(device)
    contender = entrant(backend)
    with np.errstate(all="ignore"):
        expected = results(workload.function(*arguments))
    try:
        call = contender.make(workload, arguments, None, place)
        found = call.run()
    except FusionDeclinedError as error:
        pytest.skip(str(error).splitlines()[0])
    for own, other in zip(results(found), expected, strict=True):
        np.testing.assert_allclose(contender.fetch(own, place), other, rtol=workload.tolerance, atol=workload.tolerance)
    return lambda: call.wait(call.run())
