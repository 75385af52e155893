"""What is said of a server that holds up jobs: once, with a button, and no longer than it holds."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from algovera_desktop.domain.errors import DiskFullError
from algovera_desktop.domain.jobs import FailureKind
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.domain.settings import ACTIVE_SERVER_ID
from algovera_desktop.ui.job_messages import JobMessages
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar
from support.algovera_server import LOCAL_KEY, TRIAL, running_server
from support.fault_proxy import POST
from support.full_disk import fill, make_room, small_disk_at
from support.http_server import ScriptedServer, reply_json, scripted_server
from support.job_stage import HURRIED, STUDIO, JobStage, job_stage

REFUSED = reply_json({"detail": "Invalid API key"}, 403)
ACCEPTED = reply_json({"detail": "Unknown job"}, 404)


class Talk:
    """A stage with a message bar, and all that it ever showed."""

    def __init__(self, stage: JobStage, themes) -> None:
        self.stage = stage
        self.bar = MessageBar(themes)
        self.told: list[Message] = []
        show = self.bar.show_message
        self.bar.show_message = lambda message: (self.told.append(message), show(message))
        self.messages = JobMessages(stage.jobs, stage.servers, self.bar, self.bar)

    @property
    def text(self) -> str:
        return self.bar.current.text if self.bar.current else ""

    def press(self, label: str) -> None:
        """Press a button of the message that is shown."""
        message = self.bar.current
        self.bar.dismiss(message.key)
        dict(message.actions)[label]()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        server.on("/api/models", reply_json({"detail": "Not Found"}, 404))
        server.on("/api/basemodels", reply_json({"base_models": ["trial"]}))
        server.on("/api/status", ACCEPTED)
        yield server


@pytest.fixture
def talk(qapp, themes, qtbot, tmp_path, server, monkeypatch) -> Iterator[Talk]:
    monkeypatch.setattr("algovera_desktop.ui.server_monitor._FIRST_RETRY_S", 0.05)
    with job_stage(tmp_path, patience=HURRIED) as stage:
        stage.serve_at(server.address, LOCAL_KEY)
        talk = Talk(stage, themes)
        qtbot.addWidget(talk.bar)
        yield talk


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=20_000)


def test_no_credits_are_one_message_for_two_hundred_jobs(qtbot, talk, server):
    server.on(POST, reply_json({"detail": "no credits"}, 402))
    talk.stage.submit(*["paint"] * 200, server_id=STUDIO)
    wait_until(qtbot, lambda: "200 pictures wait." in talk.text)
    assert talk.text.startswith("Studio – The account has no credits left.")
    assert [label for label, _ in talk.bar.current.actions] == ["Try again"]
    assert len({message.key for message in talk.told}) == 1


def test_try_again_takes_the_message_away_or_brings_it_back(qtbot, talk, server):
    server.on(POST, reply_json({"detail": "no credits"}, 402))
    talk.stage.submit(*["paint"] * 5, server_id=STUDIO)
    wait_until(qtbot, lambda: "5 pictures wait." in talk.text)
    talk.press("Try again")
    assert talk.text == ""
    wait_until(qtbot, lambda: "5 pictures wait." in talk.text)
    server.on(POST, reply_json({"job_uuid": "a"}, 201))
    server.on("/api/status", reply_json({"job_status": "created"}))
    talk.press("Try again")
    wait_until(qtbot, lambda: talk.stage.summary.running == 3)
    assert talk.text == ""


def test_a_message_that_was_closed_stays_closed(qtbot, talk, server):
    server.on(POST, reply_json({"detail": "no credits"}, 402))
    talk.stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: "1 picture waits." in talk.text)
    talk.bar.dismiss(talk.bar.current.key)
    talk.stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: talk.stage.summary.held == 2)
    assert talk.text == ""


def test_a_model_that_is_gone_leads_to_the_models(qtbot, talk, server):
    entry = {"loc": ["body", "base_model"], "msg": "must be one of: sketch"}
    server.on(POST, reply_json({"detail": [entry]}, 422))
    with qtbot.waitSignal(talk.messages.model_missed, timeout=20_000) as missed:
        talk.stage.submit("paint")
    assert missed.args == [LOCAL_SERVER_ID]
    assert talk.text == "This computer cannot paint with trial any more."
    with qtbot.waitSignal(talk.messages.models_requested):
        talk.press("Models…")
    talk.stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: talk.text.startswith("Studio no longer has the model"))
    assert not talk.bar.current.actions


def test_a_wrong_key_can_be_mended_in_the_settings_of_its_server(qtbot, talk, server):
    server.on("/api/status", REFUSED)
    talk.stage.submit("paint", "paint", server_id=STUDIO)
    wait_until(qtbot, lambda: "2 pictures wait." in talk.text)
    assert talk.text.startswith("Studio – The server refused the key.")
    with qtbot.waitSignal(talk.messages.settings_requested) as asked:
        talk.press("Open settings")
    assert asked.args == [STUDIO]
    server.on("/api/status", reply_json({"job_status": "created"}))
    server.on(POST, reply_json({"job_uuid": "a"}, 201))
    talk.stage.jobs.server_changed(STUDIO)
    wait_until(qtbot, lambda: talk.stage.summary.running == 2)
    assert talk.text == ""


def test_a_wrong_key_of_the_server_in_use_is_told_before_a_job_is_sent(qtbot, talk, server):
    server.on("/api/status", REFUSED)
    talk.stage.monitor.watch(STUDIO)
    wait_until(qtbot, lambda: talk.stage.jobs.hold(STUDIO))
    qtbot.wait(150)
    assert talk.text == ""
    talk.stage.settings.set(ACTIVE_SERVER_ID, STUDIO)
    talk.messages.refresh()
    assert "refused the key" in talk.text
    talk.stage.settings.set(ACTIVE_SERVER_ID, LOCAL_SERVER_ID)
    talk.messages.refresh()
    assert talk.text == ""


def test_a_server_that_is_away_or_busy_needs_no_message(qtbot, talk, server):
    server.on(POST, reply_json({"detail": "busy"}, 429, Retry_After="60"))
    talk.stage.submit("paint", server_id=STUDIO)
    wait_until(qtbot, lambda: talk.stage.summary.held == 1)
    server.on("/api/models", reply_json({"detail": "out of order"}, 500))
    talk.stage.submit("paint")
    wait_until(qtbot, lambda: talk.stage.summary.held == 2)
    assert talk.told == []


def test_after_several_lost_answers_the_user_says_when_to_go_on(qtbot, talk, server):
    server.on(POST, reply_json({"detail": "bad gateway"}, 502))
    talk.stage.submit(*["paint"] * 10, server_id=STUDIO)
    wait_until(qtbot, lambda: "may have been charged" in talk.text)
    sent = len(server.to(POST))
    assert talk.stage.summary.unknown <= sent < 10
    server.on(POST, reply_json({"job_uuid": "a"}, 201))
    server.on("/api/status", reply_json({"job_status": "created"}))
    talk.press("Try again")
    wait_until(qtbot, lambda: talk.stage.summary.running == 3)


def _is_disk_full(stage: JobStage, server_id: str) -> bool:
    hold = stage.jobs.hold(server_id)
    return hold is not None and hold.failure.kind is FailureKind.DISK_FULL


def test_a_full_disk_is_one_message_for_all_servers(qtbot, qapp, themes, tmp_path, server):
    # Rests of half a minute, so that only the user can end the hold in time.
    patience = replace(HURRIED, first_rest_s=30.0, longest_rest_s=30.0)
    with (
        small_disk_at(tmp_path / "small") as disk,
        job_stage(tmp_path, database_folder=disk, patience=patience) as stage,
    ):
        talk = Talk(stage, themes)
        qtbot.addWidget(talk.bar)
        stage.submit("paint")
        stage.submit("paint", server_id=STUDIO)
        wait_until(qtbot, lambda: len(stage.jobs.jobs) == 2)
        fill(disk)
        stage.serve_at(server.address)
        for server_id in (LOCAL_SERVER_ID, STUDIO):
            stage.monitor.ask_again(server_id)
        wait_until(qtbot, lambda: talk.text.startswith("The disk is full."))
        wait_until(
            qtbot, lambda: all(_is_disk_full(stage, one) for one in (LOCAL_SERVER_ID, STUDIO))
        )
        assert len({message.key for message in talk.told}) == 1
        make_room(disk)
        server.on(POST, reply_json({"job_uuid": "a"}, 201))
        server.on("/api/status", reply_json({"job_status": "created"}))
        talk.press("Try again")
        wait_until(qtbot, lambda: stage.summary.running == 2)
        assert talk.text == ""


def test_that_the_disk_is_full_is_said_until_a_picture_is_stored(qtbot, talk, tmp_path):
    with running_server(tmp_path / "server", *TRIAL) as server:
        talk.stage.serve_at(server.address)
        talk.stage.jobs.failed.emit(DiskFullError("no space left"))
        assert talk.text.startswith("The disk is full.")
        talk.stage.submit("paint", server_id=STUDIO)
        wait_until(qtbot, lambda: len(talk.stage.completed) == 1)
    assert talk.text == ""


def test_jobs_of_a_removed_server_can_be_cancelled_at_once(qtbot, talk):
    stage = talk.stage
    stage.jobs.set_paused(True)
    stage.submit("paint", "paint", server_id=STUDIO)
    wait_until(qtbot, lambda: stage.summary.paused == 2)
    stage.servers.remove(STUDIO)
    stage.jobs.server_changed(STUDIO)
    wait_until(qtbot, lambda: "their server was removed: 2" in talk.text)
    talk.messages.cancel_requested.connect(lambda ids: stage.cancel(*ids))
    talk.press("Cancel them")
    wait_until(qtbot, lambda: not stage.jobs.jobs)
    assert talk.text == ""
