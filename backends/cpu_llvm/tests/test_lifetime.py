"""What kernels own, what importing costs, and life with threads, forks and the garbage collector."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import fuser_cpu_llvm
from fuser_core.backend import Accept, CompileOptions, Constant, Decline, Device, Elementwise, Reduce, Role, Value
from llvm_groups import CPU, Builder, Kernel, one_step, run

SIZE = 400_000


def sine() -> Kernel:
    builder = Builder()
    return builder.kernel(builder.apply("sin", builder.input("f8"), dtype="f8"))


def check(kernel: Kernel, threads: int = 2) -> None:
    x, out = np.linspace(0.0, 5.0, SIZE), np.empty(SIZE)
    run(kernel, [x], [out], threads)
    np.testing.assert_allclose(out, np.sin(x), atol=1e-15)


def test_hooks_state_what_the_contract_asks_for() -> None:
    assert fuser_cpu_llvm.FUSER_API == 1
    assert fuser_cpu_llvm.ROLE is Role.COMPILER
    assert isinstance(fuser_cpu_llvm.has_fusion_backend(CPU), Accept)
    verdict = fuser_cpu_llvm.has_fusion_backend(Device("cuda", 1))
    assert isinstance(verdict, Decline)
    assert "cuda:1" in verdict.reason


def python(*arguments: str) -> None:
    """Run a new interpreter that finds what this one finds, and the helpers of these tests."""
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    subprocess.run([sys.executable, *arguments], check=True, env={**os.environ, "PYTHONPATH": path})  # noqa: S603


def test_importing_imports_no_compiler() -> None:
    use = "import sys, fuser_cpu_llvm as b; from fuser_core.backend import Device; b.has_fusion_backend(Device('cpu'))"
    check = "assert not [m for m in ('llvmlite', 'ctypes.util', 'concurrent.futures') if m in sys.modules]"
    python("-c", f"{use}; {check}")


@pytest.mark.parametrize(
    ("op", "dtype", "words"),
    [
        ("sin", "c16", "has it for floats only"),
        ("max", "c16", "does not have this operation"),
        ("add", ">f8", "byte order"),
        ("add", "f16", "no such dtype"),
        ("real", "f8", "has it for complex numbers only"),
        ("divide", "i8", "has it for floats, complex numbers only"),
    ],
)
def test_declines_in_plain_words(op: str, dtype: str, words: str) -> None:
    values = [Value(place, np.dtype(dtype), ()) for place in range(3)]
    verdict = fuser_cpu_llvm.supports(Elementwise(op, tuple(values[:2]), (values[2],)), CPU)
    assert isinstance(verdict, Decline)
    assert words in verdict.reason
    assert op in verdict.reason


def test_declines_a_reduction_whose_size_nothing_tells() -> None:
    builder = Builder()
    scalar = builder.input("f8", ())
    total = builder.reduce("sum", builder.apply("negative", scalar, dtype="f8"), (0,))
    verdict = fuser_cpu_llvm.compile_group(builder.group(total), CompileOptions())
    assert isinstance(verdict, Decline)
    assert "how long" in verdict.reason


def test_declines_what_a_reduction_does_not_have() -> None:
    value, out = Value(0, np.dtype("f2"), (4,)), Value(1, np.dtype("f2"), ())
    assert isinstance(fuser_cpu_llvm.supports(Reduce("sum", value, (0,), out), CPU), Decline)


def test_a_kernel_outlives_everything_it_was_made_of() -> None:
    kernel = sine()
    gc.collect()
    for _ in range(20):
        sine()
    gc.collect()
    check(kernel)


def test_artifacts_show_the_code() -> None:
    builder = Builder()
    kernel = builder.kernel(builder.reduce("sum", builder.apply("exp", builder.input("f8"), dtype="f8"), (0,)))
    assert "define void @body" in kernel.artifacts["ir"]
    assert "define void @rows" in kernel.artifacts["ir"]
    assert "body:" in kernel.artifacts["asm"]


def test_launches_from_many_threads_at_once() -> None:
    kernel = sine()
    barrier = threading.Barrier(4)

    def work(_: int) -> None:
        barrier.wait()
        for _ in range(5):
            check(kernel, threads=3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a POSIX matter")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 warns of any fork beside threads.
def test_run_fork_run() -> None:
    kernel = sine()
    check(kernel)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            check(kernel)
            check(one_step("cos", ["f8"], "f8") and kernel)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    check(kernel)


def test_process_ends_cleanly_after_threaded_launches() -> None:
    python("-c", "from test_lifetime import check, sine; check(sine())")


def test_fast_math_stays_near_and_keeps_special_values_of_functions() -> None:
    builder = Builder()
    x, y = builder.input("f8"), builder.input("f8")
    total = builder.apply("add", builder.apply("multiply", x, y, dtype="f8"), x, dtype="f8")
    kernel = builder.kernel(builder.apply("exp", total, dtype="f8"), fast_math=True)
    a, b, out = np.array([0.1, 0.7, np.inf, -np.inf]), np.array([0.3, 0.9, 1.0, 1.0]), np.empty(4)
    run(kernel, [a, b], [out])
    np.testing.assert_allclose(out, np.exp(a * b + a), rtol=1e-14)


def test_a_thousand_steps_compile() -> None:
    builder = Builder()
    value = x = builder.input("f8")
    for place in range(1000):
        step = builder.apply("multiply", value, Constant(np.float64(1.0 + place * 1e-6)), dtype="f8")
        value = builder.apply("add", step, x, dtype="f8") if place % 2 else step
    out = np.empty(100)
    run(builder.kernel(value), [np.zeros(100)], [out])
    np.testing.assert_array_equal(out, np.zeros(100))
