"""Settings → OpenAI: the key with which ``dalle`` is painted."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from algovera_desktop.domain.errors import CredentialError, InvalidRequestError
from algovera_desktop.services.credentials import KeyPlace
from algovera_desktop.services.openai_access import OpenAiAccess, OpenAiWish
from algovera_desktop.ui.dialogs.server_fields import note
from algovera_desktop.ui.model_words import trouble_words
from algovera_desktop.ui.tasks import Pool, TaskContext, Tasks
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, SPACE_4, ThemeController
from algovera_desktop.ui.widgets.key_field import KeyField

_TITLE = "OpenAI Images"
"""How the model's name in the form begins."""

_USUAL_MODEL = "gpt-image-1-mini"
_USUAL_ADDRESS = "https://api.openai.com/v1"


class OpenAiPage(QWidget):
    """Saved as a whole, because a key and an address belong together.

    Signals:
        changed: this computer's server can paint ``dalle`` now, or can no longer.
    """

    changed = Signal()

    def __init__(
        self,
        themes: ThemeController,
        access: OpenAiAccess,
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._access, self._tasks = access, tasks
        self._key = KeyField(themes, self)
        self._model, self._address = QLineEdit(self), QLineEdit(self)
        self._model.setPlaceholderText(_USUAL_MODEL)
        self._model.setAccessibleName(self.tr("OpenAI model"))
        self._address.setPlaceholderText(_USUAL_ADDRESS)
        self._address.setAccessibleName(self.tr("OpenAI address"))
        self._key.edit.setAccessibleName(self.tr("OpenAI key"))
        self._save = QPushButton(self.tr("Sa&ve"), self)
        self._save.setProperty("look", "primary")
        self._forget = QPushButton(self.tr("&Remove key"), self)
        self._result = note("", self)
        for button in (self._save, self._forget):
            button.setAutoDefault(False)
        self._save.clicked.connect(self._on_save_clicked)
        self._forget.clicked.connect(self._on_forget_clicked)
        for field in (self._key.edit, self._model, self._address):
            field.returnPressed.connect(self._on_save_clicked)
        self._model.setText(access.wish.model)
        self._address.setText(access.wish.address)
        self._show_key()
        self._lay_out()

    def _lay_out(self) -> None:
        words = note(
            self.tr(
                "With a key of your own, OpenAI can make your pictures: choose “{model}” in the "
                "form. Each picture costs money, also one that you cancel after it was sent. Your "
                "prompt goes to OpenAI; it is never sent twice by itself."
            ).format(model=_TITLE),
            self,
        )
        form = QFormLayout()
        form.setHorizontalSpacing(SPACE_3)
        form.setVerticalSpacing(SPACE_2)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("&Key"), self._key)
        form.addRow(self.tr("&Model"), self._model)
        form.addRow(self.tr("&Address"), self._address)
        where = self.tr(
            "Leave model and address empty for the usual ones. Another address serves where it "
            "understands what OpenAI's does."
        )
        form.addRow("", note(where, self))
        buttons = QHBoxLayout()
        buttons.addWidget(self._forget)
        buttons.addStretch(1)
        buttons.addWidget(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        column.setSpacing(SPACE_3)
        column.addWidget(words)
        column.addLayout(form)
        column.addLayout(buttons)
        column.addWidget(self._result)
        column.addStretch(1)

    def _show_key(self) -> None:
        has_key = self._access.has_key
        self._forget.setVisible(has_key)
        self._key.set_hint(
            self.tr("Type another key to replace it") if has_key else self.tr("Paste the key here")
        )

    def _on_save_clicked(self) -> None:
        if not self._save.isEnabled():
            return
        wish = OpenAiWish(self._key.key(), self._address.text(), self._model.text())
        if not wish.key and not self._access.has_key:
            self._say(self.tr("Paste your OpenAI key first."), "warning")
            self._key.edit.setFocus()
            return
        self._run(partial(self._store, wish), self._on_stored, self._on_store_failed)

    def _store(self, wish: OpenAiWish, context: TaskContext) -> tuple[KeyPlace | None, bool]:
        """On a worker: where the key was put, and whether the server has it now."""
        place = self._access.store(wish)
        return place, self._access.hand_over(context.token)

    def _on_stored(self, outcome: tuple[KeyPlace | None, bool]) -> None:
        place, is_lent = outcome
        self._key.clear()
        self._show_key()
        if not is_lent:
            self._say(self.tr("Saved, but the key is no longer there. Paste it again."), "warning")
            self._key.edit.setFocus()
        elif place is KeyPlace.SESSION:
            text = self.tr(
                "Saved, but without a keyring the key is forgotten when the program ends."
            )
            self._say(text, "warning")
        else:
            self._say(
                self.tr("Saved. “{model}” can be chosen in the form now.").format(model=_TITLE)
            )
        self.changed.emit()

    def _on_store_failed(self, error: Exception) -> None:
        self._show_key()
        if isinstance(error, InvalidRequestError):
            self._say(
                self.tr("This address cannot be used: it must begin with https://."), "warning"
            )
            self._address.setFocus()
        elif isinstance(error, CredentialError):
            self._say(self.tr("The keyring did not answer. Unlock it and try again."), "warning")
        else:
            text = self.tr("Saved, but the server on this computer did not take it: {0}")
            self._say(text.format(trouble_words(error)), "warning")

    def _on_forget_clicked(self) -> None:
        self._run(self._take_back, self._on_forgotten, self._on_forget_failed)

    def _take_back(self, context: TaskContext) -> None:
        """On a worker."""
        self._access.forget(context.token)

    def _on_forgotten(self, _nothing: object) -> None:
        self._show_key()
        self._say(self.tr("The key is removed."))
        self.changed.emit()

    def _on_forget_failed(self, error: Exception) -> None:
        self._show_key()
        if isinstance(error, CredentialError):
            self._say(self.tr("The keyring did not answer. Unlock it and try again."), "warning")
        else:
            text = self.tr("Removed here; a server that runs may use the key until it ends.")
            self._say(text, "warning")

    def _run(
        self,
        work: Callable[[TaskContext], Any],
        on_done: Callable[[Any], None],
        on_failed: Callable[[Exception], None],
    ) -> None:
        self._set_busy(True)
        self._say(self.tr("One moment… The keyring may ask you to unlock it."))
        task = self._tasks.start(Pool.NETWORK, work)
        task.succeeded.connect(on_done)
        task.failed.connect(on_failed)
        task.finished.connect(self._on_task_finished)

    def _on_task_finished(self) -> None:
        self._set_busy(False)

    def _set_busy(self, is_busy: bool) -> None:
        for button in (self._save, self._forget):
            button.setDisabled(is_busy)

    def _say(self, text: str, tone: str = "muted") -> None:
        self._result.setText(text)
        self._result.setProperty("tone", tone)
        # A style sheet looks at a property once, when it first sees the widget.
        self._result.style().unpolish(self._result)
        self._result.style().polish(self._result)
