"""Drawings as SVG text: two axes, each of powers, and marks and lines on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["Drawing", "powers"]

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 20, 52


def powers(low: float, high: float, base: int = 10) -> list[float]:
    """Return the powers of a base from the last at or below ``low`` to the first at or above ``high``."""
    first = math.floor(math.log(low, base) + 1e-9)
    last = max(math.ceil(math.log(high, base) - 1e-9), first + 1)
    return [float(base) ** power for power in range(first, last + 1)]


class Drawing:
    """A drawing whose axes are logarithmic and go from the first of their ticks to the last.

    Attributes:
        parts: The elements so far.
    """

    def __init__(
        self, title: str, description: str, names: tuple[str, str], ticks: tuple[Sequence[float], Sequence[float]]
    ) -> None:
        self.parts: list[str] = []
        self._heading = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        self._x, self._y = ticks
        self._grid(names)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is drawn, in the drawing's units, with y downwards."""
        return (
            _LEFT + _share(x, self._x) * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - _share(y, self._y) * (_HEIGHT - _TOP - _BOTTOM),
        )

    def mark(self, x: float, y: float, style: str, title: str, shape: int = 0) -> None:
        """Draw a mark, with a title that is shown when it is pointed at: a disk, a diamond, a square or a triangle."""
        across, down = self.place(x, y)
        outline = [
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="4.5"',
            f'<path d="M{across:.1f} {down - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"',
            f'<path d="M{across - 4:.1f} {down - 4:.1f}h8v8h-8z"',
            f'<path d="M{across:.1f} {down - 5:.1f}l5.2 9h-10.4z"',
        ][shape % 4]
        self.parts.append(f'{outline} class="{style}"><title>{escape(title)}</title></{outline[1:].split()[0]}>')

    def line(self, points: Iterable[tuple[float, float]], style: str) -> None:
        """Draw a line through points."""
        drawn = " ".join(f"{across:.1f},{down:.1f}" for across, down in (self.place(*point) for point in points))
        self.parts.append(f'<polyline points="{drawn}" class="{style}"/>')

    def text(self, at: tuple[float, float], text: str, style: str, offset: tuple[float, float] = (0, 0)) -> None:
        """Write a text at a point, moved by an offset in the drawing's units."""
        across, down = self.place(*at)
        self.parts.append(
            f'<text x="{across + offset[0]:.1f}" y="{down + offset[1]:.1f}" class="{style}">{escape(text)}</text>'
        )

    def svg(self) -> str:
        """Return the whole, as an element of an HTML page."""
        body = "\n".join(self.parts)
        return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{self._heading}\n{body}\n</svg>'

    def _grid(self, names: tuple[str, str]) -> None:
        low_x, high_x, low_y, high_y = self._x[0], self._x[-1], self._y[0], self._y[-1]
        for tick in self._x:
            self.line([(tick, low_y), (tick, high_y)], "grid")
            self.text((tick, low_y), _number(tick), "tick middle", (0, 18))
        for tick in self._y:
            self.line([(low_x, tick), (high_x, tick)], "grid")
            self.text((low_x, tick), _number(tick), "tick end", (-8, 4))
        middle = (_LEFT + _WIDTH - _RIGHT) / 2
        half = (_TOP + _HEIGHT - _BOTTOM) / 2
        self.parts.append(f'<text x="{middle}" y="{_HEIGHT - 10}" class="name middle">{escape(names[0])}</text>')
        self.parts.append(
            f'<text transform="translate(16 {half}) rotate(-90)" class="name middle">{escape(names[1])}</text>'
        )


def _share(value: float, ticks: Sequence[float]) -> float:
    return math.log(value / ticks[0]) / math.log(ticks[-1] / ticks[0])


def _number(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
