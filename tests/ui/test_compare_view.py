from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.picture_decoder import PictureDecoder
from algovera_desktop.ui.widgets.compare_pages import ComparePages
from algovera_desktop.ui.widgets.compare_view import CompareView
from algovera_desktop.ui.widgets.differing_words import DifferingWords
from support.picture_world import PictureWorld, picture_world, png

COLOURS = [(200, 20, 20), (20, 200, 20), (20, 20, 200), (200, 200, 20)]


@dataclass
class Table:
    world: PictureWorld
    pages: ComparePages
    decoder: PictureDecoder
    records: list[ImageRecord]

    @property
    def view(self) -> CompareView:
        return self.pages.beside

    def press(self, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view.current, key, modifiers)

    def scales(self) -> list[float]:
        return [pane.canvas.zoom.scale for pane in self.view.panes if pane.record]

    def words(self) -> list[str]:
        labels = self.view._table.findChildren(QLabel)
        return [label.text() for label in labels if not label.isHidden()]


@pytest.fixture
def table(qtbot, tmp_path, themes) -> Iterator[Table]:
    with picture_world(tmp_path) as world:
        records = [
            world.add_picture(number, png(colour, (400, 300)))
            for number, colour in enumerate(COLOURS)
        ]
        decoder = PictureDecoder(world.files, world.tasks)
        pages = ComparePages(world.thumbnails, decoder, themes)
        qtbot.addWidget(pages)
        pages.resize(800, 640)
        with qtbot.waitExposed(pages):
            pages.show()
        yield Table(world, pages, decoder, records)


def colour_of(pane) -> QColor:
    image = pane.canvas.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_each_picture_is_seen_beside_the_others(qtbot, table, count):
    table.pages.compare(table.records[:count])
    panes = [pane for pane in table.view.panes if pane.isVisible()]
    assert len(panes) == count
    for pane, colour in zip(panes, COLOURS, strict=False):
        qtbot.waitUntil(lambda pane=pane, colour=colour: colour_of(pane) == QColor(*colour))


def test_zooming_one_zooms_all_at_the_same_place(qtbot, table):
    table.pages.compare(table.records[:3])
    first, second, third = (pane.canvas for pane in table.view.panes[:3])
    at = QPointF(150, 120)
    wheel = QWheelEvent(
        at,
        QPointF(first.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 600),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(first, wheel)
    assert first.zoom.scale > 1
    assert second.zoom.rect().x() == pytest.approx(first.zoom.rect().x(), abs=2) != 0
    assert len({round(scale, 6) for scale in table.scales()}) == 1
    second.pan(QPointF(-40, -20))
    assert third.zoom._centre == second.zoom._centre == first.zoom._centre


def test_dragging_moves_all_while_the_button_is_held(table):
    table.pages.compare(table.records[:2])
    first, second = (pane.canvas for pane in table.view.panes[:2])
    first.zoom.set_scale(8.0)
    first.zoomed.emit()
    before = second.zoom._centre
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(first, QPoint(60, 80))
    assert second.zoom._centre != before
    assert second.zoom._centre == first.zoom._centre
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=QPoint(60, 80))


def test_a_larger_version_shows_the_same_part(table):
    large = table.world.add_picture(9, png((9, 9, 9), (800, 600)))
    table.pages.compare([table.records[0], large])
    small, big = (pane.canvas.zoom for pane in table.view.panes[:2])
    table.view.panes[0].canvas.zoom_to_pixels()
    table.view.panes[0].canvas.zoom_in()
    table.view.panes[0].canvas.zoom_in()
    assert big.scale == pytest.approx(small.scale / 2)
    assert big.rect().width() == pytest.approx(small.rect().width())


def test_arrows_and_tab_go_from_picture_to_picture(table):
    table.pages.compare(table.records)
    panes = table.view.panes
    assert table.view.current is panes[0]
    table.press(Qt.Key.Key_Right)
    assert table.view.current is panes[1]
    table.press(Qt.Key.Key_Down)
    assert table.view.current is panes[3]
    table.press(Qt.Key.Key_Left)
    assert table.view.current is panes[2]
    table.press(Qt.Key.Key_Tab)
    assert table.view.current is panes[3]
    table.press(Qt.Key.Key_Right)
    assert table.view.current is panes[3]


def test_stars_and_hearts_go_to_the_focused_picture(qtbot, table):
    table.pages.compare(table.records[:2])
    table.press(Qt.Key.Key_Right)
    with qtbot.waitSignal(table.pages.rating_requested) as rated:
        table.press(Qt.Key.Key_4)
    assert rated.args == [table.records[1].id, 4]
    with qtbot.waitSignal(table.pages.rating_requested) as rated:
        table.press(Qt.Key.Key_0)
    assert rated.args == [table.records[1].id, 0]
    with qtbot.waitSignal(table.pages.favourite_requested) as loved:
        table.press(Qt.Key.Key_F)
    assert loved.args == [table.records[1].id, True]


def test_what_became_of_a_picture_is_seen_and_said(qtbot, table):
    table.pages.compare(table.records[:2])
    changed = replace(table.records[0], rating=3, is_favourite=True)
    table.view.update_record(changed)
    pane = table.view.panes[0]
    assert "★★★☆☆ ♥" in [label.text() for label in pane.findChildren(QLabel)]
    assert "favourite" in pane.accessibleName()
    with qtbot.waitSignal(table.pages.favourite_requested) as loved:
        table.press(Qt.Key.Key_F)
    assert loved.args == [changed.id, False]


def test_a_long_prompt_takes_three_lines_and_shows_where_it_differs(qtbot, table):
    record = table.records[0]
    same = "a fox in the snow, " * 300
    requests = [replace(record.request, prompt=f"{same}{word} {same}") for word in ("red", "blue")]
    table.view.show_records([replace(record, request=one) for one in requests])
    labels = table.view._table.findChildren(DifferingWords)
    line = labels[0].fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: all(0 < label.height() <= 3.5 * line for label in labels))
    facts, pictures = table.view._table, table.view.panes[0]
    qtbot.waitUntil(lambda: facts.height() == facts.maximumHeight() < pictures.height())
    for label, word, request in zip(labels, ("red", "blue"), requests, strict=False):
        assert f"<b><u>{word}</u></b>" in label.text()
        assert label.text().startswith("…")
        assert label.text().endswith("…")
        assert label.toolTip().startswith("<p>a fox")
        assert label.accessibleName().endswith(request.prompt)


def test_the_table_names_what_differs_and_what_does_not(table):
    table.pages.compare(table.records[:2])
    words = table.words()
    assert "≠ Seed" in words
    assert "≠ Prompt" in words
    assert not [word for word in words if word.startswith("≠ Model")]
    (shared,) = [word for word in words if word.startswith("The same:")]
    assert "Model" in shared
    assert "Seed" not in shared


def test_only_the_words_that_differ_are_marked(table):
    table.pages.compare(table.records[:2])
    assert "a fox, number <b><u>0</u></b>" in table.words()
    assert "a fox, number <b><u>1</u></b>" in table.words()


def test_a_prompt_is_never_taken_for_markup(table):
    request = replace(table.records[0].request, prompt="<h1>huge</h1>")
    table.pages.compare([replace(table.records[0], request=request), table.records[1]])
    assert any("&lt;" in word for word in table.words())
    assert not any("<h1>" in word for word in table.words())


def test_escape_gives_the_pictures_back(qtbot, table):
    table.pages.compare(table.records[:2])
    qtbot.waitUntil(lambda: table.decoder.picture(table.records[1]) is not None)
    with qtbot.waitSignal(table.pages.closed):
        table.press(Qt.Key.Key_Escape)
    assert table.decoder.picture(table.records[1]) is None
    assert table.view.records == []


def test_a_missing_file_is_told_and_the_other_is_shown(qtbot, table):
    table.world.files.absolute(table.records[0].path).unlink()
    table.pages.compare(table.records[:2])
    first, second = table.view.panes[:2]
    qtbot.waitUntil(lambda: not first.canvas.shows_picture)
    qtbot.waitUntil(lambda: colour_of(second) == QColor(*COLOURS[1]))


def test_two_can_be_laid_upon_each_other_and_back(table):
    table.pages.compare(table.records[:2])
    table.press(Qt.Key.Key_W)
    assert table.pages.currentWidget() is table.pages.upon
    QTest.keyClick(table.pages.upon, Qt.Key.Key_W)
    assert table.pages.currentWidget() is table.view
    assert table.view.records == table.records[:2]


def test_three_cannot(table):
    table.pages.compare(table.records[:3])
    table.press(Qt.Key.Key_W)
    assert table.pages.currentWidget() is table.view
