from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from algovera_desktop.domain.jobs import JobProgress, JobState
from algovera_desktop.library.curation import Curation
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.picture_decoder import OVERVIEW_SIDE_PX, PictureDecoder
from algovera_desktop.ui.widgets.gallery_pane import GalleryPane
from algovera_desktop.ui.widgets.gallery_view import GalleryView
from algovera_desktop.ui.widgets.large_view import LargeView
from support.picture_world import PictureWorld, make_job, picture_world, png

COLOURS = [(200, 20, 20), (20, 200, 20), (20, 20, 200)]


@dataclass
class Room:
    world: PictureWorld
    model: GalleryModel
    commands: PictureCommands
    decoder: PictureDecoder
    pane: GalleryPane

    @property
    def large(self) -> LargeView:
        return self.pane.large

    def press(self, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.large, key, modifiers)

    def middle_colour(self) -> QColor:
        image = self.large.canvas.grab().toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2)


@pytest.fixture
def room(qtbot, tmp_path, themes) -> Iterator[Room]:
    """Three pictures; the newest, in row 0, is blue, then green, then red."""
    with picture_world(tmp_path) as world:
        for number, colour in enumerate(COLOURS):
            world.add_picture(number, png(colour))
        model = GalleryModel(world.search, world.tasks)
        commands = PictureCommands(themes)
        decoder = PictureDecoder(world.files, world.tasks)
        gallery = GalleryView(model, world.thumbnails, world.files, commands, themes)
        large = LargeView(model, world.thumbnails, decoder, commands, themes)
        pane = GalleryPane(gallery)
        pane.add_large(large)
        qtbot.addWidget(pane)
        pane.resize(600, 440)
        pane.show()
        with qtbot.waitSignal(model.page_loaded):
            model.load()
        yield Room(world, model, commands, decoder, pane)


def wait_decoded(qtbot, room: Room, row: int) -> None:
    qtbot.waitUntil(lambda: room.decoder.picture(room.model.tile(row)) is not None)


def test_space_opens_the_picture_and_escape_brings_the_gallery_back(qtbot, room):
    room.pane.gallery.select_row(1)
    QTest.keyClick(room.pane.gallery, Qt.Key.Key_Space)
    assert room.pane.currentWidget() is room.large
    wait_decoded(qtbot, room, 1)
    assert room.middle_colour() == QColor(*COLOURS[1])
    room.press(Qt.Key.Key_Escape)
    assert room.pane.currentWidget() is room.pane.gallery


def test_arrows_walk_along_and_the_gallery_follows(room):
    room.pane.open_row(0)
    room.press(Qt.Key.Key_Right)
    room.press(Qt.Key.Key_Right)
    room.press(Qt.Key.Key_Right)
    assert room.pane.gallery.currentIndex().row() == 2
    room.press(Qt.Key.Key_Left)
    assert room.pane.gallery.selected().only == room.model.tile(1) == room.large.tile()


def test_the_next_picture_is_decoded_before_it_is_asked_for(qtbot, room):
    room.pane.open_row(0)
    wait_decoded(qtbot, room, 1)


def test_the_wheel_zooms_and_the_keys_do(room):
    room.pane.open_row(0)
    zoom = room.large.canvas.zoom
    fitted = zoom.scale
    spin(room.large, 120)
    assert zoom.scale == pytest.approx(fitted * 1.25)
    room.press(Qt.Key.Key_Z)
    assert zoom.is_fitted
    room.press(Qt.Key.Key_Z)
    assert zoom.scale == 1.0
    room.press(Qt.Key.Key_Plus)
    assert zoom.scale == 1.25
    room.press(Qt.Key.Key_Minus)
    assert zoom.scale == 1.0


def spin(large: LargeView, delta: int) -> None:
    middle = QPointF(large.canvas.rect().center())
    no_button, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    where = large.canvas.mapToGlobal(middle)
    event = QWheelEvent(middle, where, QPoint(), QPoint(0, delta), no_button, no_key, phase, False)
    QApplication.sendEvent(large.canvas, event)


def test_arrows_pan_over_a_picture_larger_than_the_view(room):
    room.pane.open_row(0)
    room.large.canvas.zoom.set_scale(32.0)
    before = room.large.canvas.zoom.rect()
    room.press(Qt.Key.Key_Right)
    assert room.large.canvas.zoom.rect().x() == before.x() - 64
    assert room.large.tile() == room.model.tile(0)
    room.press(Qt.Key.Key_PageDown)
    assert room.large.tile() == room.model.tile(1)


def test_dragging_pans(room):
    room.pane.open_row(0)
    canvas = room.large.canvas
    canvas.zoom.set_scale(32.0)
    before = canvas.zoom.rect()
    left, start = Qt.MouseButton.LeftButton, QPoint(300, 200)
    QTest.mousePress(canvas, left, pos=start)
    QTest.mouseMove(canvas, start + QPoint(25, -10))
    QTest.mouseRelease(canvas, left, pos=start + QPoint(25, -10))
    after = canvas.zoom.rect()
    assert (after.x() - before.x(), after.y() - before.y()) == pytest.approx((25, -10))


def test_a_running_job_shows_its_progress_then_its_picture(qtbot, room):
    job = make_job(9, JobState.RUNNING)
    room.model.add_jobs([job])
    room.pane.open_row(0)
    room.model.update_progress(JobProgress(job.id, 0.5, 0))
    assert "50" in room.large.accessibleName()
    record = room.world.add_picture(9, png((90, 90, 10)))
    room.model.complete_job(job.id, record)
    wait_decoded(qtbot, room, 0)
    assert room.middle_colour() == QColor(90, 90, 10)


def test_a_running_job_shows_what_is_painted_so_far_until_it_fails(room):
    job = make_job(9, JobState.RUNNING)
    room.model.add_jobs([job])
    room.pane.open_row(0)
    unfinished = QImage(64, 64, QImage.Format.Format_RGB32)
    unfinished.fill(QColor(20, 160, 90))
    room.model.update_preview(job.id, unfinished)
    assert room.middle_colour() == QColor(20, 160, 90)
    room.model.update_jobs([replace(job, state=JobState.WAITING)])
    assert room.middle_colour() != QColor(20, 160, 90)


def test_a_new_job_does_not_change_what_is_looked_at(room):
    room.pane.open_row(1)
    looked_at = room.large.tile()
    room.model.add_jobs([make_job(9), make_job(10)])
    assert room.large.tile() == looked_at


def test_after_delete_the_next_picture_comes_and_after_the_last_the_gallery(qtbot, room):
    room.commands.trash_requested.connect(room.model.remove_images)
    room.pane.open_row(1)
    following = room.model.tile(2)
    room.press(Qt.Key.Key_Delete)
    assert room.large.tile() == following
    room.press(Qt.Key.Key_Delete)
    room.press(Qt.Key.Key_Delete)
    assert room.model.rowCount() == 0
    assert room.pane.currentWidget() is room.pane.gallery


def test_the_commands_keys_work_here_too(qtbot, room):
    room.pane.open_row(2)
    with qtbot.waitSignal(room.commands.vary_requested) as asked:
        room.press(Qt.Key.Key_V)
    assert asked.args == [room.model.tile(2)]


def test_a_missing_file_is_said_and_nothing_breaks(qtbot, room):
    room.world.files.absolute(room.model.tile(0).path).unlink()
    room.pane.open_row(0)
    wait_decoded(qtbot, room, 0)
    assert not room.large.canvas.shows_picture
    room.press(Qt.Key.Key_Z)
    room.press(Qt.Key.Key_Right)
    assert room.large.canvas.shows_picture


def test_digits_rate_what_is_looked_at_and_leave_it_as_it_is_zoomed(qtbot, room):
    room.pane.open_row(1)
    wait_decoded(qtbot, room, 1)
    room.press(Qt.Key.Key_Z)
    record = room.model.tile(1)
    with qtbot.waitSignal(room.commands.rating_requested) as asked:
        room.press(Qt.Key.Key_4)
    assert [list(asked.args[0]), asked.args[1]] == [[record.id], 4]
    Curation(room.world.database).set_rating([record.id], 4)
    room.model.images_changed([record.id])
    qtbot.waitUntil(lambda: room.large.tile().rating == 4)
    assert "4 of 5 stars" in room.large.accessibleName()
    assert room.large.canvas.zoom.scale == 1.0
    assert room.middle_colour().alpha() == 255


def test_a_row_far_away_is_shown_once_it_has_been_read(qtbot, room):
    room.world.add_records(600, first=100)
    with qtbot.waitSignal(room.model.count_known):
        room.model.load()
    room.pane.open_row(500)
    assert room.large.tile() is None
    assert room.large.accessibleName() == "Loading…"
    qtbot.waitUntil(lambda: room.large.tile() is not None)
    assert room.large.accessibleName().startswith("Picture, 64 × 48")
    qtbot.waitUntil(lambda: room.model.tile(501) is not None)
    room.press(Qt.Key.Key_Right)
    assert room.large.tile() == room.model.tile(501)


def test_a_very_large_picture_has_an_overview(qtbot, room):
    record = room.world.add_picture(9, png((10, 90, 90), (6000, 200)))
    room.model.insert_images([record])
    room.pane.open_row(0)
    wait_decoded(qtbot, room, 0)
    decoded = room.decoder.picture(record)
    assert decoded.overview.width() == OVERVIEW_SIDE_PX
    assert decoded.full.width() == 6000
    assert room.middle_colour().green() == pytest.approx(90, abs=2)


def test_another_query_closes_the_view(qtbot, room):
    room.pane.open_row(0)
    with qtbot.waitSignal(room.model.page_loaded):
        room.model.load()
    assert room.pane.currentWidget() is room.pane.gallery
