"""Where the user's code is on the stack, so that messages name their line and not ours."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from pathlib import Path

import numpy as np

from fuser_core.errors import FuserWarning

__all__ = ["user_line", "warn_user"]

_NOT_THE_USER = (*(f"{Path(file).parent}{os.sep}" for file in (__file__, np.__file__)), contextlib.__file__)


def user_line() -> str:
    """Return ``file:line, in function`` of the innermost frame that is neither ours nor NumPy's."""
    frame = sys._getframe(_depth())  # noqa: SLF001 - inspect.stack() reads source files, which takes milliseconds
    return f"{frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}"


def warn_user(message: str) -> None:
    """Issue a `FuserWarning` that points to the user's line."""
    warnings.warn(message, FuserWarning, stacklevel=_depth() + 1)


def _depth() -> int:
    """Return how many frames above the caller the user's code is."""
    depth = 1
    frame = sys._getframe(2)  # noqa: SLF001 - see user_line
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_THE_USER):
        frame = frame.f_back
        depth += 1
    return depth
