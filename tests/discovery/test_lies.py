"""Plugins that promise and do not keep it: kernels that are none, and kernels that write what they like."""

import re

import numpy as np
import pytest

from fuser_core import FuserWarning, fuse, n_compiled_kernels, register_fusion, run_fusion
from fuser_core.backend import Accept, Decline, hookimpl
from fuser_core.graph import GraphBuilder
from fuser_core.testing import expect
from fuser_core.testing.fakes import AcceptingBackend, AnsweringBackend, RaisingBackend, installed
from fuser_core.testing.runner import Runner, single

X = np.arange(4.0)
ASKED = ("has_fusion_backend", "supports", "compile")


def _function(x):
    return np.sqrt(x) * 2 + 1


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no words")

    __str__ = __repr__


class TalkativeError(Exception):
    def __str__(self):
        return "blah " * 100_000


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "returned None instead of a kernel"),
        ("kernel", "returned 'kernel' instead of a kernel"),
        (object(), "returned <object object"),
        (1, "returned 1 instead of a kernel with artifacts or a Decline: it has no attribute artifacts"),
        (Accept(), "returned Accept(note='') instead of a kernel"),
        (Unprintable(), "returned a Unprintable that cannot be shown instead of a kernel"),
        ("x" * 10**6, f"returned '{'x' * 499}... instead of a kernel"),
    ],
    ids=["None", "text", "object", "number", "verdict", "unprintable", "endless"],
)
def test_a_kernel_that_is_none_is_a_defect(answer, told):
    with installed("fake", AnsweringBackend("compile", answer)):
        before = n_compiled_kernels()
        fused = fuse(_function)
        with pytest.warns(FuserWarning) as caught:
            np.testing.assert_array_equal(fused(X), _function(X))
        assert fused.last_run.backend == "fallback_numpy"
        assert n_compiled_kernels() == before
    assert f"its hook compile {told}" in str(caught[0].message)


def test_a_failing_hook_is_told_with_its_line_and_how_to_see_more():
    class Failing(AcceptingBackend):
        @hookimpl(specname="compile")
        def compile_group(self, group, options):
            raise KeyError("add")

    words = r"raised KeyError: 'add' \(\S*test_lies.py:\d+\); the next backend .*; FUSER_STRICT=1 raises it"
    with installed("fake", Failing()), pytest.warns(FuserWarning) as caught:
        fuse(_function)(X)
    assert re.search(words, str(caught[0].message))


@pytest.mark.parametrize("error", [TalkativeError(), MuteError()], ids=["endless", "mute"])
@pytest.mark.parametrize("hook", ASKED)
def test_an_error_that_cannot_be_shown_is_contained(hook, error):
    fused = fuse(_function)
    told = pytest.warns(FuserWarning, match=rf"its hook {hook} raised {type(error).__name__}: ")
    with installed("fake", RaisingBackend(hook, error)), told as caught:
        np.testing.assert_array_equal(fused(X), _function(X))
    assert len(str(caught[0].message)) < 1000


def test_a_lie_reaches_the_graph_interface_as_little():
    stack = [X]
    key = register_fusion(single("exp"))
    with installed("fake", AnsweringBackend("compile", None)), pytest.warns(FuserWarning, match="returned None"):
        run_fusion(key, stack)
    np.testing.assert_array_equal(stack[0], np.exp(X))


def test_a_failed_launch_leaves_the_stack_and_is_no_defect(plugin_of):
    stack = ["below", X]
    with installed("fake", RaisingBackend("launch", OSError("the device fell off"))):
        with pytest.raises(OSError, match="the device fell off"):
            run_fusion(register_fusion(single("exp")), stack)
        assert plugin_of("fake").defects == []
    assert stack[0] == "below"
    assert stack[1] is X


class Narrowing(AcceptingBackend):
    """Writes its results as float32, whatever was asked for."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        for desc in outputs:
            desc.array.reshape(-1).view(np.float32)[: desc.array.size] = 1


class Replacing(AcceptingBackend):
    """Puts arrays of its own in the place of the outputs, in another dtype."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            desc.array = desc.array.astype(np.float32)


class Retyping(AcceptingBackend):
    """Writes its results, and changes the array objects."""

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            desc.array.dtype = np.float32
            desc.array.shape = (2, -1)


@pytest.mark.filterwarnings("ignore:Setting the dtype:DeprecationWarning")  # as NumPy 2.5 says
def test_a_result_is_the_array_that_the_core_has_allocated():
    out = np.empty_like(X)
    with installed("fake", Retyping(priority=10**6)):
        fused = fuse(_function)
        for result in (fused(X), fused(X), fused(X), fused(X, out=out), out):
            assert (result.dtype, result.shape) == (X.dtype, X.shape)
            np.testing.assert_array_equal(result, _function(X))


class Returning(AcceptingBackend):
    """Returns its results, or a refusal, and writes nothing."""

    answer = None

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        return [desc.array for desc in outputs] if self.answer is None else self.answer


@pytest.mark.parametrize(
    ("answer", "told"), [(None, r"\[array\("), (Decline("not today"), r"Decline\(reason='not today'\)")]
)
def test_an_answer_of_a_launch_is_a_defect(answer, told, plugin_of):
    backend = Returning(priority=10**6)
    backend.answer = answer
    words = f"its hook launch returned {told}.* instead of None; results are what it writes"
    with installed("fake", backend):
        with pytest.warns(FuserWarning, match=words):
            fuse(_function)(X)
        assert len(plugin_of("fake").defects) == 1


@pytest.mark.parametrize("backend", [Narrowing, Replacing])
def test_a_result_has_the_dtype_that_was_asked_for_whoever_writes_it(backend):
    with installed("fake", backend(priority=10**6)):
        result = fuse(_function)(X)
        assert result.dtype == np.float64
        assert result.shape == X.shape
        if backend is Narrowing:
            with pytest.raises(AssertionError, match="elements are wrong"):
                Runner("fake").check(single("exp"), [X])
        else:
            np.testing.assert_array_equal(result, _function(X))


def test_the_outcome_of_a_graph_is_the_same_with_a_liar_installed():
    builder = GraphBuilder(2)
    (product,) = builder.add("np::multiply", [0, 1]).outputs
    graph = builder.build([*builder.add("np::sum", [product]).outputs, product])
    stack = [X, X + 1]
    with installed("fake", AnsweringBackend("compile", "nonsense")), pytest.warns(FuserWarning):
        run_fusion(register_fusion(graph), stack)
    for result, expected in zip(stack, expect(graph, [X, X + 1]), strict=True):
        expected.check(result, "a result beside a liar")
