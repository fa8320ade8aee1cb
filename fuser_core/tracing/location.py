"""Where in the user's code a trace is, so that messages can name the line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

__all__ = ["user_line"]

_OURS = str(Path(__file__).parent.parent)
_NUMPY = str(Path(np.__file__).parent)


def user_line() -> str:
    """Return ``file:line, in function`` of the innermost frame that is neither ours nor NumPy's."""
    frame = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads source files, which takes milliseconds
    while frame.f_back is not None and frame.f_code.co_filename.startswith((_OURS, _NUMPY)):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}"
