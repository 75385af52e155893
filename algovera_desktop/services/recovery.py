"""At start: pictures that a crash parted from their records, and what it left half-written.

A file gets its name before its record is written, and between the two the program can die, or
the user can cancel. Which files that may be is told by the jobs' own rows, so that nothing is
looked for in proportion to the library.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.generation import model_named
from algovera_desktop.domain.images import NewImage
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import FoundPicture, PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue_rows import STORED, select, store

_log = logging.getLogger(__name__)

_ON_THE_WAY = {
    JobState.SUBMITTING: (JobState.UNKNOWN,),
    JobState.RUNNING: (JobState.FETCHING,),
}
"""Between a state and ``done``, for what may not lead there in one step."""


class PictureRecovery:
    """Gives each file a record, or takes it away. ``server_name`` tells a server's name by its
    id, for the records."""

    def __init__(
        self,
        database: Database,
        library: Library,
        files: PictureFiles,
        server_name: Callable[[str], str],
    ) -> None:
        self._database = database
        self._library = library
        self._files = files
        self._server_name = server_name

    def run(self) -> None:
        """Before anything else uses the queue. What cannot be done now, for a disk is full or
        not there, is tried again at the next start. Raises LibraryError if the database fails."""
        jobs = self._database.read(lambda connection: select(connection, STORED))
        self._try_to(lambda: self._files.remove_unfinished(jobs), "what is unfinished")
        for job in jobs:
            if job.state is JobState.CANCELLED:
                self._try_to(lambda job=job: self._clean_up_after(job), f"job {job.id}")
                continue
            found = self._files.find(job)
            if found is not None:
                self._adopt(job, found)

    def _clean_up_after(self, job: Job) -> None:
        """Nobody wants this picture. On a drive that is not there it is looked for again."""
        if self._files.remove(job):
            self._write(replace(job, picture_stem=None))

    def _adopt(self, job: Job, found: FoundPicture) -> None:
        """A picture that is here was paid for, whatever its job has come to since."""
        image = NewImage(
            path=found.stored.path,
            sha256=found.stored.sha256,
            size_bytes=found.stored.size_bytes,
            media_type=found.media_type,
            width=found.width,
            height=found.height,
            created_at=found.created_at,
            server_name=self._server_name(job.server_id),
            model_title=model_named(job.request.model).title,
            job_id=job.id,
            request=job.request,
            parent_sha256=job.parent_sha256,
        )

        states = [*_ON_THE_WAY.get(job.state, ()), JobState.DONE]

        def adopt(connection: sqlite3.Connection) -> None:
            found_job = replace(job, failure=None)
            for state in states:
                (found_job,) = store(connection, [replace(found_job, state=state)])
            if not _has_record(connection, image.path):
                self._library.add_in(connection, image)

        self._database.write(adopt)
        _log.info("job %s: its picture was found and has its record now", job.id)

    def _write(self, job: Job) -> None:
        self._database.write(lambda connection: store(connection, [job]))

    def _try_to(self, clean_up: Callable[[], object], what: str) -> None:
        try:
            clean_up()
        except LibraryError as error:
            _log.info("%s: not cleaned up: %s", what, error)


def _has_record(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the library was made anew in between, and found the picture itself."""
    statement = "SELECT 1 FROM images WHERE path = ?"
    return connection.execute(statement, (path,)).fetchone() is not None
