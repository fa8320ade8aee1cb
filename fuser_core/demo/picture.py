"""The picture: one row of the distances as a map, all of them as a matrix, and how often each occurs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fuser_core.demo.airports import Airports
from fuser_core.demo.canvas import Box, Canvas, Point
from fuser_core.demo.colour import FAINT, INK, MUTED, SCALE_END_KM, colour_of, colours_of
from fuser_core.demo.contenders import Distances

__all__ = ["draw_picture"]

HOME = "JFK"
HOME_AT: Point = (896.0, 690.0)
KM_PER_POINT = 10.4
MAP = Box(56, 128, 1032, 944)
MATRIX = Box(1092, 164, 1544, 616)
HISTOGRAM = Box(1092, 736, 1544, 908)
BIN_KM = 50
LABELS_RIGHT = ("MIA", "ANC", "HNL", "ADK", "BRW", "BGR")
LABELS_LEFT = ("LAX", "SEA", "SJU")
TICKED = ("ANC", "LAX", "DEN", "DFW", "ORD", "MIA", "JFK")


def draw_picture(airports: Airports, distances: Distances, backend: str, path: Path) -> None:
    """Draw and save a PNG; the backend is the one that computed the distances."""
    canvas = Canvas(1600, 1000)
    _draw_map(canvas, airports, distances[airports.index(HOME)])
    _draw_matrix(canvas, airports, distances)
    _draw_histogram(canvas, distances)
    canvas.text((56, 76), "Every airport to every airport", size=38, fill=INK)
    counts = f"{distances.size:,} great-circle distances between {len(airports):,} airports"
    canvas.text((56, 108), f"{counts}: one NumPy function, run by {backend}", size=17, fill=MUTED)
    canvas.save(path)


def _draw_map(canvas: Canvas, airports: Airports, row: Distances) -> None:
    """Each airport at its true distance and direction from `HOME`: an azimuthal equidistant projection."""
    home = airports.index(HOME)
    lat, lon = np.radians(airports.latitude), np.radians(airports.longitude)
    turn = lon - lon[home]
    east = np.sin(turn) * np.cos(lat)
    north = np.cos(lat[home]) * np.sin(lat) - np.sin(lat[home]) * np.cos(lat) * np.cos(turn)
    bearing = np.arctan2(east, north)
    x = HOME_AT[0] + row * np.sin(bearing) / KM_PER_POINT
    y = HOME_AT[1] - row * np.cos(bearing) / KM_PER_POINT
    for km in range(1000, 9000, 1000):
        canvas.ring(HOME_AT, km / KM_PER_POINT, width=1, fill=FAINT)
    canvas.clear_outside(MAP)
    for km in range(1000, 6000, 1000):  # due north, where Canada's airports are not in the data
        canvas.text((HOME_AT[0], HOME_AT[1] - km / KM_PER_POINT), f"{km:,}", size=12, fill=MUTED, anchor="mm")
    for place in np.argsort(-row):  # the nearest last, on top
        if MAP.contains((x[place], y[place])):
            canvas.dot((x[place], y[place]), 1.7, fill=colour_of(row[place]))
    for iata in LABELS_RIGHT + LABELS_LEFT:
        place = airports.index(iata)
        aside, anchor = (7, "ls") if iata in LABELS_RIGHT else (-12, "rs")
        words = f"{airports.city[place]} {row[place]:,.0f}"
        canvas.text((x[place] + aside, y[place] + 4), words, size=13, fill=INK, anchor=anchor)
    canvas.text((HOME_AT[0] + 7, HOME_AT[1] + 4), airports.city[home], size=13, fill=INK)
    canvas.text(
        (MAP.left, MAP.bottom - 10), "One row: direction, and distance in km, from New York", size=15, fill=MUTED
    )


def _draw_matrix(canvas: Canvas, airports: Airports, distances: Distances) -> None:
    """All pairs, with the airports in their order from west to east."""
    box = MATRIX
    order = np.argsort(airports.longitude)
    canvas.paste(colours_of(distances[np.ix_(order, order)]), box)
    canvas.text((box.left, box.top - 14), "All rows: airports in order from west to east", size=15, fill=MUTED)
    ranks = np.argsort(order)
    for iata in TICKED:
        along = box.left + box.width * ranks[airports.index(iata)] / len(airports)
        canvas.text((along, box.bottom + 20), iata, size=12, fill=MUTED, anchor="ms")


def _draw_histogram(canvas: Canvas, distances: Distances) -> None:
    """How many pairs are how far apart; its colours are the scale of the whole picture."""
    box = HISTOGRAM
    counts, edges = np.histogram(distances, bins=np.arange(0, SCALE_END_KM + BIN_KM, BIN_KM))
    step = box.width / len(counts)
    for place, count in enumerate(counts):
        left = box.left + place * step
        top = box.bottom - box.height * count / counts.max()
        canvas.fill(Box(left, top, left + step, box.bottom), colour_of(edges[place] + BIN_KM / 2))
    canvas.text((box.left, box.top - 14), "How many pairs are how far apart", size=15, fill=MUTED)
    for km in range(0, SCALE_END_KM + 1, 2000):
        along = box.left + box.width * km / SCALE_END_KM
        canvas.text((along, box.bottom + 22), f"{km:,}" if km else "0 km", size=12, fill=MUTED, anchor="ms")
    canvas.text((box.right, box.top + 30), f"median {np.median(distances):,.0f} km", size=13, fill=INK, anchor="rs")
    canvas.text((box.right, box.top + 50), f"farthest {distances.max():,.0f} km", size=13, fill=INK, anchor="rs")
