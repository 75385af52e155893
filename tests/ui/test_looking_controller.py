from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.images import ImageRecord, LibraryQuery
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.history import History
from algovera_desktop.ui.looking_controller import LookingController
from algovera_desktop.ui.widgets.message_bar import MessageBar
from algovera_desktop.ui.widgets.slideshow import SlideShow
from support.picture_world import PictureWorld, picture_world


@dataclass
class Desk:
    qtbot: object
    world: PictureWorld
    window: QWidget
    controller: LookingController
    records: list[ImageRecord]

    def compare(self, *numbers: int) -> None:
        self.controller.compare([self.records[number].id for number in numbers])
        shown = self.controller.pages.beside
        self.qtbot.waitUntil(lambda: len(shown.records) == len(numbers))

    def begin_slideshow(self, image_id: int | None = None) -> SlideShow:
        self.controller.begin_slideshow(LibraryQuery(), image_id)
        self.qtbot.waitUntil(lambda: bool(self.window.findChildren(SlideShow)))
        (show,) = self.window.findChildren(SlideShow)
        self.qtbot.waitUntil(lambda: show.record is not None)
        return show


@pytest.fixture
def desk(qtbot, tmp_path, themes) -> Iterator[Desk]:
    with picture_world(tmp_path) as world:
        records = [world.add_picture(number) for number in range(5)]
        window = QWidget()
        qtbot.addWidget(window)
        controller = LookingController(
            LibrarySearch(world.database),
            world.files,
            world.thumbnails,
            world.tasks,
            themes,
            window,
        )
        qtbot.addWidget(controller.pages)
        controller.pages.show()
        history = History(world.tasks, MessageBar(themes, window))
        controller.serve(CurationActions(Curation(world.database), history))
        yield Desk(qtbot, world, window, controller, records)
        qtbot.waitUntil(lambda: world.tasks.live_count == 0)


def test_the_first_four_of_a_selection_are_compared_in_its_order(desk):
    desk.controller.compare([record.id for record in reversed(desk.records)])
    beside = desk.controller.pages.beside
    desk.qtbot.waitUntil(lambda: beside.records == desk.records[:0:-1])


def test_a_single_picture_is_not_compared(desk):
    desk.controller.compare([desk.records[0].id])
    desk.qtbot.waitUntil(lambda: desk.world.tasks.live_count == 0)
    assert desk.controller.pages.beside.records == []


def test_stars_and_hearts_are_kept_and_shown(desk):
    desk.compare(0, 1)
    beside = desk.controller.pages.beside
    QTest.keyClick(beside.panes[1], Qt.Key.Key_Right)
    QTest.keyClick(beside.panes[1], Qt.Key.Key_4)
    QTest.keyClick(beside.panes[1], Qt.Key.Key_F)
    desk.qtbot.waitUntil(lambda: beside.records[1].rating == 4 and beside.records[1].is_favourite)
    kept = desk.world.library.get(desk.records[1].id)
    assert kept is not None
    assert (kept.rating, kept.is_favourite) == (4, True)
    assert beside.records[0].rating == 0


def test_a_slideshow_goes_through_what_is_shown_from_a_picture_on(desk):
    show = desk.begin_slideshow(desk.records[2].id)
    assert show.record == desk.records[2]
    QTest.keyClick(show, Qt.Key.Key_Right)
    desk.qtbot.waitUntil(lambda: show.record == desk.records[1])
    with desk.qtbot.waitSignal(desk.controller.slideshow_ended) as ended:
        QTest.keyClick(show, Qt.Key.Key_Escape)
    assert ended.args == [desk.records[1].id]
    desk.qtbot.waitUntil(lambda: not desk.window.findChildren(SlideShow))


def test_a_slideshow_begins_with_the_first_where_nothing_is_chosen(desk):
    show = desk.begin_slideshow()
    assert show.record == desk.records[4]
    QTest.keyClick(show, Qt.Key.Key_Up)
    QTest.keyClick(show, Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: not desk.window.findChildren(SlideShow))
    assert desk.begin_slideshow().seconds == desk.controller.seconds == 3.0
    desk.window.findChildren(SlideShow)[0].close()
    desk.qtbot.waitUntil(lambda: not desk.window.findChildren(SlideShow))


def test_a_query_that_finds_nothing_opens_nothing(desk):
    desk.controller.begin_slideshow(LibraryQuery("nothingofthekind"))
    desk.qtbot.waitUntil(lambda: desk.world.tasks.live_count == 0)
    assert not desk.window.findChildren(SlideShow)
