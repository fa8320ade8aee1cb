"""The data of the demo: where the airports are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Airports", "load_airports"]

Coordinates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Airports:
    """Airports of the United States, and a few beyond; coordinates in degrees, east and north positive.

    They are taken as they come: the longitudes of Guam and Rota, for example, have the wrong sign in the source.
    """

    iata: tuple[str, ...]
    name: tuple[str, ...]
    city: tuple[str, ...]
    latitude: Coordinates
    longitude: Coordinates

    def __len__(self) -> int:
        return len(self.iata)

    def index(self, iata: str) -> int:
        """Position of the airport with a code."""
        return self.iata.index(iata)

    @property
    def pairs(self) -> tuple[Coordinates, Coordinates, Coordinates, Coordinates]:
        """Latitude and longitude as columns, then as rows: broadcast, they make every pair."""
        return self.latitude[:, None], self.longitude[:, None], self.latitude[None, :], self.longitude[None, :]


def load_airports() -> Airports:
    """Read the airports that come with vega_datasets; no network."""
    from vega_datasets import data  # of the extra `demo`

    table = data.airports()
    return Airports(
        iata=tuple(table["iata"].astype(str)),
        name=tuple(table["name"].astype(str)),
        city=tuple(table["city"].fillna("").astype(str)),
        latitude=table["latitude"].to_numpy(np.float64),
        longitude=table["longitude"].to_numpy(np.float64),
    )
