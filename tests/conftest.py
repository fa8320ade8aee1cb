"""What every test starts from: no settings in the environment, and flags and threads put back after it."""

import atexit
import os
import shutil
import tempfile

import pytest

from fuser_core import config, flags, use_backends

if "FUSER_CACHE_DIR" not in os.environ:  # set by the first process of a run for all of its workers
    os.environ["FUSER_CACHE_DIR"] = tempfile.mkdtemp(prefix="fuser-core-tests-")
    atexit.register(shutil.rmtree, os.environ["FUSER_CACHE_DIR"], ignore_errors=True)


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch):
    """Keep settings of the caller's environment, and those of one test, out of the next."""
    for name in ("FUSER_BACKENDS", "FUSER_LOG", "FUSER_NUM_THREADS", "FUSER_STRICT", "FUSER_VERIFY"):
        monkeypatch.delenv(name, raising=False)
    overrides = flags.overrides()
    yield
    flags.restore(overrides)
    config.default_threads.cache_clear()


@pytest.fixture
def backend(fuser_backend):
    """The name of an installed backend; it is the first to be asked, and only the fallback comes after it."""
    with use_backends(fuser_backend):
        yield fuser_backend
