"""Plugins that cannot be used: each becomes a record with a reason in words, and disturbs nobody else."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.discovery import State, registry
from fuser_core.errors import ArgumentError, PluginError, PluginLoadError
from fuser_core.testing.fakes import AcceptingBackend, installed

HEAD = """
from fuser_core.backend import Accept, Role, hookimpl
FUSER_API = 1
ROLE = Role.COMPILER
"""
HOOKS = """
@hookimpl
def has_fusion_backend(device):
    return Accept()
@hookimpl(specname="compile")
def compile_group(group, options):
    return None
@hookimpl
def launch(kernel, inputs, outputs, threads):
    pass
"""
GOOD = HEAD + HOOKS

BROKEN = {
    "import": ("import no_such_package_at_all", "cannot be imported: ModuleNotFoundError: No module named"),
    "syntax": ("def (", "cannot be imported: SyntaxError"),
    "raises": ("raise RuntimeError('no such driver')", "cannot be imported: RuntimeError: no such driver ("),
    "no API": (GOOD.replace("FUSER_API = 1", ""), "in its module (it loaded fake_backend)"),
    "newer": (
        GOOD.replace("FUSER_API = 1", "FUSER_API = 2"),
        "version 2 of the plugin API and this fuser-core offers version 1; upgrade fuser-core",
    ),
    "older": (
        GOOD.replace("FUSER_API = 1", "FUSER_API = 0"),
        "version 0 of the plugin API and this fuser-core offers version 1; upgrade the plugin",
    ),
    "text API": (GOOD.replace("FUSER_API = 1", "FUSER_API = 'one'"), "its FUSER_API is 'one'; write an integer"),
    "true API": (GOOD.replace("FUSER_API = 1", "FUSER_API = True"), "its FUSER_API is True; write an integer"),
    "no role": (GOOD.replace("ROLE = Role.COMPILER", ""), "it does not state ROLE; write `ROLE = Role.COMPILER`"),
    "role": (GOOD.replace("ROLE = Role.COMPILER", "ROLE = 'compiler'"), "ROLE"),
    "priority": (GOOD + "PRIORITY = 'high'", "PRIORITY"),
    "limits": (GOOD + "LIMITS = 128", "its LIMITS are 128; write `LIMITS = Limits(steps=..., arrays=...)`"),
    "layout": (GOOD + "LAYOUT = 'C'", "its LAYOUT is 'C'; write `LAYOUT = Layout.CONTIGUOUS`"),
    "options": (GOOD + "OPTIONS = {'unroll': 4}", "its OPTIONS are {'unroll': 4}; write a class"),
    "options of nothing": (GOOD + "class OPTIONS: pass", "its OPTIONS have no fields; annotate fields as"),
    "untyped options": (
        GOOD + "from typing import NamedTuple\nclass OPTIONS(NamedTuple):\n    unroll: list = []",
        "its OPTIONS have unroll; annotate fields as bool, int, float, str or Literal",
    ),
    "options without defaults": (
        GOOD + "from typing import NamedTuple\nclass OPTIONS(NamedTuple):\n    unroll: int",
        "its OPTIONS cannot be made without arguments",
    ),
    "half a store": (
        GOOD + "@hookimpl\ndef save(kernel):\n    return b''",
        "it implements the hook save and not cache_token and restore; to store kernels takes all three",
    ),
    "misspelt required": (GOOD.replace("has_fusion_backend", "has_backend"), "unknown hook 'has_backend'"),
    "missing": (
        GOOD.replace("@hookimpl\ndef has_fusion_backend", "def other"),
        "it does not implement the hook has_fusion_backend; see fuser_core.hookspecs",
    ),
    "unmarked": (
        HEAD + HOOKS.replace("@hookimpl\ndef launch", "def launch"),
        "there is a function launch without @hookimpl; write that above it",
    ),
    "unmarked compile": (
        GOOD.replace('@hookimpl(specname="compile")\n', ""),
        'there is a function compile_group without @hookimpl(specname="compile"); write that above it',
    ),
    "misspelt": (GOOD + "@hookimpl\ndef suports(step, device):\n    return Accept()", "did you mean supports?"),
    "signature": (
        GOOD.replace("launch(kernel,", "launch(kernal,"),
        "the parameters of launch are kernel, inputs, outputs, threads",
    ),
    "no hooks": (HEAD, "it does not implement the hook has_fusion_backend; see fuser_core.hookspecs"),
    "getattr": ("def __getattr__(name):\n    raise RuntimeError('odd module')", "odd module"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_a_record_with_a_reason(case, provide, load):
    source, reason = BROKEN[case]
    provide(attribute="", source=source)
    records, messages = load()
    record = records["fake"]
    assert record.state is State.FAILED
    assert record.plugin is None
    assert "fake-backend 1.0" in record.reason
    assert reason in record.reason
    assert messages == [f"fuser_core backend 'fake': {record.reason}"]
    assert records["fallback_numpy"].state is State.LOADED


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_raises_under_strict(case, provide, monkeypatch):
    source, reason = BROKEN[case]
    provide(attribute="", source=source)
    monkeypatch.setenv("FUSER_STRICT", "1")
    with pytest.raises(PluginLoadError) as caught:
        registry.records()
    assert isinstance(caught.value, PluginError)
    text = str(caught.value)
    assert text.startswith("backend 'fake' of fake-backend 1.0")
    assert reason.split("Error: ")[-1].removeprefix("cannot be imported: SyntaxError") in text


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.filterwarnings("ignore:fuser_core backend 'fake'")
def test_a_broken_plugin_disturbs_nobody(case, provide):
    provide(attribute="", source=BROKEN[case][0])
    provide(distribution="good-backend", backend="good", module="good_backend")
    fused = fuse(lambda x: x * 2)
    np.testing.assert_array_equal(fused(np.arange(3.0)), [0, 2, 4])
    assert fused.last_run.backend == "good"


@pytest.mark.filterwarnings("ignore:fuser_core backend 'fake'")
def test_naming_a_broken_backend_tells_why(provide):
    provide(source="raise RuntimeError('no such driver')")
    with pytest.raises(Exception, match="no such driver"):
        fuse(backend="fake")(lambda x: x * 2)(np.arange(3.0))


def test_naming_a_disabled_backend_tells_why(provide, monkeypatch):
    provide()
    monkeypatch.setenv("FUSER_DISABLE", "fake")
    with pytest.raises(Exception, match="fake: named in FUSER_DISABLE"):
        fuse(backend="fake")(lambda x: x * 2)(np.arange(3.0))


def test_a_missing_attribute_is_told(provide, load):
    provide(attribute="nothing")
    records, _ = load()
    assert records["fake"].state is State.FAILED
    told = "its entry point `fake = fake_backend:nothing` names an attribute that is not there"
    assert records["fake"].reason.endswith(told)


def test_two_names_for_one_plugin_are_both_served_or_refused_by_name(provide, load):
    provide()
    provide(
        distribution="second-name", backend="again", module="second_name", source="from fake_backend import backend"
    )
    records, messages = load()
    states = {records["fake"].state, records["again"].state}
    assert State.LOADED in states
    for record in (records["fake"], records["again"]):
        assert "do not match fuser_core.hookspecs" not in record.reason
    assert len(messages) == (State.FAILED in states)


def test_adding_an_installed_name_keeps_the_installed_backend():
    with pytest.raises(ArgumentError, match="there is a backend named 'fallback_numpy' already; choose another name"):
        registry.add("fallback_numpy", AcceptingBackend())
    records = {record.name: record for record in registry.records()}
    assert records["fallback_numpy"].state is State.LOADED
    np.testing.assert_array_equal(fuse(lambda x: x * 2)(np.arange(3.0)), [0, 2, 4])


def test_a_plugin_that_cannot_be_hashed_is_told(load):
    class Equal(AcceptingBackend):
        def __eq__(self, other):
            return self is other

        __hash__ = None

    with installed("equal", Equal()):
        records, (message,) = load()
    assert records["equal"].state is State.FAILED
    assert "it cannot be hashed, which hooks take; write a module" in message
