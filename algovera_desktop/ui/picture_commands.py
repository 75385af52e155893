"""All that can be asked of tiles, wherever they are shown: by key, by menu, by button."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from algovera_desktop.domain.images import MAX_RATING, UNKNOWN_TOOL, ImageRecord
from algovera_desktop.domain.jobs import LINE_STATES, Job, JobState
from algovera_desktop.ui.commands import Command, fill_menu, meant_by
from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import GallerySelection
from algovera_desktop.ui.theme import ThemeController

MAX_COMPARED = 4
_STARS = range(1, MAX_RATING + 1)

RETRYABLE_STATES = frozenset({JobState.FAILED, JobState.UNKNOWN})


class PictureCommands(QObject):
    """Turns a selection into the commands that fit it, and a command into a signal.

    Signals:
        reuse_requested, vary_requested: the ImageRecord.
        copy_requested, copy_prompt_requested: the ImageRecord.
        save_as_requested, show_in_folder_requested: the ImageRecord.
        more_like_requested, locate_requested: the ImageRecord; the file of the latter is missing.
        note_requested: the ImageRecord whose note is to be written.
        trash_requested, restore_requested: the ids of pictures, a sequence of ints.
        delete_requested: the ids of pictures that are to be gone for good; to be asked about.
        favourite_requested: ids, and whether they are to be favourites.
        rating_requested: ids, and their rating from 0 to MAX_RATING.
        tag_requested, album_requested: the ids of pictures that are to get a tag or an album.
        album_left_requested: ids, and the id of the album that they are to be taken out of.
        compare_requested, export_requested, share_requested: ids.
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
    more_like_requested = Signal(object)
    locate_requested = Signal(object)
    note_requested = Signal(object)
    trash_requested = Signal(object)
    restore_requested = Signal(object)
    delete_requested = Signal(object)
    favourite_requested = Signal(object, bool)
    rating_requested = Signal(object, int)
    tag_requested = Signal(object)
    album_requested = Signal(object)
    album_left_requested = Signal(object, object)
    compare_requested = Signal(object)
    export_requested = Signal(object)
    share_requested = Signal(object)
    cancel_jobs_requested = Signal(object)
    retry_jobs_requested = Signal(object)
    edit_job_requested = Signal(str)

    def __init__(self, themes: ThemeController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._themes = themes

    def commands_for(self, selection: GallerySelection) -> list[Command]:
        """What is done most often with what is selected, for buttons; a menu begins with it."""
        only = selection.only
        return [
            *(self._for_picture(only) if isinstance(only, ImageRecord) else []),
            *self._for_pictures(selection),
            *self._for_jobs(selection.jobs),
        ]

    def buttons_for(self, selection: GallerySelection) -> list[Command]:
        """What is offered beside the selected tiles. Of several pictures there is little that
        comes before all else, so what leads further is offered too."""
        first, ids = self.commands_for(selection), selection.image_ids
        if len(selection) < 2 or not ids or selection.in_trash:
            return first
        return [*self._for_album(ids), *self.further_for(selection), *first]

    def curation_for(self, selection: GallerySelection) -> list[Command]:
        """What the artist can make of the selected pictures."""
        ids, only, album_id = selection.image_ids, selection.only, selection.album_id
        if not ids or selection.in_trash:
            return []
        commands = [
            *self._for_favourites(selection),
            Command(self.tr("Add tag…"), "tag", "T", partial(self.tag_requested.emit, ids)),
        ]
        if isinstance(only, ImageRecord):
            run = partial(self.note_requested.emit, only)
            commands.append(Command(self.tr("Note…"), "pencil", "N", run))
        commands += self._for_album(ids)
        if album_id is not None:
            run = partial(self.album_left_requested.emit, ids, album_id)
            commands.append(Command(self.tr("Take out of the album"), "x", "", run))
        return commands

    def ratings_for(self, selection: GallerySelection) -> list[Command]:
        """One command for each rating that the selected pictures can get."""
        ids = selection.image_ids
        if not ids or selection.in_trash:
            return []
        stars = self.tr("{n} of {most} stars")
        words = [self.tr("No rating"), *(stars.format(n=n, most=MAX_RATING) for n in _STARS)]
        return [
            Command(text, "star", str(rating), partial(self.rating_requested.emit, ids, rating))
            for rating, text in enumerate(words)
        ]

    def further_for(self, selection: GallerySelection) -> list[Command]:
        """Where the selected pictures can lead to: their like, a comparison, other programs."""
        ids, only = selection.image_ids, selection.only
        if not ids or selection.in_trash:
            return []
        commands: list[Command] = []
        if isinstance(only, ImageRecord):
            tip = self.tr("The pictures whose prompts are nearest to this one's")
            run = partial(self.more_like_requested.emit, only)
            commands.append(Command(self.tr("More like this"), "search", "M", run, tip))
        if 2 <= len(ids) <= MAX_COMPARED:
            run = partial(self.compare_requested.emit, ids)
            commands.append(Command(self.tr("Compare"), "layers", "C", run))
        export, share = (
            partial(signal.emit, ids) for signal in (self.export_requested, self.share_requested)
        )
        tip = self.tr("Copies without prompts and personal data")
        return [
            *commands,
            Command(self.tr("Export…"), "download", "Ctrl+Shift+E", export),
            Command(self.tr("Share copy…"), "send", "", share, tip),
        ]

    def menu(self, selection: GallerySelection, parent: QWidget) -> QMenu:
        """A menu of the commands, which deletes itself when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu, selection)
        return menu

    def fill(self, menu: QMenu, selection: GallerySelection) -> None:
        """Add all commands to a menu, which shows their keys but does not listen to them."""
        theme = self._themes.theme
        fill_menu(menu, self.commands_for(selection), theme)
        ratings = self.ratings_for(selection)
        for commands in (self.curation_for(selection), self.further_for(selection)):
            if commands:
                menu.addSeparator()
            fill_menu(menu, commands, theme)
            if ratings and commands:
                fill_menu(menu.addMenu(icon("star", theme), self.tr("Rating")), ratings, theme)
                ratings = []

    def handle_key(self, event: QKeyEvent, selection: GallerySelection) -> bool:
        """Run what the pressed key stands for: Del on a picture and a job deletes the one and
        cancels the other. False if it stands for nothing."""
        offered = [
            *self.commands_for(selection),
            *self.curation_for(selection),
            *self.ratings_for(selection),
            *self.further_for(selection),
        ]
        meant = meant_by(event, offered)
        for command in meant:
            command.run()
        return bool(meant)

    def _for_picture(self, record: ImageRecord) -> list[Command]:
        def ask(signal: SignalInstance) -> Callable[[], None]:
            return partial(signal.emit, record)

        is_known = record.tool != UNKNOWN_TOOL
        reuse_tip = self.tr("Put all of this picture's settings into the form")
        if not is_known:
            reuse_tip = self.tr("Put this picture's prompt into the form")
        vary_tip = self.tr("Make it again with another seed")
        prompt_keys, has_prompt = "Ctrl+Shift+C", bool(record.request.prompt)
        words = Command(
            self.tr("Copy prompt"), "copy", prompt_keys, ask(self.copy_prompt_requested)
        )
        locate = Command(self.tr("Locate…"), "search", "", ask(self.locate_requested))
        again = [
            Command(self.tr("Reuse"), "undo-2", "R", ask(self.reuse_requested), reuse_tip),
            Command(self.tr("Vary"), "shuffle", "V", ask(self.vary_requested), vary_tip),
        ]
        return [
            *([locate] if record.missing_since else []),
            *(again if is_known or has_prompt else []),
            Command(self.tr("Copy picture"), "copy", "Ctrl+C", ask(self.copy_requested)),
            *([words] if has_prompt else []),
            Command(self.tr("Save as…"), "save", "Ctrl+S", ask(self.save_as_requested)),
            Command(
                self.tr("Show in folder"), "folder-open", "", ask(self.show_in_folder_requested)
            ),
        ]

    def _for_album(self, ids: Sequence[int]) -> list[Command]:
        run = partial(self.album_requested.emit, ids)
        return [Command(self.tr("Add to album…"), "images", "L", run)]

    def _for_favourites(self, selection: GallerySelection) -> list[Command]:
        """One picture changes to what it is not; of several it is said what all are to be."""
        only, ids = selection.only, selection.image_ids
        on = Command(
            self.tr("Favourite"), "heart", "F", partial(self.favourite_requested.emit, ids, True)
        )
        off = Command(
            self.tr("No favourite"),
            "heart",
            "F" if len(ids) == 1 else "Shift+F",
            partial(self.favourite_requested.emit, ids, False),
        )
        if isinstance(only, ImageRecord):
            return [off if only.is_favourite else on]
        return [on, off] if len(ids) > 1 else []

    def _for_pictures(self, selection: GallerySelection) -> list[Command]:
        ids = selection.image_ids
        if not ids:
            return []
        is_one = len(ids) == 1
        if selection.in_trash:
            text = self.tr("Restore") if is_one else self.tr("Restore %n pictures", "", len(ids))
            last = self.tr("Delete for good…")
            return [
                Command(text, "undo-2", "U", partial(self.restore_requested.emit, ids)),
                Command(last, "trash-2", "Shift+Del", partial(self.delete_requested.emit, ids)),
            ]
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
