from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobState
from algovera_desktop.library.curation import Curation
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import selection_of
from algovera_desktop.ui.models.side_drag import dragged_ids
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.widgets import gallery_view
from algovera_desktop.ui.widgets.gallery_drag import drag_data
from algovera_desktop.ui.widgets.gallery_view import TILE_SIDES_PX, GalleryView
from algovera_desktop.ui.widgets.tile_marks import marks_of
from support.picture_world import PictureWorld, make_job, picture_world

COMMANDS = (
    "reuse",
    "vary",
    "copy",
    "copy_prompt",
    "save_as",
    "show_in_folder",
    "trash",
    "restore",
    "cancel_jobs",
    "retry_jobs",
    "edit_job",
)
FAILURE = JobFailure(FailureKind.PAYMENT, "402")


@dataclass
class Gallery:
    world: PictureWorld
    model: GalleryModel
    view: GalleryView
    asked: list[tuple[str, object]]

    def note(self, name: str, payload: object) -> None:
        is_many = isinstance(payload, array)
        self.asked.append((name, tuple(payload) if is_many else payload))

    def select(self, *rows: int) -> None:
        self.view.clearSelection()
        for row in rows:
            index = self.model.index(row)
            flag = self.view.selectionModel().SelectionFlag.Select
            self.view.selectionModel().setCurrentIndex(index, flag)

    def click(self, row: int, where: str) -> None:
        """Click in a tile: its middle, its close button or its retry button."""
        cell = self.view.visualRect(self.model.index(row))
        face = self.view.itemDelegate().face(cell, self.model.tile(row))
        points = {
            "middle": face.center() - QPoint(0, face.height() // 4),
            "close": face.topRight() + QPoint(-12, 12),
            "retry": QPoint(face.center().x(), face.bottom() - 20),
        }
        left = Qt.MouseButton.LeftButton
        QTest.mouseClick(self.view.viewport(), left, pos=points[where])


@pytest.fixture
def gallery(qtbot, tmp_path, themes) -> Iterator[Gallery]:
    with picture_world(tmp_path) as world:
        world.add_records(5)
        model = GalleryModel(world.search, world.tasks)
        commands = PictureCommands(themes)
        view = GalleryView(model, world.thumbnails, world.files, commands, themes)
        qtbot.addWidget(view)
        view.resize(700, 500)
        view.show()
        view.setFocus()
        with qtbot.waitSignal(model.page_loaded):
            model.load()
        gallery = Gallery(world, model, view, [])
        for name in COMMANDS:
            getattr(commands, f"{name}_requested").connect(partial(gallery.note, name))
        yield gallery


@pytest.mark.parametrize(
    ("key", "modifiers", "command"),
    [
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, "reuse"),
        (Qt.Key.Key_V, Qt.KeyboardModifier.NoModifier, "vary"),
        (Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier, "copy"),
        (Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier, "save_as"),
    ],
)
def test_a_key_asks_for_something_of_the_selected_picture(gallery, key, modifiers, command):
    gallery.select(1)
    QTest.keyClick(gallery.view, key, modifiers)
    assert gallery.asked == [(command, gallery.model.tile(1))]


def test_keys_meant_for_one_picture_do_nothing_to_several(gallery):
    gallery.select(1, 2)
    QTest.keyClick(gallery.view, Qt.Key.Key_V)
    assert gallery.asked == []


def test_delete_takes_all_selected_pictures_and_cancels_selected_jobs(gallery):
    gallery.model.add_jobs([make_job(50, JobState.RUNNING)])
    gallery.select(0, 1, 3)
    QTest.keyClick(gallery.view, Qt.Key.Key_Delete)
    ids = (gallery.model.tile(1).id, gallery.model.tile(3).id)
    assert gallery.asked == [("trash", ids), ("cancel_jobs", (make_job(50).id,))]


def test_delete_dismisses_a_job_that_failed(gallery):
    gallery.model.add_jobs([make_job(50, JobState.FAILED, failure=FAILURE)])
    gallery.select(0)
    QTest.keyClick(gallery.view, Qt.Key.Key_Delete)
    assert gallery.asked == [("cancel_jobs", (make_job(50).id,))]


def test_many_jobs_are_cancelled_or_retried_at_once(gallery):
    gallery.model.add_jobs([make_job(50), make_job(51, JobState.FAILED, failure=FAILURE)])
    gallery.select(0, 1)
    failed, waiting = (gallery.model.tile(row).job.id for row in (0, 1))
    QTest.keyClick(gallery.view, Qt.Key.Key_Delete)
    QTest.keyClick(gallery.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert gallery.asked == [("cancel_jobs", (failed, waiting)), ("retry_jobs", (failed,))]


def test_what_may_have_been_charged_is_sent_again_by_key_only_by_itself(gallery):
    unknown, failed = make_job(50, JobState.UNKNOWN), make_job(51, JobState.FAILED, failure=FAILURE)
    gallery.model.add_jobs([unknown, failed])
    for rows in ([0, 1], [1]):
        gallery.select(*rows)
        QTest.keyClick(gallery.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert gallery.asked == [("retry_jobs", (failed.id,)), ("retry_jobs", (unknown.id,))]


def test_one_job_in_line_can_be_changed_by_key(gallery):
    gallery.model.add_jobs([make_job(50), make_job(51, JobState.RUNNING)])
    for rows in ([0], [0, 1], [1]):
        gallery.select(*rows)
        QTest.keyClick(gallery.view, Qt.Key.Key_E)
    assert gallery.asked == [("edit_job", make_job(50).id)]


def test_what_lies_in_the_trash_can_be_restored_and_not_deleted_again(qtbot, gallery):
    gallery.world.library.trash([2, 4])
    with qtbot.waitSignal(gallery.model.page_loaded):
        gallery.model.set_query(LibraryQuery(trashed=True))
    gallery.select(0, 1)
    QTest.keyClick(gallery.view, Qt.Key.Key_Delete)
    assert gallery.asked == []
    QTest.keyClick(gallery.view, Qt.Key.Key_U)
    assert gallery.asked == [("restore", (4, 2))]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_picture_is_opened_by_key(qtbot, gallery, key):
    gallery.select(3)
    with qtbot.waitSignal(gallery.view.open_requested) as opened:
        QTest.keyClick(gallery.view, key)
    assert opened.args == [3]


def test_a_picture_is_opened_by_double_click(qtbot, gallery):
    middle = gallery.view.visualRect(gallery.model.index(2)).center()
    left = Qt.MouseButton.LeftButton
    with qtbot.waitSignal(gallery.view.open_requested) as opened:
        QTest.mouseClick(gallery.view.viewport(), left, pos=middle)
        QTest.mouseDClick(gallery.view.viewport(), left, pos=middle)
    assert opened.args == [2]


def test_arrows_walk_over_the_tiles(gallery):
    gallery.select(0)
    QTest.keyClick(gallery.view, Qt.Key.Key_Right)
    assert gallery.view.currentIndex().row() == 1
    QTest.keyClick(gallery.view, Qt.Key.Key_Down)
    assert gallery.view.currentIndex().row() == 4


@pytest.mark.parametrize(
    ("state", "where", "command"),
    [
        (JobState.RUNNING, "close", "cancel_jobs"),
        (JobState.WAITING, "close", "cancel_jobs"),
        (JobState.FAILED, "close", "cancel_jobs"),
        (JobState.FAILED, "retry", "retry_jobs"),
        (JobState.UNKNOWN, "retry", "retry_jobs"),
        (JobState.UNKNOWN, "close", "cancel_jobs"),
    ],
)
def test_a_jobs_tile_has_buttons(gallery, state, where, command):
    gallery.model.add_jobs([make_job(50, state, failure=FAILURE)])
    gallery.click(0, where)
    assert gallery.asked == [(command, (make_job(50).id,))]


def test_a_button_pressed_on_one_job_does_nothing_to_the_one_that_takes_its_place(gallery):
    gallery.model.add_jobs([make_job(50, JobState.RUNNING)])
    cell = gallery.view.visualRect(gallery.model.index(0))
    face = gallery.view.itemDelegate().face(cell, gallery.model.tile(0))
    corner, left = face.topRight() + QPoint(-12, 12), Qt.MouseButton.LeftButton
    QTest.mousePress(gallery.view.viewport(), left, pos=corner)
    gallery.model.add_jobs([make_job(51, JobState.RUNNING)])
    QTest.mouseRelease(gallery.view.viewport(), left, pos=corner)
    assert gallery.asked == []


def test_clicking_beside_the_buttons_selects_the_job(qtbot, gallery):
    gallery.model.add_jobs([make_job(50, JobState.FAILED, failure=FAILURE)])
    with qtbot.waitSignal(gallery.view.selection_changed) as told:
        gallery.click(0, "middle")
    assert [tile.job.id for tile in told.args[0].jobs] == [make_job(50).id]
    assert gallery.asked == []


def test_the_selection_is_told_again_when_a_selected_job_becomes_a_picture(qtbot, gallery):
    gallery.model.add_jobs([make_job(50, JobState.FETCHING)])
    with qtbot.waitSignal(gallery.view.selection_changed) as told:
        gallery.select(0)
    assert isinstance(told.args[0].only, JobTile)
    record = gallery.world.add_picture(50)
    with qtbot.waitSignal(gallery.view.selection_changed) as told:
        gallery.model.complete_job(record.job_id, record)
    assert told.args[0].only == record


def test_after_a_picture_is_deleted_the_next_one_is_selected(qtbot, gallery):
    with qtbot.waitSignal(gallery.view.selection_changed):
        gallery.select(1)
    following = gallery.model.tile(2)
    gallery.model.remove_images([gallery.model.tile(1).id])
    qtbot.waitUntil(lambda: gallery.view.selected().only == following)


def test_the_selection_stays_on_its_picture_when_jobs_come(qtbot, gallery):
    gallery.select(1)
    chosen = gallery.model.tile(1)
    gallery.model.add_jobs([make_job(50), make_job(51)])
    assert gallery.view.selected().only == chosen


def test_ctrl_and_wheel_change_the_tiles_size_within_its_four_steps(gallery):
    told: list[object] = []
    gallery.view.tile_size_changed.connect(told.append)
    for delta in (120, 120, 120, 120, -120):
        turn_wheel(gallery.view, delta)
    assert told == [*TILE_SIDES_PX[2:], TILE_SIDES_PX[2]]


def turn_wheel(view: GalleryView, delta: int) -> None:
    middle = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        middle,
        view.viewport().mapToGlobal(middle),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


@pytest.mark.parametrize(("asked_px", "side_px"), [(1, 128), (200, 192), (300, 256), (9999, 384)])
def test_any_size_that_was_remembered_becomes_one_of_the_four(gallery, asked_px, side_px):
    gallery.view.set_tile_size(asked_px)
    assert gallery.view.tile_px == side_px


def test_only_what_can_be_seen_counts_as_visible(qtbot, gallery):
    gallery.model.add_jobs(
        [make_job(100 + number, JobState.RUNNING, group=1) for number in range(60)]
    )
    QApplication.processEvents()
    seen = gallery.view.visible_rows()
    viewport = gallery.view.viewport().rect()
    rects = [gallery.view.visualRect(gallery.model.index(row)) for row in range(65)]
    really = [row for row, rect in enumerate(rects) if rect.intersects(viewport)]
    assert [row for row in seen if row in really] == really
    assert len(seen) <= len(really) + 3


def test_a_jump_to_the_last_row_shows_what_is_there(qtbot, gallery):
    gallery.world.add_records(400, first=1000)
    with qtbot.waitSignal(gallery.model.count_known):
        gallery.model.load()
    QApplication.processEvents()
    gallery.view.verticalScrollBar().setValue(gallery.view.verticalScrollBar().maximum())
    assert gallery.model.tile(390) is None
    gallery.view.viewport().repaint()
    qtbot.waitUntil(lambda: gallery.model.tile(390) is not None)
    assert gallery.model.tile(250) is None


def test_pictures_that_are_seen_get_their_thumbnails(qtbot, gallery):
    record = gallery.world.add_picture(4000)
    gallery.model.insert_images([record])
    ratio = gallery.view.devicePixelRatioF()
    side = round(gallery.view.tile_px * ratio)
    qtbot.waitUntil(lambda: gallery.world.thumbnails.pixmap(record, side) is not None)
    cell = gallery.view.visualRect(gallery.model.index(0))
    shown = gallery.view.grab().toImage().pixelColor(cell.center())
    assert (shown.red(), shown.blue()) == (
        pytest.approx(4000 % 256, abs=4),
        pytest.approx(90, abs=4),
    )


def test_a_tile_tells_eyes_and_ears_what_was_made_of_its_picture(qtbot, gallery):
    record = gallery.world.add_picture(4000)
    gallery.model.insert_images([record])
    side = round(gallery.view.tile_px * gallery.view.devicePixelRatioF())
    qtbot.waitUntil(lambda: gallery.world.thumbnails.pixmap(record, side) is not None)
    plain = gallery.view.grab().toImage()
    curation = Curation(gallery.world.database)
    curation.set_favourite([record.id], True)
    curation.set_rating([record.id], 3)
    gallery.model.images_changed([record.id])
    qtbot.waitUntil(lambda: gallery.model.tile(0).rating == 3)
    spoken = gallery.model.data(gallery.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Picture, 64 × 48, favourite, 3 of 5 stars: ")
    assert gallery.view.grab().toImage() != plain
    missing = replace(gallery.model.tile(0), missing_since=record.created_at)
    assert [mark.icon_name for mark in marks_of(missing)] == ["image-off", "heart", "star"]
    assert marks_of(record) == []


def test_an_empty_gallery_says_so_to_eyes_and_ears(qtbot, gallery):
    gallery.model.remove_images(range(1, 6))
    gallery.view.viewport().repaint()
    qtbot.waitUntil(lambda: "Ctrl+Enter" in gallery.view.accessibleDescription())
    with qtbot.waitSignal(gallery.model.page_loaded):
        gallery.model.set_query(LibraryQuery(trashed=True))
    qtbot.waitUntil(lambda: "trash is empty" in gallery.view.accessibleDescription())


def test_a_drag_takes_the_ids_of_all_pictures_and_the_files_of_some(qtbot, gallery, monkeypatch):
    monkeypatch.setattr(gallery_view, "MAX_FILES", 2)
    dragged: list[QMimeData] = []
    monkeypatch.setattr(
        gallery_view, "start_drag", lambda _view, data, _pixmap: dragged.append(data)
    )
    gallery.model.add_jobs([make_job(50)])
    gallery.select(0, 1, 2, 4)
    gallery.view.startDrag(Qt.DropAction.CopyAction)
    qtbot.waitUntil(lambda: bool(dragged))
    records = [gallery.model.tile(row) for row in (1, 2, 4)]
    paths = [url.toLocalFile() for url in dragged[0].urls()]
    assert paths == [str(gallery.world.files.absolute(one.path)) for one in records[:2]]
    assert dragged_ids(dragged[0]) == [record.id for record in records]


def drop(view: GalleryView, ids: list[int], at: QPoint) -> bool:
    """Let pictures of this gallery go somewhere; whether they are taken."""
    data = drag_data(ids, [], None)
    actions, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    modifiers = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, actions, data, left, modifiers)
    enter.ignore()
    view.dragEnterEvent(enter)
    view.grab()
    view.dropEvent(QDropEvent(QPointF(at), actions, data, left, modifiers))
    return enter.isAccepted()


def test_pictures_are_put_into_another_order_in_an_album_alone(qtbot, gallery, monkeypatch):
    curation = Curation(gallery.world.database)
    curation.make_album("Foxes")
    (album,) = curation.albums()
    curation.add_to_album(album.id, [1, 2, 3, 4, 5])
    monkeypatch.setattr(QDropEvent, "source", lambda _event: gallery.view)
    moves: list[object] = []
    gallery.view.move_requested.connect(lambda *move: moves.append(move))
    start = gallery.view.cell_rect(1).center() - QPoint(20, 0)
    assert not drop(gallery.view, [5], start)
    with qtbot.waitSignal(gallery.model.page_loaded):
        gallery.model.set_query(LibraryQuery(album_id=album.id, sort=SortOrder.ALBUM))
    assert drop(gallery.view, [5], start)
    assert drop(gallery.view, [2, 3], start)
    assert drop(gallery.view, [1], gallery.view.cell_rect(4).center() + QPoint(20, 0))
    assert moves == [([5], 2), ([2, 3], 4), ([1], None)]
    curation.move_in_album(album.id, [5], 2)
    gallery.model.images_changed([5])
    qtbot.waitUntil(lambda: [gallery.model.id_of(row) for row in range(5)] == [1, 5, 2, 3, 4])


def test_the_menu_offers_what_fits_the_selection(gallery):
    commands = gallery.view._commands
    picture, job = gallery.model.tile(0), JobTile(make_job(9, JobState.UNKNOWN))
    selections = selection_of([picture]), selection_of([job])
    words = [[one.text for one in commands.commands_for(each)] for each in selections]
    assert words == [
        ["Reuse", "Vary", "Copy picture", "Copy prompt", "Save as…", "Show in folder", "Delete"],
        ["Send again", "Dismiss"],
    ]


def test_the_menu_key_acts_on_the_tile_that_has_the_cursor(qtbot, gallery):
    gallery.view.selectionModel().setCurrentIndex(
        gallery.model.index(2), QItemSelectionModel.SelectionFlag.NoUpdate
    )
    at = QPoint(1, 1)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, at, at, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(gallery.view, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == "Vary").trigger()
    assert gallery.asked == [("vary", gallery.model.tile(2))]
    menu.close()


@pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Up])
def test_a_key_that_cannot_move_the_cursor_selects_the_tile_that_it_is_on(gallery, key):
    gallery.view.selectionModel().setCurrentIndex(
        gallery.model.index(0), QItemSelectionModel.SelectionFlag.NoUpdate
    )
    assert not gallery.view.selected()
    QTest.keyClick(gallery.view, key)
    assert gallery.view.selected().only == gallery.model.tile(0)


@pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Right])
def test_in_an_empty_gallery_no_key_selects_anything(qtbot, gallery, key):
    gallery.model.set_query(LibraryQuery("no such picture"))
    qtbot.waitUntil(lambda: gallery.model.rowCount() == 0)
    QTest.keyClick(gallery.view, key)
    assert not gallery.view.selected()
    assert not gallery.view.currentIndex().isValid()
