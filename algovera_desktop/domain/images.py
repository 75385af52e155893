"""A kept picture, and how pictures are asked for."""

from dataclasses import dataclass
from datetime import datetime

from algovera_desktop.domain.generation import GenerationRequest


@dataclass(frozen=True, slots=True)
class NewImage:
    """A picture that is on disk and about to get its record.

    ``path`` has forward slashes; it is relative to the program's own pictures' folder, or
    absolute where the user has chosen another. ``sha256`` is of the
    file as it lies on disk, in hex. ``width`` and ``height`` are of the file, in pixels, and
    can differ from the request's. ``created_at`` is aware, in UTC.
    """

    path: str
    sha256: str
    size_bytes: int
    media_type: str
    width: int
    height: int
    created_at: datetime
    server_name: str
    model_title: str
    job_id: str
    request: GenerationRequest


@dataclass(frozen=True, slots=True)
class ImageRecord(NewImage):
    """A picture in the library. ``trashed_at`` is set while it lies in the trash."""

    id: int = 0
    trashed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """Which pictures to show, newest first."""

    trashed: bool = False
