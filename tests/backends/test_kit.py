"""The testing kit tests itself: what it must notice, it notices; what is right, it lets pass."""

from __future__ import annotations

import numpy as np
import pytest

from fuser_core.errors import UnknownBackendError
from fuser_core.testing import BackendConformance, assert_agrees, evaluate, expect
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, WrongBackend, installed
from fuser_core.testing.runner import Runner, build
from fuser_core.testing.values import DTYPES, LAYOUTS, arrange, mixture, specials

pytest_plugins = ["pytester"]

MODULE = """
    from fuser_core.testing import BackendConformance
    from fuser_core.testing.fakes import {kind}
    import fuser_core.discovery

    fuser_core.discovery.registry.add("fake", {kind}())

    class TestFake(BackendConformance):
        backend = "fake"
"""
QUICK = "-k=test_in_place or test_several or test_cast or overridden or add"


def run_kit(pytester, kind, extra=""):
    pytester.makepyfile(test_fake=MODULE.format(kind=kind) + extra)
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", QUICK)


def test_a_right_backend_passes(pytester):
    result = run_kit(pytester, "AcceptingBackend")
    outcomes = result.parseoutcomes()
    assert outcomes.keys() & {"failed", "errors", "skipped"} == set(), result.stdout.str()
    assert outcomes["passed"] > 20


def test_a_wrong_backend_fails(pytester):
    result = run_kit(pytester, "WrongBackend")
    assert result.parseoutcomes()["failed"] > 20
    result.stdout.fnmatch_lines(["*add is wrong in bool, int8,*", "*elements are wrong*", "*should be * (where %0 = *"])


def test_a_backend_that_declines_is_skipped_with_its_reason(pytester):
    pytester.makepyfile(test_fake=MODULE.format(kind="DecliningBackend"))
    result = pytester.runpytest_subprocess("-q", "-rs", "-p", "no:cacheprovider", QUICK)
    outcomes = result.parseoutcomes()
    assert "failed" not in outcomes
    assert outcomes["skipped"] > 20
    result.stdout.fnmatch_lines(["*fake: this fake declines*"])


def test_an_overridden_test_is_noticed(pytester):
    result = run_kit(pytester, "AcceptingBackend", "\n        def test_in_place(self): pass\n")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*override standard tests*"])


def test_a_test_may_be_expected_to_fail():
    class Excused(BackendConformance):
        backend = "none"

        @pytest.mark.xfail(reason="no in-place kernels yet")
        def test_in_place(self):
            pass

    Excused().test_standard_tests_are_not_overridden()


def test_the_guard_cannot_be_overridden():
    with pytest.raises(TypeError, match="remove the override"):
        type("Cheat", (BackendConformance,), {"test_standard_tests_are_not_overridden": lambda self: None})


def test_backends_are_chosen_on_the_command_line(pytester):
    pytester.makepyfile("def test_name(fuser_backend): assert fuser_backend == 'fallback_numpy'")
    result = pytester.runpytest_subprocess("--fuser-backend", "fallback_numpy", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["fuser_core backend fallback_numpy of *: loaded"])
    result = pytester.runpytest_subprocess("--fuser-backend", "fallback_nunpy", "-p", "no:cacheprovider")
    result.stderr.fnmatch_lines(["*no backend named 'fallback_nunpy'; installed: *"])


def test_other_sessions_do_not_notice_the_plugin(pytester):
    pytester.makepyfile("import sys\ndef test_nothing(): assert 'hypothesis' not in sys.modules")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    result.stdout.no_fnmatch_line("*fuser_core backend*")


def test_unusable_backends_are_named():
    with pytest.raises(UnknownBackendError, match="no backend named 'nobody' is installed"):
        Runner("nobody")
    with (
        installed("odd", object()),
        pytest.warns(UserWarning, match="FUSER_API"),
        pytest.raises(UnknownBackendError, match="FUSER_API"),
    ):
        Runner("odd")


def test_fakes_are_right_or_wrong_as_they_say():
    graph = build(2, lambda graph: graph.add("np::add", [0, 1]).outputs)
    operands = [np.arange(5.0), np.ones(5)]
    for plugin in (AcceptingBackend(), DecliningBackend()):
        with installed("fake", plugin):
            Runner("fake").check_dispatch(graph, operands)
    with installed("fake", WrongBackend()), pytest.raises(AssertionError, match="1 of 5"):
        Runner("fake").check_dispatch(graph, operands)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_keep_values(dtype, layout):
    for shape in ((), (3,), (0, 2), (2, 3, 4)):
        array = mixture(dtype, shape, seed=1)
        laid = arrange(array, layout)
        assert laid.shape == shape
        if layout != "repeated":
            assert_agrees(laid.astype(dtype), array)


def test_special_values_include_the_extremes():
    for dtype in DTYPES:
        values = specials(dtype)
        assert values.dtype == dtype
        if dtype.kind == "c":
            for wanted in (np.isnan, np.isinf, np.signbit):
                assert (wanted(values.real) & wanted(values.imag)).any()
        if dtype.kind == "f":
            assert {np.inf, -np.inf, np.finfo(dtype).max} <= set(values.tolist())
            assert np.isnan(values).any()
            assert np.signbit(values[values == 0]).any()


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (np.float64(1), np.array(1.0)),
        (np.float32(1), np.float64(1)),
        (np.ones(3, "f4"), np.ones(3)),
        (np.ones((3, 1)), np.ones(3)),
        (np.array([0.0]), np.array([-0.0])),
        (np.array([np.nan]), np.array([1.0])),
        (np.array([1.0]), np.array([np.nextafter(1.0, 2)])),
        (1, True),
        (1, np.int64(1)),
    ],
    ids=repr,
)
def test_differences_are_seen(actual, expected):
    with pytest.raises(AssertionError, match="the result"):
        assert_agrees(actual, expected)


def test_scalars_of_one_dtype_are_alike():
    assert_agrees(np.longlong(1), np.int64(1))


def test_bounds_of_one_function():
    one = np.array([1.0])
    assert_agrees(one + 4 * np.spacing(1.0), one, exact=False)
    with pytest.raises(AssertionError, match="1 of 1"):
        assert_agrees(one + 5 * np.spacing(1.0), one, exact=False)
    with pytest.raises(AssertionError, match="1 of 1"):
        assert_agrees(np.array([np.inf]), np.array([np.nan]), exact=False)

    with pytest.raises(AssertionError, match="1 of 1"):
        assert_agrees(np.array([5.0]), np.array([np.inf]), exact=False)


def test_bounds_of_complex_numbers_are_norm_wise():
    number = np.array([3 + 1e-30j])
    unit = np.spacing(3.0)
    assert_agrees(number + 3j * unit, number, exact=False)
    for off in (5 * unit, 5j * unit, (3 + 3j) * unit):
        with pytest.raises(AssertionError, match="1 of 1"):
            assert_agrees(number + off, number, exact=False)
    (expectation,) = expect(build(2, lambda graph: graph.add("np::multiply", [0, 1]).outputs), [number, number])
    expectation.check(number * number + 4j * np.spacing(9.0), "a complex product")
    with pytest.raises(AssertionError, match="1 of 1"):
        expectation.check(number * number * (1 + 1e-10), "a complex product")
    (expectation,) = expect(build(2, lambda graph: graph.add("np::add", [0, 1]).outputs), [number, number])
    with pytest.raises(AssertionError, match="1 of 1"):
        expectation.check(number + number + 1j * unit, "a complex sum")


def test_cancellation_widens_the_bound_and_only_there():
    def body(graph):
        (grown,) = graph.add("np::exp", [0]).outputs
        (rest,) = graph.add("np::subtract", [grown, 1]).outputs
        return [rest, graph.add("np::add", [0, 1]).outputs[0]]

    graph = build(2, body)
    x = np.array([1e-3, 1.0])
    arguments = [x, np.exp(x) * (1 - 1e-13)]
    rest, total = expect(graph, arguments)
    near, plain = evaluate(graph, arguments)
    rest.check(near * (1 + 1e-3), "a difference of close numbers")
    with pytest.raises(AssertionError, match="2 of 2"):
        rest.check(near * 2, "a difference of close numbers")
    with pytest.raises(AssertionError, match="2 of 2"):
        total.check(plain + np.spacing(plain), "an exact sum beside it")


def test_sums_may_be_taken_in_another_order():
    graph = build(1, lambda graph: graph.add("np::sum", [0]).outputs)
    array = mixture(np.dtype("f4"), (10_000,), seed=1, special=0.0) + 10
    (expectation,) = expect(graph, [array])
    expectation.check(array[::-1].sum(), "the sum backwards")
    with pytest.raises(AssertionError, match="1 of 1"):
        expectation.check(array[1:].sum(), "the sum of all but one")


def test_a_python_integer_needs_not_fit_the_other_operand():
    graph = build(2, lambda graph: graph.add("np::logaddexp2", [0, 1]).outputs)
    (expectation,) = expect(graph, [np.array([1, 9], np.uint8), -3])
    expectation.check(np.logaddexp2(np.float64([1, 9]), -3).astype(np.float16), "a sum of powers")
