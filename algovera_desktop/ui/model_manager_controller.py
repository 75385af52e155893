"""Joins the model manager's window to this computer's server."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.managed_models import (
    ManagedModel,
    ManagedModels,
    ModelAction,
    ModelState,
)
from algovera_desktop.domain.settings import MODEL_OFFER_CLOSED
from algovera_desktop.engines.embedded import LocalServerState, LocalServerStatus
from algovera_desktop.engines.model_manager import LONGEST_WAIT_S, ModelManager
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.models_dialog import ModelsDialog
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.model_words import offer_words
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity

_OFFER = "model offer"
_READY_S = 20.0
_RETRY_MS = 3000
_FIRST_LOOK_MS = 6000
"""After the start: the server's test of this computer takes all cores for half a second."""
_USABLE = (ModelState.INSTALLED,)
_BUSY = (ModelState.WAITING, ModelState.DOWNLOADING, ModelState.CHECKING)


class ModelManagerController(QObject):
    """Asks once after each start of the server, and goes on asking while its window is open or a
    download is under way.

    Signals:
        models_changed: another model can be painted with now, or one no longer.
        key_requested: a model needs a key, which is entered in the settings.
        use_requested: the name of a model that was just installed.
    """

    models_changed = Signal()
    key_requested = Signal()
    use_requested = Signal(str)

    def __init__(
        self,
        manager: ModelManager,
        link: LocalServerLink,
        settings: SettingsStore,
        tasks: Tasks,
        messages: MessageBar,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._manager, self._settings, self._tasks = manager, settings, tasks
        self._messages, self._window = messages, window
        self._known: ManagedModels | None = None
        self._dialog: ModelsDialog | None = None
        self._question: Task | None = None
        self._retry = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._retry.timeout.connect(self._ask)
        self._first_look = QTimer(self, singleShot=True, interval=_FIRST_LOOK_MS)
        self._first_look.timeout.connect(self._ask)
        self.action = QAction(self.tr("&Models…"), self)
        self.action.triggered.connect(self.open)
        link.status_changed.connect(self._on_link_status_changed)
        if link.server.status.state is LocalServerState.READY:
            self._first_look.start()

    def open(self) -> None:
        """Show the window, at the model that was looked at last."""
        if self._dialog is None:
            self._dialog = self._make_dialog()
        if self._known is not None:
            self._dialog.show_models(self._known)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        self._ask()

    def _make_dialog(self) -> ModelsDialog:
        dialog = ModelsDialog(self._window)
        details = dialog.details
        details.pull_requested.connect(self._on_details_pull_requested)
        details.action_requested.connect(self._on_details_action_requested)
        details.key_requested.connect(self.key_requested)
        dialog.add_requested.connect(self._on_dialog_add_requested)
        dialog.mirror_requested.connect(self._on_dialog_mirror_requested)
        return dialog

    def _on_link_status_changed(self, status: LocalServerStatus) -> None:
        if status.state is LocalServerState.READY:
            self._drop_question()
            self._known = None
            is_open = self._dialog is not None and self._dialog.isVisible()
            self._retry.start() if is_open else self._first_look.start()

    def _ask(self) -> None:
        """Ask how things are; where they are known already, wait for the next change."""
        if self._question is not None:
            return
        revision = self._known.revision if self._known is not None else 0
        wait_s = LONGEST_WAIT_S if revision else 0.0

        def work(context: TaskContext) -> ManagedModels:
            return self._manager.models(context.token, revision=revision, wait_s=wait_s)

        self._question = task = self._tasks.start(Pool.NETWORK, work)
        task.succeeded.connect(self._on_question_answered)
        task.failed.connect(self._on_question_failed)

    def _drop_question(self) -> None:
        if self._question is not None:
            self._question.cancel()
            self._question = None

    def _on_question_answered(self, known: ManagedModels) -> None:
        self._question = None
        self._take(known)
        if self._is_watching():
            self._ask()

    def _on_question_failed(self, error: object) -> None:
        self._question = None
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.say_problem(str(error))
            self._retry.start()

    def _is_watching(self) -> bool:
        is_open = self._dialog is not None and self._dialog.isVisible()
        return is_open or any(model.state in _BUSY for model in self._models())

    def _models(self) -> tuple[ManagedModel, ...]:
        return self._known.models if self._known is not None else ()

    def _take(self, known: ManagedModels) -> None:
        before = {model.name: model.state for model in self._models()}
        is_first = self._known is None
        self._known = known
        if self._dialog is not None:
            self._dialog.show_models(known)
        if is_first:
            self._offer()
            return
        for model in known.models:
            if (model.state in _USABLE) != (before.get(model.name) in _USABLE):
                self.models_changed.emit()
                self._tell_installed(model, before.get(model.name))

    def _offer(self) -> None:
        """One calm line for somebody who has no model yet."""
        if self._settings.get(MODEL_OFFER_CLOSED):
            return
        models = self._models()
        if any(model.state is not ModelState.AVAILABLE and model.downloadable for model in models):
            return
        offered = next((model for model in models if model.recommended), None)
        if offered is not None and offered.state is ModelState.AVAILABLE:
            actions = (
                (self.tr("Look at it"), self.open),
                (self.tr("Not now"), self._on_offer_declined),
            )
            self._messages.show_message(Message(offer_words(offered), key=_OFFER, actions=actions))

    def _on_offer_declined(self) -> None:
        self._settings.set(MODEL_OFFER_CLOSED, True)

    def _tell_installed(self, model: ManagedModel, before: ModelState | None) -> None:
        if model.state not in _USABLE or before not in (*_BUSY, ModelState.PAUSED):
            return

        def use() -> None:
            self.use_requested.emit(model.name)

        text = self.tr("{0} is installed.").format(model.title)
        actions = ((self.tr("Use it"), use),)
        message = Message(text, Severity.SUCCESS, _OFFER, actions, timeout_s=_READY_S)
        self._messages.show_message(message)

    def _do(self, call: Callable[[CancelToken], ManagedModels]) -> None:
        task = self._tasks.start(Pool.NETWORK, lambda context: call(context.token))
        task.succeeded.connect(self._on_call_succeeded)
        task.failed.connect(self._on_call_failed)

    def _on_call_succeeded(self, known: ManagedModels) -> None:
        if self._dialog is not None:
            self._dialog.say_problem("")
        self._take(known)
        self._ask()

    def _on_call_failed(self, error: object) -> None:
        if self._dialog is not None:
            self._dialog.say_problem(str(error))

    def _on_details_pull_requested(self, name: str) -> None:
        self._do(lambda token: self._manager.pull(name, token))

    def _on_details_action_requested(self, action: ModelAction, name: str) -> None:
        self._do(lambda token: self._manager.act(action, name, token))

    def _on_dialog_add_requested(self, name: str, path: Path) -> None:
        self._do(lambda token: self._manager.add(name, path, token))

    def _on_dialog_mirror_requested(self, address: str) -> None:
        self._do(lambda token: self._manager.set_mirror(address, token))
