"""The queue panel as it is used: keys, buttons, menus, dragging."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.ui.widgets.queue_row_layout import RowButton, lay_out
from support.panel_stage import PanelStage, panel_stage
from support.picture_world import make_job
from support.queue_world import line_of

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[PanelStage]:
    with panel_stage(tmp_path, themes, qtbot) as stage:
        yield stage


def ids(*jobs: Job) -> list[str]:
    return [job.id for job in jobs]


FAILED, UNKNOWN = JobState.FAILED, JobState.UNKNOWN
WAITING, RUNNING = JobState.WAITING, JobState.RUNNING


@pytest.mark.parametrize(
    ("state", "key", "modifiers", "command"),
    [
        (WAITING, Qt.Key.Key_Delete, NONE, "cancel"),
        (RUNNING, Qt.Key.Key_Delete, NONE, "cancel"),
        (FAILED, Qt.Key.Key_Delete, NONE, "dismiss"),
        (UNKNOWN, Qt.Key.Key_Delete, NONE, "dismiss"),
        (FAILED, Qt.Key.Key_R, CTRL, "retry"),
        (UNKNOWN, Qt.Key.Key_R, CTRL, "retry"),
        (WAITING, Qt.Key.Key_Up, ALT, "up"),
        (WAITING, Qt.Key.Key_Down, ALT, "down"),
        (WAITING, Qt.Key.Key_Home, ALT, "front"),
        (WAITING, Qt.Key.Key_D, CTRL, "duplicate"),
        (FAILED, Qt.Key.Key_D, CTRL, "duplicate"),
    ],
)
def test_a_key_asks_for_something_of_all_selected_jobs(stage, state, key, modifiers, command):
    jobs = line_of(3)
    stage.jobs.add(*jobs)
    stage.jobs.become(state, *jobs)
    stage.select(jobs[0], jobs[2])
    stage.press(key, modifiers)
    assert stage.asked == [(command, ids(jobs[0], jobs[2]))]


@pytest.mark.parametrize(
    ("state", "key", "modifiers"),
    [
        (WAITING, Qt.Key.Key_R, CTRL),
        (RUNNING, Qt.Key.Key_Home, ALT),
        (RUNNING, Qt.Key.Key_Return, NONE),
        (FAILED, Qt.Key.Key_Up, ALT),
    ],
)
def test_what_does_not_fit_a_job_has_no_key(stage, state, key, modifiers):
    (job,) = line_of(1)
    stage.jobs.add(job)
    stage.jobs.become(state, job)
    stage.select(job)
    stage.press(key, modifiers)
    assert stage.asked == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_E])
def test_enter_opens_a_waiting_job_in_the_form(stage, key):
    jobs = line_of(2)
    stage.jobs.add(*jobs)
    stage.select(jobs[1])
    stage.press(key)
    assert stage.asked == [("edit", jobs[1].id)]
    stage.select(*jobs)
    stage.press(key)
    assert len(stage.asked) == 1


def test_what_is_open_in_the_form_is_not_opened_again(stage):
    (job,) = line_of(1)
    stage.jobs.add(job)
    stage.jobs.become(JobState.HELD, job, failure=JobFailure(FailureKind.EDITED, ""))
    stage.select(job)
    stage.press(Qt.Key.Key_Return)
    assert stage.asked == []


def test_enter_and_a_double_click_show_a_finished_picture(stage):
    (job,) = line_of(1)
    record = stage.world.add_picture(0)
    stage.jobs.add(job)
    stage.jobs.complete(job, record)
    stage.select(job)
    stage.press(Qt.Key.Key_Return)
    place = stage.view.visualRect(stage.model.index(1)).center()
    QTest.mouseClick(stage.view.viewport(), LEFT, pos=place)
    QTest.mouseDClick(stage.view.viewport(), LEFT, pos=place)
    assert stage.asked == [("show_picture", record)] * 2


def test_retry_by_key_never_sends_again_what_may_have_been_charged_beside_it(stage):
    failed, unknown = line_of(2)
    stage.jobs.add(failed, unknown)
    stage.jobs.become(FAILED, failed)
    stage.jobs.become(UNKNOWN, unknown)
    stage.select(failed, unknown)
    stage.press(Qt.Key.Key_R, CTRL)
    assert stage.asked == [("retry", ids(failed))]


def test_delete_cancels_the_ones_and_dismisses_the_others(stage):
    waiting, failed = line_of(2)
    stage.jobs.add(waiting, failed)
    stage.jobs.become(FAILED, failed)
    stage.press(Qt.Key.Key_A, CTRL)
    stage.press(Qt.Key.Key_Delete)
    assert stage.asked == [("dismiss", ids(failed)), ("cancel", ids(waiting))]


@pytest.mark.parametrize(("gone", "heir"), [([1], 2), ([0, 1], 2), ([2, 3], 1)])
def test_the_cursor_stays_in_line_when_jobs_are_cancelled(stage, gone, heir):
    line = line_of(4)
    stage.jobs.add(*line)
    stage.select(*(line[number] for number in gone))
    stage.press(Qt.Key.Key_Delete)
    assert stage.asked == [("cancel", ids(*(line[number] for number in gone)))]
    stage.jobs.remove(*(line[number] for number in gone))
    assert stage.model.id_at(stage.view.currentIndex().row()) == line[heir].id
    assert stage.view.selected_ids() == [line[heir].id]


def test_the_keyboard_begins_with_the_next_in_line(stage):
    running, *line = line_of(3)
    stage.jobs.add(running, *line)
    stage.jobs.change(replace(running, state=RUNNING, revision=2))
    stage.view.setCurrentIndex(stage.model.index(-1))
    stage.panel.take_focus()
    assert stage.model.id_at(stage.view.currentIndex().row()) == line[0].id


def test_a_group_is_selected_as_one(stage):
    group = [make_job(n, group=1, server_id=LOCAL_SERVER_ID) for n in range(3)]
    stage.jobs.add(*group, *line_of(2, first=5))
    stage.select(group[1])
    stage.press(Qt.Key.Key_G, CTRL)
    assert stage.view.selected_ids() == ids(*group)


def test_p_pauses_the_server_under_the_cursor_and_resumes_it(stage):
    mine, other = line_of(1), line_of(1, server_id="studio", first=3)
    stage.jobs.add(*mine, *other)
    stage.select(other[0])
    stage.press(Qt.Key.Key_P)
    stage.jobs.pause("studio", True)
    stage.go_to("studio")
    stage.press(Qt.Key.Key_P)
    assert stage.asked == [("pause", "studio", True), ("pause", "studio", False)]


def test_a_header_has_the_cursor_but_is_never_selected(stage):
    stage.jobs.add(*line_of(1))
    stage.go_to(LOCAL_SERVER_ID)
    assert stage.view.selected_ids() == []
    stage.press(Qt.Key.Key_A, CTRL)
    assert not stage.view.selectionModel().isSelected(stage.model.index(0))


def test_a_held_server_is_tried_again_by_key_and_by_button(stage):
    stage.jobs.add(*line_of(1, server_id="studio"))
    stage.jobs.set_hold("studio", FailureKind.PAYMENT)
    stage.go_to("studio")
    stage.press(Qt.Key.Key_R, CTRL)
    stage.click("studio", RowButton.TRY_AGAIN)
    assert stage.asked == [("try_again", "studio")] * 2


def test_the_buttons_of_a_row_are_for_that_row_alone(stage):
    failed, waiting, unknown = line_of(3)
    stage.jobs.add(failed, waiting, unknown)
    stage.jobs.become(FAILED, failed)
    stage.jobs.become(UNKNOWN, unknown)
    stage.press(Qt.Key.Key_A, CTRL)
    stage.click(failed.id, RowButton.AGAIN)
    stage.click(unknown.id, RowButton.AGAIN)
    stage.click(unknown.id, RowButton.CLOSE)
    stage.click(waiting.id, RowButton.CLOSE)
    stage.click(LOCAL_SERVER_ID, RowButton.PAUSE)
    assert stage.asked == [
        ("retry", ids(failed)),
        ("retry", ids(unknown)),
        ("dismiss", ids(unknown)),
        ("cancel", ids(waiting)),
        ("pause", LOCAL_SERVER_ID, True),
    ]
    assert len(stage.view.selected_ids()) == 3


def test_letters_do_not_search(stage):
    jobs = line_of(3)
    stage.jobs.add(*jobs)
    stage.select(jobs[0])
    stage.press(Qt.Key.Key_F)
    assert stage.view.selected_ids() == ids(jobs[0])


def test_the_menu_offers_what_can_be_done_with_the_selection(stage, qtbot):
    jobs = [make_job(n, group=1, server_id=LOCAL_SERVER_ID) for n in range(2)]
    stage.jobs.add(*jobs)
    stage.select(jobs[1])
    menu = stage.view.menu()
    qtbot.addWidget(menu)
    shown = {action.text(): action.shortcut().toString() for action in menu.actions()}
    assert shown == {
        "Change in the form": "Return",
        "Move to the front": "Alt+Home",
        "Move up": "Alt+Up",
        "Move down": "Alt+Down",
        "Duplicate": "Ctrl+D",
        "Select the group": "Ctrl+G",
        "Cancel": "Del",
    }


# All at once


def test_the_bar_does_for_all_what_fits_each(stage, qtbot):
    jobs = line_of(5)
    stage.jobs.add(*jobs, *line_of(1, server_id="studio", first=9))
    stage.jobs.become(FAILED, jobs[0])
    stage.jobs.become(UNKNOWN, jobs[1])
    stage.jobs.become(RUNNING, jobs[2])
    stage.jobs.remove(jobs[4])
    texts = ("Retry failed", "Remove finished", "Cancel all", "Pause all")
    qtbot.waitUntil(stage.button("Remove finished").isEnabled)
    for text in texts:
        QTest.mouseClick(stage.button(text), LEFT)
    other = line_of(1, server_id="studio", first=9)
    assert stage.asked == [
        ("retry", ids(jobs[0])),
        ("remove_finished",),
        ("cancel", ids(jobs[2], jobs[3], *other)),
        ("pause", None, True),
    ]


def test_the_bar_sums_up_and_offers_only_what_can_be_done(stage, qtbot):
    assert not stage.button("Cancel all").isEnabled()
    stage.jobs.add(*line_of(2))
    qtbot.waitUntil(stage.button("Cancel all").isEnabled)
    assert not stage.button("Retry failed").isEnabled()
    assert stage.panel.findChild(QLabel).text() == "Queue: 2 waiting"
    pause = stage.button("Pause all")
    stage.jobs.pause(None, True)
    qtbot.waitUntil(lambda: pause.accessibleName() == "Resume")
    QTest.mouseClick(pause, LEFT)
    assert stage.asked == [("pause", None, False)]


# What is selected stays selected


def test_a_large_move_keeps_selection_cursor_and_place(stage):
    jobs = line_of(300)
    stage.jobs.add(*jobs)
    stage.select(*jobs[250:])
    stage.view.verticalScrollBar().setValue(1234)
    stage.jobs.reorder(*jobs[250:], *jobs[:250])
    assert stage.view.selected_ids() == ids(*jobs[250:])
    assert stage.model.id_at(stage.view.currentIndex().row()) == jobs[250].id
    assert stage.view.verticalScrollBar().value() == 1234


def test_a_selected_job_stays_selected_when_it_starts(stage):
    jobs = line_of(3)
    stage.jobs.add(*jobs)
    stage.select(jobs[2])
    stage.jobs.become(RUNNING, jobs[2])
    assert stage.view.selected_ids() == ids(jobs[2])


# Dragging


def edge_below(stage: PanelStage, job: Job) -> QPointF:
    rect = stage.view.visualRect(stage.model.index(stage.model.row_of(job.id) or 0))
    return QPointF(rect.center().x(), rect.bottom() - 2)


def drag_to(stage: PanelStage, data: QMimeData, place: QPointF) -> bool:
    """Drag over a place and drop there; whether that was accepted on the way."""
    move = Qt.DropAction.MoveAction
    enter = QDragEnterEvent(place.toPoint(), move, data, LEFT, NONE)
    over = QDragMoveEvent(place.toPoint(), move, data, LEFT, NONE)
    drop = QDropEvent(place, move, data, LEFT, NONE)
    for event in (enter, over):
        event.ignore()
        QApplication.sendEvent(stage.view.viewport(), event)
    is_accepted = over.isAccepted()
    stage.panel.grab()
    QApplication.sendEvent(stage.view.viewport(), drop)
    return is_accepted


def test_dragged_jobs_are_asked_to_stand_where_they_were_dropped(stage):
    jobs = line_of(5)
    stage.jobs.add(*jobs)
    stage.select(jobs[0], jobs[2])
    data = stage.view.jobs_to_drag()
    assert drag_to(stage, data, edge_below(stage, jobs[3]))
    assert drag_to(stage, data, edge_below(stage, jobs[4]))
    assert stage.asked == [
        ("move", ids(jobs[0], jobs[2]), jobs[4].id),
        ("move", ids(jobs[0], jobs[2]), None),
    ]


def test_only_jobs_of_the_line_under_the_cursor_are_dragged(stage):
    jobs, others = line_of(3), line_of(1, server_id="studio", first=5)
    stage.jobs.add(*jobs, *others)
    stage.jobs.become(RUNNING, jobs[0])
    stage.select(jobs[1], jobs[0], *others)
    data = stage.view.jobs_to_drag()
    drag_to(stage, data, edge_below(stage, jobs[2]))
    assert stage.asked == [("move", ids(jobs[1]), None)]
    stage.select(jobs[0])
    assert stage.view.jobs_to_drag() is None


def test_jobs_cannot_be_dragged_to_another_server_nor_anything_else_here(stage):
    jobs, others = line_of(2), line_of(2, server_id="studio", first=5)
    stage.jobs.add(*jobs, *others)
    stage.select(jobs[0])
    assert not drag_to(stage, stage.view.jobs_to_drag(), edge_below(stage, others[0]))
    text = QMimeData()
    text.setText("a text from elsewhere")
    assert not drag_to(stage, text, edge_below(stage, jobs[1]))
    assert stage.asked == []


# Looks


def test_every_state_can_be_painted_and_a_thumbnail_comes_by_itself(stage, qtbot):
    jobs = [
        replace(job, state=state, failure=JobFailure(FailureKind.ENGINE, "no"))
        for number, state in enumerate(JobState)
        for job in line_of(1, first=number)
    ]
    stage.jobs.add(*jobs)
    done = next(job for job in jobs if job.state is JobState.DONE)
    record = stage.world.add_picture(done.request.seed, None)
    stage.jobs.complete(done, record)
    with qtbot.waitSignal(stage.world.thumbnails.changed):
        stage.panel.grab()
    assert stage.world.thumbnails.pixmap(record, 40) is not None
    assert not stage.panel.grab().isNull()


def test_no_column_of_a_narrow_panel_runs_into_the_next(stage):
    stage.panel.resize(720, 400)
    stage.jobs.add(*line_of(2))
    row = stage.view.visualRect(stage.model.index(1))
    layout = lay_out(row, stage.view.fontMetrics())
    columns = (layout.face, layout.words, layout.state, layout.button, layout.close)
    assert all(rect.width() > 20 for rect in columns)
    for one, next_one in pairwise(columns):
        assert one.right() < next_one.left()
    assert layout.close.right() < row.right()


def test_a_screen_reader_meets_a_list_of_rows(stage):
    jobs = line_of(2)
    stage.jobs.add(*jobs)
    was_active = QAccessible.isActive()
    QAccessible.setActive(True)
    try:
        met = QAccessible.queryAccessibleInterface(stage.view)
        assert met.role() == QAccessible.Role.List
        names = [met.child(row).text(QAccessible.Text.Name) for row in range(met.childCount())]
    finally:
        QAccessible.setActive(was_active)
    assert names[0].startswith("This computer, 2 waiting")
    assert names[1] == "a fox, number 0, Next in line"
