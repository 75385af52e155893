"""The bar on the program's icon in the launcher."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal

from algovera_desktop.ui.job_mirror import QueueSummary
from algovera_desktop.ui.tasks import Tasks

if sys.platform != "linux":
    pytest.skip("other systems have no such launcher", allow_module_level=True)

from algovera_desktop.ui.launcher_progress import LauncherProgress
from support.launcher import Launcher
from support.notification_desk import private_bus


class Jobs(QObject):
    """What a JobController tells, without its queue."""

    summary_changed = Signal(object)


@dataclass
class World:
    jobs: Jobs
    launcher: Launcher
    tasks: Tasks
    qtbot: object

    def show(self, **summary: object) -> dict[str, object]:
        """What the launcher is told of such a line."""
        self.jobs.summary_changed.emit(QueueSummary(**summary))
        told: list[dict[str, object]] = []

        def hear() -> bool:
            with suppress(TimeoutError):
                _, properties = self.launcher.next_update(timeout_s=0.01)
                told.append({name: value for name, (_, value) in properties.items()})
            return bool(told)

        self.qtbot.waitUntil(hear)
        return told[0]


@pytest.fixture
def world(qtbot, tmp_path, monkeypatch) -> Iterator[World]:
    tasks, jobs = Tasks(), Jobs()
    with private_bus(tmp_path) as address, Launcher(address) as launcher:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        progress = LauncherProgress(jobs, tasks)
        yield World(jobs, launcher, tasks, qtbot)
        assert tasks.shut_down(10)
        progress.close()
        QCoreApplication.processEvents()


def test_the_bar_goes_from_the_first_picture_to_the_last(world):
    shown = [
        world.show(running=1, waiting=3, progress=0.0),
        world.show(running=1, waiting=3, progress=0.5),
        world.show(running=1, waiting=0, progress=0.2),
        world.show(),
        world.show(running=1, waiting=1, progress=0.0),
    ]
    bars = [state["progress"] if state["progress-visible"] else None for state in shown]
    assert bars == [0.0, 0.12, 0.8, None, 0.0]
    assert [state["count"] for state in shown] == [4, 4, 1, 0, 2]


def test_a_picture_that_needs_an_answer_draws_attention(world):
    assert world.show(running=1, unknown=1)["urgent"] is True
    assert world.show(running=1)["urgent"] is False


def test_many_changes_are_told_as_one(world):
    for waiting in range(1, 50):
        world.jobs.summary_changed.emit(QueueSummary(running=1, waiting=waiting))
    assert world.show(running=1, waiting=50)["count"] == 51
