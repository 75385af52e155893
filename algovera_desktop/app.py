"""The composition root: builds everything, hands each part what it needs, shuts it down in order.

The window is built first and shown. What stands in it follows its first paint, and what is
heavy (the library, the network, the image codecs) is loaded on a worker after that.
"""

import gc
import logging
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QEventLoop, QObject, Signal
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from algovera_desktop import __version__
from algovera_desktop.domain.errors import LibraryBusyError, LibraryError, SchemaTooNewError
from algovera_desktop.domain.settings import COLUMN_SIZES, THEME, WINDOW_GEOMETRY
from algovera_desktop.on_windows import name_in_task_bar, tell_installer
from algovera_desktop.services.crash_trace import CrashTrace
from algovera_desktop.services.logs import LogFile, redact
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore, require_known_version
from algovera_desktop.ui import refusal
from algovera_desktop.ui.crash_watch import CrashWatch
from algovera_desktop.ui.main_window import MainWindow
from algovera_desktop.ui.single_instance import Call, claim, raise_window
from algovera_desktop.ui.termination import TerminationSignals
from algovera_desktop.ui.theme import ThemeController

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from algovera_desktop.gallery_desk import GalleryDesk
    from algovera_desktop.opening import Opening
    from algovera_desktop.shell import Shell
    from algovera_desktop.ui.gallery_controller import GalleryController
    from algovera_desktop.ui.instance_server import InstanceServer
    from algovera_desktop.ui.local_server_link import LocalServerLink
    from algovera_desktop.ui.turns import Turns
    from algovera_desktop.workspace import Workspace

_log = logging.getLogger(__name__)

APP_ID = "org.algovera.Desktop"
"""The name of the desktop entry, and of whatever else the desktop keeps under it."""


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long the end waits for what the user did to be written, then for the workers.

    Who closes the window sees nothing of it, and a server may be about to say that it has taken a
    paid job. A session that ends kills who is not gone in time: the whole end has ``in_all_s``.
    """

    deeds_s: float
    workers_s: float
    in_all_s: float | None = None


_PATIENT = _Patience(deeds_s=5.0, workers_s=5.0)
_URGENT = _Patience(deeds_s=0.5, workers_s=0.5, in_all_s=1.8)

_FORM_AFTER_MS = 60
"""From the gallery's place in the window: by then its first screenful is painted. What comes after
it would take the processor from the thumbnails' decoding."""

_REST_AFTER_MS = 150
"""From the last thing that is to be seen: what comes then competes with nobody's first look."""

_TOUCHES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.DragEnter)
_ALL_BUT_TOUCHES = (
    QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents
    | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
)

_GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""With Python's own thresholds a queue of 10 000 jobs had full collections that held the UI thread
up for 43 to 64 ms each; with these, moving one of them went from a gap of 60 ms to one of 8."""

_SWITCH_INTERVAL_S = 0.001
"""So long another thread may keep the UI thread from running Python; the usual 5 ms, met at several
places between a key and what it finds on the screen, made a quarter of that time."""


class Application(QObject):
    """The running program: a window at once, then what stands in it, then the library.

    Signals:
        pictures_shown: the first screenful is on its way to the screen, or what can be shown
            where the library is not open yet.
        files_requested: paths that this start or a later one was given, once the library is open.
    """

    pictures_shown = Signal()
    files_requested = Signal(object)

    def __init__(
        self,
        qt_app: QApplication,
        paths: Paths,
        *,
        files: tuple[Path, ...] = (),
        print_first_paint: bool = False,
        crashes: CrashWatch | None = None,
    ) -> None:
        super().__init__()
        self._paths = paths
        self._crashes = crashes
        self._files = files
        self._print_first_paint = print_first_paint
        self.settings = SettingsStore(paths.settings_file)
        self._themes = ThemeController(qt_app, self.settings.get(THEME))
        self.window = MainWindow()
        self.window.restore_layout(
            self.settings.get(WINDOW_GEOMETRY), self.settings.get(COLUMN_SIZES)
        )
        self.shell: Shell | None = None
        self.workspace: Workspace | None = None
        self._workspace: Workspace | None = None
        self._opening: Opening | None = None
        self._gallery: GalleryDesk | None = None
        self._building: Turns | None = None
        self._is_awaited = False
        self._local_server: LocalServerLink | None = None
        self._instance: InstanceServer | None = None
        self.window.first_painted.connect(self._on_window_first_painted)
        self._patience = _PATIENT
        self.window.closing.connect(self._remember_layout)
        qt_app.commitDataRequest.connect(self._on_app_commit_data_requested)
        if crashes is not None:
            crashes.display_lost.connect(self._on_crashes_display_lost)

    @property
    def gallery(self) -> "GalleryController | None":
        """What shows the library; it is there before ``workspace``, which is set when the window
        is whole."""
        return self._gallery.gallery if self._gallery else None

    def show(self) -> None:
        """Open the window; everything else follows its first paint."""
        self.window.show()

    def hear_later_starts(self) -> None:
        """Come to the front when the program is started once more over the same data."""
        from algovera_desktop.ui.instance_server import InstanceServer

        self._instance = InstanceServer(self._paths.data, self)
        self._instance.called.connect(self._on_instance_called)

    def end_soon(self) -> None:
        """End as when the window is closed, but within two seconds: the session ends."""
        self._patience = _URGENT
        self.window.close()
        QApplication.exit()

    @property
    def most_seconds_to_end(self) -> float | None:
        """How long ``shut_down`` may take; None where nobody counts."""
        return self._patience.in_all_s

    def save(self) -> None:
        """Write what is only in the window yet, in a moment, and go on. Idempotent."""
        self._remember_layout()
        if self._gallery is not None:
            try:
                self._gallery.close()
            except LibraryError as error:
                _log.warning("What was typed last is not written: %s", redact(str(error)))
        self.settings.flush()

    def shut_down(self) -> bool:
        """Save, stop the work, then the server, then close what it wrote to.

        False if some work has not ended in time. It can change nothing any more.
        """
        patience = self._patience
        if self._building is not None:
            self._building.stop()
        if self._instance is not None:
            self._instance.close()
        ended = True
        if self.shell is not None:
            self.save()
            self.shell.tasks.settle(patience.deeds_s)
            ended = self.shell.tasks.shut_down(patience.workers_s)
        if self._local_server is not None:
            self._local_server.server.stop(is_urgent=patience is _URGENT)
        if self._workspace is not None:
            self._workspace.close()
        if self._opening is not None:
            self._opening.close()
        self.settings.close()
        return ended

    def _on_window_first_painted(self) -> None:
        if self._print_first_paint:
            print(f"{time.monotonic():.6f}", flush=True)
        self._handle = self.window.windowHandle()
        self._handle.installEventFilter(self)
        self._build(self._furnish(), self._on_furnishing_finished)

    def _build(
        self, steps: "Iterator[None]", then: "Callable[[], None] | None", after_ms: int = 0
    ) -> None:
        from algovera_desktop.ui.turns import Turns

        self._building = Turns(steps, self)
        if then is not None:
            self._building.finished.connect(then)
        self._building.start(after_ms)

    def _furnish(self) -> "Iterator[None]":
        """Pictures first: they are what takes longest to be there, and what is looked for."""
        from algovera_desktop.parts import load_frame, load_gallery

        yield from load_frame()
        from algovera_desktop.opening import Opening
        from algovera_desktop.shell import Shell

        self.shell = Shell(self.window, self._themes, self.settings)
        self._opening = Opening(self.shell, self._paths, self)
        self._opening.collection_opened.connect(self._on_opening_collection_opened)
        self._opening.backend_opened.connect(self._on_opening_backend_opened)
        yield
        self.shell.furnish()
        self._opening.open_collection()
        yield
        from algovera_desktop.trouble_desk import TroubleDesk

        TroubleDesk(self.shell, self._paths, self._crashes)
        yield
        yield from load_gallery()
        yield from self._show_library()

    def _on_furnishing_finished(self) -> None:
        """A library that is still being opened, or mended, keeps nobody from the form."""
        self.pictures_shown.emit()
        self._build(self._make_form(), self._go_on, _FORM_AFTER_MS)

    def _make_form(self) -> "Iterator[None]":
        from algovera_desktop.parts import load_form

        yield from load_form()
        from algovera_desktop.ui.widgets.prompt_form import PromptForm

        assert self.shell is not None
        form = PromptForm(self._themes)
        yield
        self.shell.put_form(form)

    def _show_library(self) -> "Iterator[None]":
        """Show the first screenful, unless it is shown or the library is not open."""
        from algovera_desktop.gallery_desk import GalleryDesk

        assert self.shell is not None
        assert self._opening is not None
        if self._gallery is not None or self._opening.collection is None:
            return
        gallery = GalleryDesk(self.shell, self._opening.collection)
        yield from gallery.build()
        self._gallery = gallery

    def _on_opening_collection_opened(self) -> None:
        if self._gallery is None and self._building is not None and self._building.is_finished:
            self._go_on()

    def _go_on(self) -> None:
        """After the form, and once the library is open."""
        if self._gallery is not None:
            self._build(self._surround(self._gallery), self._on_surroundings_finished)
        elif self._opening is not None and self._opening.collection is not None:
            self._build(self._show_library(), self._go_on)

    def _surround(self, gallery: "GalleryDesk") -> "Iterator[None]":
        from algovera_desktop.parts import load_library
        from algovera_desktop.ui.local_server_link import LocalServerLink

        # Not before the library is open: where another copy holds it, so it does the server's
        # folder.
        self._local_server = LocalServerLink(self._paths.server_data, self)
        self._local_server.start()
        yield
        yield from load_library()
        yield from gallery.build_around()

    def _on_surroundings_finished(self) -> None:
        self._build(self._open_backend(), None, _REST_AFTER_MS)

    def _open_backend(self) -> "Iterator[None]":
        assert self._opening is not None
        self._opening.open_backend()
        yield

    def _on_opening_backend_opened(self) -> None:
        self._build(self._build_workspace(), self._on_building_finished)

    def _build_workspace(self) -> "Iterator[None]":
        from algovera_desktop.parts import load_workspace

        yield from load_workspace()
        from algovera_desktop.workspace import Workspace

        assert self.shell is not None
        assert self._opening is not None
        assert self._opening.backend is not None
        assert self._gallery is not None
        assert self._local_server is not None
        self._workspace = Workspace(
            self.shell, self._opening.backend, self._gallery, self._local_server, self._paths
        )
        yield from self._workspace.build()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever touches the window before all of it is there gets it whole at once."""
        if event.type() in _TOUCHES and not self._is_awaited:
            self._is_awaited = True
            self._build_at_once()
            self._is_awaited = False
        return super().eventFilter(watched, event)

    def _build_at_once(self) -> None:
        """All but what cannot be done before the library is open. What a worker still opens takes
        a moment: painting goes on, and what else is typed or clicked waits its turn."""
        while self.workspace is None and self._building is not None:
            if not self._building.is_finished:
                self._building.finish()
            elif self._opening is not None and self._opening.is_opening_backend:
                QApplication.processEvents(_ALL_BUT_TOUCHES)
            else:
                return

    def _on_building_finished(self) -> None:
        assert self._workspace is not None
        self._handle.removeEventFilter(self)
        self.workspace = self._workspace
        self.files_requested.connect(self.workspace.desk.take_files)
        self._request_files()

    def _request_files(self) -> None:
        if self.workspace is not None and self._files:
            files, self._files = self._files, ()
            self.files_requested.emit(files)

    def take_files(self, files: tuple[Path, ...]) -> None:
        """Show these as soon as the window is whole."""
        self._files += files
        self._request_files()

    def _on_instance_called(self, call: Call) -> None:
        raise_window(self.window, call.activation_token)
        self.take_files(call.files)

    def _on_app_commit_data_requested(self, manager: QSessionManager) -> None:
        """The session is about to end, or to be asked whether it may; Windows waits for this."""
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)
        self.save()

    def _on_crashes_display_lost(self) -> None:
        """The session has ended beneath us; with Wayland, Qt ends the process after this."""
        self._patience = _URGENT
        self.save()

    def _remember_layout(self) -> None:
        geometry, columns = self.window.layout_state()
        self.settings.set(WINDOW_GEOMETRY, geometry)
        self.settings.set(COLUMN_SIZES, columns)


def run(paths: Paths, *, files: tuple[Path, ...] = (), print_first_paint: bool = False) -> int:
    """Run the program until its window is closed; returns its exit code.

    Where it runs already over the same data, its window is raised and takes the files: 0 then,
    or 2 if it does not answer.
    """
    try:
        paths.make()
        first = claim(paths.data, Call.of_this_start(files, os.environ))
    except OSError as error:
        return refusal.refuse_folder(error)
    except LibraryBusyError:
        return refusal.refuse_unanswered()
    except LibraryError:
        # A folder that takes no file. The window comes up and says so of the library.
        return _run(paths, files, print_first_paint=print_first_paint)
    if first is None:
        return 0
    try:
        require_known_version(paths.settings_file)
        return _run(paths, files, print_first_paint=print_first_paint)
    except SchemaTooNewError:
        return refusal.refuse_later_version()
    finally:
        first.release()


def _run(paths: Paths, files: tuple[Path, ...], *, print_first_paint: bool) -> int:
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    gc.enable()
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    log = LogFile(paths.logs)
    crashes = CrashWatch(CrashTrace(paths.logs))
    _log.info("Algovera Desktop %s", __version__)
    try:
        _name_program()
        qt_app = QApplication([APP_ID])
        application = Application(
            qt_app, paths, files=files, print_first_paint=print_first_paint, crashes=crashes
        )
        application.pictures_shown.connect(application.hear_later_starts)
        TerminationSignals(application.end_soon, qt_app)
        if sys.platform == "darwin":
            _hear_of_opened_files(qt_app, application)
        application.show()
        code = qt_app.exec()
        if (most_s := application.most_seconds_to_end) is not None:
            _end_at_latest_in(most_s)
        ended = application.shut_down()
    except Exception as error:
        _log.critical("The program cannot go on", exc_info=error)
        crashes.end(error)
        log.close()
        raise
    if not ended:
        _log.warning("Some work did not end in time and is left behind")
    crashes.end()
    log.close()
    if not ended:
        # It may wait for what nobody can hurry, such as a keyring that asks a person, and Qt
        # would wait for it for ever. Everything that is kept is on the disk by now.
        os._exit(code)
    return code


def _name_program() -> None:
    """By these a task bar knows whose window it is: X11's WM_CLASS is made of the first argument
    and the name, Wayland's app_id of the desktop file's name; Windows has a name of its own."""
    QApplication.setApplicationName(APP_ID)
    QApplication.setApplicationVersion(__version__)
    QApplication.setDesktopFileName(APP_ID)
    name_in_task_bar(APP_ID)
    tell_installer()


def _hear_of_opened_files(qt_app: QApplication, application: Application) -> None:
    from algovera_desktop.ui.file_open_events import FileOpenEvents

    events = FileOpenEvents(qt_app)
    events.opened.connect(application.take_files)
    qt_app.installEventFilter(events)


def _end_at_latest_in(seconds: float) -> None:
    """Whatever is still waited for then is no loss: what was done is on the disk, and what was
    under way is taken up again at the next start."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
