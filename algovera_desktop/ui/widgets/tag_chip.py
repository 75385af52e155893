"""One tag of the selected pictures, as a small label with a cross."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.theme import ThemeController

_CROSS_SIDE = 12
_MAX_WIDTH = 180
_REMOVE_KEYS = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace})


class TagChip(QFrame):
    """``is_partial`` where only some of the pictures have the tag: its outline is dashed and its
    words say so.

    Signals:
        activated: it was pressed: the tag's name.
        remove_requested: its cross or Del was pressed: the tag's name.
    """

    activated = Signal(str)
    remove_requested = Signal(str)

    def __init__(
        self, name: str, is_partial: bool, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.is_partial = is_partial
        self._themes = themes
        self.setProperty("look", "partial-chip" if is_partial else "chip")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.label = QToolButton(self)
        self.label.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.cross = QToolButton(self)
        self.cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cross.setIconSize(QSize(_CROSS_SIDE, _CROSS_SIDE))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.label)
        row.addWidget(self.cross)
        self._say()
        self._dress()
        self.label.clicked.connect(self._on_label_clicked)
        self.cross.clicked.connect(self._on_cross_clicked)
        themes.changed.connect(self._dress)

    def _say(self) -> None:
        shown = self.name
        if self.is_partial:
            shown = self.tr("{tag} (some)").format(tag=self.name)
            tip = self.tr("Only some of the pictures have “{tag}”. Press to give it to all.")
        else:
            tip = self.tr("Show all pictures with the tag “{tag}”. Del takes it away.")
        metrics = self.label.fontMetrics()
        elided = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, _MAX_WIDTH)
        self.label.setText(elided.replace("&", "&&"))
        self.label.setToolTip(tip.replace("{tag}", self.name))
        self.label.setAccessibleName(self.tr("Tag {tag}").format(tag=shown))
        self.label.setAccessibleDescription(tip.replace("{tag}", self.name))
        self.cross.setToolTip(self.tr("Take the tag away"))
        self.cross.setAccessibleName(self.tr("Remove the tag {tag}").format(tag=self.name))

    def _dress(self) -> None:
        self.cross.setIcon(icon("x", self._themes.theme, "muted"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _REMOVE_KEYS:
            self.remove_requested.emit(self.name)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.name)
        else:
            super().keyPressEvent(event)

    def _on_label_clicked(self) -> None:
        self.activated.emit(self.name)

    def _on_cross_clicked(self) -> None:
        self.remove_requested.emit(self.name)
