"""Whole pictures for the large view: decoded off the UI thread, the neighbours ahead of time."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.ui.picture_reader import (
    PictureProblem,
    PictureUnreadableError,
    read_picture,
)
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks

OVERVIEW_SIDE_PX = 2048
"""A picture that is larger is also kept at this size: painted small from all its pixels it
would be slow and would shimmer."""

_BUDGET_BYTES = 256 * 1024 * 1024
_PRIORITY = 20


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """A picture ready to be painted. ``overview`` is the same one, or smaller where the
    picture is very large; both None where ``problem`` says why."""

    full: QPixmap | None = None
    overview: QPixmap | None = None
    problem: PictureProblem | None = None


class PictureDecoder(QObject):
    """Decodes what is looked at, then what will be looked at next, and keeps a few.

    Signals:
        decoded: the sha256 of a picture that can now be asked for.
    """

    decoded = Signal(str)

    def __init__(self, files: PictureFiles, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._tasks = tasks
        self._pictures: OrderedDict[str, DecodedPicture] = OrderedDict()
        self._under_way: dict[str, Task] = {}

    def picture(self, record: ImageRecord) -> DecodedPicture | None:
        """The picture if it has been decoded."""
        return self._pictures.get(record.sha256)

    def set_wanted(self, records: Sequence[ImageRecord]) -> None:
        """Decode these, the first one first; what is no longer wanted is given up."""
        wanted = {record.sha256: record for record in records}
        for sha256 in [sha256 for sha256 in self._under_way if sha256 not in wanted]:
            self._under_way.pop(sha256).cancel()
        for rank, (sha256, record) in enumerate(wanted.items()):
            if sha256 in self._pictures:
                self._pictures.move_to_end(sha256, last=False)
            elif sha256 not in self._under_way:
                self._start(record, _PRIORITY - rank)

    def forget_all(self) -> None:
        """Give the memory back."""
        self.set_wanted(())
        self._pictures.clear()

    def _start(self, record: ImageRecord, priority: int) -> None:
        task = self._tasks.start(Pool.STORAGE, partial(self._decode, record), priority=priority)
        self._under_way[record.sha256] = task
        task.succeeded.connect(partial(self._on_task_succeeded, record.sha256))
        task.failed.connect(partial(self._on_task_failed, record.sha256))

    def _decode(
        self, record: ImageRecord, context: TaskContext
    ) -> tuple[QImage, QImage] | PictureProblem:
        path = self._files.absolute(record.path)
        try:
            full = read_picture(path, record.media_type)
            context.token.raise_if_cancelled()
            if max(full.width(), full.height()) <= OVERVIEW_SIDE_PX:
                return full, full
            return full, read_picture(path, record.media_type, OVERVIEW_SIDE_PX)
        except PictureUnreadableError as error:
            return error.problem

    def _on_task_succeeded(
        self, sha256: str, result: tuple[QImage, QImage] | PictureProblem
    ) -> None:
        self._under_way.pop(sha256, None)
        if isinstance(result, PictureProblem):
            self._pictures[sha256] = DecodedPicture(problem=result)
        else:
            full, overview = (QPixmap.fromImage(image) for image in result)
            self._pictures[sha256] = DecodedPicture(full, overview)
        self._pictures.move_to_end(sha256, last=False)
        self._shrink()
        self.decoded.emit(sha256)

    def _on_task_failed(self, sha256: str, _error: Exception) -> None:
        self._under_way.pop(sha256, None)

    def _shrink(self) -> None:
        while len(self._pictures) > 1 and sum(map(_size_bytes, self._pictures.values())) > (
            _BUDGET_BYTES
        ):
            self._pictures.popitem()


def _size_bytes(picture: DecodedPicture) -> int:
    pixmap = picture.full
    return 0 if pixmap is None else pixmap.width() * pixmap.height() * 4
