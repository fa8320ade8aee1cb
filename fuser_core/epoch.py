"""The epoch: a token that is another one after every change of what backends there are and may be used."""

from __future__ import annotations

from types import CellType

from fuser_core.watches import Watch, watch_cell

__all__ = ["begin_epoch", "watch_epoch"]

_epoch = CellType(object())


def begin_epoch() -> None:
    """Note that backends came or went, or that a flag was set."""
    _epoch.cell_contents = object()


def watch_epoch() -> Watch:
    """Return what to watch of it."""
    return watch_cell(_epoch)
