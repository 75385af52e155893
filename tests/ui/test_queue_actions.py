"""What the artist does to jobs: over a real queue, controller, history and list."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from algovera_desktop.domain.jobs import FailureKind, Job, JobFailure, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.ui.history import History
from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.models.queue_servers import QueueServers
from algovera_desktop.ui.queue_actions import QueueActions
from algovera_desktop.ui.widgets.message_bar import MessageBar
from support.algovera_server import TRIAL, running_server
from support.full_disk import fill, make_room, small_disk_at
from support.job_stage import HURRIED, STUDIO, JobStage, job_stage, request


class Room:
    """A stage, nothing of which is sent until ``go_on``, and the actions upon it."""

    def __init__(self, stage: JobStage, bar: MessageBar) -> None:
        self.stage = stage
        self.bar = bar
        self.queue = stage.queue
        self.history = History(stage.tasks, bar)
        servers = QueueServers(stage.jobs, stage.servers, stage.monitor)
        self.list = QueueModel(stage.jobs, servers)
        self.actions = QueueActions(stage.queue, stage.jobs, self.history, self.list)
        stage.jobs.set_paused(True)

    def add(self, count: int, *, server_id: str = STUDIO, first: int = 0) -> list[str]:
        requests = [request(f"paint {first + number}", first + number) for number in range(count)]
        jobs = self.queue.add(server_id, requests)
        self.stage.jobs.take(jobs)
        return [job.id for job in jobs]

    def add_failed(self, failure: JobFailure | None) -> str:
        """A job that failed, or, without a failure, one whose answer was lost."""
        (job_id,) = self.add(1)
        while (job := self.queue.claim(STUDIO)) and job.id != job_id:
            self.queue.put_back(job.id)
        ended = self.queue.failed(job_id, failure) if failure else self.queue.uncertain(job_id)
        self.stage.jobs.take([ended])
        return job_id

    def line(self) -> list[int]:
        """The seeds of what stands in line, as the queue has it."""
        return [job.request.seed for job in self.queue.open_jobs(limit=100_000)]

    def get(self, job_id: str) -> Job:
        job = self.queue.get(job_id)
        assert job is not None
        return job


@pytest.fixture
def bar(qtbot, themes) -> MessageBar:
    bar = MessageBar(themes)
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def room(bar, tmp_path) -> Iterator[Room]:
    with job_stage(tmp_path, patience=HURRIED) as stage:
        yield Room(stage, bar)


def settle(qtbot, room: Room) -> None:
    """Until all that was asked is done, and the window has heard of it."""

    def is_quiet() -> bool:
        if room.history.is_busy:
            return False
        heard = {job.id: job.revision for job in room.stage.jobs.jobs.values()}
        written = room.queue.open_jobs(limit=100_000)
        return heard == {job.id: job.revision for job in written}

    qtbot.waitUntil(is_quiet, timeout=30_000)


def test_many_are_cancelled_at_once_and_come_back_to_their_places_by_one_undo(qtbot, room):
    ids = room.add(6)
    room.actions.cancel([ids[1], ids[3], ids[4]])
    settle(qtbot, room)
    assert room.line() == [0, 2, 5]
    assert room.stage.removed == [ids[1], ids[3], ids[4]]
    assert room.bar.current.text == "3 pictures were cancelled."
    assert room.history.undo_action.text() == "Undo: Cancel 3 pictures"
    room.history.undo()
    settle(qtbot, room)
    assert room.line() == [0, 1, 2, 3, 4, 5]
    assert {room.get(job_id).state for job_id in ids} == {JobState.WAITING}
    assert room.bar.current is None


def test_thousands_are_cancelled_and_brought_back_as_fast_as_keys_are_pressed(qtbot, room):
    ids = room.add(2000)
    room.actions.cancel(ids)
    room.history.undo()
    room.history.redo()
    room.history.undo()
    room.history.redo()
    settle(qtbot, room)
    assert room.line() == []
    assert len(room.stage.jobs.jobs) == 0
    room.history.undo()
    settle(qtbot, room)
    assert len(room.line()) == len(room.stage.jobs.jobs) == 2000


def test_dismissed_jobs_come_back_as_they_were_and_cost_nothing(qtbot, room):
    failed = room.add_failed(JobFailure(FailureKind.PROTOCOL, "no sense"))
    unknown = room.add_failed(None)
    room.actions.dismiss([failed, unknown])
    settle(qtbot, room)
    assert room.bar.current.text == "2 pictures were dismissed."
    assert room.queue.open_jobs() == []
    room.history.undo()
    settle(qtbot, room)
    assert room.get(failed).failure == JobFailure(FailureKind.PROTOCOL, "no sense")
    assert room.get(unknown).state is JobState.UNKNOWN


def test_undo_of_what_was_at_its_server_says_its_price_and_sends_it_again(qtbot, room, tmp_path):
    with running_server(tmp_path / "server", *TRIAL) as server:
        room.stage.serve_at(server.address)
        room.stage.submit("hold", server_id=STUDIO)
        room.stage.jobs.set_paused(False)
        qtbot.waitUntil(lambda: room.stage.summary.running == 1, timeout=20_000)
        (job,) = room.stage.jobs.jobs.values()
        room.actions.cancel([job.id])
        settle(qtbot, room)
        assert "may be charged again" in room.bar.current.text
        server.gate.touch()
        room.history.undo()
        qtbot.waitUntil(lambda: room.stage.completed == [job.id], timeout=20_000)
        again = room.get(job.id)
    assert again.state is JobState.DONE
    assert again.remote_id != job.remote_id


def test_undo_of_what_this_computer_began_speaks_of_no_charge(qtbot, room):
    (job_id,) = room.add(1, server_id=LOCAL_SERVER_ID)
    room.queue.claim(LOCAL_SERVER_ID)
    room.actions.cancel([job_id])
    settle(qtbot, room)
    assert room.bar.current.text.endswith("What was begun is painted anew after Undo.")


def test_a_job_that_left_before_the_window_heard_of_it_is_a_new_wish_after_undo(qtbot, room):
    (job_id,) = room.add(1)
    room.queue.claim(STUDIO, with_ref=True)
    room.queue.accepted(job_id, "remote 1")
    room.actions.cancel([job_id])
    settle(qtbot, room)
    assert "may be charged again" in room.bar.current.text
    room.history.undo()
    settle(qtbot, room)
    again = room.get(job_id)
    assert again.state is JobState.WAITING
    assert again.remote_id is again.client_ref is None


def test_what_is_done_meanwhile_is_not_cancelled_and_nothing_is_to_be_undone(qtbot, room):
    (job_id,) = room.add(1)
    room.queue.cancel([job_id])
    room.actions.cancel([job_id])
    qtbot.waitUntil(lambda: not room.history.is_busy)
    assert room.bar.current is None
    assert not room.history.undo_action.isEnabled()


def test_failed_jobs_are_sent_again_and_copies_stand_behind_their_originals(qtbot, room):
    failed = room.add_failed(JobFailure(FailureKind.ENGINE, "no"))
    ids = room.add(3, first=10)
    room.actions.retry([failed])
    room.actions.duplicate(ids[:2])
    settle(qtbot, room)
    assert room.get(failed).state is JobState.WAITING
    assert room.line() == [0, 10, 11, 10, 11, 12]
    copies = [job for job in room.queue.open_jobs() if job.id not in {*ids, failed}]
    assert len({job.group_id for job in copies}) == 1
    room.history.undo()
    settle(qtbot, room)
    assert room.line() == [0, 10, 11, 12]
    room.history.redo()
    settle(qtbot, room)
    assert room.line() == [0, 10, 11, 10, 11, 12]


@pytest.mark.parametrize(
    ("how", "moved", "order"),
    [
        ("move_to_front", [3, 5], [3, 5, 0, 1, 2, 4]),
        ("move_to_front", [0, 1], None),
        ("move_up", [3], [0, 1, 3, 2, 4, 5]),
        ("move_up", [3, 5], [0, 1, 3, 5, 2, 4]),
        ("move_up", [0, 2], [0, 2, 1, 3, 4, 5]),
        ("move_up", [0], None),
        ("move_down", [3], [0, 1, 2, 4, 3, 5]),
        ("move_down", [1, 4], [0, 2, 3, 5, 1, 4]),
        ("move_down", [4], [0, 1, 2, 3, 5, 4]),
        ("move_down", [5, 4], None),
    ],
)
def test_jobs_are_moved_in_line_and_back(qtbot, room, how, moved, order):
    ids = room.add(6)
    getattr(room.actions, how)([ids[number] for number in moved])
    settle(qtbot, room)
    assert room.line() == (order or [0, 1, 2, 3, 4, 5])
    assert room.history.undo_action.isEnabled() == (order is not None)
    room.history.undo()
    settle(qtbot, room)
    assert room.line() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("moved", "before", "order"),
    [
        ([4], 1, [0, 4, 1, 2, 3, 5]),
        ([1, 4], 3, [0, 2, 1, 4, 3, 5]),
        ([1, 4], None, [0, 2, 3, 5, 1, 4]),
        ([1, 3, 5], 3, [0, 2, 1, 3, 5, 4]),
        ([2], 3, None),
        ([2], 2, None),
        ([4, 5], None, None),
    ],
)
def test_jobs_are_dropped_between_others_and_a_drop_in_place_is_none(
    qtbot, room, moved, before, order
):
    ids = room.add(6)
    room.actions.move([ids[number] for number in moved], None if before is None else ids[before])
    settle(qtbot, room)
    assert room.line() == (order or [0, 1, 2, 3, 4, 5])
    assert room.history.undo_action.isEnabled() == (order is not None)


def test_moves_that_follow_each_other_quickly_are_each_seen_by_the_next(qtbot, room):
    ids = room.add(1200)
    for _ in range(3):
        room.actions.move_up([ids[5]])
    room.actions.move(ids[:600], None)
    room.actions.move_to_front(ids[1190:])
    settle(qtbot, room)
    assert room.line()[:11] == [*range(1190, 1200), 600]
    assert room.line()[600:606] == [0, 1, 5, 2, 3, 4]
    for _ in range(5):
        room.history.undo()
    settle(qtbot, room)
    assert room.line() == list(range(1200))


def test_a_move_within_one_servers_line_passes_by_the_jobs_of_others(qtbot, room):
    first, second = room.add(2)
    room.add(2, server_id=LOCAL_SERVER_ID, first=10)
    third, _ = room.add(2, first=20)
    room.actions.move_up([third])
    settle(qtbot, room)
    mine = [job.id for job in room.queue.open_jobs() if job.server_id == STUDIO]
    assert mine[:3] == [first, third, second]


def test_what_is_finished_goes_from_the_list_and_comes_back(qtbot, room):
    ids = room.add(3)
    room.actions.cancel(ids[:2])
    settle(qtbot, room)
    assert room.list.job(ids[0]) is not None
    room.actions.remove_finished()
    settle(qtbot, room)
    assert room.list.job(ids[0]) is None
    assert room.history.undo_action.text() == "Undo: Remove finished"
    room.history.undo()
    settle(qtbot, room)
    assert room.list.job(ids[0]).state is JobState.CANCELLED
    room.history.undo()
    settle(qtbot, room)
    assert room.list.job(ids[0]).state is JobState.WAITING


def test_with_nothing_finished_there_is_nothing_to_undo(qtbot, room):
    room.add(1)
    room.actions.remove_finished()
    settle(qtbot, room)
    assert not room.history.undo_action.isEnabled()


def test_a_job_in_line_is_held_for_the_form_and_goes_on_at_its_place(qtbot, room):
    ids = room.add(3)
    with qtbot.waitSignal(room.actions.edit_begun) as begun:
        room.actions.begin_edit(ids[1])
    assert begun.args[0].failure == JobFailure(FailureKind.EDITED, "")
    assert room.stage.jobs.jobs[ids[1]].state is JobState.HELD
    with qtbot.waitSignal(room.actions.edit_ended):
        room.actions.end_edit(ids[1], request("paint anew", 99))
    assert room.line() == [0, 99, 2]
    assert room.stage.jobs.jobs[ids[1]].state is JobState.WAITING


def test_a_change_of_a_waiting_picture_is_undone_and_done_again(qtbot, room):
    ids = room.add(3)
    room.actions.begin_edit(ids[1])
    qtbot.waitSignal(room.actions.edit_begun).wait()
    with qtbot.waitSignal(room.actions.edit_ended):
        room.actions.end_edit(ids[1], request("paint anew", 99))
    assert room.history.undo_action.text() == "Undo: Change the picture"
    room.history.undo()
    settle(qtbot, room)
    assert room.line() == [0, 1, 2]
    room.history.redo()
    settle(qtbot, room)
    assert room.line() == [0, 99, 2]
    room.queue.claim(STUDIO)
    room.queue.claim(STUDIO)
    room.history.undo()
    qtbot.waitUntil(lambda: not room.history.is_busy)
    assert room.bar.current.text == "Nothing is left to undo of this: Change the picture"
    assert room.get(ids[1]).request.seed == 99


def test_what_is_saved_without_a_change_is_nothing_to_undo(qtbot, room):
    (job_id,) = room.add(1)
    room.actions.begin_edit(job_id)
    qtbot.waitSignal(room.actions.edit_begun).wait()
    with qtbot.waitSignal(room.actions.edit_ended):
        room.actions.end_edit(job_id, room.get(job_id).request)
    assert not room.history.undo_action.isEnabled()


def test_retry_is_undone_for_what_still_stands_in_line(qtbot, room):
    failed = room.add_failed(JobFailure(FailureKind.ENGINE, "no"))
    unknown = room.add_failed(None)
    room.actions.retry([failed, unknown])
    settle(qtbot, room)
    assert room.history.undo_action.text() == "Undo: Retry 2 pictures"
    room.history.undo()
    settle(qtbot, room)
    assert room.stage.jobs.jobs[failed].failure == JobFailure(FailureKind.ENGINE, "no")
    assert room.stage.jobs.jobs[unknown].state is JobState.UNKNOWN
    assert room.bar.current is None
    room.history.redo()
    settle(qtbot, room)
    assert {room.get(one).state for one in (failed, unknown)} == {JobState.WAITING}
    room.queue.claim(STUDIO)
    room.history.undo()
    qtbot.waitUntil(lambda: not room.history.is_busy)
    assert room.bar.current.text == "Too late: the picture is being made, or has been."
    assert room.get(failed).state is JobState.SUBMITTING
    assert room.get(unknown).state is JobState.UNKNOWN


def test_a_job_that_was_sent_or_cancelled_cannot_be_changed(qtbot, room):
    ids = room.add(2)
    room.queue.claim(STUDIO)
    room.queue.cancel([ids[1]])
    for job_id in ids:
        with qtbot.waitSignal(room.actions.edit_refused) as refused:
            room.actions.begin_edit(job_id)
        assert refused.args == [job_id]
        with qtbot.waitSignal(room.actions.edit_lost) as lost:
            room.actions.end_edit(job_id, request("too late"))
        assert lost.args == [job_id]


def test_on_a_full_disk_nothing_is_cancelled_and_that_is_said(qtbot, bar, tmp_path: Path):
    with (
        small_disk_at(tmp_path / "small") as disk,
        job_stage(tmp_path, database_folder=disk) as stage,
    ):
        room = Room(stage, bar)
        ids = room.add(200)
        settle(qtbot, room)
        fill(disk)
        room.actions.cancel(ids)
        settle(qtbot, room)
        assert re.match("Cancel 200 pictures – The disk is full", bar.current.text)
        assert len(room.line()) == 200
        assert not room.history.undo_action.isEnabled()
        make_room(disk)
        bar.current.actions[0][1]()
        settle(qtbot, room)
        assert room.line() == []
