"""The real program over a library, looked at by a script in its own process: one JSON line.

python driven_gallery.py DATA_DIR open     until the first screenful is painted, then until counted
python driven_gallery.py DATA_DIR scroll   from end to end, a frame at a time, and by jumps
python driven_gallery.py DATA_DIR resize   the window, again and again
python driven_gallery.py DATA_DIR insert   one new picture, again and again
python driven_gallery.py DATA_DIR trash    a thousand pictures from all over, once
python driven_gallery.py DATA_DIR search   what people type, each key until what it finds is painted

``longest_ms`` is the longest time between two firings of a 5 ms timer on the UI thread, and
``work_ms`` the most processor time that this thread took between two; ``peak_mb`` is the largest
resident memory. With a number of milliseconds in ALGOVERA_STALLS, what the thread did in each
longer gap is told on standard error.
"""

from driven_program import STARTED_AT, Program  # isort: skip

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from bare_pipeline import request
from driven_queue import longest_gap
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from typed_searches import TYPED

from algovera_desktop.domain.images import ImageRecord, NewImage
from algovera_desktop.library.database import Database
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.library.store import Library
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.widgets.gallery_delegate import side_px
from algovera_desktop.ui.widgets.gallery_view import GalleryView

FRAMES = 300
JUMPS = 9
RESIZES = 20
INSERTS = 20
TRASHED = 1000
BETWEEN_KEYS_S = 0.12
"""A quick typist's."""
_SIZES = ((1400, 900), (1100, 760))


class Desk(QObject):
    """The program, and its gallery once there is one."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.program = Program(data)
        self.figures: dict[str, float] = {}
        self.paints = 0
        self.answered_at = self.painted_at = self.painted_answer_of = 0.0

    def wait_until_open(self) -> None:
        """Until the library is being shown; the window is not whole by then."""
        application = self.program.application
        self.program.wait_for(lambda: application.gallery is not None)
        shown = application.gallery
        assert shown is not None
        self.view: GalleryView = shown.gallery
        self.model: GalleryModel = shown.model
        self.commands = shown.commands
        self.line = shown.search.field.edit
        self.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.paints += 1
            # After this paint, when the screen has it.
            QTimer.singleShot(0, self._note_paint)
        return super().eventFilter(watched, event)

    def note_answer(self) -> None:
        """The first records of a query have just come."""
        self.answered_at = time.perf_counter()

    def _note_paint(self) -> None:
        rows = map(self.model.tile, self.view.visible_rows())
        if self.painted_answer_of < self.answered_at and None not in rows:
            self.painted_answer_of, self.painted_at = self.answered_at, time.perf_counter()

    def wait_until_seen(self) -> None:
        """Until all that can be seen is there, thumbnails too, and has been painted."""
        self.program.wait_for(lambda: not self.model.is_loading and self.is_whole())
        painted = self.paints
        self.view.viewport().update()
        self.program.wait_for(lambda: self.paints > painted)

    def is_whole(self) -> bool:
        """Whether each row in sight shows its picture, or why there is none."""
        thumbnails, side = self.view._thumbnails, side_px(self.view.tile_px, 1.0)
        tiles = [self.model.tile(row) for row in self.view.visible_rows()]
        records = [tile for tile in tiles if isinstance(tile, ImageRecord)]
        return len(records) == len(tiles) and all(
            thumbnails.pixmap(one, side) or thumbnails.problem(one) for one in records
        )

    def wait_until_counted(self) -> int:
        self.program.wait_for(lambda: self.model.count is not None)
        return self.model.count or 0

    def close(self) -> dict[str, float]:
        self.figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.program.close()
        return self.figures


def open_(desk: Desk) -> None:
    """As on every morning, from what stands in the window before the library does."""
    desk.program.wait_for(lambda: desk.program.application.shell is not None)
    with longest_gap(desk.figures):
        desk.wait_until_open()
        desk.wait_until_seen()
        desk.figures["painted_ms"] = _since_ms(STARTED_AT)
        desk.wait_until_counted()
        desk.figures["counted_ms"] = _since_ms(STARTED_AT)
        desk.program.wait_until_open()
        _let_pass(desk, 1.0)


def scroll(desk: Desk) -> None:
    """A frame for each third of a screen at several places, then jumps to where all is new."""
    desk.wait_until_seen()
    desk.wait_until_counted()
    bar, viewport = desk.view.verticalScrollBar(), desk.view.viewport()
    frames: list[float] = []
    jumps: list[float] = []
    with longest_gap(desk.figures):
        for frame in range(FRAMES):
            start = bar.maximum() * (frame * 10 // FRAMES) // 10
            bar.setValue(start + frame % (FRAMES // 10) * viewport.height() // 3)
            began = time.perf_counter()
            viewport.repaint()
            frames.append(_since_ms(began))
            QCoreApplication.processEvents()
        for jump in range(1, JUMPS + 1):
            began = time.perf_counter()
            desk.view.scrollTo(desk.model.index(desk.model.rowCount() * jump // (JUMPS + 1)))
            desk.wait_until_seen()
            jumps.append(_since_ms(began))
    desk.figures["frame_p99_ms"] = quantiles(frames, n=100)[98]
    desk.figures["frame_ms"] = median(frames)
    desk.figures["jump_ms"] = median(jumps)
    desk.figures["worst_jump_ms"] = max(jumps)


def resize(desk: Desk) -> None:
    """Until the window has been laid out and painted anew."""
    desk.wait_until_seen()
    desk.wait_until_counted()
    window, times = desk.program.application.window, list[float]()
    for number in range(RESIZES):
        painted = desk.paints
        began = time.perf_counter()
        window.resize(*_SIZES[number % 2])
        desk.program.wait_for(lambda painted=painted: desk.paints > painted)
        times.append(_since_ms(began))
        _let_pass(desk, 0.1)
    desk.figures["resize_ms"] = median(times)
    desk.figures["worst_resize_ms"] = max(times)


def insert(desk: Desk) -> None:
    """A picture that comes in at the front, until it is painted."""
    desk.wait_until_seen()
    desk.wait_until_counted()
    database = desk.program.application.workspace._backend.collection.database
    library, calls, shown = Library(database), list[float](), list[float]()
    for number in range(INSERTS):
        record = _add(database, library, number)
        began = time.perf_counter()
        desk.model.insert_images([record])
        calls.append(_since_ms(began))
        QCoreApplication.sendPostedEvents()
        desk.view.viewport().repaint()
        shown.append(_since_ms(began))
        _let_pass(desk, 0.05)
    desk.figures["insert_ms"] = median(calls)
    desk.figures["insert_painted_ms"] = median(shown)


def trash(desk: Desk) -> None:
    """As many as there are up to a thousand, from all over, until they are gone from sight."""
    desk.wait_until_seen()
    count = desk.wait_until_counted()
    step = max(count // TRASHED, 1)
    ids = [desk.model.selection([(row, row)]).image_ids[0] for row in range(0, count, step)]
    ids = ids[:TRASHED]
    with longest_gap(desk.figures):
        _let_pass(desk, 0.2)
        began = time.perf_counter()
        desk.commands.trash_requested.emit(tuple(ids))
        desk.program.wait_for(lambda: desk.model.rowCount() <= count - len(ids))
        desk.view.viewport().repaint()
        desk.figures["trash_ms"] = _since_ms(began)
        _let_pass(desk, 0.5)


def search(desk: Desk) -> None:
    """Each key from the moment it is pressed; those that ask for nothing else, as a blank or what
    leaves a text that cannot be read, change nothing in the gallery and are not counted."""
    desk.wait_until_seen()
    desk.wait_until_counted()
    painted, whole = list[float](), list[float]()
    desk.model.page_loaded.connect(desk.note_answer)
    desk.line.setFocus()
    with longest_gap(desk.figures):
        for typed in TYPED:
            for letter in typed:
                pressed = time.perf_counter()
                _press(desk, letter)
                if not letter.isspace() and _can_be_read(desk.line.text()):
                    desk.program.wait_for(lambda at=pressed: desk.painted_answer_of > at)
                    painted.append((desk.painted_at - pressed) * 1000)
                    desk.program.wait_for(lambda: not desk.model.is_loading and desk.is_whole())
                    whole.append(_since_ms(pressed))
                _let_pass(desk, max(0.0, pressed + BETWEEN_KEYS_S - time.perf_counter()))
            desk.line.selectAll()
            _press(desk, "")
            desk.wait_until_seen()
    for name, times in (("painted", painted), ("whole", whole)):
        desk.figures[f"{name}_p95_ms"] = quantiles(times, n=20)[-1]
        desk.figures[f"{name}_ms"] = median(times)
        desk.figures[f"{name}_worst_ms"] = max(times)


def _press(desk: Desk, letter: str) -> None:
    """A key that types a letter; without one, Backspace."""
    key = Qt.Key(0) if letter else Qt.Key.Key_Backspace
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter)
        QCoreApplication.sendEvent(desk.line, event)


def _can_be_read(text: str) -> bool:
    try:
        parse(text)
    except QuerySyntaxError:
        return False
    return True


def _add(database: Database, library: Library, number: int) -> ImageRecord:
    new = NewImage(
        path=f"new/{time.time_ns()}.png",
        sha256=f"{number:064x}",
        size_bytes=1,
        media_type="image/png",
        width=512,
        height=512,
        created_at=datetime.now(UTC),
        server_name="",
        model_title="",
        job_id="",
        request=request(number),
    )
    return database.write(lambda connection: library.add_in(connection, new))


def _let_pass(desk: Desk, seconds: float) -> None:
    until = time.perf_counter() + seconds
    desk.program.wait_for(lambda: time.perf_counter() > until)


def _since_ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    measured: dict[str, Callable[[Desk], None]] = {
        "open": open_,
        "scroll": scroll,
        "resize": resize,
        "insert": insert,
        "trash": trash,
        "search": search,
    }
    desk = Desk(Path(sys.argv[1]))
    if sys.argv[2] != "open":
        desk.program.wait_until_open()
        desk.wait_until_open()
    measured[sys.argv[2]](desk)
    print(json.dumps(desk.close()), flush=True)
