from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.widgets.swipe_view import SwipeView
from support.picture_world import picture_world, png

RED, BLUE = (200, 20, 20), (20, 20, 200)


@dataclass
class Stage:
    view: SwipeView
    records: list[ImageRecord]

    def colour_at(self, share: float) -> QColor:
        image = self.view.canvas.grab().toImage()
        # Above the knob, which lies in the middle.
        return image.pixelColor(round(image.width() * share), image.height() // 4)

    def press(self, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view, key, modifiers)


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[Stage]:
    with picture_world(tmp_path) as world:
        records = [
            world.add_picture(0, png(RED, (400, 300))),
            world.add_picture(1, png(BLUE, (800, 600))),
        ]
        decoder = PictureDecoder(world.files, world.tasks)
        view = SwipeView(world.thumbnails, decoder, themes)
        qtbot.addWidget(view)
        view.resize(600, 480)
        view.show()
        view.show_records(records)
        qtbot.waitUntil(lambda: all(decoder.picture(record) for record in records))
        yield Stage(view, records)


def test_one_is_left_of_the_line_and_the_other_right(stage):
    assert stage.colour_at(0.3) == QColor(*RED)
    assert stage.colour_at(0.7) == QColor(*BLUE)


def test_the_line_is_dragged(stage):
    canvas = stage.view.canvas
    middle = QPoint(canvas.width() // 2, 40)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(canvas, QPoint(canvas.width() * 9 // 10, 40))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(10, 40))
    assert stage.colour_at(0.7) == QColor(*RED)
    assert stage.view.slider.value() == pytest.approx(900, abs=5)


def test_arrows_move_the_line(stage):
    for _ in range(15):
        stage.press(Qt.Key.Key_Left)
    assert stage.colour_at(0.3) == QColor(*BLUE)
    stage.press(Qt.Key.Key_Right)
    assert stage.view.slider.value() == 220


def test_the_slider_moves_the_line_for_who_cannot_see_it(stage):
    assert stage.view.slider.accessibleName()
    stage.view.slider.setValue(1000)
    assert stage.colour_at(0.9) == QColor(*RED)


def test_both_are_zoomed_together(stage):
    stage.press(Qt.Key.Key_Plus)
    assert stage.colour_at(0.02) == QColor(*RED)
    assert stage.colour_at(0.98) == QColor(*BLUE)
    stage.press(Qt.Key.Key_Z)
    assert stage.view.canvas.zoom.is_fitted


def test_sides_can_be_changed(stage):
    stage.view.slider.setValue(600)
    stage.press(Qt.Key.Key_X)
    assert stage.colour_at(0.3) == QColor(*BLUE)
    assert stage.view.slider.value() == 600


def test_escape_closes(qtbot, stage):
    with qtbot.waitSignal(stage.view.closed):
        stage.press(Qt.Key.Key_Escape)
    assert stage.view.records == []
