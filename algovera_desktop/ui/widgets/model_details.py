"""One model in the model manager: what it is, and what can be done with it."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.managed_models import ManagedModel, ModelAction, ModelState
from algovera_desktop.ui.duration_words import duration_words
from algovera_desktop.ui.model_words import (
    is_remote,
    size_words,
    state_words,
)
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, SPACE_4

_TITLE_SCALE = 1.25
_UNDER_WAY = (ModelState.DOWNLOADING, ModelState.CHECKING, ModelState.WAITING)
_WITH_BAR = (*_UNDER_WAY, ModelState.PAUSED)
_RESUMABLE = (ModelState.PAUSED, ModelState.FAILED)
_REMOVABLE = (ModelState.INSTALLED, ModelState.MISSING)


class ModelDetails(QWidget):
    """Shows one model and asks for nothing by itself.

    Signals:
        pull_requested: the model's name; its licence was accepted.
        action_requested: a ModelAction and the model's name.
        key_requested: it needs a key, which is entered in the settings.
    """

    pull_requested = Signal(str)
    action_requested = Signal(object, str)
    key_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: ManagedModel | None = None
        self._title, self._text = _wrapped(self), _wrapped(self)
        _enlarge(self._title)
        self._facts = QGridLayout()
        self._shown_facts: list[tuple[str, str]] = []
        self._state, self._reason, self._note = (_wrapped(self) for _ in range(3))
        self._reason.setProperty("tone", "warning")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self.licence = QCheckBox(self)
        self.pull = self._button(self.tr("&Download"), self._on_pull_clicked)
        self.pull.setProperty("look", "primary")
        self.pause = self._button(self.tr("&Pause"), self._on_pause_clicked)
        self.resume = self._button(self.tr("&Resume"), self._on_resume_clicked)
        self.cancel = self._button(self.tr("&Cancel"), self._on_cancel_clicked)
        self.discard = self._button(self.tr("&Discard"), self._on_cancel_clicked)
        self.discard.setToolTip(self.tr("Deletes what has come so far"))
        self.verify = self._button(self.tr("Check file&s"), self._on_verify_clicked)
        self.remove = self._button(self.tr("Re&move"), self._on_remove_clicked)
        self.key = self._button(self.tr("OpenAI &key…"), self.key_requested.emit)
        self.licence.toggled.connect(self._on_licence_toggled)
        self._lay_out()

    def show_model(self, model: ManagedModel | None) -> None:
        """Show what is known of a model now; None for none."""
        if model is None:
            self.hide()
            return
        if self._model is None or self._model.name != model.name:
            self.licence.setChecked(model.licence_accepted)
        self._model = model
        self._title.setText(model.title)
        self._text.setText(model.description)
        self._text.setVisible(bool(model.description))
        self._note.setText(model.note)
        self._note.setVisible(bool(model.note))
        self._reason.setText(model.reason)
        self._reason.setVisible(bool(model.reason))
        self._show_facts(model)
        self._show_progress(model)
        self._show_offers(model)
        self.show()

    def _show_facts(self, model: ManagedModel) -> None:
        facts = self._facts_of(model)
        if facts == self._shown_facts:
            return
        self._shown_facts = facts
        while (item := self._facts.takeAt(0)) is not None:
            if (shown := item.widget()) is not None:
                shown.hide()
                shown.deleteLater()
        for row, (name, value) in enumerate(facts):
            label = QLabel(name, self)
            label.setProperty("tone", "muted")
            text = _wrapped(self)
            text.setTextFormat(Qt.TextFormat.RichText)
            text.setOpenExternalLinks(True)
            text.setText(value)
            top = Qt.AlignmentFlag.AlignTop
            self._facts.addWidget(label, row, 0, top)
            self._facts.addWidget(text, row, 1, top)

    def _facts_of(self, model: ManagedModel) -> list[tuple[str, str]]:
        side = model.native_size
        facts = [(self.tr("Native size"), f"{side.width} × {side.height}")]
        if model.download_bytes and not model.disk_bytes:
            facts.append((self.tr("Download"), size_words(model.download_bytes)))
        if model.disk_bytes:
            facts.append((self.tr("On disk"), size_words(model.disk_bytes)))
        if model.memory_bytes:
            words = self.tr("about {0}")
            facts.append((self.tr("Memory"), words.format(size_words(model.memory_bytes))))
        if model.expected_s is not None:
            words = self.tr("{0}, by a half-second test of this computer")
            facts.append(
                (self.tr("A picture here"), words.format(duration_words(model.expected_s)))
            )
        if model.licence_name:
            facts.append((self.tr("Licence"), _link(model.licence_address, model.licence_name)))
        if model.folder:
            facts.append((self.tr("Where"), escape(model.folder)))
        return facts

    def _show_progress(self, model: ManagedModel) -> None:
        has_bar = model.state in _WITH_BAR
        self._bar.setVisible(has_bar)
        self._bar.setRange(0, 1000 if model.total_bytes else 0)
        if model.total_bytes:
            self._bar.setValue(1000 * model.done_bytes // model.total_bytes)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._state.setText(state_words(model))

    def _show_offers(self, model: ManagedModel) -> None:
        is_offered = model.state is ModelState.AVAILABLE
        named = model.licence_name.replace("&", "&&")  # one alone would underline a letter
        self.licence.setText(self.tr("I &accept the licence ({0})").format(named))
        self.licence.setVisible(is_offered and bool(model.licence_name))
        self.pull.setVisible(is_offered)
        self._enable_pull()
        self.pause.setVisible(model.state in (ModelState.DOWNLOADING, ModelState.WAITING))
        self.resume.setVisible(model.state in _RESUMABLE)
        self.cancel.setVisible(model.state in _UNDER_WAY)
        self.discard.setVisible(model.state in _RESUMABLE)
        has_files = model.state is ModelState.INSTALLED and not is_remote(model)
        self.verify.setVisible(has_files and not model.folder)
        self.remove.setVisible(model.state in _REMOVABLE and not is_remote(model))
        self.key.setVisible(is_remote(model))

    def _enable_pull(self) -> None:
        needs_consent = not self.licence.isHidden()
        self.pull.setEnabled(self.licence.isChecked() or not needs_consent)

    def _lay_out(self) -> None:
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(SPACE_3)
        self._facts.setVerticalSpacing(SPACE_2)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        for button in (
            self.pull,
            self.pause,
            self.resume,
            self.cancel,
            self.discard,
            self.verify,
            self.key,
            self.remove,
        ):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, 0, 0, 0)
        column.setSpacing(SPACE_3)
        for widget in (self._title, self._text, self._note):
            column.addWidget(widget)
        column.addLayout(self._facts)
        for widget in (self._state, self._bar, self._reason, self.licence):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addStretch(1)

    def _button(self, text: str, on_clicked: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(on_clicked)
        return button

    def _on_licence_toggled(self) -> None:
        self._enable_pull()

    def _on_pull_clicked(self) -> None:
        if self._model is not None:
            self.pull_requested.emit(self._model.name)

    def _ask(self, action: ModelAction) -> None:
        if self._model is not None:
            self.action_requested.emit(action, self._model.name)

    def _on_pause_clicked(self) -> None:
        self._ask(ModelAction.PAUSE)

    def _on_resume_clicked(self) -> None:
        self._ask(ModelAction.RESUME)

    def _on_cancel_clicked(self) -> None:
        self._ask(ModelAction.CANCEL)

    def _on_verify_clicked(self) -> None:
        self._ask(ModelAction.VERIFY)

    def _on_remove_clicked(self) -> None:
        self._ask(ModelAction.REMOVE)


def _enlarge(label: QLabel) -> None:
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * _TITLE_SCALE)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)


def _wrapped(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a server's words are no page
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    return label


def _link(address: str, words: str) -> str:
    if not address.startswith("https://"):
        return escape(words)
    return f'<a href="{escape(address, quote=True)}">{escape(words)}</a>'
