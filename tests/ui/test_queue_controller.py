"""The queue panel in the window, over the real queue, controller and actions."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from algovera_desktop.domain.jobs import JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.domain.settings import QUEUE_HEIGHT
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.shell import Shell
from algovera_desktop.ui.history import History
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.models.queue_items import JobRow
from algovera_desktop.ui.queue_actions import QueueActions
from algovera_desktop.ui.queue_controller import QueueController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from support.algovera_server import TRIAL, running_server
from support.job_stage import STUDIO, JobStage, job_stage


@dataclass
class Desk:
    stage: JobStage
    shell: Shell
    controller: QueueController

    @property
    def window(self) -> MainWindow:
        return self.shell.window

    def rows(self) -> list[tuple[str, JobState]]:
        """The prompts and states in the order of the list."""
        model = self.controller.model
        rows = (model.row(row) for row in range(model.rowCount()))
        return [(row.job.request.prompt, row.job.state) for row in rows if isinstance(row, JobRow)]

    def line(self) -> list[str]:
        return [prompt for prompt, _ in self.rows()]

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        QTest.keyClick(self.controller.panel.view, key, modifiers)

    def status_words(self) -> str:
        return self.shell.status_line.findChild(QLabel).text()


@pytest.fixture
def desk(qtbot, tmp_path, themes) -> Iterator[Desk]:
    with (
        job_stage(tmp_path) as stage,
        closing(ThumbnailCache(tmp_path / "thumbnails.sqlite")) as cache,
    ):
        window = MainWindow()
        qtbot.addWidget(window)
        shell = Shell(window, themes, stage.settings)
        shell.furnish()
        shell.put_form(PromptForm(themes))
        thumbnails = ThumbnailLoader(stage.files, cache, stage.tasks)
        controller = QueueController(
            stage.jobs, stage.servers, stage.monitor, thumbnails, themes, shell.status_line
        )
        history = History(stage.tasks, shell.messages)
        actions = QueueActions(stage.queue, stage.jobs, history, controller.model)
        controller.serve(actions)
        controller.join(window, stage.settings)
        window.show()
        window.queue_action.trigger()
        yield Desk(stage, shell, controller)
        window.close()
        assert shell.tasks.shut_down(5)


def test_the_list_follows_the_queue_through_the_panels_keys(desk, qtbot):
    desk.stage.jobs.set_paused(True)
    desk.stage.submit("a", "b", "c")
    qtbot.waitUntil(lambda: desk.line() == ["a", "b", "c"])
    view = desk.controller.panel.view
    view.setCurrentIndex(desk.controller.model.index(3))
    desk.press(Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: desk.line() == ["c", "a", "b"])
    desk.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: desk.line() == ["a", "c", "b"])
    assert [job.request.prompt for job in desk.stage.queue.open_jobs()] == ["a", "c", "b"]
    desk.press(Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    qtbot.waitUntil(lambda: desk.rows()[-1] == ("c", JobState.CANCELLED))
    desk.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    desk.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(desk.rows()) > 3)


def test_pictures_are_listed_as_done_when_they_are_there(desk, qtbot, tmp_path):
    with running_server(tmp_path / "server", *TRIAL) as server:
        desk.stage.serve_at(server.address)
        desk.stage.submit("paint a", "paint b")
        done = [("paint b", JobState.DONE), ("paint a", JobState.DONE)]
        qtbot.waitUntil(lambda: desk.rows() == done, timeout=20_000)
        first = desk.controller.model.row(1)
        assert isinstance(first, JobRow)
        assert first.picture == desk.stage.library.for_job(first.job.id)


def test_the_status_line_says_what_is_paused_and_what_is_held(desk, qtbot):
    pause = next(
        button
        for button in desk.shell.status_line.findChildren(QPushButton)
        if button.accessibleName() == "Pause"
    )
    QTest.mouseClick(pause, Qt.MouseButton.LeftButton)
    assert desk.stage.jobs.is_paused()
    assert pause.accessibleName() == "Resume"
    desk.stage.submit("a", "b")
    qtbot.waitUntil(lambda: desk.status_words().startswith("2 "))
    QTest.mouseClick(pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.status_words() == "2 on hold: No connection")


def test_one_server_goes_on_while_the_others_stay_paused(desk, qtbot):
    desk.stage.jobs.set_paused(True)
    desk.stage.submit("a", server_id=STUDIO)
    qtbot.waitUntil(lambda: desk.line() == ["a"])
    desk.controller.panel.view.setCurrentIndex(desk.controller.model.index(0))
    desk.press(Qt.Key.Key_P, Qt.KeyboardModifier.NoModifier)
    jobs = desk.stage.jobs
    assert not jobs.is_paused(STUDIO)
    assert jobs.is_paused(LOCAL_SERVER_ID)
    assert not jobs.is_paused()


def test_the_height_of_the_queue_is_kept_when_the_window_closes(desk):
    desk.window.resize(960, 700)
    desk.controller.panel.parentWidget().setSizes([300, 301])
    height = desk.window.queue_height
    desk.window.close()
    assert desk.stage.settings.get(QUEUE_HEIGHT) == height > 200
