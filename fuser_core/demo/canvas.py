"""A surface to draw on in points, smooth at its edges: drawn twice as large as it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from fuser_core.demo.colour import PAPER, Colour

__all__ = ["Box", "Canvas", "Point"]

Point = tuple[float, float]

DRAWN = 4
SAVED = 2
RIM = 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in points."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def contains(self, point: Point) -> bool:
        """Whether a point lies inside."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


class Canvas:
    """An image; all coordinates and sizes are points, of which it saves two pixels each."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width * DRAWN, height * DRAWN), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def text(self, at: Point, words: str, *, size: float, fill: Colour, anchor: str = "ls") -> None:
        """Write a line, with a rim of paper around it; the anchor is Pillow's, by default the baseline's left end."""
        font = ImageFont.load_default(size * DRAWN)
        rim = round(RIM * DRAWN)
        self._draw.text(_scaled(at), words, font=font, fill=fill, anchor=anchor, stroke_width=rim, stroke_fill=PAPER)

    def dot(self, at: Point, radius: float, fill: Colour) -> None:
        """Draw a filled circle."""
        self._draw.circle(_scaled(at), radius * DRAWN, fill=fill)

    def ring(self, at: Point, radius: float, *, width: float, fill: Colour) -> None:
        """Draw a circle's line."""
        self._draw.circle(_scaled(at), radius * DRAWN, outline=fill, width=round(width * DRAWN))

    def fill(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle."""
        self._draw.rectangle([_scaled((box.left, box.top)), _scaled((box.right, box.bottom))], fill=colour)

    def clear_outside(self, box: Box) -> None:
        """Make everything outside of a rectangle paper again."""
        right, bottom = (float(pixels / DRAWN) for pixels in self._image.size)
        self.fill(Box(0, 0, right, box.top), PAPER)
        self.fill(Box(0, box.bottom, right, bottom), PAPER)
        self.fill(Box(0, 0, box.left, bottom), PAPER)
        self.fill(Box(box.right, 0, right, bottom), PAPER)

    def paste(self, pixels: NDArray[np.uint8], box: Box) -> None:
        """Fit an array of colours into a rectangle, averaging where it has more pixels than there is room for."""
        size = round(box.width * DRAWN), round(box.height * DRAWN)
        left, top = _scaled((box.left, box.top))
        self._image.paste(Image.fromarray(pixels).resize(size, Image.Resampling.BOX), (round(left), round(top)))

    def save(self, path: Path) -> None:
        """Write a PNG."""
        self._image.reduce(DRAWN // SAVED).save(path)


def _scaled(point: Point) -> Point:
    return point[0] * DRAWN, point[1] * DRAWN
