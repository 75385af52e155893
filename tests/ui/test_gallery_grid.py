from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPoint,
    QRect,
    QStringListModel,
    Qt,
)
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate

from algovera_desktop.ui.widgets.grid_view import GridView

COUNT = 23
COLUMNS = 4


@pytest.fixture
def grid(qtbot) -> GridView:
    """23 rows in four columns of cells 100 high; the last line has three."""
    view = GridView()
    qtbot.addWidget(view)
    view.setModel(QStringListModel([str(row) for row in range(COUNT)], view))
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFrameShape(GridView.Shape.NoFrame)
    view.set_cell(100, 12)
    view.resize(430, 350)
    view.show()
    return view


class CountingModel(QAbstractListModel):
    """Many rows, and how often each question was asked of them."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self.asked: Counter[str] = Counter()

    def rowCount(self, parent=QModelIndex()) -> int:  # noqa: B008
        self.asked["rowCount"] += 1
        return 0 if parent.isValid() else self._count

    def index(self, row, column=0, parent=QModelIndex()) -> QModelIndex:  # noqa: B008
        self.asked["index"] += 1
        return self.createIndex(row, column)

    def data(self, index, role=Qt.ItemDataRole.DisplayRole) -> object:
        self.asked["data"] += 1
        return f"row {index.row()}" if role == Qt.ItemDataRole.DisplayRole else None

    def insert_first(self) -> None:
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._count += 1
        self.endInsertRows()

    def remove_first(self) -> None:
        self.beginRemoveRows(QModelIndex(), 0, 0)
        self._count -= 1
        self.endRemoveRows()

    def change(self, row: int) -> None:
        self.dataChanged.emit(self.index(row), self.index(row))


class CountingDelegate(QStyledItemDelegate):
    """Counts which rows are painted or measured."""

    def __init__(self, asked: Counter[str]) -> None:
        super().__init__()
        self._asked = asked

    def paint(self, painter, option, index) -> None:
        self._asked["paint"] += 1

    def sizeHint(self, option, index):
        self._asked["sizeHint"] += 1
        return super().sizeHint(option, index)


@pytest.fixture
def screen_reader(grid) -> Iterator[QAccessibleInterface]:
    """The grid as a screen reader meets it."""
    was_active = QAccessible.isActive()
    QAccessible.setActive(True)
    yield QAccessible.queryAccessibleInterface(grid)
    QAccessible.setActive(was_active)


def go(view: GridView, row: int) -> None:
    view.setCurrentIndex(view.model().index(row, 0))


def selected(view: GridView) -> list[int]:
    return sorted(index.row() for index in view.selectedIndexes())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    width=st.integers(50, 2000),
    side=st.integers(20, 300),
    row=st.integers(0, COUNT - 1),
    scrolled=st.integers(0, 5000),
)
def test_each_row_is_found_where_it_is_painted(grid, width, side, row, scrolled):
    grid.resize(width, 300)
    grid.set_cell(side, 12)
    grid.verticalScrollBar().setValue(scrolled)
    rect = grid.cell_rect(row)
    assert grid.indexAt(rect.center()).row() == row
    assert not grid.indexAt(rect.topLeft()).isValid()
    assert (row in grid.visible_rows()) or not rect.intersects(grid.viewport().rect())
    assert rect.right() <= max(grid.viewport().width(), side)


def test_the_columns_share_the_width(grid):
    assert [grid.cell_rect(row).x() for row in range(COLUMNS + 1)] == [0, 107, 214, 321, 0]


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        (0, Qt.Key.Key_Right, 1),
        (3, Qt.Key.Key_Right, 4),
        (0, Qt.Key.Key_Left, 0),
        (5, Qt.Key.Key_Up, 1),
        (1, Qt.Key.Key_Up, 1),
        (5, Qt.Key.Key_Down, 9),
        (19, Qt.Key.Key_Down, 22),
        (22, Qt.Key.Key_Down, 22),
        (9, Qt.Key.Key_Home, 0),
        (9, Qt.Key.Key_End, 22),
        (1, Qt.Key.Key_PageDown, 13),
        (17, Qt.Key.Key_PageUp, 5),
    ],
)
def test_keys_move_the_cursor_as_the_eye_expects(grid, start, key, end):
    go(grid, start)
    QTest.keyClick(grid, key)
    assert grid.currentIndex().row() == end


def test_the_cursor_is_scrolled_into_sight(grid):
    go(grid, 0)
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.viewport().rect().contains(grid.cell_rect(22))
    QTest.keyClick(grid, Qt.Key.Key_Home)
    assert grid.viewport().rect().contains(grid.cell_rect(0))


def test_what_is_seen_first_stays_in_sight_where_the_columns_change(grid):
    grid.verticalScrollBar().setValue(230)
    assert grid.visible_rows().start == 8
    grid.resize(230, 350)
    assert (grid.visible_rows().start, grid.verticalScrollBar().value()) == (8, 430)
    grid.resize(430, 350)
    assert grid.verticalScrollBar().value() == 230


def test_shift_selects_all_rows_between_forwards_and_back(grid):
    shift = Qt.KeyboardModifier.ShiftModifier
    go(grid, 6)
    QTest.keyClick(grid, Qt.Key.Key_Down, shift)
    assert selected(grid) == [6, 7, 8, 9, 10]
    QTest.keyClick(grid, Qt.Key.Key_Up, shift)
    QTest.keyClick(grid, Qt.Key.Key_Left, shift)
    assert selected(grid) == [5, 6]


def test_shift_click_selects_a_range_and_ctrl_click_one_more(grid):
    left, viewport = Qt.MouseButton.LeftButton, grid.viewport()

    def click(row: int, modifier: Qt.KeyboardModifier) -> None:
        QTest.mouseClick(viewport, left, modifier, grid.cell_rect(row).center())

    click(1, Qt.KeyboardModifier.NoModifier)
    click(6, Qt.KeyboardModifier.ShiftModifier)
    assert selected(grid) == [1, 2, 3, 4, 5, 6]
    click(9, Qt.KeyboardModifier.ControlModifier)
    click(2, Qt.KeyboardModifier.ControlModifier)
    assert selected(grid) == [1, 3, 4, 5, 6, 9]


def test_a_rectangle_drawn_from_a_gap_selects_what_it_touches(grid):
    start, end = QPoint(109, 2), grid.cell_rect(6).center()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(grid.viewport(), left, none, start)
    for step in range(1, 5):
        QTest.mouseMove(grid.viewport(), start + (end - start) * step / 4)
    QTest.mouseRelease(grid.viewport(), left, none, end)
    assert selected(grid) == [1, 2, 5, 6]


def test_a_click_between_the_cells_clears_the_selection(grid):
    go(grid, 3)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(109, 2))
    assert selected(grid) == []


def test_ctrl_a_selects_everything(grid):
    go(grid, 3)
    QTest.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert selected(grid) == list(range(COUNT))
    region = grid.visualRegionForSelection(grid.selectionModel().selection())
    assert region.boundingRect() == QRect(0, 0, 4 * 107, 400)


def test_the_work_does_not_grow_with_the_number_of_rows(qtbot):
    few, many = questions_asked(qtbot, 1_200), questions_asked(qtbot, 240_000)
    assert many == few
    assert many["paint"] > 0
    assert many["sizeHint"] == 0


def questions_asked(qtbot, count: int) -> Counter[str]:
    """What is asked of a model while rows come, change and go and a person looks around."""
    model, view = CountingModel(count), GridView()
    qtbot.addWidget(view)
    delegate = CountingDelegate(model.asked)
    view.setItemDelegate(delegate)
    view.setModel(model)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.set_cell(100, 12)
    view.resize(430, 350)
    view.show()
    for act in (
        model.insert_first,
        model.remove_first,
        lambda: model.change(3),
        lambda: view.resize(640, 400),
        lambda: view.verticalScrollBar().setValue(4321),
        lambda: go(view, 7),
        lambda: go(view, count // 2 * 2 - 1),
        view.selectAll,
        view.clearSelection,
        view.reset,
    ):
        act()
        QCoreApplication.processEvents()
    return model.asked


def test_rows_that_come_and_go_can_be_scrolled_to(grid):
    model = grid.model()
    model.setStringList([str(row) for row in range(400)])
    go(grid, 399)
    assert grid.viewport().rect().contains(grid.cell_rect(399))
    model.removeRows(10, 390)
    QCoreApplication.processEvents()
    assert grid.verticalScrollBar().maximum() == 0
    model.insertRows(0, 5)
    go(grid, 13)
    assert grid.viewport().rect().contains(grid.cell_rect(13))


def test_a_screen_reader_finds_each_item_where_it_is_painted(grid, screen_reader):
    assert screen_reader.role() == QAccessible.Role.List
    assert screen_reader.childCount() == COUNT
    for row in (0, 6, 22):
        item = screen_reader.child(row)
        assert item.role() == QAccessible.Role.ListItem
        assert item.text(QAccessible.Text.Name) == str(row)
        place = grid.cell_rect(row)
        assert item.rect() == place.translated(grid.viewport().mapToGlobal(QPoint(0, 0)))
    seen = screen_reader.child(5).rect().center()
    assert screen_reader.childAt(seen.x(), seen.y()).text(QAccessible.Text.Name) == "5"


def test_a_screen_reader_finds_cursor_and_selection(grid, screen_reader):
    go(grid, 5)
    QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    states = {row: screen_reader.child(row).state() for row in (4, 5, 6)}
    assert [row for row, state in states.items() if state.selected] == [5, 6]
    assert [row for row, state in states.items() if state.focused] == [6]


def test_an_item_keeps_its_name_for_a_screen_reader_when_others_come_before_it(grid, screen_reader):
    item = screen_reader.child(3)
    grid.model().insertRows(0, 2)
    assert item.text(QAccessible.Text.Name) == "3"
    assert screen_reader.child(5).text(QAccessible.Text.Name) == "3"
    grid.model().removeRows(0, 4)
    assert screen_reader.child(1).text(QAccessible.Text.Name) == "3"
    assert screen_reader.childCount() == COUNT - 2
