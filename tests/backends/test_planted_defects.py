"""Every planted defect is noticed by the standard test that is named for it; a backend without one passes them all."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from fuser_core.testing import BackendConformance, make_distribution
from planted import DEFECTS
from planted.processes import SOUND

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]

MODULE = """
from planted import DEFECTS
from planted.processes import SOUND

backend = ({{defect.name: defect.make for defect in DEFECTS}} | SOUND)[{name!r}]()
"""
CLASS = """
class Test_{name}(BackendConformance):
    backend = "{name}"
"""
OF_THE_CORE = {
    "test_standard_tests_are_not_overridden",  # by `test_kit.py`
    "test_overlap",  # no kernel is given an output that is a part of an input
    "test_shapes_that_do_not_fit",  # which no backend hears of
}
"""Standard tests for which no defect of a backend can be planted."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """By backend and test, the outcomes of its cases, of one session in which all these backends are installed."""
    folder = tmp_path_factory.mktemp("planted")
    backends = [*(defect.name for defect in DEFECTS), *SOUND]
    for name in backends:
        options = {"distribution": f"planted-{name}", "backend": name, "module": f"planted_{name}"}
        make_distribution(folder / "site", source=MODULE.format(name=name), **options)
    classes = "".join(CLASS.format(name=name) for name in backends)
    (folder / "test_planted.py").write_text(f"from fuser_core.testing import BackendConformance\n{classes}")
    wanted = {(defect.name, test) for defect in DEFECTS for test in (defect.caught_by, *defect.also)}
    wanted |= {(name, test) for name, tests in SOUND_TESTS.items() for test in tests}
    (folder / "nodes").write_text("\n".join(f"test_planted.py::Test_{name}::{test}" for name, test in sorted(wanted)))
    path = os.pathsep.join([str(folder / "site"), str(TESTS)])
    environment = dict(os.environ, PYTHONPATH=path, FUSER_TEST_EXAMPLES="60", FUSER_CACHE_DIR=str(folder / "cache"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=report.xml", "@nodes"]
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    return _outcomes(folder / "report.xml")


SOUND_TESTS = {
    "planted": {defect.caught_by for defect in DEFECTS},
    "storing": {"test_disk_cache", "test_processes_share_a_cache"},
}


def _outcomes(report):
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        backend, test = case.get("classname").rpartition("Test_")[2], case.get("name")
        (kind,) = {child.tag for child in case} & {"failure", "error", "skipped"} or {"passed"}
        for name in {test, test.partition("[")[0]}:
            found.setdefault((backend, name), set()).add(kind)
    return found


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_planted_defect_is_caught(defect, outcomes):
    for test in (defect.caught_by, *defect.also):
        assert "failure" in outcomes[defect.name, test], test
        assert "error" not in outcomes[defect.name, test], test


@pytest.mark.parametrize(
    ("name", "test"), sorted((name, test) for name, tests in SOUND_TESTS.items() for test in tests)
)
def test_a_backend_without_a_defect_passes(name, test, outcomes):
    assert outcomes[name, test] == {"passed"}


def test_every_standard_test_catches_something():
    tests = {name for name in dir(BackendConformance) if name.startswith("test_")}
    caught = {defect.caught_by.partition("[")[0] for defect in DEFECTS}
    assert sorted(tests - caught) == sorted(OF_THE_CORE)


def test_the_page_of_the_kit_lists_them():
    page = (TESTS.parent / "docs" / "conformance.md").read_text()
    rows = re.findall(r"^\| (.+?) \| (`\w+`(?:, `\w+`)*) \|$", page, re.MULTILINE)
    assert [(what, re.findall(r"\w+", tests)) for what, tests in rows] == [
        (defect.what, list(dict.fromkeys(test.partition("[")[0] for test in (defect.caught_by, *defect.also))))
        for defect in DEFECTS
    ]
