"""The queue's panel over a list of jobs that a test tells of."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from algovera_desktop.domain.jobs import Job
from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.models.queue_servers import QueueServers
from algovera_desktop.ui.queue_commands import QueueCommands
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.queue_panel import QueuePanel
from algovera_desktop.ui.widgets.queue_row_layout import RowButton, button_rect, lay_out
from algovera_desktop.ui.widgets.queue_view import QueueView
from support.picture_world import PictureWorld, picture_world
from support.queue_world import ToldJobs, ToldMonitor, server_list

_COMMANDS = (
    "cancel",
    "dismiss",
    "retry",
    "duplicate",
    "front",
    "up",
    "down",
    "move",
    "edit",
    "group",
    "show_picture",
    "remove_finished",
    "pause",
    "try_again",
)


@dataclass
class PanelStage:
    """``asked`` is what the panel has asked for: the name of a command and its arguments."""

    world: PictureWorld
    jobs: ToldJobs
    model: QueueModel
    panel: QueuePanel
    asked: list[tuple[object, ...]]

    @property
    def view(self) -> QueueView:
        return self.panel.view

    def select(self, *jobs: Job) -> None:
        self.view.setCurrentIndex(self.model.index(self.model.row_of(jobs[0].id) or 0))
        self.view.select_ids([job.id for job in jobs])

    def go_to(self, item_id: str) -> None:
        self.view.setCurrentIndex(self.model.index(self.model.row_of(item_id) or 0))

    def press(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        QTest.keyClick(self.view, key, modifiers)

    def click(self, item_id: str, button: RowButton) -> None:
        rect = self.view.visualRect(self.model.index(self.model.row_of(item_id) or 0))
        place = button_rect(lay_out(rect, self.view.fontMetrics()), button).center()
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def button(self, text: str) -> QPushButton:
        buttons = self.panel.findChildren(QPushButton)
        return next(one for one in buttons if one.accessibleName() == text)


@contextmanager
def panel_stage(folder: Path, themes: ThemeController, qtbot: QtBot) -> Iterator[PanelStage]:
    """A panel on the screen, with the keyboard."""
    servers, settings = server_list(folder)
    with picture_world(folder) as world, closing(settings):
        jobs = ToldJobs()
        facts = QueueServers(jobs, servers, ToldMonitor())
        model = QueueModel(jobs, facts)
        commands = QueueCommands(model, themes)
        asked: list[tuple[object, ...]] = []
        for name in _COMMANDS:
            signal = getattr(commands, f"{name}_requested")
            signal.connect(lambda *payload, name=name: asked.append((name, *payload)))
        panel = QueuePanel(model, world.thumbnails, commands, themes)
        qtbot.addWidget(panel)
        panel.resize(900, 500)
        panel.show()
        panel.take_focus()
        yield PanelStage(world, jobs, model, panel, asked)
        panel.hide()
