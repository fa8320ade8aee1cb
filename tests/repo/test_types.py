"""What a type checker sees of a fused function: the parameters and the result of the function itself."""

import os
import re
import subprocess
import sys

import pytest

pytest.importorskip("mypy")

PROGRAM = """
import numpy as np
from numpy.typing import NDArray
from fuser_core import fuse

Array = NDArray[np.float64]


@fuse
def bare(x: Array, by: float = 2.0, *, shift: int = 0) -> Array:
    return x * by + shift


@fuse(threads=2)
def optioned(x: Array, y: Array) -> tuple[Array, float]:
    return x + y, 1.0


x = np.ones(3)
reveal_type(bare)
reveal_type(bare(x, by=3.0, shift=1))
reveal_type(optioned(x, x))
reveal_type(bare.explain(x))
reveal_type(bare.__wrapped__)
reveal_type(fuse(lambda: 1)())
bare("text")
bare(x, 1.0, 2)
bare(x, wrong=1)
optioned(x)
fuse(3)
fuse(threads="2")
"""
ARRAY = r"numpy\.ndarray\[.*?numpy\.dtype\[.*?float64.*?\]\]"
REVEALED = [
    rf"FusedFunction\[\[x: {ARRAY}, by: float =, \*, shift: int =\], {ARRAY}\]",
    ARRAY,
    rf"tuple\[{ARRAY}, float\]",
    "str",
    rf"def \(x: {ARRAY}, by: float =, \*, shift: int =\) -> {ARRAY}",
    "int",
]
REFUSED = [
    r'Argument 1 to "__call__" of "FusedFunction" has incompatible type "str"',
    r'Too many positional arguments for "__call__" of "FusedFunction"',
    r'Unexpected keyword argument "wrong" for "__call__" of "FusedFunction"',
    r'Missing positional argument "y" in call to "__call__" of "FusedFunction"',
    r'No overload variant of "fuse" matches argument type "int"',
    r'No overload variant of "fuse" matches argument type "str"',
]


@pytest.fixture(scope="module")
def told(tmp_path_factory, root):
    """What mypy says about the program."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "program.py").write_text(PROGRAM)
    options = ["--strict", "--follow-imports=silent", "--cache-dir", str(folder / "cache")]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "mypy", *options, "program.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(root)},  # no type checker follows an editable install
        timeout=300,
    )
    assert not done.stderr, done.stderr
    return done.stdout


def test_types_are_the_function_s(told):
    found = re.findall(r'Revealed type is "(.*)"$', told, re.MULTILINE)
    assert len(found) == len(REVEALED), told
    for wanted, text in zip(REVEALED, found, strict=True):
        assert re.search(wanted, text.replace("builtins.", "")), text


def test_wrong_calls_are_told(told):
    found = re.findall(r"error: (.*)$", told, re.MULTILINE)
    assert len(found) == len(REFUSED), told
    for wanted, text in zip(REFUSED, found, strict=True):
        assert re.search(wanted, text), text
