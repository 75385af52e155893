from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.widgets.slideshow import SlideShow
from support.picture_world import PictureWorld, picture_world, png

COLOURS = [(200, 20, 20), (20, 200, 20), (20, 20, 200)]
LONG_S = 60.0


@dataclass
class Stage:
    qtbot: object
    world: PictureWorld
    decoder: PictureDecoder
    records: list[ImageRecord]

    def find(self, ids: Sequence[int]) -> list[ImageRecord]:
        found = (self.world.library.get(image_id) for image_id in ids)
        return [record for record in found if record]

    def begin(self, start: int = 0, *, seconds: float = LONG_S, reduced_motion: bool = True):
        ids = [record.id for record in self.records]
        show = SlideShow(
            ids,
            start,
            self.find,
            self.decoder,
            self.world.tasks,
            seconds=seconds,
            reduced_motion=reduced_motion,
        )
        show.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.qtbot.addWidget(show)
        show.resize(320, 240)
        show.show()
        return show

    def wait_for(self, show: SlideShow, number: int) -> None:
        self.qtbot.waitUntil(lambda: show.record == self.records[number])


@pytest.fixture
def stage(qtbot, tmp_path) -> Iterator[Stage]:
    with picture_world(tmp_path) as world:
        records = [
            world.add_picture(number, png(colour, (400, 300)))
            for number, colour in enumerate(COLOURS)
        ]
        yield Stage(qtbot, world, PictureDecoder(world.files, world.tasks), records)


def middle(show: SlideShow) -> QColor:
    image = show.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2)


def test_it_begins_where_it_is_told_to(stage):
    show = stage.begin(1)
    stage.wait_for(show, 1)
    assert middle(show) == QColor(*COLOURS[1])
    assert "number 1" in show.accessibleName()


@pytest.mark.parametrize(("side", "shown"), [(20, 80), (200, 240), (600, 240)])
def test_a_small_picture_is_enlarged_but_not_without_end(stage, side, shown):
    stage.records.append(stage.world.add_picture(3, png((90, 30, 10), (side, side))))
    show = stage.begin(3)
    stage.wait_for(show, 3)
    image = show.grab().toImage()
    across = [image.pixelColor(x, 120).red() > 45 for x in range(image.width())]
    assert abs(sum(across) - shown) <= 2


def test_arrows_walk_and_the_first_follows_the_last(stage):
    show = stage.begin(1)
    stage.wait_for(show, 1)
    QTest.keyClick(show, Qt.Key.Key_Right)
    stage.wait_for(show, 2)
    QTest.keyClick(show, Qt.Key.Key_Right)
    stage.wait_for(show, 0)
    QTest.keyClick(show, Qt.Key.Key_Left)
    stage.wait_for(show, 2)


def test_it_goes_on_by_itself(stage):
    show = stage.begin(seconds=1.0)
    stage.wait_for(show, 0)
    stage.wait_for(show, 1)


def test_space_pauses_and_goes_on(stage):
    show = stage.begin()
    stage.wait_for(show, 0)
    assert show._timer.isActive()
    QTest.keyClick(show, Qt.Key.Key_Space)
    assert show.is_paused
    assert not show._timer.isActive()
    assert "Paused" in show.accessibleDescription()
    QTest.keyClick(show, Qt.Key.Key_Right)
    stage.wait_for(show, 1)
    assert not show._timer.isActive()
    QTest.keyClick(show, Qt.Key.Key_Space)
    assert show._timer.isActive()


def test_the_speed_is_changed_by_steps_and_told(stage):
    show = stage.begin(seconds=5.0)
    stage.wait_for(show, 0)
    with stage.qtbot.waitSignal(show.speed_changed) as changed:
        QTest.keyClick(show, Qt.Key.Key_Up)
    assert changed.args == [3.0]
    assert show._timer.interval() == 3000
    for _ in range(20):
        QTest.keyClick(show, Qt.Key.Key_Down)
    assert show.seconds == 60.0


def test_the_next_picture_is_decoded_ahead(stage):
    show = stage.begin()
    stage.wait_for(show, 0)
    stage.qtbot.waitUntil(lambda: stage.decoder.picture(stage.records[1]) is not None)
    QTest.keyClick(show, Qt.Key.Key_Right)
    assert show.record == stage.records[1]


def test_pictures_fade_into_each_other_unless_motion_is_reduced(stage):
    show = stage.begin(reduced_motion=False)
    stage.wait_for(show, 0)
    QTest.keyClick(show, Qt.Key.Key_Right)
    stage.wait_for(show, 1)
    assert show._fade.state() == show._fade.State.Running
    stage.qtbot.waitUntil(lambda: middle(show) == QColor(*COLOURS[1]))
    still = stage.begin(reduced_motion=True)
    stage.wait_for(still, 0)
    QTest.keyClick(still, Qt.Key.Key_Right)
    stage.wait_for(still, 1)
    assert still._fade.state() == still._fade.State.Stopped


def test_what_cannot_be_shown_is_passed_over(stage):
    stage.world.files.absolute(stage.records[1].path).unlink()
    show = stage.begin()
    stage.wait_for(show, 0)
    QTest.keyClick(show, Qt.Key.Key_Right)
    stage.wait_for(show, 2)


def test_a_show_of_nothing_that_can_be_shown_says_so(stage):
    for record in stage.records:
        stage.world.files.absolute(record.path).unlink()
    show = stage.begin()
    stage.qtbot.waitUntil(lambda: "None of these" in show._words)
    assert show.record is None


def test_escape_ends_it_and_tells_where(stage):
    show = stage.begin(2)
    stage.wait_for(show, 2)
    with stage.qtbot.waitSignal(show.closed) as closed:
        QTest.keyClick(show, Qt.Key.Key_Escape)
    assert closed.args == [stage.records[2].id]
    assert not show.isVisible()
    assert stage.decoder.picture(stage.records[2]) is None
