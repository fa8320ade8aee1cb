"""Nothing is scanned, imported or started before it is needed; seen from a process of its own."""

import os
import subprocess
import sys
import textwrap

from fuser_core.testing.fakes import make_distribution


def _run(program, folder=None):
    paths = [str(folder)] if folder else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_import_scans_nothing_and_starts_no_thread(tmp_path):
    folder = make_distribution(tmp_path, source="raise AssertionError('imported')")
    program = """
        import sys, threading
        seen = []
        import fuser_core.installed as installed
        installed.declared = lambda group: seen.append(group) or []
        import fuser_core
        from fuser_core import fuse, Graph, register_fusion
        fuse(lambda x: x + 1)
        assert not seen, seen
        assert "fake_backend" not in sys.modules
        assert threading.active_count() == 1
    """
    _run(program, folder)


def test_the_first_call_scans_once_and_imports_each_plugin_once(tmp_path):
    source = (
        "import sys\nsys.imports_of_fake = getattr(sys, 'imports_of_fake', 0) + 1\n"
        "from fuser_core.testing.fakes import AcceptingBackend\nbackend = AcceptingBackend(priority=10**6)\n"
    )
    folder = make_distribution(tmp_path, source=source)
    program = """
        import sys
        import fuser_core.installed as installed
        original, seen = installed.declared, []
        installed.declared = lambda group: seen.append(group) or original(group)
        import numpy as np
        from fuser_core import fuse
        f = fuse(lambda x: x + 1)
        f(np.ones(3)); f(np.ones((2, 2))); fuse(lambda x: x - 1)(np.ones(3))
        assert f.last_run.backend == "fake", f.last_run
        assert seen == ["fuser_core.backends"], seen
        assert sys.imports_of_fake == 1
    """
    _run(program, folder)


def test_a_disabled_backend_is_never_imported(tmp_path, monkeypatch):
    folder = make_distribution(tmp_path, source="raise AssertionError('imported')")
    monkeypatch.setenv("FUSER_DISABLE", "fake")
    program = """
        import sys, warnings
        warnings.simplefilter("error")
        import numpy as np
        from fuser_core import fuse
        assert fuse(lambda x: x + 1)(np.ones(3))[0] == 2
        assert "fake_backend" not in sys.modules
    """
    _run(program, folder)
