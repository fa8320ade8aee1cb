"""Options and reports: backend=, fallback=, threads=, last_run, explain and code say what happened and why."""

import numpy as np
import pytest

from fuser_core import FusionDeclinedError, fuse, override_can_fuse_on_cpu, use_backends
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, OnlyBackend, installed

X = np.arange(3.0)


def _scaled(x, s):
    return np.sqrt(x) * s


def test_nothing_ran_before_the_first_call():
    assert fuse(_scaled).last_run is None


def test_the_first_call_compiles_and_the_second_hits(compiler):
    fused = fuse(lambda x: x * 23 + 1)
    fused(X)
    assert (fused.last_run.backend, fused.last_run.cache) == ("fake", "compiled")
    fused(X)
    assert (fused.last_run.backend, fused.last_run.cache) == ("fake", "hit")
    again = fuse(lambda x: x * 23 + 1)
    again(X)
    assert again.last_run.cache == "hit"


def test_the_fallback_is_told_by_name():
    fused = fuse(_scaled)
    fused(X, 2)
    assert fused.last_run.backend == "fallback_numpy"
    assert fused.last_run.reason


def test_the_reasons_of_those_who_declined():
    with installed("fake", DecliningBackend("supports", "no roots here")):
        fused = fuse(_scaled)
        with pytest.warns(UserWarning, match="_scaled: a part runs through fallback_numpy: fake: no roots here"):
            fused(X, 2)
        assert "fake: no roots here" in fused.last_run.reason
        assert "not by fake: no roots here" in fused.explain(X, 2)


@pytest.mark.parametrize("hook", ["supports", "compile"])
def test_no_fallback_is_silent(hook):
    with installed("fake", DecliningBackend(hook, "not here")), pytest.warns(UserWarning, match="fake: not here"):
        fuse(_scaled)(X, 2)


def test_no_warning_where_no_compiler_is_installed_or_wanted(recwarn):
    fuse(_scaled)(X, 2)
    with installed("fake", AcceptingBackend()), use_backends("fallback_numpy"):
        fuse(_scaled)(X, 2)
    override_can_fuse_on_cpu(False)
    with installed("fake", AcceptingBackend()):
        fused = fuse(_scaled)
        fused(X, 2)
        assert "fusion on cpu is switched off" in fused.last_run.reason
    assert len(recwarn) == 0


def test_a_named_backend_falls_nowhere():
    with installed("fake", OnlyBackend({"multiply"})), installed("other", AcceptingBackend()):
        fused = fuse(backend="fake")(_scaled)
        with pytest.raises(
            FusionDeclinedError, match=r"(?s)no backend in use accepts `.*sqrt.*` on cpu:.*fake: this fake has no sqrt"
        ):
            fused(X, 2)
        np.testing.assert_array_equal(fuse(backend="fake")(lambda x: x * 2)(X), X * 2)


def test_the_fallback_can_be_named():
    with installed("other", AcceptingBackend()):
        fused = fuse(backend="fallback_numpy")(_scaled)
        np.testing.assert_array_equal(fused(X, 2), _scaled(X, 2))
        assert fused.last_run.backend == "fallback_numpy"


def test_explain_runs_nothing(compiler):
    fused = fuse(_scaled)
    text = fused.explain(X, 2)
    assert compiler.launches == 0
    assert fused.last_run is None
    assert text.startswith("_scaled: 1 kernel by fake\n  because ")
    assert "kernel 0: fake, 2 operations over (n0.0,), 2 arrays in, 1 out, made ready in " in text
    assert "sqrt(%0)" in text


def test_explain_tells_of_an_opaque_call():
    text = fuse(lambda x: (x + 1) @ x).explain(X)
    assert "call of another library: " in text
    assert "numpy.matmul" in text


def test_explain_tells_of_guards():
    text = fuse(lambda x, y: x + y).explain(X, X + 1)
    assert "valid while n0.0 == n1.0" in text


def test_explain_of_a_function_without_kernels():
    fused = fuse(lambda x: x)
    assert "0 kernels by none\n  because the function computes nothing that needs a kernel" in fused.explain(X)
    assert fused(X) is X
    assert fused.last_run.backend == "none"


def test_explain_takes_what_a_call_takes():
    assert "kernel" in fuse(lambda x, *, s=2: x * s).explain(X, s=3)


def test_code_has_every_stage_under_a_heading(compiler):
    fused = fuse(lambda x: (x + 1).sum() - x)
    text = fused.code(X)
    assert "==== kernel 0, fake, fake ====" in text
    assert "==== kernel 1, fake, fake ====" in text
    assert compiler.launches == 0


def test_code_of_the_fallback():
    text = fuse(_scaled).code(X, 2)
    assert "==== kernel 0, fallback_numpy, numpy ====" in text
    assert "sqrt(" in text


def test_a_changed_flag_is_seen(compiler):
    fused = fuse(_scaled)
    fused(X, 2)
    assert fused.last_run.backend == "fake"
    override_can_fuse_on_cpu(False)
    fused(X, 2)
    assert fused.last_run.backend == "fallback_numpy"
