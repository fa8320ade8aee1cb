"""How tests of the command run it."""

import pytest

from fuser_core.cli import main


@pytest.fixture
def run(capsys):
    """``run(*arguments)`` runs the command and returns its exit status, what it printed, and what it complained of."""

    def command(*arguments):
        status = main(list(arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command
