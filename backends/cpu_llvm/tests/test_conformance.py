"""The standard tests, for the compiler of CPU kernels."""

from __future__ import annotations

from fuser_core.testing import BackendConformance


class TestCpuLLVM(BackendConformance):
    backend = "cpu_llvm"
