"""The command itself: what it loads, and how it ends."""

import subprocess
import sys

import pytest

from fuser_core.cli import main


def _python(program, **options):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, **options)  # noqa: S603


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--help"], ["backends", "--help"]])
def test_help_loads_no_machinery(arguments):
    program = (
        "import sys, contextlib\nfrom fuser_core.cli import main\n"
        f"with contextlib.suppress(SystemExit): main({arguments})\n"
        "print('LOADED', {'numpy', 'pluggy', 'logging', 'fuser_core.plan'} & set(sys.modules))"
    )
    assert _python(program).stdout.endswith("LOADED set()\n")


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "fuser_core", "backends"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("backend ")


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    lines = [f"  %{number + 1} = np::sqrt(%{number})" for number in range(5000)]
    path = tmp_path / "long.txt"
    path.write_text("\n".join(["graph(%0):", *lines, "  return (%5000)"]))
    command = f"'{sys.executable}' -m fuser_core explain '{path}' --input 'float32[]' | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.stdout == "graph(%0):\n"
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["explain"], ["explain", "x", "--json", "--mermaid"], ["nothing"]])
def test_wrong_usage_is_told(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: fuser-core" in capsys.readouterr().err
