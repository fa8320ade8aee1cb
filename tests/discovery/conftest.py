"""What tests of discovery share: a folder of fake distributions on ``sys.path``, and nothing installed but these."""

import sys
import warnings
from importlib.metadata import entry_points

import pytest

from fuser_core import refresh_backends
from fuser_core.backend import ENTRY_POINT_GROUP
from fuser_core.discovery import registry
from fuser_core.testing.fakes import make_distribution


@pytest.fixture(autouse=True)
def _only_fakes(monkeypatch):
    """Disable every installed backend but the fallback, and forget at the end what was found."""
    others = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)} - {"fallback_numpy"}
    monkeypatch.setenv("FUSER_DISABLE", ",".join(sorted(others)))
    refresh_backends()
    yield
    monkeypatch.undo()
    refresh_backends()


@pytest.fixture
def provide(tmp_path, monkeypatch):
    """``provide(**options)`` installs a fake distribution; the options are those of `make_distribution`."""
    before = set(sys.modules)

    def install(**options):
        name = options.get("distribution", "fake-backend")
        folder = make_distribution(tmp_path / f"{name}-{options.get('version', '1.0')}", **options)
        monkeypatch.syspath_prepend(folder)
        refresh_backends()

    yield install
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in sys.modules[name].__file__:
            del sys.modules[name]


@pytest.fixture
def load():
    """``load()`` returns the records by name, and the texts of the warnings of loading them."""

    def records():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = {record.name: record for record in registry.records()}
        return found, [str(warning.message) for warning in caught]

    return records


@pytest.fixture
def plugin_of():
    """``plugin_of(name)`` returns the loaded plugin of that name."""

    def find(name):
        (plugin,) = [record.plugin for record in registry.records() if record.name == name]
        return plugin

    return find
