"""A real library with real picture files, and what the widgets that show them need."""

import io
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, NewImage
from algovera_desktop.domain.jobs import Job, JobFailure, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.store import Library
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader

_START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_job(
    number: int,
    state: JobState = JobState.WAITING,
    *,
    group: int | None = None,
    failure: JobFailure | None = None,
    server_id: str = "studio",
) -> Job:
    """A job with the seed ``number``, in a group of its own if none is given."""
    request = GenerationRequest(f"a fox, number {number}", "sketch", 64, 48, seed=number)
    at = _START + timedelta(seconds=number)
    job_id = uuid.UUID(int=number + 1).hex
    group_id = f"group {number if group is None else group}"
    return Job(job_id, group_id, server_id, request, state, at, at, "remote", failure)


def png(colour: tuple[int, ...], size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture of one colour; with four numbers it is translucent."""
    data = io.BytesIO()
    Image.new("RGB" if len(colour) == 3 else "RGBA", size, colour).save(data, "PNG")
    return data.getvalue()


class PictureWorld:
    """Everything below the widgets, in one folder."""

    def __init__(self, root: Path) -> None:
        self.database = Database(root / "library.sqlite")
        self.library = Library(self.database)
        self.search = LibrarySearch(self.database)
        self.files = PictureFiles(root / "pictures")
        self.cache = ThumbnailCache(root / "thumbnails.sqlite")
        self.tasks = Tasks()
        self.thumbnails = ThumbnailLoader(self.files, self.cache, self.tasks)

    def add_picture(self, number: int, data: bytes | None = None) -> ImageRecord:
        """A kept picture of a finished job; of a colour of its own if no bytes are given."""
        job = make_job(number, JobState.DONE)
        data = data or png((number % 256, number // 256 % 256, 90))
        with Image.open(io.BytesIO(data)) as image:
            size = image.size
        stored = self.files.save(data, "image/png", job)
        new = _image(job, stored.path, stored.sha256, stored.size_bytes, size)
        return self.database.write(lambda connection: self._add(connection, new))

    def add_records(self, count: int, *, first: int = 0) -> None:
        """Records alone, without files, numbered from ``first``."""
        images = [
            _image(make_job(number), f"none/{number}.png", f"{number:064x}", 1, (64, 48))
            for number in range(first, first + count)
        ]
        self.database.write(lambda connection: [self._add(connection, one) for one in images])

    def _add(self, connection: sqlite3.Connection, image: NewImage) -> ImageRecord:
        return self.library.add_in(connection, image)


def _image(job: Job, path: str, sha256: str, size_bytes: int, size: tuple[int, int]) -> NewImage:
    return NewImage(
        path=path,
        sha256=sha256,
        size_bytes=size_bytes,
        media_type="image/png",
        width=size[0],
        height=size[1],
        created_at=job.created_at,
        server_name="This computer",
        model_title="Sketch (no neural network)",
        job_id=job.id,
        request=job.request,
    )


@contextmanager
def picture_world(root: Path) -> Iterator[PictureWorld]:
    """A world that is gone afterwards, with its threads and its files closed."""
    world = PictureWorld(root)
    try:
        yield world
    finally:
        assert world.tasks.shut_down(10)
        QCoreApplication.processEvents()
        world.cache.close()
        world.database.close()
