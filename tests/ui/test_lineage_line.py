from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.widgets.lineage_line import LineageLine
from support.picture_world import PictureWorld, picture_world


@dataclass
class Stage:
    world: PictureWorld
    line: LineageLine
    records: list[ImageRecord]

    def tiles(self) -> list[QToolButton]:
        return self.line.findChildren(QToolButton)


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[Stage]:
    with picture_world(tmp_path) as world:
        records = [world.add_picture(number) for number in range(4)]
        line = LineageLine(world.thumbnails, themes)
        qtbot.addWidget(line)
        line.resize(400, 90)
        yield Stage(world, line, records)


def test_a_picture_without_family_has_no_line(stage):
    stage.line.show_family(stage.records[0], [], [])
    assert not stage.line.isVisible()


def test_the_oldest_stands_first_and_each_says_what_it_is(stage):
    grandmother, mother, this, child = stage.records
    stage.line.show_family(this, [mother, grandmother], [child])
    assert stage.line.isVisible()
    assert [tile.accessibleName() for tile in stage.tiles()] == [
        "Varied from: a fox, number 0",
        "Varied from: a fox, number 1",
        "This picture: a fox, number 2",
        "Varied into: a fox, number 3",
    ]
    assert [tile.isChecked() for tile in stage.tiles()] == [False, False, True, False]


def test_a_click_or_a_key_asks_for_the_picture(qtbot, stage):
    stage.line.show_family(stage.records[1], [stage.records[0]], [stage.records[2]])
    first, _this, last = stage.tiles()
    with qtbot.waitSignal(stage.line.picture_requested) as asked:
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert asked.args == [stage.records[0].id]
    with qtbot.waitSignal(stage.line.picture_requested) as asked:
        QTest.keyClick(last, Qt.Key.Key_Space)
    assert asked.args == [stage.records[2].id]


def test_thumbnails_come_in_as_they_are_made(qtbot, stage):
    stage.line.show_family(stage.records[1], [stage.records[0]], [])
    first = stage.tiles()[0]

    def face():
        image = first.icon().pixmap(48, 48).toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2).getRgb()[:3]

    qtbot.waitUntil(lambda: face() == (0, 0, 90))


def test_another_picture_takes_the_place_of_the_first(stage):
    stage.line.show_family(stage.records[1], [stage.records[0]], [])
    stage.line.show_family(stage.records[2], [], [stage.records[3]])
    assert "number 0" not in " ".join(tile.accessibleName() for tile in stage.tiles())
    stage.line.clear()
    assert not stage.line.isVisible()
