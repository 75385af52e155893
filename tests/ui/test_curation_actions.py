"""What the artist makes of pictures, through the window's history over a real library."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from algovera_desktop.domain.images import ImageRecord, SortOrder
from algovera_desktop.library.albums import Album
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.tags import Tag
from algovera_desktop.ui.curation_actions import CurationActions
from algovera_desktop.ui.history import History
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.picture_world import PictureWorld, picture_world


@dataclass
class Stage:
    qtbot: object
    world: PictureWorld
    bar: MessageBar
    history: History
    curation: Curation
    actions: CurationActions
    told: list[object] = field(default_factory=list)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.history.is_busy, timeout=20_000)

    def undo(self) -> None:
        self.history.undo()
        self.settle()

    def redo(self) -> None:
        self.history.redo()
        self.settle()

    def record(self, image_id: int) -> ImageRecord:
        return self.world.library.get(image_id)

    def names(self) -> tuple[str, str]:
        return self.history.undo_action.text(), self.history.redo_action.text()

    def words(self) -> str:
        return " | ".join(label.text() for label in self.bar.findChildren(QLabel))


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[Stage]:
    with picture_world(tmp_path) as world:
        world.add_records(5)
        window = QWidget()
        qtbot.addWidget(window)
        bar = MessageBar(themes, window)
        history = History(world.tasks, bar, window)
        curation = Curation(world.database)
        actions = CurationActions(curation, history, window)
        stage = Stage(qtbot, world, bar, history, curation, actions)
        actions.images_changed.connect(stage.told.append)
        actions.side_list_changed.connect(lambda: stage.told.append("side list"))
        yield stage
        stage.settle()


def test_a_rating_is_told_by_ids_and_undone_and_redone(stage):
    stage.actions.rate([1, 2, 3], 4)
    stage.settle()
    assert stage.told == [(1, 2, 3)]
    assert stage.names() == ("Undo: Rate 3 pictures", "Redo")
    stage.undo()
    assert (stage.record(1).rating, stage.told[-1]) == (0, (1, 2, 3))
    assert stage.names() == ("Undo", "Redo: Rate 3 pictures")
    stage.redo()
    assert stage.record(3).rating == 4
    assert len(stage.told) == 3


def test_what_changes_nothing_is_nothing_to_undo(stage):
    stage.actions.rate([1], 0)
    stage.actions.favourite([1, 2], False)
    stage.actions.untag([1], ["fox"])
    stage.settle()
    assert stage.told == []
    assert not stage.history.undo_action.isEnabled()


def test_things_are_undone_in_their_order_though_nothing_was_waited_for(stage):
    stage.actions.favourite([1], True)
    stage.actions.rate([1], 2)
    stage.actions.rate([1], 5)
    stage.history.undo()
    stage.actions.tag([1, 2], ["fox", "snow"])
    stage.history.undo()
    stage.history.redo()
    stage.settle()
    record = stage.record(1)
    assert (record.is_favourite, record.rating, record.tags) == (True, 2, ("fox", "snow"))
    assert stage.names() == ("Undo: Tag 2 pictures", "Redo")


def test_ids_may_change_after_they_were_handed_over(stage):
    ids = [1, 2]
    stage.actions.rate(ids, 3)
    ids.clear()
    stage.settle()
    assert (stage.record(1).rating, stage.record(2).rating) == (3, 3)


def test_tags_are_renamed_merged_and_deleted_and_all_of_it_comes_back(stage):
    stage.actions.tag([1, 2], ["fox"])
    stage.actions.tag([2, 3], ["vixen"])
    stage.actions.rename_tag("fox", "Reynard")
    stage.actions.merge_tags(["Reynard"], "vixen")
    stage.actions.delete_tag("vixen")
    stage.settle()
    assert stage.curation.tags() == []
    assert "The tag was deleted." in stage.words()
    (button,) = [one for one in stage.bar.findChildren(QPushButton) if one.text() == "Undo"]
    button.click()
    stage.settle()
    assert stage.curation.tags() == [Tag("vixen", 3)]
    stage.undo()
    assert stage.curation.tags() == [Tag("Reynard", 2), Tag("vixen", 2)]
    stage.undo()
    assert stage.record(2).tags == ("fox", "vixen")
    for _ in range(3):
        stage.redo()
    assert stage.curation.tags() == []
    assert stage.told.count("side list") == len(stage.told) / 2 == 11


def test_a_name_that_is_taken_is_said_and_leaves_nothing_to_undo(stage):
    stage.actions.tag([1], ["fox", "vixen"])
    stage.actions.rename_tag("fox", "Vixen")
    stage.settle()
    assert "Rename the tag – Another one has this name." in stage.words()
    assert stage.names() == ("Undo: Tag", "Redo")
    stage.actions.make_album("   ")
    stage.settle()
    assert "Make an album – This name cannot be used." in stage.words()


def test_an_album_lives_through_all_that_is_done_to_it(stage):
    made: list[int] = []
    stage.actions.album_made.connect(made.append)
    stage.actions.make_album("Best", [3, 1])
    stage.settle()
    (album_id,) = made
    stage.actions.add_to_album(album_id, [2], before=1)
    stage.actions.move_in_album(album_id, [1], 3)
    stage.actions.remove_from_album(album_id, [3])
    stage.actions.rename_album(album_id, "Very best")
    stage.actions.delete_album(album_id)
    stage.settle()
    assert stage.curation.albums() == []
    for _ in range(6):
        stage.undo()
    assert stage.names() == ("Undo", "Redo: Make an album")
    for _ in range(5):
        stage.redo()
    assert stage.curation.albums() == [Album(album_id, "Very best", 2)]
    assert stage.record(1).albums == ("Very best",)
    assert made == [album_id]


def test_an_empty_album_changes_no_picture(stage):
    stage.actions.make_album("Best")
    stage.settle()
    assert stage.told == ["side list"]
    stage.undo()
    assert stage.curation.albums() == []


def test_searches_are_saved_renamed_and_deleted(stage):
    saved: list[int] = []
    stage.actions.search_saved.connect(saved.append)
    stage.actions.save_search("Foxes", "fox", SortOrder.RATING)
    stage.settle()
    stage.actions.rename_search(saved[0], "Vixens")
    stage.actions.delete_search(saved[0])
    stage.settle()
    assert stage.curation.saved_searches() == []
    stage.undo()
    stage.undo()
    assert [search.name for search in stage.curation.saved_searches()] == ["Foxes"]


def test_notes_typed_in_one_go_are_undone_in_one_go(stage):
    for text in ("f", "fo", "fox"):
        stage.actions.set_note(1, text)
    stage.settle()
    assert stage.told == [(1,), (1,), (1,)]
    stage.actions.end_note()
    stage.actions.set_note(1, "fox and bear")
    stage.settle()
    stage.undo()
    assert stage.record(1).notes == "fox"
    stage.undo()
    assert (stage.record(1).notes, stage.names()) == ("", ("Undo", "Redo: Change the notes"))
    stage.redo()
    stage.redo()
    assert stage.record(1).notes == "fox and bear"


def test_notes_of_another_picture_are_another_thing_to_undo(stage):
    stage.actions.set_note(1, "fox")
    stage.actions.set_note(2, "bear")
    stage.settle()
    stage.undo()
    assert (stage.record(1).notes, stage.record(2).notes) == ("fox", "")


def test_notes_go_on_after_they_were_taken_back(stage):
    stage.actions.set_note(1, "f")
    stage.actions.set_note(1, "fo")
    stage.history.undo()
    stage.actions.set_note(1, "fox")
    stage.actions.set_note(1, "fox!")
    stage.settle()
    assert (stage.record(1).notes, stage.names()) == ("fox!", ("Undo: Change the notes", "Redo"))
    stage.undo()
    assert (stage.record(1).notes, stage.history.undo_action.isEnabled()) == ("", False)
    stage.redo()
    assert stage.record(1).notes == "fox!"


def test_what_others_changed_since_it_was_taken_back_is_not_changed_by_redo(stage):
    stage.actions.rate([1, 2], 3)
    stage.settle()
    stage.undo()
    stage.curation.set_rating([2], 5)
    stage.redo()
    assert (stage.record(1).rating, stage.record(2).rating) == (3, 5)


def test_a_deed_of_which_nothing_is_left_is_undone_without_a_word(stage):
    stage.actions.rate([1], 3)
    stage.settle()
    stage.curation.set_rating([1], 5)
    stage.undo()
    stage.redo()
    assert stage.record(1).rating == 5
    assert stage.told == [(1,)]


def test_ten_thousand_at_once(stage):
    stage.world.add_records(10_000, first=5)
    ids = range(1, 10_006)
    stage.actions.rate(ids, 5)
    stage.actions.tag(ids, ["fox"])
    stage.settle()
    assert stage.told == [tuple(ids), tuple(ids), "side list"]
    assert stage.names()[0] == "Undo: Tag 10005 pictures"
    stage.undo()
    stage.undo()
    record = stage.record(10_005)
    assert (record.rating, record.tags) == (0, ())
