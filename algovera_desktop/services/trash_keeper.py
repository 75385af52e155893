"""Deletes for good what was put in the trash: by hand, or after so many days."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.library.durable import fsync_folder, os_errors_translated
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.picture_file import read_picture_file
from algovera_desktop.library.reachable import is_folder, is_gone
from algovera_desktop.library.sidecar import remove_own_sidecar
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.library.trash import GoingPicture, Trash
from algovera_desktop.services.away import AwayFolders
from algovera_desktop.services.picture_folders import PictureFolders

_log = logging.getLogger(__name__)

_BATCH = 50
"""A batch is finished before a cancel is heeded; it costs two commits and the deleting."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many pictures are gone, and how many had to be left in the trash; ``problem`` says in
    the system's words what was the matter with the last of those."""

    removed: int = 0
    left: int = 0
    problem: str = ""


class TrashKeeper:
    """Deletes files, sidecars and records in small batches, and what ``thumbnails`` has of them.
    The file of a picture that was imported and left in its place stays there: with the record the
    program only forgets it, and its own sidecar only if the picture itself is gone. Every call
    blocks.

    Whatever the moment at which the process dies: a picture is whole in the trash, or what is left
    of it goes with the next call. What is restored before its batch has its turn is spared. Raises
    JobCancelledError, and LibraryError's kinds if the library itself does not answer.
    """

    def __init__(
        self, trash: Trash, files: PictureFiles, thumbnails: ThumbnailCache | None = None
    ) -> None:
        self._trash = trash
        self._files = files
        self._thumbnails = thumbnails

    def empty(
        self,
        token: CancelToken,
        report: Callable[[Emptied], object],
        ids: Sequence[int] | None = None,
    ) -> Emptied:
        """Delete what is in the trash by now, or of that these pictures only. ``report`` is told
        after each batch how far it is.

        A picture on a drive that is not connected is left: its file is there still. So is one in
        whose place another picture lies by now, until the records say whose it is.
        """
        batches = self._oldest(datetime.now(UTC)) if ids is None else self._chosen(ids)
        delete = partial(self._delete, self._away())
        return self._empty(batches, delete, token, report)

    def empty_old(self, days: int, token: CancelToken) -> Emptied:
        """Delete what has been in the trash for so many days; 0: nothing but what was begun.

        What is left, for as many days more, is what ``empty`` leaves, and any picture whose folder
        is not there: who deleted nothing by hand may not have done that either.
        """
        until = datetime.now(UTC) - timedelta(days=days) if days else _EPOCH
        delete = partial(self._delete_if_reached, self._away())
        emptied = self._empty(self._oldest(until), delete, token, lambda _emptied: None)
        if emptied.left:
            _log.warning("%d pictures are left in the trash: %s", emptied.left, emptied.problem)
        return emptied

    def _oldest(self, until: datetime) -> Iterator[list[GoingPicture]]:
        return iter(partial(self._trash.claim_oldest, until, _BATCH), [])

    def _chosen(self, ids: Sequence[int]) -> Iterator[list[GoingPicture]]:
        for start in range(0, len(ids), _BATCH):
            yield self._trash.claim(ids[start : start + _BATCH])

    def _empty(
        self,
        batches: Iterator[list[GoingPicture]],
        delete: Callable[[GoingPicture], None],
        token: CancelToken,
        report: Callable[[Emptied], object],
    ) -> Emptied:
        emptied = Emptied()
        token.raise_if_cancelled()
        for batch in batches:
            emptied = self._let_go(batch, delete, emptied)
            report(emptied)
            token.raise_if_cancelled()
        return emptied

    def _let_go(
        self,
        batch: Sequence[GoingPicture],
        delete: Callable[[GoingPicture], None],
        emptied: Emptied,
    ) -> Emptied:
        gone: list[GoingPicture] = []
        left: list[int] = []
        problem = emptied.problem
        for picture in batch:
            try:
                delete(picture)
            except LibraryError as error:
                left.append(picture.id)
                problem = str(error)
            else:
                gone.append(picture)
        self._make_durable(gone)
        if self._thumbnails is not None:
            self._thumbnails.forget(picture.sha256 for picture in gone)
        self._trash.forget([picture.id for picture in gone])
        if left:
            self._trash.release(left)
        return Emptied(emptied.removed + len(gone), emptied.left + len(left), problem)

    def _away(self) -> AwayFolders:
        return AwayFolders(PictureFolders(self._files.root, self._files.chosen))

    def _delete(self, away: AwayFolders, picture: GoingPicture) -> None:
        file = self._files.absolute(picture.path)
        if not picture.is_ours:
            if is_gone(file) and not away.hides(file):
                remove_own_sidecar(file, picture.prompt)
            return
        if is_gone(file) and away.hides(file):
            raise LibraryError(f"{file.parent} is not there")
        with os_errors_translated(f"cannot read {file}"):
            if _is_another(file, picture):
                raise LibraryError(f"{file} is another picture by now")
        # The sidecar goes last: as long as there is a picture, it says that it is in the trash.
        self._files.discard(picture.path)

    def _delete_if_reached(self, away: AwayFolders, picture: GoingPicture) -> None:
        folder = self._files.absolute(picture.path).parent
        if not is_folder(folder):
            raise LibraryError(f"{folder} is not there")
        self._delete(away, picture)

    def _make_durable(self, gone: Sequence[GoingPicture]) -> None:
        """The files are to stay away whatever happens to the power: their records go next."""
        ours = [picture.path for picture in gone if picture.is_ours]
        for folder in {self._files.absolute(path).parent for path in ours}:
            if is_folder(folder):
                with os_errors_translated(f"cannot empty the trash in {folder}"):
                    fsync_folder(folder)


def _is_another(file: Path, picture: GoingPicture) -> bool:
    """Whether files were renamed, or one was put in this one's place, since they were looked at.
    What is no picture any more is none."""
    try:
        status = file.stat()
        if (status.st_size, status.st_mtime_ns) == (picture.size_bytes, picture.modified_ns):
            return False
        return read_picture_file(file).image.sha256 != picture.sha256
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, MetadataError):
        return False
