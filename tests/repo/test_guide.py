"""The guide for authors of backends, followed from its first block to its last in an empty folder."""

import re
import subprocess

import pytest

from clean_environment import ROOT, CleanEnvironment

GUIDE = ROOT / "docs" / "write-a-backend.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+\.py)\n(.*)", re.DOTALL)
"""A block of Python is a file, whose name is its first line."""
TOOLS = ("pip", "setuptools", "hatchling", "editables")


def followed(environment, folder):
    """Yield each block of the guide with what it printed; ``cd`` holds for the blocks that follow."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(environment.wheels), "PIP_NO_BUILD_ISOLATION": "0"}
    variables = environment.variables(**offline, FUSER_TEST_EXAMPLES="5", PIP_ROOT_USER_ACTION="ignore", COLUMNS="200")
    where = folder
    for match in _BLOCK.finditer(GUIDE.read_text()):
        language, text = match.groups()
        if language == "python":
            name, code = _FILE.fullmatch(text).groups()
            assert (where / name).parent.is_dir(), f"the guide writes {name} into a folder that is not there"
            (where / name).write_text(code)
        elif language == "console":
            script = f"set -e\n{text}\npwd > {folder / 'where'}\n"
            done = subprocess.run(  # noqa: S603
                ["bash", "-c", script],  # noqa: S607
                capture_output=True,
                text=True,
                check=False,
                cwd=where,
                env=variables,
                timeout=900,
            )
            printed = f"{done.stdout}\n{done.stderr}"
            yield text, printed, done.returncode
            if done.returncode == 0:
                where = type(folder)((folder / "where").read_text().strip())
        else:
            yield text, None, 0


def _same(text):
    """Return a line without what differs from run to run, or with every new standard test."""
    return re.sub(r"\d+", "#", re.sub(r"\.\.\.$", "", text.strip()))


@pytest.mark.slow
def test_the_guide_can_be_followed(tmp_path):
    environment = CleanEnvironment(tmp_path, *TOOLS)
    (tmp_path / "empty").mkdir()
    command, printed, status = "", "", 0
    for text, output, code in followed(environment, tmp_path / "empty"):
        if output is None:
            lines = [_same(line) for line in text.splitlines()]
            found = _same(printed) if not lines else "\n".join(map(_same, printed.splitlines()))
            missing = [line for line in lines if line not in found]
            assert not missing, f"{command}\nprinted\n{printed}\nand not\n" + "\n".join(missing)
            assert status == 0 or "FAILED" in text, printed
            command, printed, status = "", "", 0
        else:
            assert status == 0, f"{command}\nended with {status}:\n{printed}"
            command, printed, status = text, output, code
    assert status == 0


def test_names_of_the_guide_are_there():
    """What the last table names is what the contract has."""
    from fuser_core import backend, hookspecs

    (table,) = re.findall(r"^## Where to read on\n(.*)", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    hooks = set(vars(hookspecs.BackendHooks))
    for name in ("cache_token", "save", "restore", "after_fork", "close"):
        assert f"`{name}`" in table
        assert name in hooks
    for name in re.findall(r"`([A-Z]+)`", table):
        assert f"``{name}``" in hookspecs.__doc__, name
    assert "pointer" in vars(backend.ArrayDesc)
