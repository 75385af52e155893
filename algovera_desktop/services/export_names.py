"""How the files of an export are named."""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.names import readable

_FIELD = re.compile(r"\{(\w+)\}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_NUMBER_DIGITS = 4
_MAX_STEM_BYTES = 200
"""In UTF-8; with a number behind it and an extension it fits every file system that we know."""

_VALUES: Mapping[str, Callable[[ImageRecord, int], str]] = {
    "name": lambda record, _number: PurePosixPath(record.path).stem,
    "number": lambda _record, number: f"{number:0{_NUMBER_DIGITS}}",
    "date": lambda record, _number: record.created_at.astimezone().strftime("%Y-%m-%d"),
    "time": lambda record, _number: record.created_at.astimezone().strftime("%H%M%S"),
    "prompt": lambda record, _number: readable(record.request.prompt),
    "model": lambda record, _number: record.model_title or record.request.model,
    "seed": lambda record, _number: str(record.request.seed),
    "rating": lambda record, _number: str(record.rating),
}

FIELDS = tuple(_VALUES)
"""What may stand in braces in a pattern."""

OWN_NAMES = "{name}"
"""The pattern that keeps each file's name."""


def unknown_fields(pattern: str) -> tuple[str, ...]:
    """The names in braces that mean nothing."""
    return tuple(name for name in _FIELD.findall(pattern) if name not in _VALUES)


def file_name(pattern: str, record: ImageRecord, number: int) -> str:
    """A picture's file name after ``pattern``, with its own extension. ``number`` is its place
    in the export, from 1. Never empty, and one that every file system takes."""
    path = PurePosixPath(record.path)
    if pattern == OWN_NAMES:
        return path.name

    def value(match: re.Match[str]) -> str:
        find = _VALUES.get(match[1])
        return match[0] if find is None else readable(find(record, number))

    return _safe(_FIELD.sub(value, pattern)) + path.suffix


def _safe(text: str) -> str:
    """A name that no system refuses, of a text whose values are readable already."""
    words = " ".join(_NOT_IN_NAMES.sub(" ", text).split())
    stem = words.encode()[:_MAX_STEM_BYTES].decode(errors="ignore").strip(" .-")
    return f"picture {stem}".strip() if not stem or _RESERVED.fullmatch(stem) else stem


def numbered(name: str, copy: int) -> str:
    """``fox.png`` as ``fox (2).png``, for a folder that has a ``fox.png`` already."""
    if copy == 1:
        return name
    path = PurePosixPath(name)
    return f"{path.stem} ({copy}){path.suffix}"
