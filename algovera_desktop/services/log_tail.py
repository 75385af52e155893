"""The end of the log as it may be passed on: our own words, with what they were filled with out.

Of other packages only that they said something is told, and of the server its logger's name.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from algovera_desktop.services.clean_trace import clean_line
from algovera_desktop.services.logs import CLOSING, CONTINUED, OPENING, log_path
from algovera_desktop.services.private_words import LEFT_OUT

_READ_BYTES = 200_000
_PACKAGE = __name__.partition(".")[0]
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"
_RECORD = re.compile(rf"({_TIME} [A-Z]+ )([\w.]+)( \[[^\]]*\])? ?(.*)", re.DOTALL)
_START = re.compile(rf"^(?={_TIME} )", re.MULTILINE)
_MARKED = re.compile(f"{OPENING}([^{CLOSING}]*){CLOSING}")
_FROM_SERVER = re.compile(rf"{_TIME} ([A-Z]+ {_PACKAGE}\.server[\w.]*): .*")
_TELLING = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){0,6}|[A-Z][A-Za-z]+(?:Error|Exception)")
"""Ids of ours, and kinds of errors."""


def log_tail(folder: Path, *, most_records: int) -> str:
    """The last records of the log in this folder, oldest first; "" where there is no log."""
    records = _START.split(_end_of(log_path(folder)))[1:]
    return "\n".join(line for record in records[-most_records:] for line in _lines(record))


def _end_of(path: Path) -> str:
    """The end of the log; where it has just begun a new file, of the one before it too."""
    older = path.with_name(path.name + ".1")
    return "".join(map(_end_of_file, (older, path)))[-_READ_BYTES:]


def _end_of_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _READ_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _lines(record: str) -> Iterator[str]:
    parts = _RECORD.fullmatch(record.rstrip("\n"))
    if parts is None:
        return
    when, logger, message = parts[1], parts[2], parts[4]
    if logger.partition(".")[0] != _PACKAGE:
        yield f"{when}another package: {LEFT_OUT}"
        return
    first, *rest = _MARKED.sub(_shown, message).split(CONTINUED)
    yield f"{when}{logger} {first}"
    for line in rest:
        if cleaned := clean_line(line):
            yield cleaned


def _shown(marked: re.Match[str]) -> str:
    """Of a value what tells nothing of a person."""
    value = marked[1]
    if _TELLING.fullmatch(value):
        return value
    if said := _FROM_SERVER.fullmatch(value):
        return f"{said[1]}: {LEFT_OUT}"
    return clean_line(value) or LEFT_OUT
