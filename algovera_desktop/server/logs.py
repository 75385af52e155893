"""The server's log: to standard error, for people or for programs, without keys.

The log for programs holds no prompt either: what a library put into an exception's text, or into
further lines, may repeat one, so only the exception's kind and place are told.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

_SECRETS = (
    (re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])"), "[key]"),
    (re.compile(r"(api_key\W{1,4})[^\s&\"']+"), r"\1[key]"),
)


def redacted(text: str) -> str:
    """The text without anything that looks like a key."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Takes keys out of the finished text, tracebacks and all."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and what ``extra`` had under
    ``fields``; with an exception its kind and where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage().partition("\n")[0]),
            **getattr(record, "fields", {}),
        }
        if record.exc_info is not None and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            line |= {"error": kind.__name__, "where": _places(trace)}
        return json.dumps(line)


def _places(trace: TracebackType | None) -> list[str]:
    """From the outermost call to where it went wrong, without the lines' text."""
    frames = traceback.extract_tb(trace)
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]


def start_logging(*, as_json: bool = False) -> None:
    """Send what is at least a warning to standard error; as JSON each request too."""
    handler = logging.StreamHandler()
    text = RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if as_json else text)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    if as_json:
        logging.getLogger(__package__).setLevel(logging.INFO)
