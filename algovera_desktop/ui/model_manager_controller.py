"""Joins the model manager's window to this computer's server."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMessageBox, QWidget

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
from algovera_desktop.ui.model_words import (
    is_remote,
    offer_words,
    size_words,
    trouble_words,
)
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity

_OFFER, _READY = "model offer", "model ready"
_READY_S = 20.0
_RETRY_MS = 3000
_FIRST_LOOK_MS = 6000
"""After the start: the server's test of this computer takes all cores for half a second."""
_BUSY = (ModelState.WAITING, ModelState.DOWNLOADING, ModelState.CHECKING)
_UNTOUCHED = (ModelState.AVAILABLE, ModelState.UNAVAILABLE)


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
        *,
        first_look_ms: int = _FIRST_LOOK_MS,
    ) -> None:
        super().__init__(window)
        self._manager, self._settings, self._tasks = manager, settings, tasks
        self._messages, self._window, self._link = messages, window, link
        self._known: ManagedModels | None = None
        self._revision = self._starts = 0
        self._offer_is_due = True
        self._checked: set[str] = set()
        self._dialog: ModelsDialog | None = None
        self._question: Task | None = None
        self._retry = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._retry.timeout.connect(self._ask)
        self._first_look = QTimer(self, singleShot=True, interval=first_look_ms)
        self._first_look.timeout.connect(self._ask)
        self.action = QAction(self.tr("&Models…"), self)
        self.action.setShortcut(QKeySequence("Ctrl+M"))
        self.action.triggered.connect(self.open)
        window.addAction(self.action)
        messages.message_dismissed.connect(self._on_messages_message_dismissed)
        link.status_changed.connect(self._on_link_status_changed)
        if link.server.status.state is LocalServerState.READY:
            self._first_look.start()

    @property
    def known(self) -> ManagedModels | None:
        """What the server said last; None before it said anything."""
        return self._known

    def open(self) -> None:
        """Show the window, at the model that was looked at last."""
        if self._dialog is None:
            self._dialog = self._make_dialog()
        if self._known is not None:
            self._dialog.show_models(self._known)
        self._messages.dismiss(_OFFER)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        self._look_at(self._link.server.status)

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
        self._drop_question()
        self._starts += 1  # what one server answered says nothing of the next
        self._revision = 0
        self._checked.clear()
        self._look_at(status)

    def _look_at(self, status: LocalServerStatus) -> None:
        if status.state is LocalServerState.READY:
            self._say_away("")
            self._ask() if self._is_watching() else self._first_look.start()
        elif status.state is LocalServerState.STARTING:
            self._say_away(self.tr("The server on this computer is starting…"))
        else:
            self._say_away(self.tr("The server on this computer does not run."))

    def _say_away(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.say_away(text)

    def _ask(self) -> None:
        """Ask how things are; where they are known already, wait for the next change."""
        if self._question is not None:
            return
        revision = self._revision
        wait_s = LONGEST_WAIT_S if revision else 0.0

        def work(context: TaskContext) -> ManagedModels:
            return self._manager.models(context.token, revision=revision, wait_s=wait_s)

        self._question = task = self._tasks.start(Pool.NETWORK, work)
        task.succeeded.connect(self._on_question_answered)
        task.failed.connect(self._on_question_failed)

    def _drop_question(self) -> None:
        self._retry.stop()
        self._first_look.stop()
        if self._question is not None:
            self._question.cancel()
            self._question = None

    def _on_question_answered(self, known: ManagedModels) -> None:
        self._question = None
        self._say_away("")
        self._take(known)
        if self._is_watching():
            self._ask()

    def _on_question_failed(self, error: Exception) -> None:
        self._question = None
        self._say_away(trouble_words(error))
        if self._is_watching():
            self._retry.start()

    def _is_watching(self) -> bool:
        is_open = self._dialog is not None and self._dialog.isVisible()
        is_waiting = self._known is not None and self._offer_is_due
        return is_open or is_waiting or any(model.state in _BUSY for model in self._models())

    def _models(self) -> tuple[ManagedModel, ...]:
        return self._known.models if self._known is not None else ()

    def _take(self, known: ManagedModels) -> None:
        if known.revision < self._revision:
            return
        before = {model.name: model for model in self._models()}
        is_first = self._known is None
        self._known, self._revision = known, known.revision
        if self._dialog is not None:
            self._dialog.show_models(known)
        self._consider_offer(is_first)
        if not is_first:
            self._tell_changes(before)

    def _tell_changes(self, before: Mapping[str, ManagedModel]) -> None:
        usable = {model.name for model in self._models() if _is_usable(model)}
        were_usable = {name for name, model in before.items() if _is_usable(model)}
        if usable != were_usable:
            self.models_changed.emit()
        for model in self._models():
            if model.name in usable - were_usable and not is_remote(model):
                self._tell_installed(model)
            if model.name in self._checked and model.state not in _BUSY:
                self._checked.remove(model.name)
                self._tell_checked(model)

    def _consider_offer(self, is_first: bool) -> None:
        """One calm line for somebody who has no model yet, once their computer was tested."""
        if any(m.state not in _UNTOUCHED and not is_remote(m) for m in self._models()):
            self._messages.dismiss(_OFFER)
            self._offer_is_due = False
        offered = next((model for model in self._models() if model.recommended), None)
        is_open = self._dialog is not None and self._dialog.isVisible()
        if offered is None or is_open or self._settings.get(MODEL_OFFER_CLOSED):
            self._offer_is_due = False
        if not self._offer_is_due or offered is None or (is_first and offered.expected_s is None):
            return
        self._offer_is_due = False
        actions = ((self.tr("Look at it"), self.open), (self.tr("Not now"), lambda: None))
        message = Message(offer_words(offered), key=_OFFER, actions=actions, can_wait=True)
        self._messages.show_message(message)

    def _on_messages_message_dismissed(self, message: Message) -> None:
        """However it was closed: who has seen the offer knows where the models are."""
        if message.key == _OFFER:
            self._settings.set(MODEL_OFFER_CLOSED, True)

    def _tell_installed(self, model: ManagedModel) -> None:
        def use() -> None:
            self.use_requested.emit(model.name)

        text = self.tr("{0} is installed.").format(model.title)
        actions = ((self.tr("Use it"), use),)
        message = Message(text, Severity.SUCCESS, _READY, actions, timeout_s=_READY_S)
        self._messages.show_message(message)

    def _tell_checked(self, model: ManagedModel) -> None:
        if model.state is ModelState.INSTALLED and not model.reason:
            text = self.tr("Every file of {0} is as it should be.").format(model.title)
            self._messages.show_message(Message(text, Severity.SUCCESS, _READY, timeout_s=_READY_S))

    def _do(self, call: Callable[[CancelToken], ManagedModels], checked: str = "") -> None:
        task = self._tasks.start(Pool.NETWORK, lambda context: call(context.token))
        task.succeeded.connect(partial(self._on_call_succeeded, self._starts, checked))
        task.failed.connect(self._on_call_failed)

    def _on_call_succeeded(self, starts: int, checked: str, known: ManagedModels) -> None:
        if starts == self._starts:
            self._say_problem("")
            self._checked.update({checked} - {""})
            self._take(known)
            self._ask()

    def _on_call_failed(self, error: Exception) -> None:
        self._say_problem(trouble_words(error))

    def _say_problem(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.say_problem(text)

    def _on_details_pull_requested(self, name: str) -> None:
        self._do(lambda token: self._manager.pull(name, token))

    def _on_details_action_requested(self, action: ModelAction, name: str) -> None:
        model = next((model for model in self._models() if model.name == name), None)
        self._checked.discard(name)  # if that is stopped now, it says nothing
        checked = name if action is ModelAction.VERIFY else ""
        act = partial(self._do, partial(self._manager.act, action, name), checked)
        is_costly = model is not None and model.disk_bytes > 0 and not model.folder
        if action is ModelAction.REMOVE and model is not None and is_costly:
            self._ask_before_removing(model, act)
        else:
            act()

    def _ask_before_removing(self, model: ManagedModel, remove: Callable[[], None]) -> None:
        """Nothing brings a download back but another one."""
        words = self.tr("Remove {0} from this computer?").format(model.title)
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("Remove a model"), words)
        box.setParent(self._dialog or self._window, box.windowFlags())
        box.setTextFormat(Qt.TextFormat.PlainText)
        more = self.tr("{0} are freed. Your pictures stay. It can be downloaded again.")
        box.setInformativeText(more.format(size_words(model.disk_bytes)))
        yes = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(remove)
        box.finished.connect(box.deleteLater)
        box.open()

    def _on_dialog_add_requested(self, name: str, path: Path) -> None:
        self._do(lambda token: self._manager.add(name, path, token))

    def _on_dialog_mirror_requested(self, address: str) -> None:
        self._do(lambda token: self._manager.set_mirror(address, token))


def _is_usable(model: ManagedModel) -> bool:
    """Whether pictures can be painted with it: also while its files are checked."""
    is_checked = model.state in _BUSY and model.disk_bytes > 0
    return model.state is ModelState.INSTALLED or is_checked
