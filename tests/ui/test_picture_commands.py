from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from algovera_desktop.domain.jobs import JobState
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import GallerySelection, selection_of
from algovera_desktop.ui.picture_commands import PictureCommands
from support.picture_world import PictureWorld, make_job, picture_world

MILLION = array("q", range(1_000_000))
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def world(qapp, tmp_path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path) as world:
        yield world


@pytest.fixture
def commands(themes) -> PictureCommands:
    return PictureCommands(themes)


def press(commands: PictureCommands, keys: str, selection: GallerySelection) -> bool:
    combination = QKeySequence(keys)[0]
    event = QKeyEvent(QEvent.Type.KeyPress, combination.key(), combination.keyboardModifiers(), "")
    return commands.handle_key(event, selection)


def labels(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


@pytest.mark.parametrize(
    ("keys", "signal", "arguments"),
    [
        ("F", "favourite_requested", [True]),
        ("Shift+F", "favourite_requested", [False]),
        ("0", "rating_requested", [0]),
        ("5", "rating_requested", [5]),
        ("T", "tag_requested", []),
        ("Ctrl+Shift+E", "export_requested", []),
        ("Del", "trash_requested", []),
    ],
)
def test_a_key_asks_the_same_of_a_million_pictures(qtbot, commands, keys, signal, arguments):
    with qtbot.waitSignal(getattr(commands, signal)) as asked:
        assert press(commands, keys, GallerySelection(MILLION))
    assert asked.args == [MILLION, *arguments]


def test_of_one_picture_a_favourite_is_what_it_was_not(qtbot, commands, world):
    record = world.add_picture(1)
    for is_favourite in (False, True):
        selection = selection_of([replace(record, is_favourite=is_favourite)])
        with qtbot.waitSignal(commands.favourite_requested) as asked:
            press(commands, "F", selection)
        assert asked.args == [(record.id,), not is_favourite]


@pytest.mark.parametrize(("keys", "signal"), [("N", "note"), ("M", "more_like")])
def test_what_is_asked_of_one_picture_names_it(qtbot, commands, world, keys, signal):
    record = world.add_picture(1)
    with qtbot.waitSignal(getattr(commands, f"{signal}_requested")) as asked:
        press(commands, keys, selection_of([record]))
    assert asked.args == [record]
    assert not press(commands, keys, GallerySelection((1, 2)))


@pytest.mark.parametrize(("count", "is_offered"), [(1, False), (2, True), (4, True), (5, False)])
def test_two_to_four_pictures_can_be_compared(commands, count, is_offered):
    assert press(commands, "C", GallerySelection(tuple(range(count)))) is is_offered


def test_in_the_trash_pictures_are_brought_back_or_deleted_for_good(qtbot, commands):
    selection = GallerySelection((7, 8), in_trash=True)
    with qtbot.waitSignal(commands.restore_requested) as restored:
        press(commands, "U", selection)
    with qtbot.waitSignal(commands.delete_requested) as deleted:
        press(commands, "Shift+Del", selection)
    assert [restored.args, deleted.args] == [[(7, 8)], [(7, 8)]]
    assert not any(press(commands, keys, selection) for keys in ("Del", "F", "3", "T", "C"))


def test_outside_of_the_trash_nothing_is_deleted_for_good(commands):
    assert not press(commands, "Shift+Del", GallerySelection((1,)))


def test_pictures_are_taken_out_of_the_album_that_is_shown(qtbot, commands, world):
    menu = commands.menu(GallerySelection((1, 2), album_id=9), None)
    assert "Take out of the album" not in labels(commands.menu(GallerySelection((1, 2)), None))
    leave = next(one for one in menu.actions() if one.text() == "Take out of the album")
    with qtbot.waitSignal(commands.album_left_requested) as asked:
        leave.trigger()
    assert asked.args == [(1, 2), 9]


def test_a_picture_whose_file_is_missing_can_be_located(qtbot, commands, world):
    record = world.add_picture(1)
    assert "Locate…" not in labels(commands.menu(selection_of([record]), None))
    missing = replace(record, missing_since=NOW)
    locate = commands.commands_for(selection_of([missing]))[0]
    with qtbot.waitSignal(commands.locate_requested) as asked:
        locate.run()
    assert asked.args == [missing]


def test_a_prompt_is_copied_only_where_there_is_one(commands, world):
    record = world.add_picture(1)
    without = replace(record, request=replace(record.request, prompt=""))
    assert "Copy prompt" in labels(commands.menu(selection_of([record]), None))
    assert "Copy prompt" not in labels(commands.menu(selection_of([without]), None))
    assert not press(commands, "Ctrl+Shift+C", selection_of([without]))


def test_the_menu_holds_every_command_once_and_the_ratings_together(commands, world):
    menu = commands.menu(selection_of([world.add_picture(1)]), None)
    words = labels(menu)
    assert len(set(words)) == len(words)
    rating = next(one.menu() for one in menu.actions() if one.text() == "Rating")
    assert labels(rating)[0] == "No rating"
    assert labels(rating)[-1] == "5 of 5 stars"
    keys = [one.shortcut().toString() for one in menu.actions() if not one.shortcut().isEmpty()]
    assert len(set(keys)) == len(keys)


def test_jobs_alone_are_offered_nothing_that_is_for_pictures(commands):
    jobs = selection_of([JobTile(make_job(1, JobState.RUNNING))])
    assert labels(commands.menu(jobs, None)) == ["Cancel"]
    assert not press(commands, "F", jobs)
