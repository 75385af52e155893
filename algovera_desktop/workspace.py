"""The second half of the composition: what stands on an open library."""

from PySide6.QtCore import QObject

from algovera_desktop.backend import Backend, EngineMaker, engine_directory
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.shell import Shell
from algovera_desktop.ui.job_controller import JobController
from algovera_desktop.ui.library_controller import LibraryController
from algovera_desktop.ui.server_monitor import ServerMonitor
from algovera_desktop.ui.tasks import TaskContext


class Workspace(QObject):
    """Everything that works with pictures, jobs and servers, joined to the window."""

    def __init__(self, shell: Shell, backend: Backend) -> None:
        super().__init__(shell)
        self._shell = shell
        self._backend = backend
        self.maker = EngineMaker(shell.credentials, shell.local_server.server)
        self.engines = engine_directory(shell.servers, self.maker)
        self._monitor = ServerMonitor(shell.tasks, self.engines, self)
        self.jobs = JobController(backend.queue, self._run_job, self._monitor, shell.tasks, self)
        self.pictures = LibraryController(
            backend.library,
            backend.files,
            backend.thumbnails,
            shell.tasks,
            shell.themes,
            shell.messages,
            shell.settings,
            shell.window,
        )
        self._connect()
        self.pictures.load()
        self.jobs.start()

    def close(self) -> None:
        """Let go of connections and files; nothing may be running any more."""
        self.engines.close()
        self._backend.close()

    def _connect(self) -> None:
        shell, commands = self._shell, self.pictures.commands
        shell.window.show_pictures(self.pictures.pictures, self.pictures.inspector)
        shell.generation.attach(self._monitor, self.jobs, shell.local_server)
        self.pictures.follow(self.jobs)
        commands.reuse_requested.connect(self._on_commands_reuse_requested)
        commands.vary_requested.connect(self._on_commands_vary_requested)
        commands.cancel_job_requested.connect(self.jobs.cancel)
        commands.dismiss_job_requested.connect(self.jobs.cancel)
        commands.retry_job_requested.connect(self.jobs.retry)

    def _run_job(self, job: Job, context: TaskContext) -> ImageRecord:
        """On a worker: everything that a job needs to run to its end."""
        server = self._shell.servers.get(job.server_id)
        return self._backend.runner.run(
            job,
            self.engines.engine(job.server_id),
            server_name=server.name if server else "",
            model_title=self._monitor.model(job.server_id, job.request.model).title,
            token=context.token,
            on_progress=context.report,
        )

    def _on_commands_reuse_requested(self, record: ImageRecord) -> None:
        self._shell.form.load_request(record.request, keep_seed=True)

    def _on_commands_vary_requested(self, record: ImageRecord) -> None:
        self._shell.form.load_request(record.request, keep_seed=False)
        self._shell.form.generate_action.trigger()
