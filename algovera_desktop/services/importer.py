"""Brings the pictures of other tools into the library, with what they say of themselves."""

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError, LibraryError
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.import_copies import ImportCopies
from algovera_desktop.services.import_report import ImportMode, ImportProgress, ImportReport
from algovera_desktop.services.import_run import ImportRun
from algovera_desktop.services.import_walk import find_pictures

_log = logging.getLogger(__name__)

_PATIENCE_S = 0.1

OnProgress = Callable[[ImportProgress], None]


class Importer:
    """Imports one set of files at a time; others wait. Every call blocks, and belongs on a worker.

    A picture is known by its content: however often, from wherever and under whatever name the
    same file comes, it comes in once. Files that cannot be read cost a line each in the report.
    Original pictures are only ever read.
    """

    def __init__(self, database: Database, library: Library, files: PictureFiles) -> None:
        self._database = database
        self._library = library
        self._files = files
        self._copies = ImportCopies(database, files)
        self._turn = Lock()

    def clean_up(self) -> None:
        """At start: take away the copies that a crash has parted from their records. Raises
        LibraryError."""
        with self._turn:
            self._copies.clean_up()

    def run(
        self,
        sources: Sequence[Path],
        mode: ImportMode,
        token: CancelToken,
        on_progress: OnProgress,
    ) -> ImportReport:
        """Bring in files, and the pictures in folders, the oldest file first.

        What has come in when it is cancelled, or when the disk is full, stays, and stands in the
        report with what stopped it. Called again, it goes on from there. ``on_progress`` is
        called on this thread.
        """
        parts = self._database, self._library, self._files, self._copies
        run = ImportRun(*parts, mode, token)
        try:
            with self._own_turn(token):
                self._run(run, sources, token, on_progress)
        except (JobCancelledError, LibraryError) as error:
            return run.tally.report(error)
        return run.tally.report(None)

    def _run(
        self, run: ImportRun, sources: Sequence[Path], token: CancelToken, on_progress: OnProgress
    ) -> None:
        self._copies.clean_up()
        found = find_pictures(sources, token, lambda n: on_progress(ImportProgress(n, None)))
        run.tally.refused += found.refused
        total = len(found.paths)
        on_progress(ImportProgress(0, total))
        run.bring_in(found.paths, lambda done: on_progress(ImportProgress(done, total)))

    @contextmanager
    def _own_turn(self, token: CancelToken) -> Generator[None]:
        while not self._turn.acquire(timeout=_PATIENCE_S):
            token.raise_if_cancelled()
        try:
            yield
        finally:
            self._take_back_copies()
            self._turn.release()

    def _take_back_copies(self) -> None:
        try:
            self._copies.clean_up()
        except LibraryError as error:
            _log.info("copies of an import are left for the next start to remove: %s", error)
