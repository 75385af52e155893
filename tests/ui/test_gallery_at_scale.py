"""The gallery over a hundred thousand pictures: what is told to Qt, and what is kept."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QTest

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library.query.problems import QuerySyntaxError
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.gallery_reader import FIRST_COUNT
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.widgets.gallery_view import GalleryView
from support.picture_world import PictureWorld, picture_world
from support.plain_search import PlainSearch, make_record

COUNT = 100_000
SCATTERED = list(range(50, COUNT, 100))


@dataclass
class Large:
    """A model of many pictures, and what it tells."""

    search: PlainSearch
    model: GalleryModel
    told: list[tuple[object, ...]] = field(default_factory=list)

    def listen(self) -> None:
        model, told = self.model, self.told
        model.rowsInserted.connect(lambda _parent, *rows: told.append(("inserted", *rows)))
        model.rowsRemoved.connect(lambda _parent, *rows: told.append(("removed", *rows)))
        model.layoutChanged.connect(lambda: told.append(("changed",)))
        model.modelReset.connect(lambda: told.append(("reset",)))

    def ids(self) -> array:
        return self.model.selection([(0, self.model.rowCount() - 1)]).image_ids


@pytest.fixture
def world(qapp, tmp_path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path) as world:
        yield world


@pytest.fixture
def large(qtbot, world) -> Large:
    """Without Qt's own tester, which looks at every row at every step."""
    search = PlainSearch()
    search.ids_of = array("q", range(COUNT, 0, -1))
    model = GalleryModel(search, world.tasks)
    with qtbot.waitSignal(model.count_known):
        model.load()
    large = Large(search, model)
    large.listen()
    return large


@pytest.fixture
def view(qtbot, large, world, themes) -> GalleryView:
    commands = PictureCommands(themes)
    view = GalleryView(large.model, world.thumbnails, world.files, commands, themes)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    view.setFocus()
    return view


def test_one_new_picture_is_one_new_row(large):
    large.model.insert_images([make_record(COUNT + 1)])
    assert large.told == [("inserted", 0, 0)]
    assert large.model.row_of_image(COUNT + 1) == 0
    assert large.model.row_of_image(1) == COUNT


def test_a_batch_of_new_pictures_is_one_step(large):
    large.model.insert_images(make_record(COUNT + number) for number in range(1, 501))
    assert large.told == [("inserted", 0, 499)]
    assert large.model.count == COUNT + 500


def test_many_that_go_from_all_over_go_in_one_step_and_what_stays_is_followed(large):
    stays, goes = (QPersistentModelIndex(large.model.index(COUNT - one)) for one in (777, 50))
    large.model.remove_images(SCATTERED)
    assert large.told == [("changed",)]
    assert large.model.rowCount() == COUNT - len(SCATTERED)
    assert large.model.id_of(stays.row()) == 777
    assert not goes.isValid()
    assert set(large.ids()).isdisjoint(SCATTERED)


def test_many_that_come_back_are_where_they_were(large):
    before = large.ids()
    large.model.remove_images(SCATTERED)
    large.model.insert_images([make_record(number) for number in SCATTERED])
    assert large.told == [("changed",), ("changed",)]
    assert large.ids() == before


def test_after_many_are_deleted_what_follows_the_first_is_selected(qtbot, large, view):
    flag = view.selectionModel().SelectionFlag.Select
    for image_id in SCATTERED:
        index = large.model.index(large.model.row_of_image(image_id))
        view.selectionModel().setCurrentIndex(index, flag)
    qtbot.waitUntil(lambda: view._selected_count == len(SCATTERED))
    large.model.remove_images(SCATTERED)
    following = max(SCATTERED) - 1
    qtbot.waitUntil(lambda: list(view.selected().image_ids) == [following])
    assert large.model.id_of(view.currentIndex().row()) == following


def test_all_are_selected_by_key_and_nobody_makes_a_list_of_them(qtbot, large, view):
    with qtbot.waitSignal(view.selection_changed) as told:
        QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    selection = told.args[0]
    assert selection.image_ids == large.search.ids_of
    assert isinstance(selection.image_ids, array)
    assert selection.only is None


def test_what_was_seen_is_forgotten_when_enough_else_was(qtbot, large):
    model = large.model
    for first in range(0, 12_000, 300):
        rows = range(first, first + 300)
        model.set_wanted("test", rows)
        qtbot.waitUntil(lambda rows=rows: all(model.tile(row) for row in rows))
    kept = sum(model.tile(row) is not None for row in range(12_000))
    assert kept == 4000
    assert all(model.tile(row) for row in range(11_700, 12_000))


def test_a_jump_shows_what_is_there_before_what_was_passed(qtbot, large, view):
    large.search.read_ids.clear()
    bar = view.verticalScrollBar()
    for share in range(1, 9):
        bar.setValue(bar.maximum() * share // 10)
        view.viewport().repaint()
    seen = view.visible_rows()
    qtbot.waitUntil(lambda: all(large.model.tile(row) for row in seen))
    first = large.search.read_ids[: len(seen)]
    assert first == [COUNT - row for row in seen]


def test_a_row_that_is_not_at_hand_has_a_plain_tile_and_says_so(large, view):
    row = COUNT // 2
    view.scrollTo(large.model.index(row))
    view.grab()
    assert large.model.tile(row) is None
    spoken = large.model.data(large.model.index(row), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Loading…"


def test_the_old_pictures_stay_until_the_new_ones_are_there(qtbot, large):
    found = large.search.ids_of
    large.search.ids_of = array("q", range(COUNT, 0, -2))
    large.model.set_query(LibraryQuery(text="even"))
    assert large.ids() == found
    assert large.model.query == LibraryQuery()
    with qtbot.waitSignal(large.model.count_known):
        pass
    assert large.told == [("reset",), ("inserted", FIRST_COUNT, COUNT // 2 - 1)]
    assert large.ids() == large.search.ids_of


def test_a_query_that_cannot_be_read_is_told_and_changes_nothing(qtbot, world, themes):
    world.add_records(600)
    model = GalleryModel(world.search, world.tasks)
    model.load()
    with qtbot.waitSignal(model.load_failed) as told:
        model.set_query(LibraryQuery(text='"never closed'))
    assert isinstance(told.args[0], QuerySyntaxError)
    with qtbot.waitSignal(model.count_known):
        model.load()
    with qtbot.waitSignal(model.load_failed):
        model.set_query(LibraryQuery(text="rating:many"))
    assert model.query == LibraryQuery()
    assert model.count == model.rowCount() == 600


@pytest.mark.parametrize("sort", list(SortOrder))
def test_in_every_order_a_picture_that_comes_back_is_where_it_was(qtbot, world, sort):
    world.add_records(300)
    model = GalleryModel(world.search, world.tasks)
    with qtbot.waitSignal(model.count_known):
        model.set_query(LibraryQuery(sort=sort))
    before = list(model.selection([(0, 299)]).image_ids)
    gone = before[10:290:7]
    world.library.trash(gone)
    model.remove_images(gone)
    assert model.count == 300 - len(gone)
    world.library.restore(gone)
    model.insert_images(world.search.records(gone))
    qtbot.waitUntil(lambda: model.count == 300)
    assert list(model.selection([(0, 299)]).image_ids) == before
