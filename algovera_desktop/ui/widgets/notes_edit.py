"""The artist's own words about a picture."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from algovera_desktop.ui.widgets.prompt_edit import PromptEdit

_MIN_LINES, _MAX_LINES = 2, 8
_SAVE_DELAY_MS = 700


class NotesEdit(PromptEdit):
    """Notes of one picture at a time; they are told every _SAVE_DELAY_MS while one types, when the
    keyboard leaves, and before another picture's are shown. Ctrl+Z in here is the field's own.

    Signals:
        notes_edited: the picture's id and its notes.
        left: the keyboard went elsewhere.
    """

    notes_edited = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_MIN_LINES, _MAX_LINES, parent)
        self._image_id: int | None = None
        self._told = ""
        self._unanswered: list[str] = []  # told, and not yet come back as the picture's notes
        self._timer = QTimer(self, singleShot=True, interval=_SAVE_DELAY_MS)
        self._timer.timeout.connect(self.tell)
        self.setAccessibleName(self.tr("Notes"))
        self.setPlaceholderText(self.tr("Notes"))
        self.textChanged.connect(self._on_text_changed)

    def show_notes(self, image_id: int, notes: str) -> None:
        """Show a picture's notes. What is being typed for the same picture stands."""
        if image_id != self._image_id:
            self.tell()
            self._image_id = image_id
            self._told = notes
            self._unanswered.clear()
            self.setPlainText(notes)
            return
        is_overtaken = self._answer(notes)
        if is_overtaken or self._timer.isActive() or notes == self._told:
            return
        self._told = notes
        self.replace_text(notes)

    def _answer(self, notes: str) -> bool:
        """Whether these were told here and more has been told since, which is still on its way."""
        if notes not in self._unanswered:
            self._unanswered.clear()
            return False
        del self._unanswered[: self._unanswered.index(notes) + 1]
        return bool(self._unanswered)

    def tell(self) -> None:
        """Tell what was typed and not yet told; before quitting, too."""
        self._timer.stop()
        notes = self.toPlainText()
        if self._image_id is not None and notes != self._told:
            self._told = notes
            self._unanswered.append(notes)
            self.notes_edited.emit(self._image_id, notes)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.tell()
        self.left.emit()

    def _on_text_changed(self) -> None:
        # A picture's notes that are put in its place are no edit.
        if self._image_id is None or self.toPlainText() == self._told:
            return
        # Not put off by every letter: who types without a pause would lose it all in a crash.
        if not self._timer.isActive():
            self._timer.start()
