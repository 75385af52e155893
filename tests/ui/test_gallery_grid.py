import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QStringListModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView

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
