"""The window's history over a real library, with its messages and its keys."""

import gc
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from algovera_desktop.domain.errors import DiskFullError
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.library.trash import Trash
from algovera_desktop.ui.history import MAX_DEEDS, History
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.trash_deed import TrashDeed
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.full_disk import fill, make_room, small_disk_at
from support.picture_world import PictureWorld, picture_world


@dataclass
class Stage:
    world: PictureWorld
    window: QWidget
    text: QPlainTextEdit
    canvas: QWidget
    bar: MessageBar
    history: History
    told: list[tuple[str, list[int]]] = field(default_factory=list)

    def trash(self, *ids: int) -> TrashDeed:
        deed = TrashDeed(self.world.library, ids, self._note_trashed, self._note_restored)
        self.history.do(deed)
        return deed

    def kept(self) -> list[int]:
        return sorted(record.id for record in self.world.library.page(LibraryQuery()))

    def press(self, label: str) -> None:
        (button,) = [one for one in self.bar.findChildren(QPushButton) if one.text() == label]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def words(self) -> str:
        return " | ".join(label.text() for label in self.bar.findChildren(QLabel))

    def _note_trashed(self, ids: tuple[int, ...]) -> None:
        self.told.append(("trashed", list(ids)))

    def _note_restored(self, ids: tuple[int, ...]) -> None:
        self.told.append(("restored", list(ids)))


def make_stage(qtbot, themes, world: PictureWorld) -> Stage:
    window = QWidget()
    qtbot.addWidget(window)
    bar, text, canvas = MessageBar(themes), QPlainTextEdit(), QWidget()
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    column = QVBoxLayout(window)
    for widget in (bar, text, canvas):
        column.addWidget(widget)
    history = History(world.tasks, bar, window)
    window.addActions([history.undo_action, history.redo_action])
    window.show()
    window.activateWindow()
    canvas.setFocus()
    return Stage(world, window, text, canvas, bar, history)


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[Stage]:
    with picture_world(tmp_path) as world:
        world.add_records(5)
        yield make_stage(qtbot, themes, world)


def settle(qtbot, stage: Stage) -> None:
    qtbot.waitUntil(lambda: stage.world.tasks.live_count == 0, timeout=20_000)


def undo(stage: Stage) -> None:
    QTest.keyClick(stage.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def redo(stage: Stage) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(stage.canvas, Qt.Key.Key_Z, both)


def test_keys_take_back_the_last_thing_first_and_do_it_again(qtbot, stage):
    stage.trash(1)
    stage.trash(2, 3)
    settle(qtbot, stage)
    assert stage.history.undo_action.text() == "Undo: Delete 2 pictures"
    undo(stage)
    settle(qtbot, stage)
    assert stage.kept() == [2, 3, 4, 5]
    assert stage.history.undo_action.text() == "Undo: Delete"
    assert stage.history.redo_action.text() == "Redo: Delete 2 pictures"
    undo(stage)
    redo(stage)
    redo(stage)
    settle(qtbot, stage)
    assert stage.kept() == [4, 5]
    assert not stage.history.redo_action.isEnabled()


def test_keys_pressed_before_anything_is_written_are_heeded_in_their_order(qtbot, stage):
    stage.trash(1)
    undo(stage)
    stage.trash(2)
    stage.trash(3)
    undo(stage)
    redo(stage)
    undo(stage)
    settle(qtbot, stage)
    assert stage.kept() == [1, 3, 4, 5]
    assert stage.told == [
        ("trashed", [1]),
        ("restored", [1]),
        ("trashed", [2]),
        ("trashed", [3]),
        ("restored", [3]),
        ("trashed", [3]),
        ("restored", [3]),
    ]


def test_with_nothing_to_take_back_nothing_happens(qtbot, stage):
    assert not stage.history.undo_action.isEnabled()
    stage.history.undo()
    stage.history.redo()
    assert stage.world.tasks.live_count == 0


def test_a_new_deed_ends_what_could_be_done_again(qtbot, stage):
    stage.trash(1)
    undo(stage)
    stage.trash(2)
    settle(qtbot, stage)
    redo(stage)
    settle(qtbot, stage)
    assert stage.kept() == [1, 3, 4, 5]
    assert stage.history.redo_action.text() == "Redo"


def test_the_button_takes_back_the_very_thing_that_its_message_is_about(qtbot, stage):
    first = stage.trash(1)
    stage.trash(2)
    settle(qtbot, stage)
    stage.history.undo_deed(first)
    stage.history.undo_deed(first)
    settle(qtbot, stage)
    assert stage.kept() == [1, 3, 4, 5]
    assert stage.history.undo_action.text() == "Undo: Delete"
    stage.press("Undo")
    settle(qtbot, stage)
    assert stage.kept() == [1, 2, 3, 4, 5]
    assert not stage.history.undo_action.isEnabled()


def test_a_message_goes_when_what_it_tells_is_taken_back_by_key(qtbot, stage):
    stage.trash(1)
    settle(qtbot, stage)
    assert "The picture is in the trash." in stage.words()
    undo(stage)
    settle(qtbot, stage)
    assert not stage.bar.isVisible()


def test_undo_says_what_was_deleted_for_good_meanwhile(qtbot, stage):
    stage.trash(1, 2)
    stage.trash(3)
    qtbot.waitUntil(lambda: not stage.history.is_busy)
    trash = Trash(stage.world.database)
    for gone in (1, 3):
        trash.claim([gone])
        trash.forget([gone])
    stage.history.undo()
    qtbot.waitUntil(lambda: "One picture is deleted for good" in stage.words())
    assert not stage.history.redo_action.isEnabled()
    stage.history.undo()
    qtbot.waitUntil(lambda: 2 in stage.kept() and not stage.history.is_busy)
    assert "One picture is deleted for good" in stage.words()
    assert 1 not in stage.kept()
    assert stage.history.redo_action.isEnabled()


def test_what_was_taken_back_otherwise_leaves_nothing_to_undo_and_that_is_said(qtbot, stage):
    stage.trash(1)
    qtbot.waitUntil(lambda: not stage.history.is_busy)
    stage.world.library.restore([1])
    stage.history.undo()
    qtbot.waitUntil(lambda: "Nothing is left to undo of this: Delete" in stage.words())
    assert not stage.history.undo_action.isEnabled()


def test_in_a_text_the_keys_are_the_texts_own(qtbot, stage):
    stage.trash(1)
    settle(qtbot, stage)
    stage.text.setFocus()
    QTest.keyClicks(stage.text, "a fox")
    for _ in range(3):
        QTest.keyClick(stage.text, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, stage)
    assert stage.text.toPlainText() == ""
    assert stage.kept() == [2, 3, 4, 5]


def test_only_so_many_are_remembered(qtbot, stage):
    stage.world.add_records(MAX_DEEDS, first=5)
    for image_id in range(1, MAX_DEEDS + 2):
        stage.trash(image_id)
    for _ in range(MAX_DEEDS + 5):
        stage.history.undo()
    settle(qtbot, stage)
    assert [what for what, _ in stage.told].count("restored") == MAX_DEEDS
    assert 1 not in stage.kept()


def test_what_fails_says_so_and_the_next_one_has_its_turn(qtbot, stage):
    def fail() -> None:
        raise DiskFullError("no space left")

    results: list[object] = []
    stage.history.run("Retry", fail, results.append)
    stage.history.run("Duplicate", lambda: "copied", results.append)
    settle(qtbot, stage)
    assert results == ["copied"]
    assert "Retry – The disk is full." in stage.words()
    assert not stage.history.undo_action.isEnabled()


class Switch:
    """A deed that turns its number on and off, and refuses when it is told to."""

    def __init__(self, number: int, lit: set[int], refusals: deque[bool]) -> None:
        self._number = number
        self._lit = lit
        self._refusals = refusals

    def name(self) -> str:
        return f"Switch {self._number}"

    def begin(self) -> None:
        pass

    def do(self) -> bool:
        self._may_refuse()
        self._lit.add(self._number)
        return True

    def done(self, result: bool) -> None:
        pass

    def not_done(self) -> None:
        pass

    def words(self) -> str:
        return ""

    def undo(self) -> bool:
        self._may_refuse()
        self._lit.remove(self._number)
        return True

    def undone(self, result: bool) -> None:
        pass

    def _may_refuse(self) -> None:
        if self._refusals.popleft():
            raise DiskFullError("no space left")


class HistoryMachine(RuleBasedStateMachine):
    """A history that is asked faster than it works, beside what one without threads would do."""

    def __init__(self, qtbot: QtBot, bar: MessageBar) -> None:
        super().__init__()
        self.qtbot = qtbot
        self.tasks = Tasks()
        self.history = History(self.tasks, bar)
        self.lit = set[int]()
        self.refusals = deque[bool]()
        self.switches: list[Switch] = []
        self.done: list[int] = []
        self.undone: list[int] = []

    @rule(fails=st.booleans())
    def do(self, fails):
        number = len(self.switches)
        self.switches.append(Switch(number, self.lit, self.refusals))
        self.refusals.append(fails)
        self.history.do(self.switches[number])
        if not fails:
            self.done.append(number)
            self.undone.clear()

    @rule(fails=st.booleans())
    def undo(self, fails):
        if self.done:
            self._expect(self.done[-1], self.done, self.undone, fails)
        self.history.undo()

    @rule(fails=st.booleans())
    def redo(self, fails):
        if self.undone:
            self._expect(self.undone[-1], self.undone, self.done, fails)
        self.history.redo()

    @precondition(lambda self: self.switches)
    @rule(fails=st.booleans(), data=st.data())
    def undo_one_of_them(self, fails, data):
        number = data.draw(st.integers(0, len(self.switches) - 1))
        if number in self.done:
            self._expect(number, self.done, self.undone, fails)
        self.history.undo_deed(self.switches[number])

    @rule()
    def wait(self):
        self.qtbot.waitUntil(lambda: not self.history.is_busy)
        assert self.lit == set(self.done)
        for action, names in (
            (self.history.undo_action, self.done),
            (self.history.redo_action, self.undone),
        ):
            assert action.isEnabled() == bool(names)
            assert action.text().endswith(f": Switch {names[-1]}" if names else "do")

    def teardown(self):
        self.wait()
        for _ in (*self.done, *self.undone):
            self.undo(False)
        self.wait()
        assert self.tasks.shut_down(10)
        for left in (self.history, self.tasks):
            left.deleteLater()

    def _expect(self, number: int, source: list[int], target: list[int], fails: bool) -> None:
        self.refusals.append(fails)
        if not fails:
            source.remove(number)
            target.append(number)


def test_however_fast_and_whatever_fails_it_is_as_if_each_waited_for_the_last(qtbot, themes):
    bar = MessageBar(themes)
    qtbot.addWidget(bar)
    run_state_machine_as_test(
        partial(HistoryMachine, qtbot, bar),
        settings=settings(max_examples=30, stateful_step_count=20, deadline=None),
    )


def test_a_message_of_a_failure_goes_when_the_same_is_done_after_all(qtbot, themes):
    tasks, bar = Tasks(), MessageBar(themes)
    qtbot.addWidget(bar)
    history, refusals = History(tasks, bar), deque([False, True, False, False])
    first, second = (Switch(number, set(), refusals) for number in (1, 2))
    history.do(first)
    history.undo()
    history.do(second)
    qtbot.waitUntil(lambda: not history.is_busy)
    assert bar.current.text.startswith("Undo: Switch 1 – The disk is full.")
    history.undo_deed(first)
    qtbot.waitUntil(lambda: not history.is_busy)
    assert bar.current is None
    assert tasks.shut_down(10)
    for left in (history, tasks):
        left.deleteLater()


def test_what_is_remembered_outlives_python_letting_go_of_it(qtbot, stage):
    stage.trash(1)
    stage.trash(2)
    undo(stage)
    settle(qtbot, stage)
    gc.collect()
    redo(stage)
    undo(stage)
    undo(stage)
    settle(qtbot, stage)
    assert stage.kept() == [1, 2, 3, 4, 5]


def test_what_is_taken_back_by_its_button_can_be_done_again(qtbot, stage):
    first = stage.trash(1)
    stage.trash(2)
    stage.history.undo_deed(first)
    settle(qtbot, stage)
    assert stage.history.redo_action.text() == "Redo: Delete"
    redo(stage)
    settle(qtbot, stage)
    assert stage.kept() == [3, 4, 5]


def test_on_a_full_disk_undo_says_so_and_can_be_tried_again(qtbot, themes, tmp_path):
    with small_disk_at(tmp_path / "small") as disk, picture_world(disk) as world:
        world.add_records(3)
        stage = make_stage(qtbot, themes, world)
        stage.trash(1, 2)
        settle(qtbot, stage)
        fill(disk)
        undo(stage)
        undo(stage)
        settle(qtbot, stage)
        assert stage.kept() == [3]
        assert "Undo: Delete 2 pictures – The disk is full." in stage.words()
        assert stage.history.undo_action.text() == "Undo: Delete 2 pictures"
        make_room(disk)
        stage.press("Try again")
        settle(qtbot, stage)
        assert stage.kept() == [1, 2, 3]
