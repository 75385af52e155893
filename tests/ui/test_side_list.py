from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.ui.models.places import Entry, Place, PlaceKind, SideContents
from algovera_desktop.ui.models.side_drag import IMAGES_MIME_TYPE
from algovera_desktop.ui.models.side_list_model import Section, SideListModel, SideRole
from algovera_desktop.ui.widgets.side_list import SideList
from algovera_desktop.ui.widgets.side_panel import SidePanel

COVERS = Place(PlaceKind.ALBUM, "Covers", 3)
POSTERS = Place(PlaceKind.ALBUM, "Posters", 4)
FOX = Place(PlaceKind.TAG, "fox")
WOLF = Place(PlaceKind.TAG, "wolf")
BEST = Place(PlaceKind.SEARCH, "Best", 9, "rating:>=4", SortOrder.RATING)
CONTENTS = SideContents(
    fixed=(
        Entry(Place(PlaceKind.ALL), 1234),
        Entry(Place(PlaceKind.FAVOURITES), 7),
        Entry(Place(PlaceKind.TRASH), 2),
    ),
    albums=(Entry(COVERS, 12), Entry(POSTERS, 0)),
    tags=(Entry(FOX, 5), Entry(WOLF, 1)),
    searches=(Entry(BEST),),
)


@pytest.fixture
def model(themes) -> SideListModel:
    model = SideListModel(themes.theme)
    model.show(CONTENTS)
    return model


@pytest.fixture
def side(qtbot, model, themes) -> SideList:
    side = SideList(model, themes)
    qtbot.addWidget(side)
    side.resize(220, 500)
    side.show()
    side.activateWindow()
    side.setFocus()
    return side


def rows(model: SideListModel, parent: QModelIndex | None = None) -> list[str]:
    """What is listed, headings with what lies below them."""
    parent = parent or QModelIndex()
    listed = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        listed += [index.data(), *(f"  {line}" for line in rows(model, index))]
    return listed


def go_to(side: SideList, place: Place) -> QModelIndex:
    index = side.model().index_of(place)
    side.setCurrentIndex(index)
    return index


def editor(side: SideList) -> QLineEdit:
    return next(one for one in side.findChildren(QLineEdit) if one.isVisible())


def names(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_every_place_is_listed_in_its_section(model):
    assert rows(model) == [
        "All pictures",
        "Favourites",
        "Albums",
        "  Covers",
        "  Posters",
        "Tags",
        "  fox",
        "  wolf",
        "Saved searches",
        "  Best",
        "Trash",
    ]


def test_missing_and_imported_are_listed_only_where_there_are_any(model):
    missing = Entry(Place(PlaceKind.MISSING), 3)
    first, second, trash = CONTENTS.fixed
    model.show(replace(CONTENTS, fixed=(first, second, missing, trash)))
    assert rows(model)[2] == "Missing files"
    model.show(CONTENTS)
    assert rows(model)[2] == "Albums"


def test_a_screen_reader_says_the_count_too(model):
    said = model.index_of(COVERS).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Covers, 12 pictures"


def test_what_a_number_counts_is_said_on_hovering(model):
    first, second, _ = CONTENTS.fixed
    place = Place(PlaceKind.TRASH)
    model.show(replace(CONTENTS, fixed=(first, second, Entry(place, 2))))
    trash = model.index_of(place)
    assert trash.data(Qt.ItemDataRole.ToolTipRole) == "Trash\n2 pictures in it"
    assert trash.data(Qt.ItemDataRole.AccessibleTextRole) == "Trash, 2 pictures in it"
    assert model.index_of(COVERS).data(Qt.ItemDataRole.ToolTipRole) == "Covers\n12 pictures"


def test_a_new_count_changes_the_row_and_no_other(qtbot, model):
    inserted, removed = [], []
    model.rowsInserted.connect(lambda *_: inserted.append(1))
    model.rowsRemoved.connect(lambda *_: removed.append(1))
    model.show(replace(CONTENTS, albums=(Entry(COVERS, 13), Entry(POSTERS, 0))))
    assert model.index_of(COVERS).data(SideRole.COUNT) == 13
    assert not inserted
    assert not removed


def test_albums_that_come_go_and_change_places(model):
    new = Place(PlaceKind.ALBUM, "New", 5)
    model.show(replace(CONTENTS, albums=(Entry(POSTERS, 0), Entry(new, 1))))
    assert [line for line in rows(model) if line.startswith("  ")][:2] == ["  Posters", "  New"]
    model.show(CONTENTS)
    assert rows(model)[3:5] == ["  Covers", "  Posters"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_enter_shows_a_place(qtbot, side, key):
    go_to(side, FOX)
    with qtbot.waitSignal(side.place_chosen) as chosen:
        QTest.keyClick(side, key)
    assert chosen.args == [FOX]


def test_a_click_shows_a_place(qtbot, side):
    where = side.visualRect(side.model().index_of(POSTERS)).center()
    with qtbot.waitSignal(side.place_chosen) as chosen:
        QTest.mouseClick(side.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert chosen.args == [POSTERS]


def test_f2_asks_for_another_name_and_esc_for_none(qtbot, side, model):
    asked = []
    model.renamed.connect(lambda place, name: asked.append((place, name)))
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        go_to(side, COVERS)
        QTest.keyClick(side, Qt.Key.Key_F2)
        editor(side).setText("Front covers")
        QTest.keyClick(editor(side), key)
    qtbot.waitUntil(lambda: asked == [(COVERS, "Front covers")])
    assert model.index_of(COVERS).data() == "Covers"


def test_a_name_that_is_being_typed_outlives_new_counts(side, model):
    go_to(side, COVERS)
    QTest.keyClick(side, Qt.Key.Key_F2)
    editor(side).setText("Front co")
    model.show(replace(CONTENTS, albums=(Entry(COVERS, 99), Entry(POSTERS, 0))))
    assert editor(side).text() == "Front co"


def test_all_pictures_and_headings_have_no_other_name(side, model):
    for index in (model.index_of(Place()), model.section_index(Section.TAGS)):
        assert not index.flags() & Qt.ItemFlag.ItemIsEditable


@pytest.mark.parametrize("place", [COVERS, FOX, BEST], ids=lambda place: place.name)
def test_del_asks_to_delete_what_the_artist_made(qtbot, side, place):
    go_to(side, place)
    with qtbot.waitSignal(side.remove_requested) as asked:
        QTest.keyClick(side, Qt.Key.Key_Delete)
    assert asked.args == [place]


def test_del_on_the_librarys_own_places_asks_for_nothing(qtbot, side):
    with qtbot.assertNotEmitted(side.remove_requested):
        for entry in CONTENTS.fixed:
            go_to(side, entry.place)
            QTest.keyClick(side, Qt.Key.Key_Delete)


def test_a_new_album_is_asked_for_once_it_is_named(qtbot, side, model):
    QTest.keyClick(side, Qt.Key.Key_Insert)
    assert rows(model)[5] == "  "
    editor(side).setText("Sketches")
    with qtbot.waitSignal(model.named) as named:
        QTest.keyClick(editor(side), Qt.Key.Key_Return)
    assert named.args == [Place(PlaceKind.ALBUM), "Sketches"]
    qtbot.waitUntil(lambda: rows(model)[5] == "Tags")


def test_the_button_below_the_list_makes_an_album(qtbot, model, themes):
    side = SideList(model, themes)
    panel = SidePanel(side, themes)
    qtbot.addWidget(panel)
    panel.show()
    panel.new_album.click()
    assert editor(side).accessibleName() == "Name"


def test_a_new_album_without_a_name_is_gone_again(qtbot, side, model):
    with qtbot.assertNotEmitted(model.named):
        side.begin_album()
        QTest.keyClick(editor(side), Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: rows(model)[5] == "Tags")


def test_a_search_can_keep_the_name_that_it_is_offered(qtbot, side, model):
    place = Place(PlaceKind.SEARCH, "fox", text="fox", sort=SortOrder.RATING)
    side.begin(place)
    with qtbot.waitSignal(model.named) as named:
        QTest.keyClick(editor(side), Qt.Key.Key_Return)
    assert named.args == [place, "fox"]
    qtbot.waitUntil(lambda: rows(model)[-2:] == ["  Best", "Trash"])


def test_what_is_listed_anew_leaves_the_name_of_a_new_album_alone(side, model):
    side.begin_album()
    editor(side).setText("Sket")
    model.show(replace(CONTENTS, albums=(Entry(POSTERS, 3),)))
    assert rows(model)[3:5] == ["  Posters", "  "]
    assert editor(side).text() == "Sket"


def test_pictures_are_dropped_on_albums_and_tags_but_on_no_search(qtbot, model):
    data = QMimeData()
    data.setData(IMAGES_MIME_TYPE, b"4\n8")
    dropped = []
    model.pictures_dropped.connect(lambda place, ids: dropped.append((place, ids)))
    for place in (COVERS, FOX, BEST, Place()):
        model.dropMimeData(data, Qt.DropAction.CopyAction, -1, -1, model.index_of(place))
    assert dropped == [(COVERS, [4, 8]), (FOX, [4, 8])]


def test_a_tag_dropped_on_another_asks_to_merge_them(qtbot, side, model):
    data = model.mimeData([model.index_of(FOX)])
    assert not model.canDropMimeData(data, Qt.DropAction.MoveAction, -1, 0, model.index_of(FOX))
    with qtbot.waitSignal(side.merge_requested) as asked:
        model.dropMimeData(data, Qt.DropAction.MoveAction, -1, 0, model.index_of(WOLF))
    assert asked.args == ["fox", "wolf"]
    assert "  fox" in rows(model)


SKETCHES = Place(PlaceKind.ALBUM, "Sketches", 5)
THREE_ALBUMS = replace(CONTENTS, albums=(Entry(COVERS), Entry(POSTERS), Entry(SKETCHES)))


@pytest.fixture
def moves(model) -> list[tuple[Place, Place | None]]:
    model.show(THREE_ALBUMS)
    told = []
    model.moved.connect(lambda place, before: told.append((place, before)))
    return told


def test_alt_and_arrows_ask_to_move_an_album_but_not_beyond_the_ends(side, moves):
    for place in (COVERS, POSTERS, SKETCHES):
        for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            go_to(side, place)
            QTest.keyClick(side, key, Qt.KeyboardModifier.AltModifier)
    assert moves == [(COVERS, SKETCHES), (POSTERS, COVERS), (POSTERS, None), (SKETCHES, POSTERS)]


def test_tags_are_in_no_order_of_the_artists(side, moves):
    go_to(side, WOLF)
    QTest.keyClick(side, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert not moves


def test_the_menu_of_an_album_moves_it(side, model, moves):
    menu = side.menu_for(model.index_of(POSTERS))
    assert names(menu) == ["Show", "Rename", "Delete", "Move up", "Move down", "New album"]
    next(action for action in menu.actions() if action.text() == "Move up").trigger()
    assert moves == [(POSTERS, COVERS)]
    menu.close()


@pytest.mark.parametrize(
    ("row", "asked"), [(0, []), (1, []), (2, [(COVERS, SKETCHES)]), (3, [(COVERS, None)])]
)
def test_an_album_let_go_between_two_others_asks_to_stand_there(model, moves, row, asked):
    data, albums = model.mimeData([model.index_of(COVERS)]), model.section_index(Section.ALBUMS)
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, albums)
    assert moves == asked


def test_an_album_goes_between_albums_only(model, moves):
    data = model.mimeData([model.index_of(COVERS)])
    for parent, row in (
        (model.section_index(Section.SEARCHES), 0),
        (model.section_index(Section.ALBUMS), -1),
        (model.index_of(POSTERS), -1),
        (QModelIndex(), 0),
    ):
        assert not model.canDropMimeData(data, Qt.DropAction.MoveAction, row, 0, parent)
        model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, parent)
    assert not moves


def test_while_an_album_is_dragged_the_others_make_room_instead_of_taking_it(model):
    takes = Qt.ItemFlag.ItemIsDropEnabled
    posters, section = model.index_of(POSTERS), model.section_index(Section.ALBUMS)
    model.begin_drag(COVERS)
    assert not posters.flags() & takes
    assert section.flags() & takes
    model.begin_drag(None)
    assert posters.flags() & takes
    assert not section.flags() & takes


def test_the_menu_of_a_tag_merges_it_into_another(qtbot, side, model):
    menu = side.menu_for(model.index_of(FOX))
    assert names(menu) == ["Show", "Rename", "Delete", "Merge into", "New album"]
    into = next(action.menu() for action in menu.actions() if action.menu())
    with qtbot.waitSignal(side.merge_requested) as asked:
        into.actions()[0].trigger()
    assert asked.args == ["fox", "wolf"]
    menu.close()


def test_the_trash_offers_to_be_emptied(qtbot, side, model):
    menu = side.menu_for(model.index_of(Place(PlaceKind.TRASH)))
    with qtbot.waitSignal(side.empty_trash_requested):
        next(one for one in menu.actions() if one.text() == "Empty the trash…").trigger()
    menu.close()


def test_what_is_folded_is_told_and_taken_over(qtbot, side, model):
    with qtbot.waitSignal(side.folds_changed) as told:
        side.collapse(model.section_index(Section.TAGS))
    assert told.args == [("tags",)]
    side.set_folds(["albums"])
    assert side.isExpanded(model.section_index(Section.TAGS))
    assert not side.isExpanded(model.section_index(Section.ALBUMS))


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        (Place(), " fox ", LibraryQuery("fox")),
        (Place(PlaceKind.FAVOURITES), "", LibraryQuery("is:favourite")),
        (Place(PlaceKind.FAVOURITES), "a or b", LibraryQuery("is:favourite (a or b)")),
        (COVERS, "fox", LibraryQuery("fox", album_id=3)),
        (Place(PlaceKind.TAG, 'a "b"'), "", LibraryQuery('tag:"a ""b"""')),
        (Place(PlaceKind.TRASH), "fox", LibraryQuery("fox", trashed=True)),
    ],
)
def test_what_is_typed_is_searched_within_the_place(place, text, expected):
    assert place.query(text, SortOrder.NEWEST) == expected


def test_a_search_of_an_album_is_saved_with_the_albums_name():
    assert COVERS.search_text("fox") == 'album:"Covers" (fox)'
