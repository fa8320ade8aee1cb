"""The function that the demo fuses: plain NumPy, and no more than a textbook says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["EARTH_RADIUS_KM", "great_circle_km"]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius R1 of the GRS 80 ellipsoid: H. Moritz, Geodetic Reference System 1980, J. Geodesy 74 (2000)."""

Array = NDArray[np.floating[Any]]


def great_circle_km(lat1: Array, lon1: Array, lat2: Array, lon2: Array) -> Array:
    """Distance on the sphere, from degrees, by the haversine formula."""
    lat1, lon1 = np.radians(lat1), np.radians(lon1)
    lat2, lon2 = np.radians(lat2), np.radians(lon2)
    north = np.sin((lat2 - lat1) / 2) ** 2
    east = np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    distance: Array = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(north + east))
    return distance
