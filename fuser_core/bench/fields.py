"""Fields of a JSON object, read with their types; what is missing or of another kind is said with its place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from fuser_core.errors import ArgumentError

__all__ = ["Fields"]

T = TypeVar("T")


class Fields:
    """The fields of one object.

    Attributes:
        where: The object's place in the file, such as ``runs[0].rows[2]``; empty for the whole.
    """

    def __init__(self, value: Any, where: str = "") -> None:
        self.where = where
        if not isinstance(value, dict):
            _refuse(where or "the whole", value, "an object with named fields")
        self._values: dict[str, Any] = value

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """Return a text.

        Raises:
            ArgumentError: It is missing or of another kind, as in all other methods.
        """
        return _text(self._get(name, "a text"), self._place(name))

    def count(self, name: str) -> int:
        """Return a whole number that is not negative."""
        return _count(self._get(name, "a whole number"), self._place(name))

    def number(self, name: str) -> float:
        """Return a finite number that is not negative."""
        return _number(self._get(name, "a number"), self._place(name))

    def seconds(self, name: str) -> float:
        """Return a time, which is above 0."""
        return _seconds(self._get(name, "a time in seconds"), self._place(name))

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """Return what another method of this object reads, or ``None`` where the field is null or missing."""
        return None if self._values.get(name) is None else read(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(_text(value, where) for value, where in self._items(name))

    def object(self, name: str) -> Fields:
        """Return an object."""
        return Fields(self._get(name, "an object with named fields"), self._place(name))

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects."""
        return [Fields(value, where) for value, where in self._items(name)]

    def text_of(self, name: str) -> dict[str, str]:
        """Return a mapping of names to texts."""
        return self._mapping(name, _text)

    def number_of(self, name: str) -> dict[str, float]:
        """Return a mapping of names to numbers that are not negative."""
        return self._mapping(name, _number)

    def seconds_of(self, name: str) -> dict[str, float]:
        """Return a mapping of names to times, which are above 0."""
        return self._mapping(name, _seconds)

    def refuse(self, name: str, wanted: str) -> NoReturn:
        """Raise the error for a field whose value makes no sense."""
        _refuse(self._place(name), self._values.get(name), wanted)

    def _get(self, name: str, wanted: str) -> Any:
        if name not in self._values:
            raise ArgumentError(
                f"result of a benchmark: {self._place(name)} is missing, and {wanted} is wanted; {_REMEDY}"
            )
        return self._values[name]

    def _place(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _items(self, name: str) -> list[tuple[Any, str]]:
        values = self._get(name, "a list")
        if not isinstance(values, list):
            _refuse(self._place(name), values, "a list")
        return [(value, f"{self._place(name)}[{number}]") for number, value in enumerate(values)]

    def _mapping(self, name: str, read: Callable[[Any, str], T]) -> dict[str, T]:
        values: Mapping[str, Any] = self._get(name, "an object with named fields")
        if not isinstance(values, dict):
            _refuse(self._place(name), values, "an object with named fields")
        return {key: read(value, f"{self._place(name)}.{key}") for key, value in values.items()}


_REMEDY = "write the file anew by `fuser-core bench --output`"


def _refuse(place: str, value: Any, wanted: str) -> NoReturn:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    raise ArgumentError(f"result of a benchmark: {place} is {shown}, and {wanted} is wanted; {_REMEDY}")


def _text(value: Any, place: str) -> str:
    return value if isinstance(value, str) else _refuse(place, value, "a text")


def _count(value: Any, place: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    _refuse(place, value, "a whole number from 0")


def _number(value: Any, place: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= sys.float_info.max:
        return float(value)
    _refuse(place, value, "a finite number from 0")


def _seconds(value: Any, place: str) -> float:
    time = _number(value, place)
    return time if time > 0 else _refuse(place, value, "a time above 0, in seconds,")
