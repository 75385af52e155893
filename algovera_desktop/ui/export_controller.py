"""Joins the dialogs for exporting and sharing to the work that they ask for."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from algovera_desktop.domain.errors import AlgoveraError, LibraryError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.services.export import Exporter, ExportReport, RecordsById
from algovera_desktop.services.export_share import Sharer
from algovera_desktop.services.export_sheet import SheetMaker
from algovera_desktop.ui.dialogs.export_dialog import ExportDialog, ExportKind, ExportPlan
from algovera_desktop.ui.dialogs.share_dialog import ShareDialog
from algovera_desktop.ui.sheet_lettering import system_letters
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.wording import describe_error

_POOL = Pool.NETWORK
"""Not on the two workers for the library: minutes of copying would keep thumbnails and undo
waiting behind them."""

_KEY = "export"
_DONE_TIMEOUT_S = 20.0
_NAMES_IN_DETAILS = 200

Work = Callable[[TaskContext], ExportReport]


class ExportController(QObject):
    """Opens the dialogs, each with its own work. ``records`` reads pictures by their ids.

    ``export_folder`` is where the file dialogs open: the one that was used last.
    """

    def __init__(
        self,
        files: PictureFiles,
        records: RecordsById,
        tasks: Tasks,
        messages: MessageBar,
        themes: ThemeController,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._exporter = Exporter(files, records)
        self._sharer = Sharer(self._exporter)
        self._sheets = SheetMaker(self._exporter, system_letters)
        self._tasks = tasks
        self._messages = messages
        self._themes = themes
        self._window = window
        self._exporting: ExportDialog | None = None
        self._sharing: ShareDialog | None = None
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        self.export_folder = Path(QStandardPaths.writableLocation(pictures))

    def export(self, ids: Sequence[int], example: ImageRecord | None = None) -> ExportDialog:
        """Ask how these pictures, in this order, shall leave; ``example`` is one of them."""
        at_work = self._exporting
        if at_work is not None and self._is_kept(at_work):
            return at_work
        self._exporting = dialog = ExportDialog(len(ids), example, self.export_folder, self._window)
        dialog.export_requested.connect(partial(self._on_export_requested, dialog, ids))
        self._show(dialog)
        return dialog

    def share(self, ids: Sequence[int], example: ImageRecord | None = None) -> ShareDialog:
        """Show what leaves with copies of these pictures, and ask where they shall go."""
        at_work = self._sharing
        if at_work is not None and self._is_kept(at_work):
            return at_work
        suffix = Path(example.path).suffix.removeprefix(".") if example else "png"
        folder, themes = self.export_folder, self._themes
        self._sharing = dialog = ShareDialog(len(ids), suffix, folder, themes, self._window)
        dialog.file_chosen.connect(partial(self._on_share_file_chosen, dialog, ids))
        dialog.folder_chosen.connect(partial(self._on_share_folder_chosen, dialog, ids))
        look = partial(self._sharer.look, ids)
        task = self._tasks.start(_POOL, lambda context: look(context.token, context.report))
        task.progressed.connect(dialog.show_progress)
        task.succeeded.connect(dialog.show_findings)
        task.failed.connect(partial(self._on_look_failed, dialog))
        self._stop_with(dialog, task)
        self._show(dialog)
        return dialog

    def _is_kept(self, dialog: ExportDialog | ShareDialog) -> bool:
        """One of a kind at a time: one that writes comes to the front, one that only asks makes
        room for the next, which may be about other pictures."""
        if not dialog.is_writing:
            dialog.reject()
            return False
        dialog.raise_()
        dialog.activateWindow()
        return True

    def _show(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(partial(self._on_dialog_finished, dialog))
        dialog.show()

    def _on_dialog_finished(self, dialog: QDialog, _result: int) -> None:
        if dialog is self._exporting:
            self._exporting = None
        elif dialog is self._sharing:
            self._sharing = None

    def _stop_with(self, dialog: ExportDialog | ShareDialog, task: Task) -> None:
        """Closing the dialog, or its Cancel, stops the work: then only ``cancelled`` comes,
        which reaches no dialog that is gone."""
        dialog.cancelled.connect(task.cancel)
        dialog.finished.connect(task.cancel)

    def _on_look_failed(self, dialog: ShareDialog, error: Exception) -> None:
        if isinstance(error, AlgoveraError):
            dialog.progress.hide()
            dialog.show_problem(_problem(error))

    def _on_export_requested(
        self, dialog: ExportDialog, ids: Sequence[int], plan: ExportPlan
    ) -> None:
        is_folder = plan.kind in (ExportKind.FILES, ExportKind.PNG)
        self.export_folder = plan.target if is_folder else plan.target.parent
        task = self._tasks.start(_POOL, self._export_work(ids, plan))
        task.progressed.connect(dialog.show_progress)
        task.succeeded.connect(partial(self._on_exported, dialog))
        task.failed.connect(partial(self._on_export_failed, dialog))
        task.cancelled.connect(dialog.show_stopped)
        self._stop_with(dialog, task)

    def _export_work(self, ids: Sequence[int], plan: ExportPlan) -> Work:
        """What a plan means. Each is called with the token and the report of its task."""
        if plan.kind is ExportKind.FILES:
            do = partial(self._exporter.to_folder, ids, plan.target, plan.options)
        elif plan.kind is ExportKind.ZIP:
            do = partial(self._exporter.to_zip, ids, plan.target, plan.options)
        elif plan.kind is ExportKind.PDF:
            do = partial(self._sheets.to_pdf, ids, plan.target, plan.layout, plan.captions)
        else:
            name = plan.layout.title or self.tr("Contact sheet")
            do = partial(self._sheets.to_png, ids, plan.target, name, plan.layout, plan.captions)
        return lambda context: do(context.token, context.report)

    def _on_exported(self, dialog: QDialog, report: ExportReport) -> None:
        dialog.accept()
        self._tell(report)

    def _on_export_failed(self, dialog: ExportDialog, error: Exception) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        dialog.show_problem(self._why_not_written(error))

    def _on_share_file_chosen(self, dialog: ShareDialog, ids: Sequence[int], target: Path) -> None:
        self.export_folder = target.parent
        if len(ids) == 1:
            self._save_shared(dialog, partial(self._sharer.to_file, ids[0], target))
        else:
            self._save_shared(dialog, partial(self._sharer.to_zip, ids, target))

    def _on_share_folder_chosen(
        self, dialog: ShareDialog, ids: Sequence[int], folder: Path
    ) -> None:
        self.export_folder = folder
        self._save_shared(dialog, partial(self._sharer.to_folder, ids, folder))

    def _save_shared(self, dialog: ShareDialog, do: Callable[..., ExportReport]) -> None:
        dialog.begin_saving()
        task = self._tasks.start(_POOL, lambda context: do(context.token, context.report))
        task.progressed.connect(dialog.show_progress)
        task.succeeded.connect(partial(self._on_exported, dialog))
        task.failed.connect(partial(self._on_share_failed, dialog))
        task.cancelled.connect(dialog.show_stopped)
        self._stop_with(dialog, task)

    def _on_share_failed(self, dialog: ShareDialog, error: Exception) -> None:
        dialog.end_saving(self._why_not_written(error))

    def _why_not_written(self, error: Exception) -> str:
        # Only what is known no better: of a full disk there are words.
        if type(error) is LibraryError:
            return self.tr(
                "Nothing could be written there. Check that the folder is there and can be "
                "written to, or choose another one."
            )
        return _problem(error) if isinstance(error, AlgoveraError) else ""

    def _tell(self, report: ExportReport) -> None:
        """Say in the window what came of it, with the way there."""
        left = len(report.missing) + len(report.refused)
        words = self.tr("%n pictures were exported.", "", report.count)
        if report.count == 1:
            words = self.tr("The picture was exported.")
        if left:
            words = f"{words} {self.tr('Not exported: %n', '', left)}"
        lines = [*report.missing, *(f"{name}: {reason}" for name, reason in report.refused)]
        details = "\n".join(lines[:_NAMES_IN_DETAILS])
        show = (self.tr("Show in folder"), partial(_open_folder, report.folder))
        severity = Severity.WARNING if left else Severity.SUCCESS
        self._messages.show_message(
            Message(words, severity, _KEY, (show,), details, _DONE_TIMEOUT_S)
        )


def _problem(error: AlgoveraError) -> str:
    words = describe_error(error)
    return " ".join(filter(None, (words.title, words.advice)))


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
