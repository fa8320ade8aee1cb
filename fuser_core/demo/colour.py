"""The colours of the picture: a dark paper, a few inks, and one scale from near (warm) to far (cool)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FAINT", "INK", "MUTED", "PAPER", "SCALE_END_KM", "Colour", "colour_of", "colours_of"]

Colour = tuple[int, int, int]

PAPER: Colour = (13, 17, 28)
INK: Colour = (242, 238, 228)
MUTED: Colour = (150, 156, 172)
FAINT: Colour = (40, 47, 64)

SCALE_END_KM = 8000
"""Where the scale ends; the few pairs beyond share its last colour."""

STOPS = (
    (255, 247, 205),
    (255, 206, 112),
    (250, 143, 94),
    (222, 82, 120),
    (157, 64, 158),
    (91, 75, 176),
    (56, 104, 168),
    (52, 128, 150),
)
WHERE = np.linspace(0.0, 1.0, 512)
RAMP = np.stack([np.interp(WHERE, np.linspace(0, 1, len(STOPS)), stops) for stops in zip(*STOPS, strict=True)], -1)


def colours_of(km: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Colours of distances: an array with one more axis, of red, green and blue."""
    steps = (km * (len(RAMP) / SCALE_END_KM)).astype(np.intp)
    return np.take(RAMP.astype(np.uint8), steps, axis=0, mode="clip")


def colour_of(km: float) -> Colour:
    """Colour of one distance."""
    red, green, blue = colours_of(np.asarray(km)).tolist()
    return red, green, blue
