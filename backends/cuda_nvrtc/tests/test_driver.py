"""Drivers: importing the backend starts none, and what is missing is said."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fuser_cuda_nvrtc
from fuser_core.backend import Accept, Decline, Device
from fuser_cuda_nvrtc.driver import choice
from fuser_cuda_nvrtc.driver.interface import DriverError


@pytest.fixture(autouse=True)
def _forget():
    """Ask anew what is installed."""
    is_installed = choice._is_installed
    yield
    is_installed.cache_clear()
    choice._has_driver.cache_clear()
    choice.driver.cache_clear()


def test_importing_imports_no_cuda():
    program = (
        "import sys, fuser_cuda_nvrtc\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('cuda', 'pycuda', 'nvidia')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


def test_asking_imports_no_driver():
    program = (
        "import sys, fuser_cuda_nvrtc; from fuser_core.backend import Device\n"
        "fuser_cuda_nvrtc.has_fusion_backend(Device('cuda'))\n"
        "print([name for name in sys.modules if name.startswith(('cuda.bindings.', 'pycuda'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


def test_without_a_driver(monkeypatch):
    monkeypatch.setattr(choice, "LIBRARY", "libcuda.so.none")
    choice._has_driver.cache_clear()
    verdict = fuser_cuda_nvrtc.has_fusion_backend(Device("cuda"))
    assert verdict == Decline("no CUDA driver: libcuda.so.none not found")


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("cuda.bindings", "cuda-bindings is not installed: pip install cuda-bindings"),
        ("nvidia", "NVRTC is not installed: pip install nvidia-cuda-nvrtc"),
    ],
)
def test_without_a_package(monkeypatch, module, reason):
    monkeypatch.delenv("CUDA_HOME", raising=False)
    monkeypatch.delenv("CUDA_PATH", raising=False)
    monkeypatch.setattr(choice, "_is_installed", lambda name: name != module)
    assert fuser_cuda_nvrtc.has_fusion_backend(Device("cuda")) == Decline(reason)


def test_a_device_that_is_not_there(monkeypatch):
    monkeypatch.setattr(choice, "_has_driver", lambda: True)
    monkeypatch.setattr(choice, "_devices", lambda: 2)
    assert fuser_cuda_nvrtc.has_fusion_backend(Device("cuda", 1)) == Accept()
    assert fuser_cuda_nvrtc.has_fusion_backend(Device("cuda", 2)) == Decline("no CUDA device 2: this machine has 2")


def test_other_devices():
    assert fuser_cuda_nvrtc.has_fusion_backend(Device("cpu")) == Decline(
        "cuda_nvrtc compiles for cuda only, not for cpu"
    )


def test_no_driver_works(monkeypatch):
    def fails():
        raise ImportError("no such thing")

    monkeypatch.setattr(choice, "_pycuda", fails)
    monkeypatch.setattr(choice, "_bindings", fails)
    with pytest.raises(DriverError, match="no CUDA driver can be used: pycuda: no such thing; bindings: no such thing"):
        choice.driver.__wrapped__()  # a device's has been found before


def test_one_is_asked_for(monkeypatch):
    found = object()
    monkeypatch.setattr(choice, "_pycuda", lambda: found)
    monkeypatch.setenv("FUSER_CUDA_DRIVER", "pycuda")
    assert choice.driver() is found
    choice.driver.cache_clear()
    monkeypatch.setenv("FUSER_CUDA_DRIVER", "abacus")
    with pytest.raises(DriverError, match="FUSER_CUDA_DRIVER=abacus names no driver; there are pycuda and bindings"):
        choice.driver()
