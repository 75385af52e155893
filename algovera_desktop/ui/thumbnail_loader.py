"""Thumbnails for whoever shows pictures: made off the UI thread, kept within a budget."""

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.ui.picture_reader import (
    PictureProblem,
    PictureUnreadableError,
    decode_picture,
    encode_thumbnail,
    read_picture,
)
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks

_log = logging.getLogger(__name__)

DEFAULT_BUDGET_BYTES = 192 * 1024 * 1024
_AT_ONCE = 2
_STORED_SIDES_PX = (256, 512, 1024)
"""Thumbnails are kept on disk in these sizes, and scaled down from the next larger one."""

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Made:
    """What a worker brings back: an image, or why there is none."""

    image: QImage | None
    problem: PictureProblem | None = None


class ThumbnailLoader(QObject):
    """Gives thumbnails that are there and makes those that are wished for.

    Who shows pictures says with ``set_wanted`` which ones it shows now, the most urgent first;
    what was wished for before and is not begun yet is forgotten. Sides are device pixels of
    the longer side.

    Signals:
        changed: the sha256 of a picture whose thumbnail, or the lack of one, is now known.
    """

    changed = Signal(str)

    def __init__(
        self,
        files: PictureFiles,
        cache: ThumbnailCache,
        tasks: Tasks,
        *,
        budget_bytes: int = DEFAULT_BUDGET_BYTES,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._cache = cache
        self._tasks = tasks
        self._budget_bytes = budget_bytes
        self._used_bytes = 0
        self._pixmaps: OrderedDict[Key, QPixmap] = OrderedDict()
        self._sides_in_use: set[int] = set()
        self._problems: dict[str, PictureProblem] = {}
        self._wanted: dict[str, Iterator[tuple[ImageRecord, int]]] = {}
        self._under_way: set[Key] = set()

    def pixmap(self, record: ImageRecord, side_px: int) -> QPixmap | None:
        """A thumbnail if one is at hand; of another size rather than none."""
        exact = self._pixmaps.get((record.sha256, side_px))
        if exact is not None:
            self._pixmaps.move_to_end((record.sha256, side_px))
            return exact
        sides = sorted(self._sides_in_use, reverse=True)
        others = (self._pixmaps.get((record.sha256, side)) for side in sides)
        return next((pixmap for pixmap in others if pixmap is not None), None)

    def problem(self, record: ImageRecord) -> PictureProblem | None:
        """Why there will be no thumbnail, if that is known."""
        return self._problems.get(record.sha256)

    def set_wanted(self, who: str, records: Sequence[ImageRecord], side_px: int) -> None:
        """Replace the wishes of one that shows pictures."""
        self._wanted[who] = iter([(record, side_px) for record in records])
        self._start_next()

    def retry_problems(self) -> None:
        """Look anew for files that were missing or broken."""
        self._problems.clear()

    def _start_next(self) -> None:
        while len(self._under_way) < _AT_ONCE:
            wish = self._next_wish()
            if wish is None:
                return
            record, side_px = wish
            self._under_way.add((record.sha256, side_px))
            task = self._tasks.start(Pool.STORAGE, partial(self._make, record, side_px))
            task.succeeded.connect(partial(self._on_task_succeeded, record, side_px))
            task.finished.connect(partial(self._on_task_finished, record, side_px))

    def _next_wish(self) -> tuple[ImageRecord, int] | None:
        for wishes in self._wanted.values():
            for record, side_px in wishes:
                key = (record.sha256, side_px)
                known = key in self._pixmaps or record.sha256 in self._problems
                if not known and key not in self._under_way:
                    return record, side_px
        return None

    def _make(self, record: ImageRecord, side_px: int, _context: TaskContext) -> _Made:
        try:
            return _Made(self._stored(record, side_px) or self._fresh(record, side_px))
        except PictureUnreadableError as error:
            return _Made(None, error.problem)

    def _stored(self, record: ImageRecord, side_px: int) -> QImage | None:
        data = self._cache.get(record.sha256, _stored_side(side_px))
        if data is None:
            return None
        try:
            return decode_picture(data, side_px)
        except PictureUnreadableError:
            _log.warning("A stored thumbnail is damaged and is made anew")
            return None

    def _fresh(self, record: ImageRecord, side_px: int) -> QImage:
        path = self._files.absolute(record.path)
        data = encode_thumbnail(read_picture(path, record.media_type, _stored_side(side_px)))
        self._cache.put(record.sha256, _stored_side(side_px), data)
        return decode_picture(data, side_px)

    def _on_task_succeeded(self, record: ImageRecord, side_px: int, made: _Made) -> None:
        if made.image is not None:
            self._keep((record.sha256, side_px), QPixmap.fromImage(made.image))
        elif made.problem:
            self._problems[record.sha256] = made.problem
        self.changed.emit(record.sha256)

    def _on_task_finished(self, record: ImageRecord, side_px: int) -> None:
        self._under_way.discard((record.sha256, side_px))
        self._start_next()

    def _keep(self, key: Key, pixmap: QPixmap) -> None:
        self._pixmaps[key] = pixmap
        self._sides_in_use.add(key[1])
        self._used_bytes += _size_bytes(pixmap)
        while self._used_bytes > self._budget_bytes and len(self._pixmaps) > 1:
            _, dropped = self._pixmaps.popitem(last=False)
            self._used_bytes -= _size_bytes(dropped)


def _stored_side(side_px: int) -> int:
    fitting = [side for side in _STORED_SIDES_PX if side >= side_px]
    return fitting[0] if fitting else _STORED_SIDES_PX[-1]


def _size_bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
