"""A clean environment without a network: wheels are built here, and what they need is linked from where tests run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
_OURS = (".", "backends/fallback_numpy")
_SECONDS = 900


def build_wheel(project, folder):
    """Build the wheel of a project into a folder, by what is installed here, and return its path."""
    pytest.importorskip("hatchling", reason="wheels are built with hatchling, without a network")
    before = set(folder.glob("*.whl"))
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, project], cwd=folder)
    (wheel,) = set(folder.glob("*.whl")) - before
    return wheel


class CleanEnvironment:
    """A virtual environment that holds the core, the fallback and what they need, and sees nothing else.

    Attributes:
        folder: Where it is.
        wheels: Where pip finds distributions.
    """

    def __init__(self, folder, *needed):
        """Make it.

        Args:
            folder: A new one.
            needed: Names of further installed distributions to be seen in it, with all that they require.
        """
        self.folder, self.wheels = folder / "environment", folder / "wheels"
        self.wheels.mkdir(parents=True)
        venv.create(self.folder, with_pip=False, symlinks=os.name != "nt")
        site = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
        _link(Path(site), _closure(["numpy", "platformdirs", "pluggy", "pytest", "hypothesis", *needed]))
        for project in _OURS:
            build_wheel(ROOT / project, self.wheels)
        self.install("fuser-core")

    @property
    def scripts(self):
        """Where its commands are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def variables(self, **more):
        """Return the variables of a process in it: none of ours, and its commands first."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("FUSER_", "PYTHON", "PYTEST_"))}
        path = os.pathsep.join([str(self.scripts), os.environ["PATH"]])
        return {
            **kept,
            "PATH": path,
            "FUSER_CACHE": "0",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "VIRTUAL_ENV": str(self.folder),
            **more,
        }

    def run(self, *arguments, check=True, cwd=None, **variables):
        """Run Python in it, from a folder that holds nothing of ours."""
        command = [self.scripts / "python", *arguments]
        return _run(command, check=check, cwd=cwd or self.folder, env=self.variables(**variables))

    def pip(self, *arguments):
        """Run pip of the environment in which tests run, for this one."""
        return _run([sys.executable, "-m", "pip", "--python", self.scripts / "python", *arguments], cwd=self.folder)

    def install(self, *requirements):
        """Install from the folder of wheels; pip fails where a requirement is missing."""
        self.pip("install", "--quiet", "--no-index", "--find-links", self.wheels, *requirements)

    def backends(self, **variables):
        """Return what ``fuser-core backends --json`` says, by name, in the order of asking."""
        told = self.run("-m", "fuser_core", "backends", "--json", **variables).stdout
        return {row["name"]: row for row in json.loads(told)}


def _run(command, *, check=True, cwd, env=None):
    done = subprocess.run(  # noqa: S603
        list(map(str, command)), capture_output=True, text=True, check=False, cwd=cwd, env=env, timeout=_SECONDS
    )
    assert not check or done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done


def _closure(names):
    """Return distributions and all that they require here, by name."""
    found, pending = {}, list(names)
    while pending:
        requirement = Requirement(pending.pop())
        if requirement.name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            found[requirement.name] = distribution(requirement.name)
        except PackageNotFoundError:
            pytest.skip(f"{requirement.name} is not installed; make test-all installs it")
        pending += found[requirement.name].requires or ()
    return found


def _link(site, distributions):
    """Make files and folders of distributions visible in a folder of packages."""
    for each in distributions.values():
        tops = {file.parts[0] for file in each.files or ()} - {"..", "__pycache__"}
        for top in tops:
            source, target = Path(each.locate_file(top)).resolve(), site / top
            if source.exists() and not target.exists():
                target.symlink_to(source, source.is_dir()) if os.name != "nt" else shutil.copytree(source, target)
