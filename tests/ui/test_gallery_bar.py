import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.theme import SPACE_3
from algovera_desktop.ui.widgets.gallery_bar import GalleryBar
from algovera_desktop.ui.widgets.search_field import SearchField


@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    line = QHBoxLayout(window)
    line.setContentsMargins(0, 0, 0, 0)
    return window


@pytest.fixture
def bar(window, themes) -> GalleryBar:
    bar = GalleryBar(SearchField(lambda _text, _cursor: (), themes), themes)
    window.layout().addWidget(bar)
    window.resize(1200, 100)
    window.show()
    return bar


def button(bar: GalleryBar, name: str) -> QPushButton:
    return next(one for one in bar.findChildren(QPushButton) if one.accessibleName() == name)


def choices(bar: GalleryBar) -> dict[SortOrder, bool]:
    """Each order, and whether it can be chosen."""
    rows = range(bar.sort.count())
    enabled = Qt.ItemFlag.ItemIsEnabled
    flags = [bar.sort.model().flags(bar.sort.model().index(row, 0)) for row in rows]
    return {bar.sort.itemData(row): bool(flags[row] & enabled) for row in rows}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("All", PlaceKind.ALL), ("Favourites", PlaceKind.FAVOURITES), ("Trash", PlaceKind.TRASH)],
)
def test_a_button_asks_for_its_place(qtbot, bar, name, kind):
    with qtbot.waitSignal(bar.place_chosen) as chosen:
        QTest.keyClick(button(bar, name), Qt.Key.Key_Space)
    assert chosen.args == [Place(kind)]


def test_only_the_place_that_is_shown_is_marked(bar):
    for kind, expected in (
        (PlaceKind.TRASH, "Trash"),
        (PlaceKind.ALBUM, None),
        (PlaceKind.ALL, "All"),
    ):
        bar.show_place(Place(kind, "Covers"))
        names = ("All", "Favourites", "Trash")
        assert [name for name in names if button(bar, name).isChecked()] == (
            [expected] if expected else []
        )


def test_the_count_is_told_when_it_is_known(bar):
    assert (bar.count.text(), bar.count.accessibleName()) == ("…", "Counting")
    bar.show_count(7)
    assert (bar.count.text(), bar.count.accessibleName()) == ("7 pictures", "7 pictures")


def test_a_count_seems_to_be_of_nothing_beside_it(qtbot, window, bar):
    bar.show_count(7)
    for width, words in ((1200, "7 pictures"), (700, "7 pictures"), (340, "7")):
        window.resize(width, 100)
        qtbot.waitUntil(lambda words=words: bar.count.text() == words)
        qtbot.waitUntil(lambda width=width: bar.width() == width)
        trash = button(bar, "Trash").geometry()
        number = bar.count.contentsRect().translated(bar.count.pos())
        assert number.left() >= trash.right() + SPACE_3


def test_emptying_is_offered_in_the_trash_alone(qtbot, bar):
    assert not bar.empty_button.isVisible()
    bar.show_place(Place(PlaceKind.TRASH))
    assert bar.empty_button.isVisible()
    with qtbot.waitSignal(bar.empty_trash_requested):
        bar.empty_button.click()


def test_orders_can_be_chosen_where_they_mean_something(bar):
    assert not choices(bar)[SortOrder.ALBUM]
    assert not choices(bar)[SortOrder.RELEVANCE]
    bar.show_place(Place(PlaceKind.ALBUM, "Covers", 1))
    bar.sort.set_has_words(True)
    assert all(choices(bar).values())
    assert set(choices(bar)) == set(SortOrder)


def test_in_a_narrow_column_it_stands_in_two_lines_and_nothing_is_cut_off(qtbot, window, bar):
    bar.show_count(1_000_000)
    for width in (1200, 700, 400, 340):
        window.resize(width, 100)
        qtbot.waitUntil(lambda width=width: bar.width() == width)
        parts = [bar.search, bar.sort, bar.count, bar.sizes, button(bar, "Trash")]
        for part in parts:
            assert part.isHidden() or part.geometry().right() < width
    assert bar.search.geometry().bottom() < bar.sort.geometry().top()


def test_in_the_narrowest_column_the_order_is_whole_and_the_number_makes_room(qtbot, window, bar):
    bar.setMinimumWidth(1)
    bar.show_count(1_000_000)
    least = bar.sort.minimumSizeHint().width() + 4 * button(bar, "Trash").width() // 3
    window.resize(340, 100)
    qtbot.waitUntil(bar.count.isVisible)
    for width in range(330, least, -10):
        window.resize(width, 100)
        qtbot.waitUntil(lambda width=width: bar.width() == width)
        if not bar.count.isVisible():
            break
    assert not bar.count.isVisible()
    qtbot.waitUntil(lambda: bar.sort.width() >= bar.sort.minimumSizeHint().width())
    window.resize(340, 100)
    qtbot.waitUntil(bar.count.isVisible)


def test_an_albums_name_stands_in_the_empty_field(bar):
    bar.show_place(Place(PlaceKind.ALBUM, "Covers", 1), "Covers")
    assert bar.search.edit.placeholderText() == "Search in Covers"


def test_the_slider_is_there_as_soon_as_there_is_room_for_it(qtbot, window, bar):
    window.resize(600, 100)
    bar.show_count(290)
    qtbot.waitUntil(bar.sizes.isVisible)
    bar.count.setText("1,000,000 of so many pictures that nothing else has room beside it" * 2)
    qtbot.waitUntil(lambda: not bar.sizes.isVisible())
    bar.show_count(290)
    qtbot.waitUntil(bar.sizes.isVisible)
