"""Edits one server, with a test before anything depends on it."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.servers import ServerConfig, is_same_host
from algovera_desktop.services.credentials import KeyPlace
from algovera_desktop.services.servers import ServerList
from algovera_desktop.ui.dialogs.server_fields import ServerFields, note
from algovera_desktop.ui.dialogs.server_probe import (
    Finding,
    KeyStatus,
    ServerProbe,
    describe_finding,
    describe_test_failure,
)
from algovera_desktop.ui.tasks import Task
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.wording import describe_error


class ServerEditor(QWidget):
    """Edits a copy; Save takes it over, Cancel drops it. The keyring and the network are only
    asked through the probe.

    Signals:
        saved: the ServerConfig as it was kept; its address or key may be new.
        cancelled: the changes were dropped.
        account_changing: the id (str) of a server that is about to get another address or key.
        dirty_changed: whether there is something to save (bool).
    """

    saved = Signal(object)
    cancelled = Signal()
    account_changing = Signal(str)
    dirty_changed = Signal(bool)

    def __init__(
        self,
        themes: ThemeController,
        servers: ServerList,
        probe: ServerProbe,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._servers = servers
        self._probe = probe
        self._config = ServerConfig("", "")
        self._is_dirty = False
        self._is_storing = False
        self._has_stored_key = False
        self._left_from: QWidget | None = None
        self._awaited: list[Task] = []
        self._fields = ServerFields(themes, self)
        self._test = QPushButton(self.tr("&Test"), self)
        self._save = QPushButton(self.tr("Sa&ve"), self)
        self._save.setProperty("look", "primary")
        self._cancel = QPushButton(self.tr("&Cancel"), self)
        self._result = note("", self)
        self._lay_out()
        self._fields.edited.connect(self._on_fields_edited)
        self._fields.submitted.connect(self._save.click)
        self._fields.key_removal_requested.connect(self._on_fields_key_removal_requested)
        self._test.clicked.connect(self._on_test_clicked)
        self._save.clicked.connect(self._on_save_clicked)
        self._cancel.clicked.connect(self._on_cancel_clicked)

    @property
    def is_dirty(self) -> bool:
        return self._is_dirty

    @property
    def is_storing(self) -> bool:
        """Whether a key is on its way to the keyring, which may wait for a person's answer."""
        return self._is_storing

    def edit(self, config: ServerConfig, *, is_new: bool) -> None:
        """Show a server; a new one is something to save from the start."""
        self.stop()
        self._config = config
        self._fields.show_config(config)
        self._fields.show_key_status("", can_remove=False)
        # Until the keyring says otherwise; it may be locked now and open later.
        self._has_stored_key = not is_new
        self._say("")
        self._set_dirty(is_new)
        if is_new:
            self._fields.focus_first()
        else:
            self._ask_for_key_status()

    def stop(self) -> None:
        """Drop the answers that are still awaited."""
        for task in self._awaited:
            task.cancel()
        self._awaited.clear()
        self._is_storing = False
        self._left_from = None
        self._set_busy(False)

    def say_unsaved(self) -> None:
        """Remind of Save, and lead there."""
        self._say(
            self.tr("Not saved yet. Press Save, or Esc again to drop the changes."), "warning"
        )
        self._save.setFocus()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(self._test)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._save)
        for button in (self._test, self._cancel, self._save):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        column.addWidget(self._fields)
        column.addLayout(buttons)
        column.addWidget(self._result)
        column.addStretch(1)

    def _say(self, text: str, tone: str = "muted") -> None:
        self._result.setText(text)
        self._result.setVisible(bool(text))
        self._result.setProperty("tone", tone)
        # A style sheet looks at a property once, when it first sees the widget.
        self._result.style().unpolish(self._result)
        self._result.style().polish(self._result)
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._result, text))

    def _checked(self) -> ServerConfig | None:
        try:
            config = self._fields.config()
        except InvalidRequestError as error:
            self._say(self._fields.point_out(error), "danger")
            return None
        if self._would_send_key_elsewhere(config):
            text = self.tr(
                "The stored key was entered for another address, and is not sent to this one. "
                "Enter the key for this address."
            )
            self._say(text, "danger")
            self._fields.key.edit.setFocus()
            return None
        return config

    def _would_send_key_elsewhere(self, config: ServerConfig) -> bool:
        moved = not is_same_host(self._config.address, config.address)
        return self._has_stored_key and moved and not self._fields.key.key()

    def _set_dirty(self, is_dirty: bool) -> None:
        self._save.setEnabled(is_dirty)
        self._cancel.setEnabled(is_dirty)
        if is_dirty != self._is_dirty:
            self._is_dirty = is_dirty
            self.dirty_changed.emit(is_dirty)

    def _set_busy(self, is_busy: bool) -> None:
        self._test.setEnabled(not is_busy)
        self._fields.setEnabled(not is_busy)
        self._save.setEnabled(not is_busy and self._is_dirty)
        self._cancel.setEnabled(not is_busy and self._is_dirty)

    def _note_focus(self) -> None:
        """Remember where the keyboard is, before what has it is disabled."""
        focused = self.focusWidget()
        self._left_from = focused if focused is not None and focused.hasFocus() else None

    def _return_focus(self) -> None:
        """Lead the keyboard back to where it was, or as near as can be."""
        target, self._left_from = self._left_from, None
        if target is not None:
            (target if target.isEnabled() and target.isVisible() else self._test).setFocus()

    def _await(self, task: Task) -> Task:
        self._awaited.append(task)
        return task

    def _ask_for_key_status(self) -> None:
        self._fields.show_key_status(self.tr("Asking the keyring…"), can_remove=False)
        task = self._await(self._probe.key_status(self._config.id))
        task.succeeded.connect(self._on_key_status_succeeded)
        task.failed.connect(self._on_key_status_failed)

    def _finish_save(self) -> None:
        self._set_busy(False)
        self._fields.show_config(self._config)
        self._set_dirty(False)
        self._say(self.tr("Saved."), "success")
        self._return_focus()
        self.saved.emit(self._config)

    def _on_fields_edited(self) -> None:
        self._say("")
        self._set_dirty(True)

    def _on_key_status_succeeded(self, status: KeyStatus) -> None:
        self._has_stored_key = status.is_stored
        if not status.is_stored:
            text = self.tr("No key is stored.")
        elif status.has_keyring:
            text = self.tr("A key is stored in the system's keyring.")
        else:
            text = self.tr(
                "The key is kept for this session only: the system has no keyring, or it is "
                "locked. It has to be entered again when the program is started anew."
            )
        self._fields.show_key_status(text, can_remove=status.is_stored)

    def _on_key_status_failed(self, error: Exception) -> None:
        self._fields.show_key_status(describe_error(error).title, can_remove=False)

    def _on_test_clicked(self) -> None:
        config = self._checked()
        if config is None:
            return
        self._note_focus()
        self._set_busy(True)
        self._say(self.tr("Asking the server…"))
        task = self._await(self._probe.test(config, self._fields.key.key()))
        task.succeeded.connect(self._on_test_succeeded)
        task.failed.connect(self._on_test_failed)

    def _on_test_succeeded(self, finding: Finding) -> None:
        self._set_busy(False)
        self._say(describe_finding(finding), "success")
        self._return_focus()

    def _on_test_failed(self, error: Exception) -> None:
        self._set_busy(False)
        self._say(describe_test_failure(error), "danger")
        self._return_focus()

    def _on_save_clicked(self) -> None:
        config = self._checked()
        if config is None:
            return
        key = self._fields.key.key()
        if key or config.address != self._config.address:
            self.account_changing.emit(config.id)
        self._note_focus()
        is_elsewhere = not is_same_host(config.address, self._config.address)
        if key and self._has_stored_key and is_elsewhere:
            # First, or jobs under way would send the old key to the new address for a moment.
            self._begin_storing()
            task = self._await(self._probe.delete_key(config.id))
            task.succeeded.connect(partial(self._save_entry, config, key))
            task.failed.connect(self._on_store_key_failed)
        else:
            self._save_entry(config, key)

    def _save_entry(self, config: ServerConfig, key: str, _deleted: object = None) -> None:
        try:
            self._config = self._servers.save(config)
        except InvalidRequestError as error:
            self._is_storing = False
            self._set_busy(False)
            self._say(self._fields.point_out(error), "danger")
            return
        if not key:
            self._finish_save()
            return
        self._begin_storing()
        task = self._await(self._probe.store_key(self._config.id, key))
        task.succeeded.connect(self._on_store_key_succeeded)
        task.failed.connect(self._on_store_key_failed)

    def _begin_storing(self) -> None:
        self._is_storing = True
        self._set_busy(True)
        self._say(self.tr("Storing the key…"))

    def _on_store_key_succeeded(self, place: KeyPlace) -> None:
        self._is_storing = False
        self._finish_save()
        self._on_key_status_succeeded(KeyStatus(True, place is KeyPlace.KEYRING))

    def _on_store_key_failed(self, error: Exception) -> None:
        self._is_storing = False
        self._set_busy(False)
        self._say(describe_error(error).title, "danger")
        self._return_focus()

    def _on_fields_key_removal_requested(self) -> None:
        self._note_focus()
        self._set_busy(True)
        self.account_changing.emit(self._config.id)
        task = self._await(self._probe.delete_key(self._config.id))
        task.succeeded.connect(self._on_delete_key_succeeded)
        task.failed.connect(self._on_delete_key_failed)

    def _on_delete_key_succeeded(self) -> None:
        self._set_busy(False)
        self._has_stored_key = False
        self._fields.show_key_status(self.tr("The key was removed."), can_remove=False)
        self._return_focus()
        self.saved.emit(self._config)

    def _on_delete_key_failed(self, error: Exception) -> None:
        self._set_busy(False)
        self._say(describe_error(error).title, "danger")
        self._return_focus()

    def _on_cancel_clicked(self) -> None:
        self._set_dirty(False)
        self.cancelled.emit()
