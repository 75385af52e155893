"""Where a picture's chance comes from: a number to keep, or another one each time."""

from collections.abc import Callable

from PySide6.QtCore import QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from algovera_desktop.domain.generation import MAX_SEED
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.theme import SPACE_1, ThemeController


class SeedField(QWidget):
    """A number, or empty for random. The dice says which, and goes from one to the other.

    A QSpinBox ends at 31 bits; seeds have 53.

    Signals:
        seed_edited: the user chose another seed (int), or None for random.
    """

    seed_edited = Signal(object)

    def __init__(
        self,
        themes: ThemeController,
        draw_seed: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._draw_seed = draw_seed
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(self.tr("Seed"))
        self.edit.setPlaceholderText(self.tr("Random each time"))
        digits = QRegularExpression(f"[0-9]{{0,{len(str(MAX_SEED))}}}")
        self.edit.setValidator(QRegularExpressionValidator(digits, self))
        self.edit.textEdited.connect(self._on_edit_text_edited)
        self.edit.editingFinished.connect(self.commit)
        self.dice = QToolButton(self)
        self.dice.setCheckable(True)
        self.dice.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.dice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.dice.setAccessibleName(self.tr("Random seed"))
        self.dice.clicked.connect(self._on_dice_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_1)
        row.addWidget(self.edit, 1)
        row.addWidget(self.dice)
        self._dress_dice()
        themes.changed.connect(self._on_themes_changed)

    def set_seed(self, seed: int | None) -> None:
        self.edit.setText("" if seed is None else str(seed))
        self._dress_dice()

    def seed(self) -> int | None:
        text = self.edit.text()
        return min(int(text), MAX_SEED) if text else None

    def commit(self) -> None:
        """Show a number that is too large, or has zeros in front, as it is taken."""
        self.set_seed(self.seed())

    def _dress_dice(self) -> None:
        is_random = self.seed() is None
        self.dice.setChecked(is_random)
        self.dice.setIcon(icon("dices", self._themes.theme, "text" if is_random else "muted"))
        self.dice.setToolTip(
            self.tr("Random: another seed at each press. Click to keep one.")
            if is_random
            else self.tr("Fixed: the same seed again. Click for random seeds.")
        )

    def _on_edit_text_edited(self) -> None:
        self._dress_dice()
        self.seed_edited.emit(self.seed())

    def _on_dice_clicked(self, checked: bool) -> None:
        self.set_seed(None if checked else self._draw_seed())
        self.seed_edited.emit(self.seed())

    def _on_themes_changed(self) -> None:
        self._dress_dice()
