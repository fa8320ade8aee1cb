"""Object code that gets into memory without LLVM: it runs as LLVM's does, and what is unusual is left to LLVM."""

from __future__ import annotations

import ctypes
import gc
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from fuser_cpu_llvm import machine
from fuser_cpu_llvm.image import MAPPABLE, Image
from fuser_cpu_llvm.jit import Linked, assemble
from fuser_cpu_llvm.libraries import outside_address
from fuser_cpu_llvm.objects import ObjectFile, UnmappableError

POLYNOMIAL = """
define double @polynomial(double %x) {
  %square = fmul double %x, %x
  %scaled = fmul double %square, 3.25
  %sum = fadd double %scaled, %x
  ret double %sum
}
"""
OUTSIDE = """
declare double @fuser.libm.sin(double)
declare i64 @labs(i64)
define double @sine(double %x) {
  %result = call double @fuser.libm.sin(double %x)
  ret double %result
}
define i64 @magnitude(i64 %x) {
  %result = call i64 @labs(i64 %x)
  ret i64 %result
}
"""
VARIABLE = "@count = global i64 1\ndefine i64 @read() {\n  %x = load i64, ptr @count\n  ret i64 %x\n}\n"
MISSING = "declare void @no.such.function()\ndefine void @call() {\n  call void @no.such.function()\n  ret void\n}\n"

mapped = pytest.mark.skipif(not MAPPABLE, reason="images are for Linux on x86-64")


def call(address: int, argument: float) -> float:
    result: float = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)(argument)
    return result


@mapped
def test_constants_and_calls() -> None:
    assert call(Image(assemble(POLYNOMIAL)).address("polynomial"), 2.0) == 15.0
    image = Image(assemble(OUTSIDE))
    assert call(image.address("sine"), 0.0) == 0.0
    assert ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(image.address("magnitude"))(-7) == 7
    with pytest.raises(KeyError):
        image.address("polynomial")


@mapped
def test_the_code_is_that_which_llvm_links() -> None:
    code = assemble(OUTSIDE + POLYNOMIAL)
    image, linked = Image(code), Linked(code, ("sine", "polynomial"))
    for name in ("sine", "polynomial"):
        for argument in (0.5, -3.0, 1e3):
            assert call(image.address(name), argument) == call(linked.address(name), argument)


@mapped
@pytest.mark.parametrize("text", [VARIABLE, MISSING])
def test_what_is_unusual_is_refused(text: str) -> None:
    with pytest.raises(UnmappableError, match=r"it has variables|no function 'no\.such\.function'"):
        Image(assemble(text))


def test_what_is_refused_is_linked_by_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "disk_cache", lambda: None)
    made = machine.Machine("a test's", lambda: VARIABLE, ("read",))
    assert ctypes.CFUNCTYPE(ctypes.c_int64)(made.address("read"))() == 1


@mapped
@pytest.mark.parametrize("length", [0, 3, 63, 64, 100, 300])
def test_what_was_cut_short_is_refused(length: int) -> None:
    with pytest.raises(UnmappableError):
        Image(assemble(POLYNOMIAL)[:length])


@mapped
def test_every_damaged_byte_is_refused_or_harmless_to_read() -> None:
    code = assemble(OUTSIDE)
    for place in range(len(code)):
        damaged = bytearray(code)
        damaged[place] ^= 0xFF
        try:
            file = ObjectFile(bytes(damaged))
            if file.size < 1 << 20:
                file.link(1 << 32, outside_address)
        except UnmappableError as error:
            assert str(error)  # noqa: PT017 - it may or may not be raised


@mapped
def test_a_short_relocation_is_refused() -> None:
    code = assemble(POLYNOMIAL)
    for type_, words in ((2, "a relocation of type 2"), (1, None)):
        changed = code.replace(struct.pack("<II", 1, 2), struct.pack("<II", type_, 2))
        if words is None:
            assert Image(changed).address("polynomial")
        elif changed != code:
            with pytest.raises(UnmappableError, match=words):
                Image(changed)


@mapped
def test_memory_goes_back() -> None:
    def regions() -> int:
        return len(Path("/proc/self/maps").read_text().splitlines())

    code = assemble(POLYNOMIAL)
    kept = [Image(code) for _ in range(4)]
    gc.collect()
    before = regions()
    for _ in range(200):
        kept.append(Image(code))
        kept.pop(0)
    assert regions() < before + 50
    assert all(call(image.address("polynomial"), 1.0) == 4.25 for image in kept)


def test_a_kernel_from_disk_needs_no_llvm(tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np; from fuser_core import fuse\n"
        "f = fuse(lambda a, b: (np.sin(a * b).sum(axis=1), a - b), backend='cpu_llvm')\n"
        "x = np.linspace(0, 3, 3_000_000).reshape(1500, 2000)\n"
        "total, rest = f(x, x)\n"
        "np.testing.assert_allclose(total, np.sin(x * x).sum(axis=1), rtol=1e-9)\n"
        "print(f.last_run.cache, 'llvmlite.binding' in sys.modules)"
    )
    environment = {**os.environ, "FUSER_CACHE_DIR": str(tmp_path)}

    def said() -> str:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        return done.stdout.strip()

    assert said() == "compiled True"
    assert said() == ("disk False" if MAPPABLE else "disk True")
