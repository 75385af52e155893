"""A library with real picture files, sidecars and a queue, as the program leaves it."""

import io
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, NewImage, SortOrder
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library, record_from
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.sidecars import SidecarWriter

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def png(number: int) -> bytes:
    """A small picture that no other number has."""
    data = io.BytesIO()
    Image.new("RGB", (64, 48), (number % 256, number // 256 % 256, 90)).save(data, "PNG")
    return data.getvalue()


class KeptLibrary:
    """Everything below the window over a data folder, opened for one ``with``."""

    def __init__(self, data: Path, chosen: Path | None = None) -> None:
        self.paths = Paths.under(data)
        self.folders = PictureFolders(self.paths.pictures, chosen)
        self.database = Database(self.paths.library_file)
        self.library = Library(self.database)
        self.files = PictureFiles(self.paths.pictures, chosen)
        self.curation = Curation(self.database)
        self.queue = JobQueue(self.database, self.library)

    def __enter__(self) -> "KeptLibrary":
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def add(self, number: int) -> ImageRecord:
        """A picture that a job of server "studio" made, ``number`` minutes after START."""
        request = GenerationRequest(f"a fox, number {number}", "sketch", 64, 48, seed=number)
        at = START + timedelta(minutes=number)
        job = Job(f"{number:032x}", "g", "studio", request, JobState.FETCHING, at, at, "remote")
        stored = self.files.save(
            png(number),
            "image/png",
            job,
            server_name="The studio",
            model_title="Sketch",
            created_at=at,
        )
        image = NewImage(
            path=stored.path,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            media_type="image/png",
            width=64,
            height=48,
            created_at=at,
            server_name="The studio",
            model_title="Sketch",
            job_id=job.id,
            request=request,
        )
        return self.database.write(lambda connection: self.library.add_in(connection, image))

    def curate(self) -> None:
        """Make something of the first five pictures, and have it written beside them."""
        self.curation.set_rating([1], 5)
        self.curation.set_favourite([2], True)
        self.curation.add_tags([1, 2, 3], ["Fox", "snow"])
        self.curation.set_notes(3, "the one\nfor the wall")
        album = self.curation.make_album("Best of all").made_id
        assert album is not None
        self.curation.add_to_album(album, [4, 2, 1])
        self.curation.save_search("Foxes", "tag:fox", SortOrder.RATING)
        self.library.trash([5])
        self.write_sidecars()

    def write_sidecars(self) -> None:
        SidecarWriter(self.database, self.files).run(CancelToken())

    def records(self) -> list[ImageRecord]:
        """All of them, by id."""
        return self.database.read(_records)

    def album_order(self, name: str) -> list[str]:
        """The paths of an album's pictures, in its order."""
        return self.database.read(lambda connection: _album_order(connection, name))

    def facts(self) -> list[ImageRecord]:
        """The records with what depends on a file's name and number taken out."""
        return [replace(record, id=0, path="") for record in self.records()]


def fill(data: Path, count: int = 8, *, chosen: Path | None = None) -> list[ImageRecord]:
    """A closed library of ``count`` pictures, the first of which are curated."""
    with KeptLibrary(data, chosen) as kept:
        for number in range(count):
            kept.add(number)
        if count >= 5:
            kept.curate()
        return kept.records()


def _records(connection: sqlite3.Connection) -> list[ImageRecord]:
    with closing(connection.execute("SELECT * FROM images ORDER BY id")) as rows:
        return [record_from(row) for row in rows]


def _album_order(connection: sqlite3.Connection, name: str) -> list[str]:
    statement = """SELECT path FROM album_images JOIN albums ON albums.id = album_id
                   JOIN images ON images.id = image_id WHERE name = ?
                   ORDER BY album_images.position, image_id"""
    return [row["path"] for row in connection.execute(statement, (name,))]
