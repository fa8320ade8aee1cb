"""Settings: what the environment, the control group and the context managers say."""

import pytest

from fuser_core import config, use_backends


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    for name in ("FUSER_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    config.default_threads.cache_clear()
    yield
    config.default_threads.cache_clear()


@pytest.mark.parametrize(
    ("variables", "threads"),
    [
        ({"FUSER_NUM_THREADS": "3"}, 3),
        ({"FUSER_NUM_THREADS": " 3 "}, 3),
        ({"OMP_NUM_THREADS": "2"}, 2),
        ({"OMP_NUM_THREADS": "2,4"}, 2),
        ({"FUSER_NUM_THREADS": "3", "OMP_NUM_THREADS": "2"}, 3),
        ({"FUSER_NUM_THREADS": "", "OMP_NUM_THREADS": "2"}, 2),
    ],
)
def test_threads_from_the_environment(variables, threads, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert config.default_threads() == threads


@pytest.mark.parametrize("name", ["FUSER_NUM_THREADS", "OMP_NUM_THREADS"])
@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5"])
def test_nonsense_is_told(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name}='{value}' is not a positive integer; set it to a number of threads"):
        config.default_threads()


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"cpu.max": "200000 100000"}, 2),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "10000 100000"}, 1),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({"cpu.max": "garbage"}, None),
        ({}, None),
    ],
)
def test_the_control_group_limits(files, quota, tmp_path, monkeypatch):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    root = "/sys/fs/cgroup"
    monkeypatch.setattr(config, "Path", lambda path: tmp_path / str(path).removeprefix(root).lstrip("/"))
    assert config._cgroup_quota() == quota
    monkeypatch.setattr(config.os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    assert config.default_threads() == (quota or 64)


def test_the_affinity_limits(monkeypatch):
    monkeypatch.setattr(config.os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert config.default_threads() == 1


def test_without_affinity_the_processors_count(monkeypatch):
    monkeypatch.delattr(config.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(config.os, "cpu_count", lambda: None)
    assert config.default_threads() == 1


def test_the_context_wins_over_the_environment(monkeypatch):
    assert config.backend_order() is None
    monkeypatch.setenv("FUSER_BACKENDS", " a, b,,c ")
    assert config.backend_order() == ("a", "b", "c")
    with use_backends("x"):
        assert config.backend_order() == ("x",)
        with use_backends():
            assert config.backend_order() == ()
        assert config.backend_order() == ("x",)
    assert config.backend_order() == ("a", "b", "c")
    monkeypatch.setenv("FUSER_BACKENDS", "")
    assert config.backend_order() is None


def test_a_context_ends_with_an_error():
    with pytest.raises(KeyError), use_backends("x"):
        raise KeyError
    assert config.backend_order() is None


@pytest.mark.parametrize(("value", "strict"), [("1", True), ("0", False), ("", False), ("yes", True)])
def test_strict(value, strict, monkeypatch):
    monkeypatch.setenv("FUSER_STRICT", value)
    assert config.strict() is strict


def test_disabled(monkeypatch):
    monkeypatch.setenv("FUSER_DISABLE", "a, b,")
    assert config.disabled_backends() == {"a", "b"}
    monkeypatch.delenv("FUSER_DISABLE")
    assert config.disabled_backends() == frozenset()
