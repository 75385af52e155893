"""Names of picture files: what a person looks for, and what every file system takes."""

import re
import unicodedata
from datetime import datetime

from algovera_desktop.domain.jobs import Job

_MAX_PROMPT_BYTES = 80
"""In UTF-8. With date, id and extension a name stays under 128 bytes: the least that we know
of is 143 (eCryptfs); others have 255."""

_ID_DIGITS = 12
"""48 random bits: two of a million jobs of the same second and prompt meet once in 560 times a
million such seconds."""

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\s]+')


def picture_name(job: Job, extension: str) -> str:
    """``2026-11-22 143005 a fox in the snow 3f2a9c1d5e70.png``, in this machine's time.

    The same job always has the same name, and no two jobs share one. The date in front keeps
    it clear of the names that Windows reserves.
    """
    words = readable(job.request.prompt)
    parts = [_local(job.created_at).strftime("%Y-%m-%d %H%M%S"), words, job.id[:_ID_DIGITS]]
    return " ".join(part for part in parts if part) + extension


def month_folder(job: Job) -> str:
    """``2026-11``: the folder of a job's picture below the pictures' folder."""
    return _local(job.created_at).strftime("%Y-%m")


def readable(text: str) -> str:
    """The beginning of a text, fit for the middle of a file's name.

    Composed characters (NFC), no control or direction marks, nothing that Windows, macOS or
    Linux refuse, no dot or blank at either end.
    """
    composed = unicodedata.normalize("NFC", _NOT_IN_NAMES.sub(" ", text))
    visible = "".join(c for c in composed if not unicodedata.category(c).startswith("C"))
    beginning = visible.encode()[:_MAX_PROMPT_BYTES].decode(errors="ignore")
    if len(beginning) < len(visible) and " " in beginning.strip():
        beginning = beginning.rpartition(" ")[0]
    return beginning.strip(" .-")


def _local(time: datetime) -> datetime:
    return time.astimezone()
