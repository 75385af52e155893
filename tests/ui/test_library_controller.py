"""The gallery of the window over a real library and a real queue."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.jobs import JobState
from algovera_desktop.domain.servers import ServerState
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.ui.gallery_controller import GalleryController
from algovera_desktop.ui.history import History
from algovera_desktop.ui.library_controller import LibraryController
from algovera_desktop.ui.models.gallery_jobs import MAX_IN_LINE
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.algovera_server import TRIAL, running_server
from support.job_stage import HURRIED, STUDIO, JobStage, job_stage, request


class Room:
    """The gallery, as it is first; ``build_around`` makes the rest."""

    def __init__(self, stage: JobStage, cache: ThumbnailCache, themes, window: QWidget) -> None:
        self.stage = stage
        self._themes, self._window = themes, window
        self.bar = MessageBar(themes, window)
        self.history = History(stage.tasks, self.bar, window)
        bar, settings, tasks = self.bar, stage.settings, stage.tasks
        self.shown = GalleryController(
            stage.database, stage.files, cache, tasks, themes, bar, settings, window
        )
        for _turn in self.shown.build():
            pass
        self.model = self.shown.model

    def build_around(self) -> None:
        stage = self.stage
        self.pictures = LibraryController(
            self.shown,
            stage.database,
            stage.library,
            stage.files,
            stage.tasks,
            self._themes,
            self.bar,
            stage.settings,
            self.history,
            self._window,
        )
        for _turn in self.pictures.build():
            pass
        self.pictures.follow(stage.jobs)

    def words(self) -> list[str]:
        rows = range(self.model.rowCount())
        return [self.model.data(self.model.index(row)) for row in rows]


@pytest.fixture
def early_room(qtbot, themes, tmp_path) -> Iterator[Room]:
    window = QWidget()
    qtbot.addWidget(window)
    cache = ThumbnailCache(tmp_path / "thumbnails.sqlite3")
    with job_stage(tmp_path, patience=HURRIED) as stage:
        room = Room(stage, cache, themes, window)
        qtbot.addWidget(room.shown.pictures)
        room.shown.pictures.resize(800, 600)
        room.shown.pictures.show()
        yield room
    cache.close()


@pytest.fixture
def room(qtbot, early_room) -> Room:
    early_room.build_around()
    qtbot.addWidget(early_room.pictures.inspector)
    with qtbot.waitSignal(early_room.model.page_loaded):
        early_room.pictures.load()
    return early_room


def test_what_is_selected_before_the_inspector_is_there_is_shown_in_it(qtbot, early_room):
    room = early_room
    room.model.add_jobs(room.stage.queue.add(STUDIO, [request("paint a", 1)]))
    with qtbot.waitSignal(room.shown.gallery.selection_changed):
        room.shown.gallery.select_row(0)
    room.build_around()
    qtbot.addWidget(room.pictures.inspector)
    assert room.pictures.inspector.prompt.text() == "paint a"


def test_what_holds_a_server_stands_on_its_tiles_until_it_answers(qtbot, room, tmp_path):
    room.stage.submit("paint a", "paint b", server_id=STUDIO)
    qtbot.waitUntil(
        lambda: room.stage.monitor.status(STUDIO).state is ServerState.UNREACHABLE, timeout=20_000
    )
    qtbot.waitUntil(
        lambda: room.words() == [f"On hold, No connection: paint {one}" for one in "ab"],
        timeout=20_000,
    )
    with running_server(tmp_path / "server", *TRIAL) as server:
        room.stage.serve_at(server.address)
        room.stage.monitor.ask_again(STUDIO)
        qtbot.waitUntil(
            lambda: room.words() == [f"Picture, 128 × 128: paint {one}" for one in "ab"],
            timeout=20_000,
        )


def test_a_deleted_picture_is_back_in_its_place_after_undo(qtbot, room, tmp_path):
    with running_server(tmp_path / "server", *TRIAL) as server:
        room.stage.serve_at(server.address)
        room.stage.submit("paint a", "paint b", "paint c")
        qtbot.waitUntil(lambda: len(room.stage.completed) == 3, timeout=20_000)
    before = room.words()
    gallery = room.pictures.gallery
    gallery.setCurrentIndex(room.model.index(1))
    QTest.keyClick(gallery, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: room.words() == [before[0], before[2]])
    room.history.undo()
    qtbot.waitUntil(lambda: room.words() == before)


def test_a_long_line_that_comes_in_leaves_the_gallery_where_it_was_scrolled_to(qtbot, room):
    room.stage.jobs.set_paused(True)
    first = room.stage.queue.add(STUDIO, [request(f"paint {n}", n) for n in range(MAX_IN_LINE)])
    room.stage.jobs.take(first)
    scroll = room.pictures.gallery.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() > 100)
    scroll.setValue(100)
    more = room.stage.queue.add(STUDIO, [request(f"later {n}", n) for n in range(1200)])
    room.stage.jobs.take(more)
    qtbot.waitUntil(lambda: len(room.stage.jobs.jobs) == MAX_IN_LINE + 1200)
    assert scroll.value() == 100
    assert room.model.rowCount() == MAX_IN_LINE
    claimed = room.stage.queue.claim(STUDIO)
    assert claimed is not None
    room.stage.jobs.take([claimed])
    assert room.model.tile(0).job.state is JobState.SUBMITTING
