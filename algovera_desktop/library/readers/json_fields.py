"""JSON from strangers, asked for what one hopes to find in it."""

import json
import math
from collections.abc import Iterator
from typing import Any, cast

_MAX_CHARS = 1 << 21
"""Python's objects take up to 25 times the memory of the shortest JSON."""


class JsonFields:
    """An object of a JSON text. Every question has an answer of the asked type, or None.

    Several names are the ones that a program's versions have used: the first that fits counts.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    @classmethod
    def parse(cls, text: str | None) -> "JsonFields | None":
        """The object in ``text``; None where that is no JSON, or no object."""
        if text is None or len(text) > _MAX_CHARS or not text.lstrip().startswith("{"):
            return None
        try:
            return cls._of(json.loads(text))
        except (ValueError, RecursionError):
            return None

    @classmethod
    def _of(cls, value: object) -> "JsonFields | None":
        return cls(cast("dict[str, Any]", value)) if isinstance(value, dict) else None

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> object:
        """The value as JSON has it."""
        return self._values.get(name)

    def text(self, *names: str) -> str | None:
        return next((v for v in self._of_names(names) if isinstance(v, str) and v), None)

    def whole(self, *names: str) -> int | None:
        """A whole number, whether it is written as such, as ``7.0`` or as ``"7"``."""
        return next((n for n in map(_whole, self._of_names(names)) if n is not None), None)

    def number(self, *names: str) -> float | None:
        return next((n for n in map(_number, self._of_names(names)) if n is not None), None)

    def part(self, *names: str) -> "JsonFields | None":
        """An object within this one."""
        return next((p for p in map(self._of, self._of_names(names)) if p is not None), None)

    def parts(self, name: str) -> "list[JsonFields]":
        """The objects of a list."""
        value = self._values.get(name)
        items = cast("list[object]", value) if isinstance(value, list) else []
        return [part for item in items if (part := self._of(item)) is not None]

    def named_parts(self) -> "Iterator[tuple[str, JsonFields]]":
        """Every object within this one, by its name."""
        for name, value in self._values.items():
            if (part := self._of(value)) is not None:
                yield name, part

    def names(self) -> Iterator[str]:
        return iter(self._values)

    def _of_names(self, names: tuple[str, ...]) -> Iterator[object]:
        return (self._values[name] for name in names if name in self._values)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None
