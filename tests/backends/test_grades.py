"""What the kit prints at the end: the grade of a backend, what it holds, and what was weakened or left out."""

import sys

import pytest

from fuser_core.backend import Device
from fuser_core.discovery import registry
from fuser_core.testing import AcceptingBackend, Capabilities, DecliningBackend, OnlyBackend, installed, probe
from fuser_core.testing.capabilities import steps_of
from fuser_core.testing.values import DTYPES

pytest_plugins = ["pytester"]

MODULE = """
    import pytest
    from fuser_core.discovery import registry
    from fuser_core.testing import BackendConformance
    from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, OnlyBackend, RaisingBackend

    registry.add("fake", {make})

    {mark}
    class TestFake(BackendConformance):
        backend = "fake"
        {body}
"""
QUICK = "-k=test_several or overridden"


@pytest.fixture
def kit(pytester):
    """``kit(make)`` runs a few standard tests of a fake backend in a session of its own."""

    def run(make, *options, body="pass", mark=""):
        pytester.makepyfile(test_fake=MODULE.format(make=make, body=body, mark=mark))
        return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", QUICK, *options)

    return run


def test_the_grade_of_a_right_backend(kit):
    result = kit("AcceptingBackend()")
    result.stdout.fnmatch_lines(
        [
            "*= fuser_core backends =*",
            (
                "fake on cpu: not tested in full, grade 100 %: it holds * of * operations by dtype; standard "
                "tests: 8 passed, 0 skipped, 0 failed"
            ),
            "  incomplete: * of * did not run: test_answers_do_not_change, * and * others",
        ]
    )
    result.stdout.no_fnmatch_line("what kernels of fake hold*")


def test_the_grade_is_printed_by_several_processes_too(pytester):
    pytester.makepyfile(
        test_it="""
        from fuser_core.testing import BackendConformance

        class TestFallback(BackendConformance):
            backend = "fallback_numpy"
        """
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-n1", "-k=overridden")
    result.stdout.fnmatch_lines(["fallback_numpy on cpu: not tested in full, grade 100 %: *1 passed*"])


def test_the_grade_of_a_backend_that_declines_everything(kit):
    result = kit('DecliningBackend("supports")')
    result.stdout.fnmatch_lines(["fake on cpu: *grade 0 %: it holds 0 of *: 1 passed, 7 skipped, 0 failed"])
    assert result.ret == 0


def test_the_grade_of_a_backend_that_is_not_there(kit):
    result = kit('DecliningBackend("has_fusion_backend")')
    result.stdout.fnmatch_lines(["fake on cpu: not graded, it is not there"])


@pytest.mark.slow
def test_a_backend_that_holds_little_fails_nothing(pytester, monkeypatch):
    monkeypatch.setenv("FUSER_TEST_EXAMPLES", "5")
    pytester.makepyfile(test_fake=MODULE.format(make='OnlyBackend({"multiply", "add"})', body="pass", mark=""))
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["fake on cpu: conforms, grade * passed, * skipped, 0 failed"])
    assert result.parseoutcomes()["skipped"] > result.parseoutcomes()["passed"]


def test_a_hook_that_fails_is_no_refusal(kit):
    result = kit('RaisingBackend("compile")', "-W", "ignore::fuser_core.FuserWarning")
    result.stdout.fnmatch_lines(["*a hook failed, which is no refusal: *", "fake on cpu: does not conform, *"])


def test_what_is_expected_to_fail_is_told(kit):
    body = "@pytest.mark.xfail(reason='one output')\n        def test_several_outputs(self): raise AssertionError"
    result = kit("AcceptingBackend()", body=body)
    result.stdout.fnmatch_lines(["  weakened: 1 are expected to fail: test_several_outputs"])
    assert result.ret == 0


def test_an_excuse_that_is_none_is_told(kit):
    body = "@pytest.mark.xfail(reason='one output', strict=True)\n        def test_several_outputs(self): pass"
    assert kit("AcceptingBackend()", body=body).parseoutcomes()["failed"] == 1


@pytest.mark.parametrize("name", ["runner", "checks", "basic_dtype"])
def test_fixtures_are_not_overridden_either(kit, name):
    result = kit("AcceptingBackend()", body=f"@pytest.fixture\n        def {name}(self): pytest.skip('later')")
    result.stdout.fnmatch_lines([f"*'{name}'* override standard tests*", "fake on cpu: does not conform, *"])


def test_marks_of_the_class_say_why(kit):
    result = kit("AcceptingBackend()", mark="@pytest.mark.skipif(False, reason='')")
    result.stdout.fnmatch_lines(["*the class is marked * without a reason*"])
    reasoned = kit("AcceptingBackend()", mark="@pytest.mark.skipif(False, reason='no abacus')")
    assert "failed" not in reasoned.parseoutcomes()


def test_the_command_prints_what_a_backend_holds(pytester):
    result = pytester.runpytest_subprocess(
        *("-p", "no:cacheprovider", "-q", "--pyargs", "fuser_core.testing", "--fuser-backend", "fallback_numpy", QUICK)
    )
    result.stdout.fnmatch_lines(
        [
            "what kernels of fallback_numpy hold on cpu, by operation and dtype of the operands *",
            "conversions: 182 of 182 pairs of dtypes",
            "fallback_numpy on cpu: *grade 100 %*",
        ]
    )


def test_sessions_without_standard_tests_say_nothing(pytester):
    pytester.makepyfile("def test_nothing(): pass")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").stdout.no_fnmatch_line("*fuser_core backends*")


def _probe(plugin):
    with installed("fake", plugin):
        (loaded,) = [record.plugin for record in registry.records() if record.name == "fake"]
        return probe(loaded, Device("cpu"))


def test_what_a_backend_holds_is_asked_step_by_step():
    able = _probe(OnlyBackend({"add", "exp"}))
    assert able.held["add"] == [True] * len(DTYPES)
    assert able.held["subtract"] == [None, *[False] * (len(DTYPES) - 1)]
    # Of integers it is a conversion first.
    assert [dtype for dtype, held in zip(DTYPES, able.held["exp"], strict=True) if held] == list(DTYPES[-5:])
    assert not any(able.conversions.values())
    assert able.served == len(DTYPES) + 5


def test_the_table_has_a_line_per_operation():
    able = _probe(AcceptingBackend())
    lines = str(able).splitlines()
    assert len(lines) == len(able.held) + 3
    (line,) = [line for line in lines if line.startswith("subtract ")]
    assert line.split() == ["subtract", *["+"] * (len(DTYPES) - 1)]
    assert isinstance(able, Capabilities)
    assert able.served == able.possible


def test_nothing_is_compiled_to_find_out():
    plugin = DecliningBackend("compile")
    _probe(plugin)
    assert plugin.compiled == []


def test_operations_that_numpy_has_not_are_none():
    assert steps_of("bitwise_and", DTYPES[-1]) == ()
    assert [step.op for step in steps_of("add", DTYPES[0])] == ["add"]
    assert "fuser_core.testing.capabilities" in sys.modules
