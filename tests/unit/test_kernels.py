"""Kernels: one compile however many ask, shared by equal work, and counted."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fuser_core import fuse, n_compiled_kernels
from fuser_core.backend import CompileOptions, hookimpl
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, installed

X = np.arange(12.0).reshape(3, 4)


class Gated(AcceptingBackend):
    """Compiles only when the test opens the gate, so that all threads ask before one is served."""

    def __init__(self):
        super().__init__()
        self.gate = threading.Event()

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        assert self.gate.wait(20)
        return super().compile_group(group, options)


def _from_threads(count, call, gate):
    barrier = threading.Barrier(count + 1)

    def ask(number):
        barrier.wait(20)
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(ask, number) for number in range(count)]
        barrier.wait(20)
        gate.set()
        return [future.result(20) for future in futures]


def test_eight_threads_compile_once():
    backend = Gated()
    fused = fuse(lambda x: x * 3 - 1)
    with installed("gated", backend):
        before = n_compiled_kernels()
        results = _from_threads(8, lambda number: fused(X + number), backend.gate)
        assert n_compiled_kernels() == before + 1
    assert len(backend.compiled) == 1
    for number, result in enumerate(results):
        np.testing.assert_array_equal(result, (X + number) * 3 - 1)


def test_eight_functions_of_equal_work_compile_once():
    backend = Gated()
    functions = [fuse(lambda x: x * 5 + 1) for _ in range(8)]
    with installed("gated", backend):
        _from_threads(8, lambda number: functions[number](X), backend.gate)
    assert len(backend.compiled) == 1


def test_layouts_and_sizes_share_a_kernel(compiler):
    fused = fuse(lambda x: x * 7 + 1)
    for array in (X, X.T, X[::2, ::-1], np.ones((9, 2)), np.empty((0, 2))):
        np.testing.assert_array_equal(fused(array), array * 7 + 1)
    assert len(compiler.compiled) == 1


def test_ranks_dtypes_and_broadcasting_do_not(compiler):
    fused = fuse(lambda x: x * 7 + 1)
    for array in (X, X[0], X.astype("f4"), X[:1]):
        fused(array)
    assert len(compiler.compiled) == 4


def test_options_do_not_share_a_kernel(compiler):
    fuse(lambda x: x * 11)(X)
    fuse(fast_math=True)(lambda x: x * 11)(X)
    assert len(compiler.compiled) == 2
    assert CompileOptions() != CompileOptions(fast_math=True)


def test_the_counter_counts_compilers_only(compiler):
    before = n_compiled_kernels()
    fused = fuse(lambda x: x * 13)
    fused(X)
    fused(X + 1)
    assert n_compiled_kernels() == before + 1
    fuse(backend="fallback_numpy")(lambda x: x * 13)(X)
    assert n_compiled_kernels() == before + 1


def test_a_declined_kernel_is_asked_for_once_and_not_counted():
    backend = DecliningBackend("compile")
    with installed("fake", backend):
        before = n_compiled_kernels()
        fused = fuse(lambda x: x * 17)
        for _ in range(2):
            try:
                fused(X)
            except UserWarning:
                fused(X)
        assert n_compiled_kernels() == before
    assert fused.last_run.backend == "fallback_numpy"


def test_a_failed_compile_can_be_tried_again(monkeypatch):
    """Under FUSER_STRICT=1 a compile raises; it must leave no half-made kernel behind."""

    class Once(AcceptingBackend):
        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            kernel = super().compile_group(group, options)
            if len(self.compiled) == 1:
                raise RuntimeError("out of memory, this once")
            return kernel

    monkeypatch.setenv("FUSER_STRICT", "1")
    fused = fuse(lambda x: x * 19)
    with installed("once", Once()):
        try:
            fused(X)
        except Exception as error:  # noqa: BLE001  which one is the business of containment
            assert "out of memory, this once" in str(error)  # noqa: PT017
        np.testing.assert_array_equal(fused(X), X * 19)
        assert fused.last_run.backend == "once"
