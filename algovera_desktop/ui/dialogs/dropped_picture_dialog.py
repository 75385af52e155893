"""A single picture was dropped on the window, or opened with the program: its settings, and what to
do with it."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.images import UNKNOWN_TOOL, ImageRecord, NewImage
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.theme import SPACE_1, SPACE_3, SPACE_4

PREVIEW_SIDE = 200
_MOST_CHARS = 600


@dataclass(frozen=True, slots=True)
class DroppedPicture:
    """A file that was dropped, what it says of itself, and a small image of it. ``record`` is the
    library's, if it has this very picture."""

    path: Path
    image: NewImage
    preview: QImage
    record: ImageRecord | None = None

    @property
    def has_settings(self) -> bool:
        """Whether it says how it was made."""
        return self.image.tool != UNKNOWN_TOOL and bool(self.image.request.prompt)


class DroppedPictureDialog(QDialog):
    """Non-modal.

    Signals:
        settings_requested: the GenerationRequest that shall be put into the form.
        import_requested: the Path of the picture.
        show_requested: the ImageRecord of a picture that the library has.
    """

    settings_requested = Signal(object)
    import_requested = Signal(object)
    show_requested = Signal(object)

    def __init__(self, picture: DroppedPicture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = picture
        self.setWindowTitle(picture.path.name)
        self.use = QPushButton(self.tr("Use these settings"), self)
        self.use.setProperty("look", "primary")
        self.use.setEnabled(picture.has_settings)
        self.use.clicked.connect(self._on_use_clicked)
        self.bring_in = QPushButton(self.tr("Import…"), self)
        self.bring_in.clicked.connect(self._on_bring_in_clicked)
        self.show_it = QPushButton(self.tr("Show in the gallery"), self)
        self.show_it.clicked.connect(self._on_show_it_clicked)
        buttons = close_buttons(self)
        buttons.addButton(self.bring_in, buttons.ButtonRole.ActionRole)
        buttons.addButton(self.show_it, buttons.ButtonRole.ActionRole)
        buttons.addButton(self.use, buttons.ButtonRole.AcceptRole)
        # Not before: the box shows what it is given.
        self.bring_in.setVisible(picture.record is None)
        self.show_it.setVisible(picture.record is not None)
        row = QHBoxLayout()
        row.setSpacing(SPACE_4)
        row.addWidget(self._preview(), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._facts(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addLayout(row)
        column.addStretch(1)
        column.addWidget(buttons)
        self.setMinimumWidth(520)

    def _preview(self) -> QLabel:
        ratio = self.devicePixelRatioF()
        side = QSize(PREVIEW_SIDE, PREVIEW_SIDE) * ratio
        fitted = self._picture.preview.scaled(
            side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        pixmap = QPixmap.fromImage(fitted)
        pixmap.setDevicePixelRatio(ratio)
        label = QLabel(self)
        label.setPixmap(pixmap)
        label.setAccessibleName(self.tr("The dropped picture"))
        return label

    def _facts(self) -> QWidget:
        body = QWidget(self)
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_3)
        grid.setVerticalSpacing(SPACE_1)
        grid.setColumnStretch(1, 1)
        if not self._picture.has_settings:
            note = QLabel(self.tr("It does not say how it was made."), body)
            note.setWordWrap(True)
            grid.addWidget(note, 0, 0, 1, 2)
        rows = self._rows()
        for row, (name, value) in enumerate(rows, 1):
            title, words = QLabel(name, body), QLabel(value, body)
            title.setProperty("tone", "muted")
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setAccessibleName(f"{name}: {value}")
            grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1)
        grid.setRowStretch(len(rows) + 1, 1)
        return body

    def _rows(self) -> list[tuple[str, str]]:
        image, request = self._picture.image, self._picture.image.request
        size = (self.tr("Size"), f"{image.width} × {image.height}")
        if not self._picture.has_settings:
            return [size]
        rows = [
            (self.tr("Prompt"), _shortened(request.prompt)),
            (self.tr("Without"), _shortened(request.negative_prompt)),
            (self.tr("Model"), image.model_title or request.model),
            size,
            (self.tr("Steps"), self.locale().toString(request.steps)),
            (self.tr("Guidance"), f"{request.guidance_scale:g}"),
            (self.tr("Seed"), str(request.seed)),
            (self.tr("Made with"), image.tool),
        ]
        return [(name, value) for name, value in rows if value]

    def _on_use_clicked(self) -> None:
        self.settings_requested.emit(self._picture.image.request)
        self.accept()

    def _on_show_it_clicked(self) -> None:
        self.show_requested.emit(self._picture.record)
        self.accept()

    def _on_bring_in_clicked(self) -> None:
        self.import_requested.emit(self._picture.path)
        self.accept()


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - 1] + "…"
