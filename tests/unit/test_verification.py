"""FUSER_VERIFY=1: what a compiler computes is evaluated a second time and compared, everywhere where kernels run."""

import itertools

import numpy as np
import pytest

from fuser_core import fuse, interface
from fuser_core.backend import CompileOptions, hookimpl
from fuser_core.errors import PluginError, VerificationError
from fuser_core.graph import GraphBuilder
from fuser_core.testing.fakes import AcceptingBackend, WrongBackend, installed
from fuser_core.verification import _patterns

X = np.linspace(-2, 2, 12).reshape(3, 4)


@pytest.fixture(autouse=True)
def _verifying(monkeypatch):
    monkeypatch.setenv("FUSER_VERIFY", "1")


class _Bent(AcceptingBackend):
    """Computes with an error: what it stores is changed by a function."""

    def __init__(self, bend, **options):
        super().__init__(**options)
        self._bend = bend

    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        for desc in outputs:
            desc.array[...] = self._bend(desc.array)


def _graph():
    builder = GraphBuilder(2)
    return builder.build(builder.add("np::add", (0, 1)).outputs)


def test_a_right_kernel_is_left_alone(compiler):
    np.testing.assert_array_equal(fuse(lambda x: np.sqrt(x * x) + 1)(X), np.sqrt(X * X) + 1)
    assert compiler.launches == 1


def test_a_wrong_element_is_told():
    with installed("bad", WrongBackend()), pytest.raises(VerificationError) as caught:
        fuse(lambda x, y: (x + y, x - y))(X, 2 * X)
    lines = str(caught.value).splitlines()
    step = "%2: float64(n0.0, n0.1) = add(%0, %1)"
    assert lines[0] == f"bad computed output 0 wrong: 1 of 12 elements of shape (3, 4), `{step}`"
    wrong, right, x, y = (repr(np.float64(value)) for value in (0.0, 6.0, 2.0, 4.0))
    assert lines[1] == f"  at (2, 3): {wrong}, should be {right} (where %0 = {x}, %1 = {y})"
    assert lines[2] == (
        "Report this to the author of bad (added in this process), with these lines and with what explain() and code() "
        "of the function say; FUSER_DISABLE=bad goes on without it."
    )
    assert isinstance(caught.value, PluginError)


def test_an_intermediate_value_is_told():
    with (
        installed("bad", WrongBackend()),
        pytest.raises(VerificationError, match="computed an intermediate value wrong"),
    ):
        fuse(lambda x: (x + 1) @ (x * 2).T)(X)


def test_run_fusion_is_verified_and_leaves_the_stack():
    stack = [X, X]
    with installed("bad", WrongBackend()), pytest.raises(VerificationError, match="bad computed output 0 wrong"):
        interface.run_fusion(interface.register_fusion(_graph()), stack)
    assert stack[0] is X
    assert len(stack) == 2


def test_debug_launch_graph_is_verified():
    with installed("bad", WrongBackend()), pytest.raises(VerificationError, match="1 of 12 elements"):
        interface.debug_launch_graph(_graph(), [X, X])


@pytest.mark.parametrize("bad", [False, True])
def test_an_output_that_is_the_memory_of_an_input(bad):
    backend = WrongBackend() if bad else AcceptingBackend()
    target = X.copy()
    with installed("fake", backend):
        fused = fuse(lambda x, y: x * x + y)
        if bad:
            with pytest.raises(VerificationError, match=r"at \(2, 3\)"):
                fused(target, X, out=target)
        else:
            fused(target, X, out=target)
            np.testing.assert_array_equal(target, X * X + X)
    assert backend.launches == 1


NUDGES = {
    "nothing": (lambda array: array, True, True),
    "one unit": (lambda array: np.nextafter(array, np.inf), False, True),
    "a hundred units": (lambda array: array + 100 * np.spacing(array), False, False),
    "another zero": (lambda array: np.where(array == 0, -array, array), False, True),
    "NaN": (lambda array: np.where(array > 0, np.nan, array), False, False),
}


@pytest.mark.parametrize("name", NUDGES)
def test_exact_results_agree_to_the_bit_and_others_within_a_bound(name):
    bend, if_exact, if_rounded = NUDGES[name]
    for function, fine in ((lambda x: x * 3 - x, if_exact), (lambda x: np.sinh(x) * 3, if_rounded)):
        with installed("bent", _Bent(bend)):
            fused = fuse(function)
            if fine:
                fused(np.append(X, 0.0))
            else:
                with pytest.raises(VerificationError, match="bent computed output 0 wrong"):
                    fused(np.append(X, 0.0))


@pytest.mark.parametrize(("by", "fine"), [(4e-16, True), (1e-12, False)])
def test_a_sum_may_be_taken_in_any_order(by, fine):
    x = np.random.default_rng(0).random(1000)
    with installed("bent", _Bent(lambda array: array * (1 + by))):
        if fine:
            fuse(np.sum)(x)
        else:
            with pytest.raises(VerificationError, match="sum"):
                fuse(np.sum)(x)


class _Retyping(AcceptingBackend):
    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        super().launch(kernel, inputs, outputs, threads)
        outputs[0].array.dtype = np.float32


@pytest.mark.filterwarnings("ignore:Setting the dtype:DeprecationWarning")  # as NumPy 2.5 says
def test_an_output_that_is_changed_in_place_is_told():
    with installed("bad", _Retyping()), pytest.raises(VerificationError) as caught:
        fuse(lambda x, y: x + y)(X, X)
    assert str(caught.value).startswith(
        "bad changed the array of output 0 in its hook launch: given as float64 of shape (3, 4) and strides (32, 8), "
        "it is now float32 of shape (3, 8) and strides (32, 4); results are written into the arrays as they are\n"
        "Report this to the author of bad (added in this process)"
    )


class _Idle(AcceptingBackend):
    @hookimpl
    def launch(self, kernel, inputs, outputs, threads):
        pass


def test_an_output_that_is_not_written_is_told():
    with installed("bad", _Idle()), pytest.raises(VerificationError, match="output 0 wrong: 12 of 12 elements"):
        fuse(lambda x, y: x + y)(X, X)


def test_what_cancels_may_be_far_off():
    def function(x):
        return np.exp(x) - np.exp(x + 1e-15)

    with installed("bent", _Bent(lambda array: array + np.spacing(np.exp(X)))):
        fuse(function)(X)  # wrong in the first digit, for one unit in the last place of an exponential
    with installed("bent", _Bent(lambda array: array + 1e-9)), pytest.raises(VerificationError, match="subtract"):
        fuse(function)(X)


@pytest.mark.parametrize("errors", [1, 2, 4, 5, 8, 100])
def test_any_two_errors_have_equal_and_unlike_signs_in_some_evaluation(errors):
    patterns = [(1,) * errors, *_patterns(errors)]
    assert {len(pattern) for pattern in patterns} == {errors}
    for left, right in itertools.combinations(range(errors), 2):
        assert {(pattern[left], pattern[right]) for pattern in patterns} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    assert len(patterns) <= 30


def test_neither_the_fallback_nor_fast_math_is_verified(monkeypatch):
    from fuser_core import verification

    asked = []
    monkeypatch.setattr(verification, "verified", lambda *args: asked.append(args))
    fuse(lambda x: x + 1)(X)
    with installed("bad", WrongBackend()):
        fuse(lambda x: x + 1, fast_math=True)(X)
        assert CompileOptions(fast_math=True).fast_math
    assert asked == []


@pytest.mark.parametrize("value", ["0", ""])
def test_it_is_off_by_default(value, monkeypatch):
    monkeypatch.setenv("FUSER_VERIFY", value)
    with installed("bad", WrongBackend()):
        assert fuse(lambda x: x + 1)(X)[2, 3] == 0
