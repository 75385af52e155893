"""Catches the warnings and errors that a test did not announce."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class UnexpectedLogs(logging.Handler):
    """Keeps every record from WARNING up whose text no announced pattern matches."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(logging.WARNING)
        self._allowed = [re.compile(pattern) for pattern in allowed]
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if not any(pattern.search(text) for pattern in self._allowed):
            self.lines.append(f"{record.levelname} {record.name}: {text}")


@contextmanager
def unexpected_logs(allowed: Sequence[str]) -> Iterator[list[str]]:
    """Collect such lines, from every thread, until the block ends."""
    handler = UnexpectedLogs(allowed)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
