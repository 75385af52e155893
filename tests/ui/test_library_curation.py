"""Search, places and curation over a real library, by the window's own widgets."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.domain.settings import SIDE_LIST, SORT_ORDER, SideListWish
from algovera_desktop.ui.models.places import Place, PlaceKind
from support.library_room import LibraryRoom, library_room

FAVOURITES, TRASH = Place(PlaceKind.FAVOURITES), Place(PlaceKind.TRASH)


@pytest.fixture
def room(qtbot, tmp_path, themes) -> Iterator[LibraryRoom]:
    """Five pictures, "a fox, number 1" to 5, the newest first."""
    with library_room(tmp_path, themes) as room:
        for number in range(1, 6):
            room.world.add_picture(number)
        room.show()
        room.pictures.load()
        qtbot.waitUntil(lambda: room.shown() == [5, 4, 3, 2, 1])
        qtbot.waitUntil(lambda: room.listed().get("all") == 5)
        yield room


# Search


def test_what_is_typed_is_found_and_counted(qtbot, room):
    room.type("number 3")
    qtbot.waitUntil(lambda: room.shown() == [3])
    qtbot.waitUntil(lambda: room.bar.count.text() == "One picture")
    room.press(room.field.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: room.shown() == [5, 4, 3, 2, 1])


def test_what_cannot_be_understood_leaves_what_was_shown(qtbot, room):
    room.type("number 3")
    qtbot.waitUntil(lambda: room.shown() == [3])
    QTest.keyClicks(room.field.edit, " size:x")
    room.press(room.field.edit, Qt.Key.Key_Return)
    assert "not a size" in room.field.problem.text()
    assert room.field.problem.isVisible()
    assert room.shown() == [3]


def test_down_in_the_field_goes_into_the_gallery_and_ctrl_f_comes_back(qtbot, room):
    room.type("number 3")
    room.press(room.field.edit, Qt.Key.Key_Escape, Qt.Key.Key_Down)
    assert room.gallery.hasFocus()
    room.pictures.find_action.trigger()
    assert room.field.edit.hasFocus()


def test_a_new_tag_is_completed_in_the_search_field(qtbot, room):
    room.pictures.curation_actions.tag([2], ["winter"])
    qtbot.waitUntil(lambda: "winter" in room.listed())

    def is_offered() -> bool:
        room.type("tag:win")
        model = room.field.edit.suggestions.model()
        return model.index(0, 0).data() == '"winter"'

    qtbot.waitUntil(is_offered)


def test_the_order_is_chosen_and_remembered(qtbot, room):
    room.bar.sort.setCurrentIndex(room.bar.sort.findData(SortOrder.OLDEST))
    room.bar.sort.activated.emit(room.bar.sort.currentIndex())
    qtbot.waitUntil(lambda: room.shown() == [1, 2, 3, 4, 5])
    assert room.settings.get(SORT_ORDER) is SortOrder.OLDEST


def test_more_like_this_shows_the_nearest_prompts(qtbot, room):
    room.select(2)
    qtbot.waitUntil(lambda: room.inspector.record is not None)
    room.press(room.gallery, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: room.place() == Place(PlaceKind.LIKE, "a fox, number 3", 3))
    qtbot.waitUntil(lambda: set(room.shown()) == {1, 2, 4, 5})
    said = room.pictures.search.field.edit.placeholderText()
    assert said == "Search in pictures like “a fox, number 3”"


def test_a_place_is_not_called_by_the_whole_of_a_long_prompt(room):
    place = Place(PlaceKind.LIKE, "a fox by a lake, in the manner of a careful woodcut", 3)
    room.pictures.search.show_place(place)
    said = room.pictures.search.field.edit.placeholderText()
    assert said == "Search in pictures like “a fox by a lake, in the manner of a…”"


# Places


def test_favourites_are_shown_and_searched(qtbot, room):
    room.pictures.curation_actions.favourite([2, 3], True)
    qtbot.waitUntil(lambda: room.listed()["favourites"] == 2)
    next(one for one in room.bar.findChildren(QPushButton) if one.text() == "Favourites").click()
    qtbot.waitUntil(lambda: room.shown() == [3, 2])
    room.type("number 2")
    qtbot.waitUntil(lambda: room.shown() == [2])


def test_another_place_shows_all_of_it_and_ctrl_z_brings_back_what_was_typed(qtbot, room):
    room.type("number 2")
    room.pictures.search.show_place(TRASH)
    qtbot.waitUntil(lambda: room.shown() == [])
    assert room.field.text() == ""
    room.field.begin()
    QTest.keyClick(room.field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.field.text() == "number 2"


def test_an_album_is_made_filled_shown_in_its_order_and_deleted_with_undo(qtbot, room):
    room.side.setFocus()
    room.press(room.side, Qt.Key.Key_Insert)
    editor = next(one for one in room.side.findChildren(QLineEdit) if one.isVisible())
    QTest.keyClicks(editor, "Covers")
    room.press(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: room.listed().get("Covers") == 0)
    covers = room.pictures.side.contents.albums[0].place
    room.side.model().pictures_dropped.emit(covers, [1, 4])
    qtbot.waitUntil(lambda: room.listed()["Covers"] == 2)
    room.pictures.search.show_place(covers)
    qtbot.waitUntil(lambda: room.shown() == [1, 4])
    room.gallery.move_requested.emit([4], 1)
    qtbot.waitUntil(lambda: room.shown() == [4, 1])
    room.side.remove_requested.emit(covers)
    qtbot.waitUntil(lambda: "Covers" not in room.listed())
    assert room.place() == Place()
    room.history.undo()
    qtbot.waitUntil(lambda: room.listed().get("Covers") == 2)


def test_a_renamed_tag_stays_shown_under_its_new_name(qtbot, room):
    room.pictures.curation_actions.tag([2], ["winter"])
    qtbot.waitUntil(lambda: "winter" in room.listed())
    room.pictures.search.show_place(Place(PlaceKind.TAG, "winter"))
    qtbot.waitUntil(lambda: room.shown() == [2])
    room.side.model().renamed.emit(Place(PlaceKind.TAG, "winter"), "snow")
    qtbot.waitUntil(lambda: room.place() == Place(PlaceKind.TAG, "snow"))
    qtbot.waitUntil(lambda: room.shown() == [2])


def test_tags_are_merged_everywhere(qtbot, room):
    room.pictures.curation_actions.tag([2, 3], ["winter"])
    room.pictures.curation_actions.tag([3, 4], ["snow"])
    qtbot.waitUntil(lambda: room.listed().get("snow") == 2)
    room.side.merge_requested.emit("winter", "snow")
    qtbot.waitUntil(lambda: room.listed().get("snow") == 3)
    assert "winter" not in room.listed()


def test_a_search_is_saved_in_place_and_shown_again(qtbot, room):
    room.type("number 3")
    qtbot.waitUntil(lambda: room.shown() == [3])
    room.bar.save_button.click()
    editor = next(one for one in room.side.findChildren(QLineEdit) if one.isVisible())
    assert editor.text() == "number 3"
    editor.setText("Threes")
    room.press(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Threes" in room.listed())
    room.pictures.search.show_place(Place())
    qtbot.waitUntil(lambda: len(room.shown()) == 5)
    room.pictures.search.show_place(room.pictures.side.contents.searches[0].place)
    qtbot.waitUntil(lambda: room.shown() == [3])
    assert room.field.text() == "number 3"


def test_what_is_typed_into_a_saved_search_is_a_search_of_its_own(qtbot, room):
    room.pictures.search.show_place(Place(PlaceKind.SEARCH, "Threes", 1, "number 3"))
    qtbot.waitUntil(lambda: room.shown() == [3])
    room.type("number 4")
    qtbot.waitUntil(lambda: room.shown() == [4])
    assert room.place() == Place()


def test_a_new_album_takes_the_pictures_that_it_was_asked_for(qtbot, room):
    room.pictures.side.begin_album([2, 3])
    editor = next(one for one in room.side.findChildren(QLineEdit) if one.isVisible())
    room.press(editor, Qt.Key.Key_Escape)
    room.side.begin_album()
    for name, expected in (("Empty", 0), ("Pair", 2)):
        if expected:
            room.pictures.side.begin_album([2, 3])
        editor = next(one for one in room.side.findChildren(QLineEdit) if one.isVisible())
        QTest.keyClicks(editor, name)
        room.press(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda name=name, count=expected: room.listed().get(name) == count)


def test_what_is_deleted_is_gone_from_sight_at_once_and_back_if_it_could_not_go(qtbot, room):
    before = room.shown()
    room.pictures.commands.trash_requested.emit((before[0], before[2]))
    assert room.shown() == [before[1], *before[3:]]
    qtbot.waitUntil(lambda: not room.history.is_busy)
    assert room.record(before[0]).trashed_at is not None
    assert room.shown() == [before[1], *before[3:]]
    room.world.database.close()
    room.pictures.commands.trash_requested.emit((before[1],))
    assert room.shown() == before[3:]
    qtbot.waitUntil(lambda: room.shown() == [before[1], *before[3:]])


def test_the_trash_is_emptied_only_after_a_yes(qtbot, room):
    room.world.library.trash([1, 2])
    room.pictures.search.show_place(TRASH)
    qtbot.waitUntil(lambda: sorted(room.shown()) == [1, 2])
    for button in ("Cancel", "Delete for good"):
        room.bar.empty_button.click()
        box = room.window.findChild(QMessageBox)
        assert "cannot be undone" in box.informativeText()
        next(one for one in box.buttons() if one.text().replace("&", "") == button).click()
        if button == "Cancel":
            assert room.world.library.get(1) is not None
            box.deleteLater()
            qtbot.waitUntil(lambda: room.window.findChild(QMessageBox) is None)
    qtbot.waitUntil(lambda: room.shown() == [])
    assert room.world.library.get(1) is None


def test_the_list_of_places_opens_beside_or_over_the_gallery_and_is_remembered(qtbot, room):
    assert room.side.isVisible()
    room.pictures.places_action.trigger()
    assert not room.side.isVisible()
    assert room.settings.get(SIDE_LIST) is SideListWish.HIDDEN
    room.show(740)
    qtbot.waitUntil(lambda: room.pictures.pictures.width() < 520)
    room.bar.side_button.click()
    assert room.side.isVisible()
    assert room.gallery.width() == room.pictures.pictures.width()
    assert room.settings.get(SIDE_LIST) is SideListWish.HIDDEN
    room.press(room.side, Qt.Key.Key_Escape)
    assert not room.side.isVisible()
    assert room.gallery.hasFocus()


# The inspector


def test_stars_and_favourite_of_one_picture(qtbot, room):
    room.select(0)
    qtbot.waitUntil(lambda: room.inspector.record is not None)
    panel = room.inspector.curation
    QTest.keyClick(panel.stars, Qt.Key.Key_4)
    panel.favourite.click()
    qtbot.waitUntil(lambda: room.record(5).rating == 4)
    qtbot.waitUntil(lambda: room.record(5).is_favourite)
    room.history.undo()
    qtbot.waitUntil(lambda: not panel.favourite.isChecked())
    assert panel.stars.value() == 4


def test_a_key_in_the_gallery_rates_and_the_inspector_follows(qtbot, room):
    room.select(0)
    qtbot.waitUntil(lambda: room.inspector.record is not None)
    room.press(room.gallery, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: room.inspector.curation.stars.value() == 3)


def test_several_pictures_are_edited_together(qtbot, room):
    room.pictures.curation_actions.tag([5], ["winter"])
    room.pictures.curation_actions.rate([5], 2)
    qtbot.waitUntil(lambda: room.record(5).rating == 2)
    room.select(0, 1)
    panel = room.inspector.curation
    qtbot.waitUntil(lambda: panel.isVisible() and panel.stars.is_mixed)
    assert [chip.label.text() for chip in panel.tags.chips] == ["winter (some)"]
    assert not panel.notes.isVisible()
    panel.tags.chips[0].label.click()
    qtbot.waitUntil(lambda: panel.tags.tags() == ["winter"])
    QTest.keyClick(panel.stars, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: room.record(4).rating == room.record(5).rating == 5)
    assert room.record(4).tags == ("winter",)


def test_a_tag_is_typed_and_its_pictures_are_shown_by_a_press(qtbot, room):
    room.select(1)
    qtbot.waitUntil(lambda: room.inspector.record is not None)
    room.press(room.gallery, Qt.Key.Key_T)
    field = room.inspector.curation.tags.field
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "winter,")
    qtbot.waitUntil(lambda: room.inspector.curation.tags.tags() == ["winter"])
    room.inspector.curation.tags.chips[0].label.click()
    qtbot.waitUntil(lambda: room.shown() == [4])


def test_notes_are_kept_and_those_typed_last_are_written_at_the_end(qtbot, room):
    room.select(1)
    qtbot.waitUntil(lambda: room.inspector.record is not None)
    notes = room.inspector.curation.notes
    room.press(room.gallery, Qt.Key.Key_N)
    qtbot.waitUntil(notes.hasFocus)
    QTest.keyClicks(notes, "for the cover")
    qtbot.waitUntil(lambda: room.record(4).notes == "for the cover")
    QTest.keyClicks(notes, " of May")
    room.pictures.close()
    assert room.record(4).notes == "for the cover of May"


def test_pictures_are_put_in_an_album_by_a_menu(qtbot, room):
    room.pictures.curation_actions.make_album("R&D")
    qtbot.waitUntil(lambda: "R&D" in room.listed())
    menu = room.pictures.curation.album_menu(
        [1, 2], room.pictures.side.contents.albums, room.window
    )
    assert [one.text() for one in menu.actions() if one.text()] == ["R&&D", "New album…"]
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: room.listed()["R&D"] == 2)
    menu.deleteLater()


def test_enter_takes_the_first_album_of_a_menu_asked_for_by_key(qtbot, room):
    room.pictures.curation_actions.make_album("Foxes")
    qtbot.waitUntil(lambda: "Foxes" in room.listed())
    albums = room.pictures.side.contents.albums
    room.pictures.curation.ask_for_album([1, 2], albums, room.window)
    QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: room.listed()["Foxes"] == 2)


def test_a_missing_file_is_told_of(qtbot, room):
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    room.world.database.write(
        lambda connection: connection.execute(
            "UPDATE images SET missing_since = ? WHERE id = 5", (now,)
        )
    )
    room.pictures.model.images_changed([5])
    room.select(0)
    qtbot.waitUntil(room.inspector.missing.isVisible)
    room.pictures.side.refresh()
    qtbot.waitUntil(lambda: room.listed().get("missing") == 1)
    texts = [one.text() for one in room.inspector.findChildren(QPushButton) if one.isVisible()]
    assert "Locate…" in texts
