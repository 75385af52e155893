"""Names of picture files: what a person looks for, and what every file system takes."""

import re
import unicodedata
from datetime import datetime

from algovera_desktop.domain.jobs import Job

_MAX_PROMPT_BYTES = 80
"""In UTF-8. With date, id and extension a name stays under 128 bytes: the least that we know
of is 143 (eCryptfs); others have 255."""

_ID_DIGITS = 12
"""48 random bits: that two of 10 000 jobs of one second and one prompt share a name has a chance
of 1 in 5 million."""

_NOT_AT_ENDS = " .-"
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\s]+')


def picture_name(job: Job) -> str:
    """``2026-11-22 143005 a fox in the snow 3f2a9c1d5e70``, in this machine's time.

    Without an extension. The same job has the same name for as long as the machine stays in its
    time zone, and no two jobs share one. The date in front keeps it clear of the names that
    Windows reserves.
    """
    words = readable(job.request.prompt)
    parts = [_local(job.created_at).strftime("%Y-%m-%d %H%M%S"), words, job.id[:_ID_DIGITS]]
    return " ".join(part for part in parts if part)


def month_folder(job: Job) -> str:
    """``2026-11``: the folder of a job's picture below the pictures' folder."""
    return _local(job.created_at).strftime("%Y-%m")


def readable(text: str) -> str:
    """The beginning of a text, fit for the middle of a file's name.

    Composed characters (NFC), no control or direction marks, nothing that Windows, macOS or
    Linux refuse, no dot or blank at either end.
    """
    blanked = _NOT_IN_NAMES.sub(" ", text)
    visible = "".join(c for c in blanked if not unicodedata.category(c).startswith("C"))
    words = unicodedata.normalize("NFC", visible).strip(_NOT_AT_ENDS)
    beginning = words.encode()[:_MAX_PROMPT_BYTES].decode(errors="ignore")
    if len(beginning) < len(words) and " " in beginning:
        beginning = beginning.rpartition(" ")[0]
    return beginning.strip(_NOT_AT_ENDS)


def is_text(name: str) -> bool:
    """Whether a file's name can stand in a record: on Linux it may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _local(time: datetime) -> datetime:
    return time.astimezone()
