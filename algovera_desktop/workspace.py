"""The third part of the composition: what makes pictures, and what is done with them."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QObject

from algovera_desktop.backend import Backend
from algovera_desktop.domain.errors import EngineError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import UNKNOWN_TOOL, ImageRecord
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.engine_maker import EngineMaker
from algovera_desktop.gallery_desk import GalleryDesk
from algovera_desktop.model_desk import ModelDesk
from algovera_desktop.picture_desk import PictureDesk
from algovera_desktop.services.engine_directory import EngineDirectory
from algovera_desktop.services.outcomes import Outcome, Step
from algovera_desktop.services.paths import Paths
from algovera_desktop.shell import Shell
from algovera_desktop.ui.dialog_controller import DialogController
from algovera_desktop.ui.generation_controller import GenerationController
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.job_editing import JobEditing
from algovera_desktop.ui.job_previews import JobPreviews
from algovera_desktop.ui.launcher_progress import LauncherProgress
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.notices import system_notices
from algovera_desktop.ui.notifier import Notifier
from algovera_desktop.ui.queue_actions import QueueActions
from algovera_desktop.ui.queue_controller import QueueController
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.tasks import TaskContext
from algovera_desktop.ui.wake_watch import WakeWatch


class Workspace(QObject):
    """Everything that works with pictures, jobs and servers, joined to the window."""

    def __init__(
        self,
        shell: Shell,
        backend: Backend,
        gallery: GalleryDesk,
        local_server: LocalServerLink,
        paths: Paths,
    ) -> None:
        super().__init__(shell)
        self._shell = shell
        self._backend = backend
        self._local_server = local_server
        self._paths = paths
        # What is made so far: the window may be closed between two turns of ``build``.
        self._made = ExitStack()
        self._maker = EngineMaker(shell.servers, shell.credentials, local_server.server)
        self._engines = EngineDirectory(shell.servers.get, self._maker.saved)
        self._made.callback(self._engines.close)
        self._monitor = ServerMonitor(shell.tasks, self._engines, self)
        assert gallery.pictures is not None
        self.history, self.pictures = gallery.history, gallery.pictures

    def build(self) -> Iterator[None]:
        """Put it together, a part a turn: the window answers between two."""
        self.jobs = self._make_jobs()
        self._previews = JobPreviews(self.jobs, self._engines, self._shell.tasks, self)
        yield
        self.desk = PictureDesk(self._shell, self._backend, self.pictures, self.history, self)
        yield
        self.queue = self._make_queue()
        queue, model = self._backend.queue, self.queue.model
        self.actions = QueueActions(queue, self.jobs, self.history, model, self)
        self._editing = self._make_editing()
        yield
        self._generation = self._make_generation()
        self._models = ModelDesk(self._shell, self._local_server, self)
        self._made.callback(self._models.close)
        self._dialogs = self._make_dialogs()
        self._wake_watch = WakeWatch(self)
        notices = system_notices(self._shell.tasks, self)
        settings, window = self._shell.settings, self._shell.window
        self._notifier = Notifier(self.jobs, notices, settings, window, self)
        if sys.platform == "linux":
            launcher = LauncherProgress(self.jobs, self._shell.tasks, self)
            self._made.callback(launcher.close)
        yield
        self._connect()
        self.jobs.start()
        self.desk.start()

    def _make_jobs(self) -> JobController:
        shell = self._shell
        return JobController(
            self._backend.queue,
            self._run_step,
            self._monitor,
            shell.servers,
            shell.settings,
            shell.tasks,
            self,
        )

    def _make_editing(self) -> JobEditing:
        shell = self._shell
        return JobEditing(
            shell.form,
            self.actions,
            self.jobs,
            self._monitor,
            shell.settings,
            shell.messages,
            self,
        )

    def _make_generation(self) -> GenerationController:
        shell = self._shell
        return GenerationController(
            shell.form,
            shell.status_line,
            shell.messages,
            shell.settings,
            shell.servers,
            self._monitor,
            self.jobs,
            self._local_server,
            self,
        )

    def _make_dialogs(self) -> DialogController:
        shell = self._shell
        return DialogController(
            shell.window,
            shell.themes,
            shell.settings,
            shell.servers,
            shell.credentials,
            shell.tasks,
            self._maker.tried,
            self._paths.pictures,
            self._models.access,
        )

    def close(self) -> None:
        """Let go of the connections to servers and to the launcher."""
        self._made.close()

    def _make_queue(self) -> QueueController:
        shell = self._shell
        return QueueController(
            self.jobs,
            shell.servers,
            self._monitor,
            self.pictures.thumbnails,
            shell.themes,
            shell.status_line,
            self,
        )

    def _connect(self) -> None:
        shell, commands = self._shell, self.pictures.commands
        shell.window.offer_library_actions()
        self.pictures.follow(self.jobs)
        self._previews.arrived.connect(self.pictures.model.update_preview)
        self.desk.settings_requested.connect(self._on_desk_settings_requested)
        self.pictures.inspector_wanted.connect(self._on_pictures_inspector_wanted)
        commands.reuse_requested.connect(self._on_commands_reuse_requested)
        commands.vary_requested.connect(self._on_commands_vary_requested)
        self._editing.opened.connect(self._on_editing_opened)
        self._wake_watch.woke.connect(self.jobs.wake)
        self._connect_jobs()
        self._connect_dialogs()

    def _connect_jobs(self) -> None:
        commands, actions = self.pictures.commands, self.actions
        commands.cancel_jobs_requested.connect(actions.cancel)
        commands.retry_jobs_requested.connect(actions.retry)
        commands.edit_job_requested.connect(actions.begin_edit)
        self._generation.cancel_requested.connect(actions.cancel)
        self.queue.serve(actions)
        self.queue.show_picture_requested.connect(self.pictures.show_picture)
        self.queue.join(self._shell.window, self._shell.settings)

    def _connect_dialogs(self) -> None:
        window, dialogs = self._shell.window, self._dialogs
        history = [self.history.undo_action, self.history.redo_action]
        window.edit_menu.addActions(history)
        window.addActions(history)
        window.edit_menu.addAction(self.pictures.find_action)
        window.view_menu.addAction(self.pictures.places_action)
        window.addActions([self.pictures.find_action, self.pictures.places_action])
        window.picture_menu.aboutToShow.connect(self._on_picture_menu_about_to_show)
        window.settings_action.triggered.connect(dialogs.show_settings)
        window.shortcuts_action.triggered.connect(self._on_shortcuts_action_triggered)
        window.about_action.triggered.connect(dialogs.show_about)
        self._generation.settings_requested.connect(dialogs.show_servers)
        dialogs.server_changed.connect(self._generation.server_changed)
        dialogs.openai_changed.connect(self._on_models_changed)
        self._models.changed.connect(self._on_models_changed)
        self._models.key_requested.connect(dialogs.show_openai)
        self._models.use_requested.connect(self._on_models_use_requested)
        self._generation.models_requested.connect(self._models.open)
        dialogs.account_changing.connect(self.jobs.forget_refs)
        dialogs.pictures_folder_changed.connect(self._on_dialogs_pictures_folder_changed)

    def _run_step(self, step: Step, context: TaskContext) -> Outcome:
        """On a worker: everything that one step of a job needs."""
        try:
            engine = self._engines.engine(step.server_id)
        except EngineError as error:
            return self._backend.steps.troubled(step, error)
        server = self._shell.servers.get(step.server_id)
        model = step.job.request.model if step.job else ""
        return self._backend.steps.run(
            step,
            engine,
            server_name=server.name if server else "",
            model_title=self._monitor.model(step.server_id, model).title,
            token=context.token,
            on_claim=context.report,
        )

    def _on_editing_opened(self) -> None:
        self._shell.window.form_action.setChecked(True)

    def _load(self, record: ImageRecord, *, keep_seed: bool) -> None:
        form, sha256 = self._shell.form, record.sha256
        if record.tool == UNKNOWN_TOOL:
            form.load_prompt(record.request.prompt, sha256)
        else:
            form.load_request(record.request, keep_seed=keep_seed, picture_sha256=sha256)

    def _on_desk_settings_requested(self, request: GenerationRequest) -> None:
        if not self._editing.finish_first():
            self._shell.form.load_request(request, keep_seed=True)

    def _on_models_changed(self) -> None:
        self._monitor.refresh(LOCAL_SERVER_ID)

    def _on_models_use_requested(self, name: str) -> None:
        if self._editing.finish_first():
            return
        self._generation.use_server(LOCAL_SERVER_ID)
        self._shell.form.choose_model(name)

    def _on_pictures_inspector_wanted(self) -> None:
        self._shell.window.inspector_action.setChecked(True)

    def _on_commands_reuse_requested(self, record: ImageRecord) -> None:
        if not self._editing.finish_first():
            self._load(record, keep_seed=True)

    def _on_commands_vary_requested(self, record: ImageRecord) -> None:
        if not self._editing.finish_first():
            self._load(record, keep_seed=False)
            self._shell.form.generate_action.trigger()

    def _on_picture_menu_about_to_show(self) -> None:
        self.pictures.fill_menu(self._shell.window.picture_menu)

    def _on_shortcuts_action_triggered(self) -> None:
        generate, others = self._shell.form.generate_action, self._shell.window.actions()
        self._dialogs.show_shortcuts(generate, others)

    def _on_dialogs_pictures_folder_changed(self, folder: Path) -> None:
        self._backend.collection.files.store_in(folder)
