"""What a plugin is told of its process: that it is a forked child, and that it ends."""

import os
import subprocess
import sys

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse
from fuser_core.backend import hookimpl
from fuser_core.discovery import registry
from fuser_core.testing.fakes import AcceptingBackend, installed

X = np.arange(4.0)
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


class Forked(AcceptingBackend):
    process = None

    @hookimpl
    def after_fork(self):
        self.process = os.getpid()

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        assert self.process in (None, os.getpid())
        super().launch(kernel, inputs, outputs, threads)


def _in_child(function):
    """Return the exit status of a forked child that calls a function: 0 when it returns True."""
    child = os.fork()
    if not child:
        try:
            os._exit(0 if function() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@forks
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_child_is_told_before_it_launches_anything():
    plugin = Forked()
    with installed("fake", plugin):
        fused = fuse(lambda x: x * 2)
        fused(X)
        assert _in_child(lambda: plugin.process == os.getpid() and (fused(X) == X * 2).all()) == 0
        assert plugin.process is None


@forks
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_what_after_fork_raises_is_a_defect_and_the_child_goes_on():
    class Raising(AcceptingBackend):
        @hookimpl
        def after_fork(self):
            raise RuntimeError("a fake defect")

    with installed("fake", Raising()):
        fused = fuse(lambda x: x * 2)
        fused(X)
        (plugin,) = [record.plugin for record in registry.records() if record.name == "fake"]
        assert _in_child(lambda: "its hook after_fork raised" in plugin.defects[0] and (fused(X) == X * 2).all()) == 0
        assert plugin.defects == []


@forks
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_fork_before_the_first_call_loads_nothing():
    plugin = Forked()
    with installed("fake", plugin):
        assert _in_child(lambda: plugin.process is None) == 0


PROGRAM = """
import numpy as np
from fuser_core import fuse
from fuser_core.backend import hookimpl
from fuser_core.discovery import registry
from fuser_core.testing.fakes import AcceptingBackend

class Closing(AcceptingBackend):
    @hookimpl
    def close(self):
        print("closed")
        {end}

registry.add("fake", Closing())
{call}
print("done")
"""


@pytest.mark.parametrize(
    ("call", "end", "told"),
    [
        ("fuse(lambda x: x * 2)(np.arange(3.0))", "", "done\nclosed\n"),
        ("", "", "done\n"),
        ("fuse(lambda x: x * 2)(np.arange(3.0))", "raise RuntimeError('a fake defect')", "done\nclosed\n"),
    ],
    ids=["loaded", "not loaded", "raises"],
)
def test_a_loaded_plugin_is_told_once_that_the_process_ends(call, end, told):
    program = PROGRAM.format(call=call, end=end)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout == told
    assert ("its hook close raised RuntimeError: a fake defect" in done.stderr) is bool(end)
    assert "Traceback" not in done.stderr


def test_a_plugin_without_these_hooks_is_left_alone():
    with installed("fake", AcceptingBackend()):
        fuse(lambda x: x * 2)(X)
        (plugin,) = [record.plugin for record in registry.records() if record.name == "fake"]
        plugin.after_fork()
        plugin.close()
        assert plugin.defects == []


def test_an_optional_hook_with_parameters_that_would_get_nothing_is_told():
    class Odd(AcceptingBackend):
        @hookimpl
        def chain(self, chain, kernels=()):
            raise AssertionError("a hook of a plugin that was refused")

    with installed("fake", Odd()), pytest.warns(FuserWarning, match="its hook chain has a default for kernels"):
        np.testing.assert_array_equal(fuse(lambda x: x * 2)(X), X * 2)
