"""The demo: every great-circle distance between 3,376 airports, by one fused NumPy function.

Needs the extra ``demo``. Nothing else in the core imports it.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["PICTURE", "run"]

PICTURE = Path("fuser-core-demo.png")
"""Where the picture goes by default: the current folder."""


def run(picture: Path = PICTURE) -> int:
    """Run the demo, print its report and save its picture.

    Args:
        picture: Where the PNG goes.

    Returns:
        The exit status of a command.
    """
    missing = [name for name in ("vega_datasets", "PIL") if find_spec(name) is None]
    if missing:
        print(f"The demo needs {' and '.join(missing)}: pip install 'fuser-core[demo]'")
        return 1
    from fuser_core.demo.presentation import present

    present(picture)
    return 0
