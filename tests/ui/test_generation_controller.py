"""The form and the status line with this computer's own server, which a test kills."""

import os
import signal
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig, ServerState
from algovera_desktop.engines import server_process
from algovera_desktop.ui.generation_controller import GenerationController
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.widgets.message_bar import MessageBar
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from algovera_desktop.ui.widgets.status_line import StatusLine
from support.http_server import reply_json, scripted_server
from support.job_stage import HURRIED, STUDIO, JobStage, job_stage
from support.processes import marked_processes

MARK = "ALGOVERA_GENERATION_TEST"


class Desk:
    """A controller with the widgets that it joins, and what the message bar said."""

    def __init__(self, stage: JobStage, link: LocalServerLink, themes, qtbot) -> None:
        self.stage = stage
        self.form = PromptForm(themes)
        self.status_line = StatusLine(themes)
        self.messages = MessageBar(themes)
        for widget in (self.form, self.status_line, self.messages):
            qtbot.addWidget(widget)
        self.controller = GenerationController(
            self.form,
            self.status_line,
            self.messages,
            stage.settings,
            stage.servers,
            stage.monitor,
            stage.jobs,
            link,
            self.form,
        )

    @property
    def text(self) -> str:
        return self.messages.current.text if self.messages.current else ""


@pytest.fixture
def link(qapp, tmp_path, monkeypatch) -> Iterator[LocalServerLink]:
    monkeypatch.setenv(MARK, str(tmp_path))
    link = LocalServerLink(tmp_path / "server")
    yield link
    link.server.stop()


@pytest.fixture
def desk(qapp, link, themes, qtbot, tmp_path) -> Iterator[Desk]:
    with job_stage(tmp_path, patience=HURRIED) as stage:
        stage.local_endpoint = link.server.endpoint
        yield Desk(stage, link, themes, qtbot)


def wait_until(qtbot, holds) -> None:
    qtbot.waitUntil(lambda: bool(holds()), timeout=30_000)


def kill_server(tmp_path) -> None:
    processes = marked_processes(MARK, str(tmp_path))
    os.kill(next(pid for pid, command in processes.items() if "--child" in command), signal.SIGKILL)


def sketch(seed: int) -> GenerationRequest:
    return GenerationRequest("a boat", "sketch", width=256, height=256, steps=8, seed=seed)


def test_no_picture_is_lost_when_this_computers_server_dies(qtbot, desk, link, tmp_path):
    link.start()
    wait_until(qtbot, lambda: desk.stage.monitor.is_ready(LOCAL_SERVER_ID))
    desk.form.generate_requested.emit([sketch(seed) for seed in range(6)])
    wait_until(qtbot, lambda: desk.stage.completed)
    kill_server(tmp_path)
    wait_until(qtbot, lambda: "is starting again. No job is lost." in desk.text)
    wait_until(qtbot, lambda: len(desk.stage.completed) == 6)
    assert JobState.FAILED not in desk.stage.all_states()
    assert desk.text == ""
    assert len(set(desk.stage.completed)) == 6


def test_trying_a_server_again_that_was_given_up_starts_it(qtbot, desk, link, tmp_path):
    in_the_way = tmp_path / "server"
    in_the_way.write_text("no folder")
    link.start()
    status = desk.stage.monitor.status
    wait_until(qtbot, lambda: status(LOCAL_SERVER_ID).state is ServerState.STOPPED)
    said = [label.text() for label in desk.form.findChildren(QLabel)]
    reason = f"The data folder {in_the_way} cannot be written: File exists."
    assert f"The server on this computer does not run. {reason}" in said
    desk.form.generate_requested.emit([sketch(1)])
    wait_until(qtbot, lambda: desk.stage.summary.held == 1)
    in_the_way.unlink()
    desk.stage.jobs.release(LOCAL_SERVER_ID)
    wait_until(qtbot, lambda: desk.stage.completed)


def test_a_server_of_the_next_version_is_told_and_no_job_is_lost(qtbot, desk, link, monkeypatch):
    own_version = server_process.__version__
    monkeypatch.setattr(server_process, "__version__", "0.0.1")
    link.start()
    desk.form.generate_requested.emit([sketch(1)])
    wait_until(qtbot, lambda: "was updated while it ran" in desk.text)
    wait_until(qtbot, lambda: desk.stage.summary.held == 1)
    assert JobState.FAILED not in desk.stage.all_states()
    monkeypatch.setattr(server_process, "__version__", own_version)  # as if started again
    desk.stage.jobs.release(LOCAL_SERVER_ID)
    wait_until(qtbot, lambda: desk.stage.completed)


def test_the_form_offers_what_the_chosen_server_can_make(qtbot, desk):
    with scripted_server() as server:
        server.on("/api/models", reply_json({"models": [{"name": "trial", "title": "Trial"}]}))
        server.on("/api/health", reply_json({}))
        server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
        desk.stage.serve_at(server.address)
        desk.form.server_changed.emit(STUDIO)
        wait_until(qtbot, lambda: desk.stage.monitor.is_ready(STUDIO))
        assert desk.stage.servers.active().id == STUDIO
        desk.form.generate_requested.emit([sketch(1)])
        wait_until(qtbot, lambda: desk.stage.jobs.jobs)
        assert {job.server_id for job in desk.stage.jobs.jobs.values()} == {STUDIO}


def test_a_server_that_was_removed_gives_way_to_this_computer(qtbot, desk):
    desk.form.server_changed.emit(STUDIO)
    wait_until(qtbot, lambda: desk.stage.monitor.status(STUDIO).state is ServerState.UNREACHABLE)
    desk.stage.servers.remove(STUDIO)
    desk.controller.server_changed(STUDIO)
    assert desk.stage.servers.active().id == LOCAL_SERVER_ID
    assert desk.stage.monitor.status(STUDIO).state is ServerState.STARTING


def test_another_server_is_used_as_if_it_had_been_chosen_in_the_form(desk):
    desk.controller.server_changed(STUDIO)
    (combo,) = [box for box in desk.form.findChildren(QComboBox) if box.findData(STUDIO) >= 0]
    for server_id in (STUDIO, LOCAL_SERVER_ID):
        desk.controller.use_server(server_id)
        assert desk.stage.servers.active().id == server_id
        assert combo.currentData() == server_id


def test_a_server_that_was_added_is_asked_what_it_can_make(qtbot, desk):
    with scripted_server() as server:
        server.on("/api/models", reply_json({"models": [{"name": "trial"}]}))
        server.on("/api/health", reply_json({}))
        server.on("/api/status", reply_json({"detail": "Unknown job"}, 404))
        desk.stage.serve_at(server.address)
        desk.stage.servers.save(ServerConfig("new", "New", server.address))
        desk.controller.server_changed("new")
        wait_until(qtbot, lambda: desk.stage.monitor.is_ready("new"))
        assert desk.stage.jobs.hold("new") is None
