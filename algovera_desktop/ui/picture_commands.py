"""All that can be asked of tiles, wherever they are shown: by key, by menu, by button."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import LINE_STATES, Job, JobState
from algovera_desktop.ui.commands import Command, fill_menu, meant_by
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import GallerySelection
from algovera_desktop.ui.theme import ThemeController

RETRYABLE_STATES = frozenset({JobState.FAILED, JobState.UNKNOWN})


class PictureCommands(QObject):
    """Turns a selection into the commands that fit it, and a command into a signal.

    Signals:
        reuse_requested, vary_requested: the ImageRecord.
        copy_requested, copy_prompt_requested: the ImageRecord.
        save_as_requested, show_in_folder_requested: the ImageRecord.
        trash_requested, restore_requested: the ids of pictures, a sequence of ints.
        cancel_jobs_requested, retry_jobs_requested: the ids of jobs, a tuple of texts. To cancel
            one that failed is to dismiss it.
        edit_job_requested: the id of a job that stands in line.
    """

    reuse_requested = Signal(object)
    vary_requested = Signal(object)
    copy_requested = Signal(object)
    copy_prompt_requested = Signal(object)
    save_as_requested = Signal(object)
    show_in_folder_requested = Signal(object)
    trash_requested = Signal(object)
    restore_requested = Signal(object)
    cancel_jobs_requested = Signal(object)
    retry_jobs_requested = Signal(object)
    edit_job_requested = Signal(str)

    def __init__(self, themes: ThemeController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes

    def commands_for(self, selection: GallerySelection) -> list[Command]:
        """What can be done with what is selected, in the order of a menu."""
        only = selection.only
        return [
            *(self._for_picture(only) if isinstance(only, ImageRecord) else []),
            *self._for_pictures(selection),
            *self._for_jobs(selection.jobs),
        ]

    def menu(self, selection: GallerySelection, parent: QWidget) -> QMenu:
        """A menu of the commands, which deletes itself when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu, selection)
        return menu

    def fill(self, menu: QMenu, selection: GallerySelection) -> None:
        """Add the commands to a menu, which shows their keys but does not listen to them."""
        fill_menu(menu, self.commands_for(selection), self._themes.theme)

    def handle_key(self, event: QKeyEvent, selection: GallerySelection) -> bool:
        """Run what the pressed key stands for: Del on a picture and a job deletes the one and
        cancels the other. False if it stands for nothing."""
        meant = meant_by(event, self.commands_for(selection))
        for command in meant:
            command.run()
        return bool(meant)

    def _for_picture(self, record: ImageRecord) -> list[Command]:
        def ask(signal: SignalInstance) -> Callable[[], None]:
            return partial(signal.emit, record)

        reuse_tip = self.tr("Put all of this picture's settings into the form")
        vary_tip = self.tr("Make it again with another seed")
        prompt_keys = "Ctrl+Shift+C"
        return [
            Command(self.tr("Reuse"), "undo-2", "R", ask(self.reuse_requested), reuse_tip),
            Command(self.tr("Vary"), "shuffle", "V", ask(self.vary_requested), vary_tip),
            Command(self.tr("Copy picture"), "copy", "Ctrl+C", ask(self.copy_requested)),
            Command(self.tr("Copy prompt"), "copy", prompt_keys, ask(self.copy_prompt_requested)),
            Command(self.tr("Save as…"), "save", "Ctrl+S", ask(self.save_as_requested)),
            Command(
                self.tr("Show in folder"), "folder-open", "", ask(self.show_in_folder_requested)
            ),
        ]

    def _for_pictures(self, selection: GallerySelection) -> list[Command]:
        ids = selection.image_ids
        if not ids:
            return []
        is_one = len(ids) == 1
        if selection.in_trash:
            text = self.tr("Restore") if is_one else self.tr("Restore %n pictures", "", len(ids))
            return [Command(text, "undo-2", "U", partial(self.restore_requested.emit, ids))]
        text = self.tr("Delete") if is_one else self.tr("Delete %n pictures", "", len(ids))
        return [Command(text, "trash-2", "Del", partial(self.trash_requested.emit, ids))]

    def _for_jobs(self, tiles: Sequence[JobTile]) -> list[Command]:
        jobs = [tile.job for tile in tiles]
        commands = self._for_stopped(jobs)
        if len(jobs) == 1 and jobs[0].state in LINE_STATES:
            run = partial(self.edit_job_requested.emit, jobs[0].id)
            tip = self.tr("Open it in the form, and save it back to its place in line")
            commands.append(Command(self.tr("Change"), "pencil", "E", run, tip))
        if jobs:
            run = partial(self.cancel_jobs_requested.emit, _ids(jobs))
            is_over = all(job.state in RETRYABLE_STATES for job in jobs)
            text, icon_name = (self.tr("Dismiss"), "x") if is_over else (self.tr("Cancel"), "ban")
            commands.append(Command(text, icon_name, "Del", run))
        return commands

    def _for_stopped(self, jobs: Sequence[Job]) -> list[Command]:
        """What may have been charged is sent again by key only where nothing else is meant."""
        failed = [job for job in jobs if job.state is JobState.FAILED]
        unknown = [job for job in jobs if job.state is JobState.UNKNOWN]
        commands: list[Command] = []
        if failed:
            run = partial(self.retry_jobs_requested.emit, _ids(failed))
            commands.append(Command(self.tr("Retry"), "refresh-cw", "Ctrl+R", run))
        if unknown:
            run = partial(self.retry_jobs_requested.emit, _ids(unknown))
            keys = "" if failed else "Ctrl+R"
            commands.append(Command(self.tr("Send again"), "send", keys, run))
        return commands


def _ids(jobs: Sequence[Job]) -> tuple[str, ...]:
    return tuple(job.id for job in jobs)
