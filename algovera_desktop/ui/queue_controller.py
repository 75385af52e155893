"""Joins the queue panel to the jobs, to what can be done with them, and to the window."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.settings import QUEUE_HEIGHT
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.job_mirror import QueueSummary
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.models.queue_servers import QueueServers
from algovera_desktop.ui.models.tile_words import failure_words
from algovera_desktop.ui.queue_actions import QueueActions
from algovera_desktop.ui.queue_commands import QueueCommands
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.thumbnail_loader import ThumbnailLoader
from algovera_desktop.ui.widgets.queue_panel import QueuePanel
from algovera_desktop.ui.widgets.status_line import StatusLine


class QueueController(QObject):
    """Owns the panel and its model, which the actions need: ``model``, then ``serve``.

    Signals:
        show_picture_requested: the ImageRecord of a finished job.
    """

    show_picture_requested = Signal(object)

    def __init__(
        self,
        jobs: JobController,
        servers: ServerList,
        monitor: ServerMonitor,
        thumbnails: ThumbnailLoader,
        themes: ThemeController,
        status_line: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._servers = servers
        self._facts = QueueServers(jobs, servers, monitor, self)
        self._status_line = status_line
        self.model = QueueModel(jobs, self._facts, self)
        self.commands = QueueCommands(self.model, themes, self)
        self.panel = QueuePanel(self.model, thumbnails, self.commands, themes)
        self.commands.pause_requested.connect(self._on_commands_pause_requested)
        self.commands.try_again_requested.connect(jobs.release)
        self.commands.show_picture_requested.connect(self.show_picture_requested)
        status_line.pause_requested.connect(jobs.set_paused)
        jobs.paused_changed.connect(self._on_jobs_paused_changed)
        jobs.summary_changed.connect(self._on_jobs_summary_changed)
        self._on_jobs_paused_changed()

    def serve(self, actions: QueueActions) -> None:
        """Have these actions do what the panel asks."""
        commands = self.commands
        commands.cancel_requested.connect(actions.cancel)
        commands.dismiss_requested.connect(actions.dismiss)
        commands.retry_requested.connect(actions.retry)
        commands.duplicate_requested.connect(actions.duplicate)
        commands.front_requested.connect(actions.move_to_front)
        commands.up_requested.connect(actions.move_up)
        commands.down_requested.connect(actions.move_down)
        commands.move_requested.connect(actions.move)
        commands.edit_requested.connect(actions.begin_edit)
        commands.remove_finished_requested.connect(actions.remove_finished)

    def join(self, window: MainWindow, settings: SettingsStore) -> None:
        """Give the panel its place, with the height that it had last."""
        window.show_queue(self.panel, settings.get(QUEUE_HEIGHT))
        window.closing.connect(partial(self._on_window_closing, window, settings))
        window.queue_action.toggled.connect(self._status_line.set_queue_open)
        self._status_line.queue_requested.connect(window.queue_action.trigger)
        self._status_line.set_queue_open(False)

    def _on_window_closing(self, window: MainWindow, settings: SettingsStore) -> None:
        settings.set(QUEUE_HEIGHT, window.queue_height)

    def _on_commands_pause_requested(self, server_id: str | None, is_paused: bool) -> None:
        if server_id is not None and not is_paused and self._jobs.is_paused():
            self._part_pauses(server_id)
        self._jobs.set_paused(is_paused, server_id)

    def _part_pauses(self, server_id: str) -> None:
        """One server shall go on while all are paused: pause the others each for itself, before
        anything can be sent to them."""
        others = {server.id for server in self._servers.all()} | set(self._jobs.server_ids())
        for other in others - {server_id}:
            self._jobs.set_paused(True, other)
        self._jobs.set_paused(False)

    def _on_jobs_paused_changed(self) -> None:
        self._status_line.set_paused(self._jobs.is_paused())

    def _on_jobs_summary_changed(self, summary: QueueSummary) -> None:
        self._status_line.set_jobs(summary, self._hold_reason() if summary.held else "")

    def _hold_reason(self) -> str:
        """What keeps the held jobs waiting, if it is one and the same thing."""
        held_by = {self._facts.held_by(server_id) for server_id in self._jobs.server_ids()}
        kinds = [kind for kind in held_by if kind is not None]
        if len(kinds) != 1:
            return ""
        return failure_words(kinds[0])
