"""The standard tests, on a CUDA device, with arrays of CuPy's."""

from __future__ import annotations

import pytest

from fuser_core.backend import Decline, Device
from fuser_core.testing import BackendConformance
from fuser_core.testing.placement import Placement
from fuser_cuda_nvrtc.capabilities import can_compile

cupy = pytest.importorskip("cupy", reason="CuPy, which makes the arrays, is not installed")

_verdict = can_compile(Device("cuda"))

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(isinstance(_verdict, Decline), reason=getattr(_verdict, "reason", "")),
]


class TestCudaNVRTC(BackendConformance):
    backend = "cuda_nvrtc"
    placement = Placement(Device("cuda"), cupy.asarray, cupy.asnumpy)
