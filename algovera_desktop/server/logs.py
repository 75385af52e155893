"""The server's log: to standard error, without anything that looks like a key."""

import logging
import re

_SECRETS = (
    (re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])"), "[key]"),
    (re.compile(r"(api_key\W{1,4})[^\s&\"']+"), r"\1[key]"),
)


class RedactingFormatter(logging.Formatter):
    """Takes keys out of the finished text, tracebacks and all."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for pattern, replacement in _SECRETS:
            text = pattern.sub(replacement, text)
        return text


def start_logging() -> None:
    """Send what is at least a warning to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
