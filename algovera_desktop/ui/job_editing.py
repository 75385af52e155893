"""Brings a waiting job into the form and back to its place, and lets no typed word be lost."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import FailureKind, Job
from algovera_desktop.domain.settings import FORM_EDIT
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.draft import Draft, Plain
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.queue_actions import QueueActions
from algovera_desktop.ui.server_monitor import ServerMonitor, ServerStatus
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.widgets.prompt_form import PromptForm

_JOB_ID = "job_id"
_MESSAGE = "editing"
_UNDO_TIMEOUT_S = 20.0


class JobEditing(QObject):
    """Follows QueueActions' edits. What stands in the form for a job is kept in the settings, so
    that after a crash it is there again, if the job is still held for it.

    Signals:
        opened: the form shows a waiting job.
    """

    opened = Signal()

    def __init__(
        self,
        form: PromptForm,
        actions: QueueActions,
        jobs: JobController,
        monitor: ServerMonitor,
        settings: SettingsStore,
        messages: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._actions = actions
        self._jobs = jobs
        self._monitor = monitor
        self._settings = settings
        self._messages = messages
        self._job: Job | None = None
        self._connect()

    def finish_first(self) -> bool:
        """Whether the form is changing a job, and nothing else can be put in it; that is said."""
        if self._job is None:
            return False
        text = self.tr("The form is changing a waiting picture. Save or cancel that first.")
        self._messages.show_message(Message(text, key=_MESSAGE, timeout_s=_UNDO_TIMEOUT_S))
        self._form.focus_prompt()
        return True

    def _connect(self) -> None:
        self._form.edit_changed.connect(self._on_form_edit_changed)
        self._form.edit_saved.connect(self._on_form_edit_saved)
        self._form.edit_cancelled.connect(self._on_form_edit_cancelled)
        self._actions.edit_begun.connect(self._on_actions_edit_begun)
        self._actions.edit_refused.connect(self._on_actions_edit_refused)
        self._actions.edit_ended.connect(self._on_actions_edit_ended)
        self._actions.edit_lost.connect(self._on_actions_edit_lost)
        self._jobs.loaded.connect(self._on_jobs_loaded)
        self._jobs.jobs_removed.connect(self._on_jobs_removed)
        self._monitor.status_changed.connect(self._on_monitor_status_changed)

    def _open(self, job: Job, values: Mapping[str, Plain] | None = None) -> None:
        self._job = job
        self._messages.dismiss(_MESSAGE)
        self._form.begin_edit(job, self._monitor.status(job.server_id).models, values)
        self._keep(self._form.draft())
        self.opened.emit()

    def _close(self) -> None:
        self._job = None
        self._form.end_edit()
        self._settings.set(FORM_EDIT, {})

    def _close_unsaved(self, text: str) -> None:
        """Show what was typed before, and offer what was changed in vain."""
        job, values = self._job, self._form.draft()
        self._close()
        if job is not None and _is_changed(job, values):
            self._offer(text, values)

    def _offer(self, text: str, values: Mapping[str, Plain]) -> None:
        def show() -> None:
            if not self.finish_first():
                self._form.load_values(values)

        actions = ((self.tr("Show my changes"), show),)
        self._messages.show_message(Message(text, Severity.WARNING, _MESSAGE, actions))

    def _keep(self, values: Mapping[str, Plain]) -> None:
        if self._job is not None:
            self._settings.set(FORM_EDIT, {**values, _JOB_ID: self._job.id})

    def _is_open(self, job_id: str) -> bool:
        return self._job is not None and self._job.id == job_id

    def _on_form_edit_changed(self, values: Mapping[str, Plain]) -> None:
        self._keep(values)

    def _on_form_edit_saved(self, request: GenerationRequest) -> None:
        if self._job is not None:
            self._actions.end_edit(self._job.id, request)

    def _on_form_edit_cancelled(self) -> None:
        if self._job is not None:
            job_id = self._job.id
            self._close_unsaved(self.tr("The picture waits as it was, without your changes."))
            self._actions.end_edit(job_id, None)

    def _on_actions_edit_begun(self, job: Job) -> None:
        if self._is_open(job.id):
            self._form.focus_prompt()
        elif self.finish_first():
            self._actions.end_edit(job.id, None)
        else:
            self._open(job)

    def _on_actions_edit_refused(self, job_id: str) -> None:
        text = self.tr("Too late: the picture is being made already. The form is as you left it.")
        self._messages.show_message(Message(text, key=_MESSAGE, timeout_s=_UNDO_TIMEOUT_S))

    def _on_actions_edit_ended(self, job_id: str) -> None:
        if self._is_open(job_id):
            self._close()

    def _on_actions_edit_lost(self, job_id: str) -> None:
        if self._is_open(job_id):
            self._close_unsaved(self.tr("The picture was not waiting any more for your changes."))

    def _on_jobs_removed(self, ids: list[str]) -> None:
        if self._job is not None and self._job.id in ids:
            self._close_unsaved(self.tr("The picture that you were changing was cancelled."))

    def _on_monitor_status_changed(self, status: ServerStatus) -> None:
        if self._job is not None and status.server_id == self._job.server_id and status.models:
            self._form.set_edit_models(status.models)

    def _on_jobs_loaded(self) -> None:
        """Go on where the program ended; let go of what it held for nothing."""
        values = self._settings.get(FORM_EDIT)
        job_id = str(values.get(_JOB_ID, ""))
        for job in [job for job in self._jobs.jobs.values() if _is_edited(job)]:
            if self._job is None and job.id == job_id:
                self._open(job, values)
            elif not self._is_open(job.id):
                self._actions.end_edit(job.id, None)
        if values and self._job is None:
            self._settings.set(FORM_EDIT, {})
            job = self._jobs.jobs.get(job_id)
            if job is None or _is_changed(job, values):
                self._offer(self.tr("The picture that you were changing waits no more."), values)


def _is_edited(job: Job) -> bool:
    return job.failure is not None and job.failure.kind is FailureKind.EDITED


def _is_changed(job: Job, values: Mapping[str, Plain]) -> bool:
    """Whether these values ask for anything else than the job does."""
    asked = Draft.of_request(job.request)
    return replace(Draft.from_values(values), without_open=asked.without_open) != asked
