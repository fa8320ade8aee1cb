"""Planted defects between processes: forks, options and stored code."""

import os
import pickle

from fuser_core.backend import hookimpl
from fuser_core.testing.fakes import AcceptingBackend, FakeKernel
from planted.base import Defect, Planted, PlantedKernel

_HERE = {}
"""Code by its address, which is what this process has it at."""


class _Threaded(AcceptingBackend):
    """Has its workers in the process that loaded it."""

    def __init__(self):
        super().__init__()
        self.process = os.getpid()

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        if threads > 1 and os.getpid() != self.process:
            raise RuntimeError("the workers are gone")
        super().launch(kernel, inputs, outputs, threads)


class _Careless(Planted):
    """Gives the kernel for ``fast_math`` to everybody."""

    def __init__(self):
        super().__init__()
        self.fast = set()

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        if options.fast_math:
            self.fast.add(group)
        return PlantedKernel(group, self)

    def store(self, group, values, outputs):
        super().store(group, values, outputs)
        if group in self.fast:
            outputs[0][...] = 0


class _Storing(AcceptingBackend):
    """Lets the core store its kernels."""

    @hookimpl
    def cache_token(self, device):
        return "planted"

    @hookimpl
    def save(self, kernel):
        return pickle.dumps(kernel.group)

    @hookimpl
    def restore(self, code, group, options):
        return FakeKernel(pickle.loads(code))  # noqa: S301 - the cache is ours


class _Forgetful(_Storing):
    """Restores the first kernel that it has stored, whichever is asked for."""

    first = None

    @hookimpl
    def restore(self, code, group, options):
        self.first = self.first or FakeKernel(pickle.loads(code))  # noqa: S301 - the cache is ours
        return self.first


class _Unreadable(_Storing):
    """Cannot read what it wrote."""

    @hookimpl
    def restore(self, code, group, options):
        return FakeKernel(code.decode("utf-16"))


class _Located(_Storing):
    """Stores the address of its code."""

    @hookimpl
    def save(self, kernel):
        _HERE[id(kernel)] = kernel
        return str(id(kernel)).encode()

    @hookimpl
    def restore(self, code, group, options):
        return _HERE[int(code)]


PROCESSES = (
    Defect("threaded", "looks for its threads in a forked child", _Threaded, "test_fork"),
    Defect("careless", "gives kernels for fast_math to everybody", _Careless, "test_options_are_kept_apart"),
    Defect("forgetful", "restores another kernel than it was asked for", _Forgetful, "test_processes_share_a_cache"),
    Defect("unreadable", "cannot read what it stored", _Unreadable, "test_disk_cache"),
    Defect("located", "stores addresses of its process", _Located, "test_processes_share_a_cache"),
)

SOUND = {"storing": _Storing, "planted": Planted}
"""Backends of the same make without a defect, which pass."""
