"""A kept picture, and how pictures are asked for."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from algovera_desktop.domain.generation import GenerationRequest

MAX_RATING = 5

UNKNOWN_TOOL = "unknown"
"""The tool of a picture that says nothing which we understand."""


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
    tool: str = ""
    parent_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ImageRecord(NewImage):
    """A picture in the library, with what the artist has made of it.

    ``trashed_at`` is set while it lies in the trash, ``missing_since`` while its file is not
    where it should be. ``rating`` is 0 (none) to MAX_RATING. ``tags`` and ``albums`` are names,
    each sorted as people sort. ``tool`` names the program that an imported picture comes from,
    "" where it was made here; ``parent_sha256`` is of the picture that it was varied from.
    """

    id: int = 0
    trashed_at: datetime | None = None
    missing_since: datetime | None = None
    is_favourite: bool = False
    rating: int = 0
    notes: str = ""
    tags: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()


class SortOrder(Enum):
    """In which order pictures stand. NEWEST and OLDEST go by when a picture came into the library.
    ALBUM is an album's own order, and means NEWEST where no album is shown; RELEVANCE means
    NEWEST where no words are searched. RANDOM is the same at each look."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RATING = "rating"
    RELEVANCE = "relevance"
    SIZE = "size"
    RANDOM = "random"
    ALBUM = "album"


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """Which pictures to show, and in which order.

    ``text`` is in the query language of ``library.query``. ``album_id`` narrows it to an album,
    ``like_id`` to those whose prompts are nearest to that picture's. The trash is shown alone,
    and never among the rest.
    """

    text: str = ""
    sort: SortOrder = SortOrder.NEWEST
    trashed: bool = False
    album_id: int | None = None
    like_id: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether this is the whole library, so that jobs on the way stand in it too."""
        return self == LibraryQuery(sort=self.sort)
