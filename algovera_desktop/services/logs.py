"""The log file: rotated, without secrets, and written on a thread of its own.

What a message was given is marked in it, ``job ⟨…⟩: not cancelled: ⟨…⟩``. What stands outside of
the marks is our own words alone, so that a report can leave out the rest (``log_tail``).
"""

import logging
import logging.handlers
import queue
import re
import sys
from contextlib import suppress
from pathlib import Path

_FILE_BYTES = 900_000
_OLD_FILES = 4
"""With the traces of crashes 5 MB in all."""

_LONGEST_VALUE, _LONGEST_TRACE = 4_000, 16_000
"""In characters: a file takes a record of any size, and may hold a server's whole answer then."""

_SECRET = re.compile(r"\b[0-9a-fA-F]{64}\b|(?<=api_key=)[^&\s'\"]+|(?<=Bearer )\S+")
_PICTURE = re.compile(
    r"(?<=[/\\⟨])[^/\\⟨\n]*?([0-9a-f]{12})?(?=\.(?:png|jpe?g|jpe|jfif|webp|bin)\b)", re.IGNORECASE
)
"""The name of a picture's file, which most often begins as its prompt; ours end with their job."""

OPENING, CLOSING = "⟨", "⟩"
"""Around each value in a message that may be anybody's words."""

CONTINUED = "\n  "
"""Before each further line of a record."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"


def redact(text: str) -> str:
    """Mask whatever looks like a key: the second line of defence behind not logging any. Of the
    names of pictures the job is left."""
    masked = _SECRET.sub("[secret]", text)
    return _PICTURE.sub(lambda name: f"[picture {name[1]}]" if name[1] else "[picture]", masked)


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:  # another handler may have formatted it before
            trace = record.exc_text or self.formatException(record.exc_info)
            record.exc_text = _cut(trace, _LONGEST_TRACE)
        return redact(super().format(record))


class _MarkingFormatter(_RedactingFormatter):
    def format(self, record: logging.LogRecord) -> str:
        # Whatever a text holds, only a record begins a line.
        return super().format(record).replace("\n", CONTINUED)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _marked_message(record)
        return super().formatMessage(record)


def _marked_message(record: logging.LogRecord) -> str:
    if not record.args:
        return _cut(record.getMessage(), _LONGEST_VALUE)
    if isinstance(record.args, tuple):
        return str(record.msg) % tuple(map(_marked, record.args))
    return str(_marked(record.getMessage()))


def _marked(value: object) -> object:
    if isinstance(value, int | float):
        return value
    words = _cut(str(value), _LONGEST_VALUE).replace(OPENING, "<").replace(CLOSING, ">")
    return f"{OPENING}{words}{CLOSING}"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"


class LogFile:
    """Sends the root logger's records to ``folder/algovera-desktop.log``, at most 5 MB in all.

    Logging from the UI thread only puts a record into a queue. Warnings also reach stderr.
    A folder that cannot be written leaves stderr alone.
    """

    def __init__(self, folder: Path) -> None:
        console = logging.StreamHandler(sys.stderr)
        console.setLevel(logging.WARNING)
        console.setFormatter(_RedactingFormatter(_FORMAT))
        handlers: list[logging.Handler] = [console]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handlers.append(_file_handler(log_path(folder)))
        except OSError as error:
            print(f"algovera-desktop: no log file: {error}", file=sys.stderr)
        records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        self._handlers = handlers
        self._entrance = _KeepTraceback(records)
        self._listener = logging.handlers.QueueListener(
            records, *handlers, respect_handler_level=True
        )
        root = logging.getLogger()
        root.setLevel(logging.INFO)
        root.addHandler(self._entrance)
        self._listener.start()

    def close(self) -> None:
        """Write what is queued and let go of the root logger."""
        logging.getLogger().removeHandler(self._entrance)
        self._listener.stop()
        for handler in self._handlers:
            # On a full disk the last lines cannot be written; the program ends well without them.
            with suppress(OSError):
                handler.close()


def log_path(folder: Path) -> Path:
    """The file that is written now; older ones are called ``.1`` and so on."""
    return folder / "algovera-desktop.log"


class _KeepTraceback(logging.handlers.QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Pass the record on as it is: the queue stays in this process, nothing is pickled."""
        return record


class _LogFileHandler(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """On a full disk Python would print each record to stderr with its values as they are,
        secrets too; there is a warning there already, without them."""
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)


def _file_handler(path: Path) -> logging.Handler:
    handler = _LogFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
    handler.setFormatter(_MarkingFormatter(_FORMAT))
    return handler
