"""All that can be asked of jobs in the queue panel: by key, by menu, by button."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QMenu, QWidget

from algovera_desktop.domain.jobs import END_STATES, LINE_STATES, FailureKind, Job, JobState
from algovera_desktop.ui.commands import Command, fill_menu
from algovera_desktop.ui.models.queue_items import ServerRow
from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.theme import ThemeController

_STOPPED = frozenset({JobState.FAILED, JobState.UNKNOWN})


class QueueCommands(QObject):
    """Turns selected jobs into the commands that fit them, and a command into a signal.

    Signals, where ``ids`` is a list of job ids in the order of the list:
        cancel_requested, dismiss_requested, retry_requested, duplicate_requested: the ids.
        front_requested, up_requested, down_requested: the ids of jobs in line.
        move_requested: such ids, and the id of the job they shall stand before, None for the end.
        edit_requested: the id of a job in line.
        group_requested: the id of a job whose whole group is to be selected.
        show_picture_requested: the ImageRecord of a finished job.
        remove_finished_requested: take what is done or cancelled off the list.
        pause_requested: a server's id, None for all of them, and whether to pause or to go on.
        try_again_requested: the id of a server whose jobs are held.
    """

    cancel_requested = Signal(object)
    dismiss_requested = Signal(object)
    retry_requested = Signal(object)
    duplicate_requested = Signal(object)
    front_requested = Signal(object)
    up_requested = Signal(object)
    down_requested = Signal(object)
    move_requested = Signal(object, object)
    edit_requested = Signal(str)
    group_requested = Signal(str)
    show_picture_requested = Signal(object)
    remove_finished_requested = Signal()
    pause_requested = Signal(object, bool)
    try_again_requested = Signal(str)

    def __init__(
        self, model: QueueModel, themes: ThemeController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes

    def for_jobs(self, ids: Sequence[str]) -> list[Command]:
        """What can be done with these jobs, in the order of a menu."""
        known = (self._model.job(job_id) for job_id in ids)
        jobs = [job for job in known if job is not None]
        if not jobs:
            return []
        only = jobs[0] if len(jobs) == 1 else None
        line = [job for job in jobs if job.state in LINE_STATES]
        return [
            *(self._for_one(only) if only else []),
            *(self._for_line(line) if line else []),
            *self._for_stopped(jobs),
            *self._for_any(jobs),
        ]

    def for_server(self, server: ServerRow) -> list[Command]:
        """What can be done with a server whose header is meant."""
        text = self.tr("Resume this server") if server.is_paused else self.tr("Pause this server")
        name = "play" if server.is_paused else "pause"
        pause = partial(self.pause_requested.emit, server.server_id, not server.is_paused)
        commands = [Command(text, name, "P", pause)]
        if server.can_try_again:
            run = partial(self.try_again_requested.emit, server.server_id)
            commands.append(Command(self.tr("Try again"), "refresh-cw", "Ctrl+R", run))
        return commands

    def menu(self, commands: Sequence[Command], parent: QWidget) -> QMenu:
        """A menu of commands, which shows their keys but does not listen to them, and which
        deletes itself when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, commands, self._themes.theme)
        return menu

    def _for_one(self, job: Job) -> list[Command]:
        picture = self._model.picture(job.id)
        if picture is not None:
            show = partial(self.show_picture_requested.emit, picture)
            return [Command(self.tr("Show the picture"), "image", "Return", show)]
        is_being_changed = job.failure is not None and job.failure.kind is FailureKind.EDITED
        if job.state not in LINE_STATES or is_being_changed:
            return []
        edit = partial(self.edit_requested.emit, job.id)
        return [Command(self.tr("Change in the form"), "pencil", "Return", edit)]

    def _for_line(self, jobs: Sequence[Job]) -> list[Command]:
        return [
            Command(
                self.tr("Move to the front"),
                "arrow-up-to-line",
                "Alt+Home",
                _with(self.front_requested, jobs),
            ),
            Command(self.tr("Move up"), "arrow-up", "Alt+Up", _with(self.up_requested, jobs)),
            Command(
                self.tr("Move down"), "arrow-down", "Alt+Down", _with(self.down_requested, jobs)
            ),
        ]

    def _for_stopped(self, jobs: Sequence[Job]) -> list[Command]:
        """Sending again what may have been charged has the key only where nothing else can be
        meant by it."""
        failed = [job for job in jobs if job.state is JobState.FAILED]
        unknown = [job for job in jobs if job.state is JobState.UNKNOWN]
        commands: list[Command] = []
        if failed:
            text = self.tr("Retry") if len(failed) == 1 else self.tr("Retry %n", "", len(failed))
            run = _with(self.retry_requested, failed)
            commands.append(Command(text, "refresh-cw", "Ctrl+R", run))
        if unknown:
            many = self.tr("Send %n again", "", len(unknown))
            text = self.tr("Send again") if len(unknown) == 1 else many
            keys = "" if failed else "Ctrl+R"
            commands.append(Command(text, "send", keys, _with(self.retry_requested, unknown)))
        return commands

    def _for_any(self, jobs: Sequence[Job]) -> list[Command]:
        stopped = [job for job in jobs if job.state in _STOPPED]
        open_ones = [job for job in jobs if job.state not in _STOPPED | END_STATES]
        group = partial(self.group_requested.emit, jobs[0].id)
        commands = [
            Command(self.tr("Duplicate"), "copy", "Ctrl+D", _with(self.duplicate_requested, jobs)),
        ]
        if len(self._model.group_of(jobs[0].id)) > 1:
            commands.append(Command(self.tr("Select the group"), "layers", "Ctrl+G", group))
        if stopped:
            many = self.tr("Dismiss %n", "", len(stopped))
            text = self.tr("Dismiss") if len(stopped) == 1 else many
            commands.append(Command(text, "x", "Del", _with(self.dismiss_requested, stopped)))
        if open_ones:
            many = self.tr("Cancel %n", "", len(open_ones))
            text = self.tr("Cancel") if len(open_ones) == 1 else many
            commands.append(Command(text, "ban", "Del", _with(self.cancel_requested, open_ones)))
        return commands


def _with(signal: SignalInstance, jobs: Sequence[Job]) -> Callable[[], None]:
    return partial(signal.emit, [job.id for job in jobs])
