"""What the artist, who has turned to something else, is told of the pictures."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.domain.settings import NOTIFY_GROUP_END
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.notices import DBusNotices, TrayNotices, system_notices
from algovera_desktop.ui.notifier import Notifier
from algovera_desktop.ui.tasks import Tasks

if sys.platform != "linux":
    pytest.skip("here the desktop's own service would be asked", allow_module_level=True)

from support.notification_desk import NotificationDesk, private_bus

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SECRET_PROMPT = "a portrait of somebody"


class Jobs(QObject):
    """What a JobController tells, without its queue."""

    jobs_added = Signal(object)
    jobs_changed = Signal(object)
    jobs_removed = Signal(object)
    job_completed = Signal(object, object)

    def add(self, count: int, group_id: str = "g") -> list[Job]:
        request = GenerationRequest(SECRET_PROMPT, "m")
        jobs = [
            Job(f"{group_id}{number}", group_id, "local", request, JobState.WAITING, NOW, NOW)
            for number in range(count)
        ]
        self.jobs_added.emit(jobs)
        return jobs

    def complete(self, *jobs: Job) -> None:
        for job in jobs:
            self.job_completed.emit(replace(job, state=JobState.DONE), None)

    def change(self, state: JobState, *jobs: Job) -> None:
        self.jobs_changed.emit([replace(job, state=state) for job in jobs])


class World:
    """A notifier on a desktop that has nobody in front of it."""

    def __init__(self, desk: NotificationDesk, settings: SettingsStore, tasks: Tasks) -> None:
        self.desk = desk
        self.settings = settings
        self.jobs = Jobs()
        self.window = QWidget()
        self.notices = DBusNotices(tasks)
        self.notifier = Notifier(self.jobs, self.notices, settings, self.window)

    def texts(self) -> list[str]:
        return [body[3] for method, body in self.desk.asked if method == "Notify"]


@pytest.fixture
def world(qtbot, tmp_path, monkeypatch) -> Iterator[World]:
    settings = SettingsStore(tmp_path / "settings.json")
    tasks = Tasks()
    with private_bus(tmp_path) as address, NotificationDesk(address) as desk:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        world = World(desk, settings, tasks)
        qtbot.addWidget(world.window)
        yield world
        assert tasks.shut_down(10)
        QCoreApplication.processEvents()
    settings.close()


def wait_for_texts(qtbot, world: World, *texts: str) -> None:
    def check() -> None:
        assert world.texts() == list(texts)

    qtbot.waitUntil(check)


def bring_to_front(qtbot, window: QWidget) -> None:
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def leave(qtbot, window: QWidget) -> None:
    window.hide()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is None)


def test_the_end_of_a_group_is_told_without_its_prompt(qtbot, world):
    jobs = world.jobs.add(4)
    world.jobs.complete(*jobs[:3])
    assert world.desk.asked == []
    world.jobs.complete(jobs[3])
    wait_for_texts(qtbot, world, "4 pictures are finished")
    assert SECRET_PROMPT not in str(world.desk.asked)


@pytest.mark.parametrize(
    ("done", "failed", "unknown", "text"),
    [
        (1, 0, 0, "1 picture is finished"),
        (3, 1, 0, "3 of 4 pictures are finished, 1 failed"),
        (1, 2, 1, "1 of 4 pictures are finished, 2 failed, 1 needs your answer"),
        (1, 0, 2, "1 of 3 pictures are finished, 2 need your answer"),
        (0, 2, 0, "No picture is finished, 2 failed"),
        (0, 0, 1, "No picture is finished, 1 needs your answer"),
    ],
)
def test_what_did_not_become_a_picture_is_told_too(qtbot, world, done, failed, unknown, text):
    jobs = world.jobs.add(done + failed + unknown)
    world.jobs.change(JobState.FAILED, *jobs[:failed])
    world.jobs.change(JobState.UNKNOWN, *jobs[failed : failed + unknown])
    world.jobs.complete(*jobs[failed + unknown :])
    wait_for_texts(qtbot, world, text)


def test_one_text_sums_up_what_ended_while_nobody_looked(qtbot, world):
    first, second = world.jobs.add(2, "g"), world.jobs.add(1, "h")
    world.jobs.complete(*first, *second)
    wait_for_texts(qtbot, world, "2 pictures are finished", "3 pictures are finished")
    assert [body[1] for _, body in world.desk.asked] == [0, 1], "in place of the first"


def test_who_cancels_the_rest_of_a_group_is_told_what_became_of_it(qtbot, world):
    jobs = world.jobs.add(3)
    world.jobs.complete(jobs[0])
    world.jobs.jobs_removed.emit([job.id for job in jobs[1:]])
    wait_for_texts(qtbot, world, "1 picture is finished")


def test_in_front_nothing_is_told(qtbot, world):
    bring_to_front(qtbot, world.window)
    world.jobs.complete(*world.jobs.add(2))
    leave(qtbot, world.window)
    world.jobs.complete(*world.jobs.add(3, "h"))
    wait_for_texts(qtbot, world, "3 pictures are finished")


def test_who_comes_back_finds_the_text_gone_and_the_count_new(qtbot, world):
    world.jobs.complete(*world.jobs.add(2))
    wait_for_texts(qtbot, world, "2 pictures are finished")
    bring_to_front(qtbot, world.window)
    qtbot.waitUntil(lambda: world.desk.asked[-1] == ("CloseNotification", (1,)))
    leave(qtbot, world.window)
    world.jobs.complete(*world.jobs.add(1, "h"))
    wait_for_texts(qtbot, world, "2 pictures are finished", "1 picture is finished")


def test_a_click_opens_a_minimized_window(qtbot, world):
    world.window.setWindowState(Qt.WindowState.WindowMinimized)
    world.jobs.complete(*world.jobs.add(1))
    wait_for_texts(qtbot, world, "1 picture is finished")
    world.desk.click(1)
    qtbot.waitUntil(lambda: not world.window.isMinimized())


def test_who_turned_it_off_is_told_nothing(qtbot, world):
    world.settings.set(NOTIFY_GROUP_END, False)
    world.jobs.complete(*world.jobs.add(2))
    world.settings.set(NOTIFY_GROUP_END, True)
    world.jobs.complete(*world.jobs.add(1, "h"))
    wait_for_texts(qtbot, world, "1 picture is finished")


def test_nothing_is_connected_before_there_is_something_to_tell(world):
    world.jobs.add(2)
    world.notices.withdraw()
    assert world.notices.findChildren(QObject) == []
    assert world.desk.asked == []


@pytest.mark.parametrize(
    ("platform", "kind"), [("linux", DBusNotices), ("win32", TrayNotices), ("darwin", TrayNotices)]
)
def test_each_system_has_its_own_way(qtbot, platform, kind):
    tasks = Tasks()
    notices = system_notices(tasks, platform=platform)
    assert type(notices) is kind
    notices.deleteLater()
    tasks.deleteLater()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)
def test_an_icon_in_the_tray_is_there_only_for_as_long_as_its_text(qtbot):
    notices = TrayNotices()
    tray = notices.findChild(QSystemTrayIcon)
    assert not tray.isVisible()
    notices.show_text("1 picture is finished")
    assert tray.isVisible()
    with qtbot.waitSignal(notices.clicked):
        tray.messageClicked.emit()
    notices.withdraw()
    assert not tray.isVisible()
    notices.deleteLater()
