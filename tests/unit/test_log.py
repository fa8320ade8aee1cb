"""The log: what is told of a miss, that a hit tells nothing, and what FUSER_LOG does."""

import contextlib
import io
import logging
import re
import subprocess
import sys

import numpy as np
import pytest

from fuser_core import fuse, kernel_spec, log, parse_ir, refresh_backends, register_fusion, run_fusion, use_backends
from fuser_core.errors import FuserWarning
from fuser_core.testing.fakes import AcceptingBackend, DecliningBackend, OnlyBackend, RaisingBackend, installed

X = np.arange(3.0)


@pytest.fixture(autouse=True)
def _fresh():
    """Let each test be the first use of the log."""
    kernel_spec._log_refusal.cache_clear()
    logger = logging.getLogger("fuser_core")
    before = logger.level, logger.propagate, list(logger.handlers)
    log.logger.cache_clear()
    yield
    logger.level, logger.propagate, logger.handlers = before[0], before[1], before[2]
    logger.setLevel(before[0])
    log.logger.cache_clear()


@pytest.fixture
def told(caplog):
    """``told()`` returns the messages at level info and above since the last time."""
    caplog.set_level(logging.INFO, "fuser_core")

    def messages():
        found = [record.getMessage() for record in caplog.records if record.name == "fuser_core"]
        caplog.clear()
        return found

    return messages


def test_a_miss_is_told_and_a_hit_is_not(compiler, told):
    fused = fuse(lambda x: x * 31 + 1)
    told()
    fused(X)
    trace, kernel, ready = [message for message in told() if message.startswith(("tracing", "fake compiled", "test_"))]
    assert trace.startswith("tracing test_a_miss_is_told_and_a_hit_is_not.<locals>.<lambda> for ")
    assert "test_log.py:" in trace
    assert trace.endswith(", in test_a_miss_is_told_and_a_hit_is_not: the first call")
    assert re.fullmatch(r"fake compiled a kernel of 2 steps \(multiply, add\) in [\d.]+ ms", kernel)
    assert re.fullmatch(r"test_a_miss_is_told_and_a_hit_is_not.<locals>.<lambda>: ready in [\d.]+ ms", ready)
    for _ in range(3):
        fused(X)
    assert told() == []


def test_a_hit_does_not_even_ask_for_the_logger(compiler, monkeypatch):
    fused = fuse(lambda x: x * 37)
    untraceable = fuse(lambda x: x.tolist())
    fused(X)
    with pytest.warns(FuserWarning, match="tolist"):
        untraceable(X)
    spec = register_fusion(parse_ir("graph(%0):\n  %1 = np::sqrt(%0)\n  return (%1)"))
    run_fusion(spec, [X])
    for name, module in sys.modules.items():
        if name.startswith("fuser_core.") and hasattr(module, "logger") and module is not log:
            monkeypatch.setattr(module, "logger", None)
    fused(X)
    untraceable(X)
    run_fusion(spec, [X])


def _reason(told):
    """Return why the function was traced, of all that has been told."""
    (message,) = [message for message in told() if message.startswith("tracing")]
    return message.partition(", in ")[2].partition(": ")[2]


def test_why_a_function_is_traced_again(told):
    scale = 2.0

    def scaled(x, y=None, flag=None):
        x = x * scale if x.shape[0] > 3 else x * scale + 1
        return x if y is None else x + y

    fused = fuse(scaled)
    fused(X)
    assert _reason(told) == "the first call"
    fused(np.ones((3, 1), np.float32))
    assert _reason(told) == "new kinds of arguments: float32(n, 1)"
    fused(X, 2)
    assert _reason(told) == "new kinds of arguments: float64(n), int"
    fused(X, None, "flag")
    assert _reason(told) == "other containers or names of arguments"
    fused(X, None, "other flag")
    assert _reason(told) == "other static arguments"
    fused(np.ones(4))
    assert re.fullmatch(r"a trace holds only while .* is False, which the function asked for at .*", _reason(told))
    fused(X, X)
    assert _reason(told) == "new kinds of arguments: float64(n), float64(n)"
    fused(X, X + 1)
    assert _reason(told) == "other repetitions of an array"
    fused(X, np.ones(1))
    assert _reason(told) == "new kinds of arguments: float64(n), float64(1)"
    fused(np.ones(2), np.ones(2))
    assert told() == []
    with use_backends("fallback_numpy"):
        fused(X)
    assert _reason(told) == "other backends are in use"
    scale = 3.0
    fused(X)
    assert _reason(told).startswith("something that the function reads from its surroundings has changed")


def test_sizes_that_a_plan_rests_on(told):
    fused = fuse(lambda x, y: x + y)
    fused(X, X + 1)
    told()
    with contextlib.suppress(ValueError):
        fused(X, np.ones(5))
    assert _reason(told) == "a trace holds only while n0.0 == n1.0"


def test_what_may_change_unseen_is_told_once(told):
    table = {"scale": 2.0}
    fused = fuse(lambda x: x * table["scale"])
    with pytest.warns(FuserWarning, match="may change unseen"):
        fused(X)
    assert any(message.endswith("is traced again for every call") for message in told())
    fused(X)
    assert _reason(told) == "no trace is kept"


def test_discovery_is_told(told):
    with installed("fake", AcceptingBackend(priority=7)), installed("broken", object()):
        with pytest.warns(FuserWarning, match="FUSER_API"):
            fuse(lambda x: x + 41)(X)
        messages = told()
    assert "found backend fake of added in this process: compiler, priority 7" in messages
    assert any(message.startswith("found backend broken: failed: ") for message in messages)


def test_refusals_are_told(told):
    with installed("fake", OnlyBackend({"multiply"})), pytest.warns(FuserWarning, match="fake"):
        fuse(lambda x: np.sqrt(x) * 43)(X)
    assert "kernel 0 runs on fallback_numpy, not on fake: this fake has no sqrt" in told()
    with installed("fake", DecliningBackend("compile", "too large")), pytest.warns(FuserWarning, match="too large"):
        fuse(lambda x: np.sqrt(x) * 43)(X)
    messages = told()
    assert "fake declines a kernel of 2 steps (sqrt, multiply): too large" in messages
    assert "kernel 0 runs on fallback_numpy, not on fake: too large" in messages
    with installed("fake", DecliningBackend("has_fusion_backend", "no such device")):
        fuse(lambda x: np.sqrt(x) * 43)(X)
    assert "fake is not asked: no such device" in told()


def test_what_is_called_itself_is_told_once(told):
    fused = fuse(lambda x: x.tolist())
    with pytest.warns(FuserWarning, match="tolist"):
        fused(X)
    assert any(message.endswith("; the function itself was called") for message in told())
    fused(X)
    assert told() == []


def test_a_defect_is_told_with_its_traceback(caplog):
    with (
        installed("fake", RaisingBackend("compile", OSError("no disk"))),
        pytest.warns(FuserWarning, match="no disk"),
    ):
        fuse(lambda x: x + 47)(X)
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.levelno == logging.WARNING
    assert "its hook compile raised OSError: no disk" in record.getMessage()


def test_debug_adds_plans_and_code(compiler, caplog):
    caplog.set_level(logging.DEBUG, "fuser_core")
    run_fusion(register_fusion(parse_ir("graph(%0):\n  %1 = np::cbrt(%0)\n  return (%1)")), [X])
    messages = [record.getMessage() for record in caplog.records]
    assert any(message.startswith("plan(%0: float64(n0.0,)):") for message in messages)
    assert any(message.startswith("its code:\n") and "cbrt" in message for message in messages)


def test_nothing_is_made_for_a_log_that_nobody_reads(compiler, monkeypatch):
    monkeypatch.setattr(log.Later, "__str__", lambda later: pytest.fail("a text was made"))
    fuse(lambda x: x * 53)(X)


def test_without_the_variable_nothing_is_configured(monkeypatch):
    monkeypatch.delenv("FUSER_LOG", raising=False)
    logger = log.logger()
    assert logger is logging.getLogger("fuser_core")
    assert logger.level == logging.NOTSET
    assert logger.propagate
    assert all(isinstance(handler, logging.NullHandler) for handler in logger.handlers)


@pytest.mark.parametrize("value", ["info", " INFO ", "Info"])
def test_the_variable_sends_the_log_to_stderr(value, monkeypatch):
    monkeypatch.setenv("FUSER_LOG", value)
    refresh_backends()
    stderr = io.StringIO()
    with contextlib.redirect_stderr(stderr):
        fuse(lambda x: x + 59)(X)
    lines = stderr.getvalue().splitlines()
    assert all(line.startswith("fuser_core INFO: ") for line in lines)
    assert len([line for line in lines if "tracing" in line]) == 1


@pytest.mark.parametrize(("level", "seen"), [("debug", {"plan", "tracing"}), ("info", {"tracing"}), ("warning", set())])
def test_the_levels(level, seen, monkeypatch):
    monkeypatch.setenv("FUSER_LOG", level)
    stderr = io.StringIO()
    with contextlib.redirect_stderr(stderr):
        fuse(lambda x: x - 61)(X)
    assert {word for word in ("plan", "tracing") if word in stderr.getvalue()} == seen


def test_debug_tells_of_every_call(monkeypatch):
    monkeypatch.setenv("FUSER_LOG", "debug")
    stderr = io.StringIO()
    fused = fuse(lambda x: x * 73 - 1)
    unfused = fuse(lambda x: x.tolist())
    with contextlib.redirect_stderr(stderr):
        for _ in range(4):
            fused(X)
        with pytest.warns(FuserWarning, match="tolist"):
            unfused(X)
        unfused(X)
    name = re.escape("fuser_core DEBUG: test_debug_tells_of_every_call.<locals>.<lambda>: ")
    told = [line for line in stderr.getvalue().splitlines() if re.match(name, line)]
    backend = fused.last_run.backend
    assert re.fullmatch(rf"{name}{re.escape(backend)}, a miss, .*, [\d.]+ ms, of which [\d.]+ to prepare", told[0])
    assert all(re.fullmatch(rf"{name}{re.escape(backend)}, hit, [\d.]+ ms", line) for line in told[1:4])
    assert all(re.fullmatch(rf"{name}python, not fused, [\d.]+ ms", line) for line in told[4:])
    assert len(told) == 6


def test_nonsense_is_told_once(monkeypatch):
    monkeypatch.setenv("FUSER_LOG", "loud")
    message = "FUSER_LOG='loud' is no level of the log; set it to one of debug, info, warning"
    with pytest.warns(FuserWarning, match=message) as caught:
        fuse(lambda x: x + 67)(X)
    assert len(caught) == 1
    fuse(lambda x: x + 71)(X)
    assert log.logger().propagate


def test_a_log_that_cannot_be_written_fails_no_call(monkeypatch, capsys):
    monkeypatch.setenv("FUSER_LOG", "info")
    monkeypatch.setattr(log.Later, "__str__", lambda later: 1 / 0)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    np.testing.assert_array_equal(fuse(lambda x: x + 73)(X), X + 73)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_process_of_its_own():
    program = "import numpy as np\nfrom fuser_core import fuse\nf = fuse(lambda x: x + 1)\nf(np.ones(3)); f(np.ones(3))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"FUSER_LOG": "info"}
    )
    assert done.stdout == ""
    assert done.stderr.count("fuser_core INFO: tracing <lambda> for <string>:4, in <module>: the first call\n") == 1
    assert "fuser_core INFO: found backend fallback_numpy of fuser-fallback-numpy" in done.stderr
    silent = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert (silent.stdout, silent.stderr) == ("", "")
