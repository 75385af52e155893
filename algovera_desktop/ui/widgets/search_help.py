"""What can be searched for, by examples that can be pressed."""

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, heading_font

translate = QCoreApplication.translate


def examples() -> list[tuple[str, str]]:
    """Each example in the query language, with what it finds."""
    return [
        ("fox forest", translate("SearchHelp", "both words, anywhere")),
        ('"red fox"', translate("SearchHelp", "these words in a row")),
        ("-snow", translate("SearchHelp", "without this word")),
        ("fox or wolf", translate("SearchHelp", "one of them or both")),
        ("tag:portrait", translate("SearchHelp", "with this tag")),
        ('album:"Best of"', translate("SearchHelp", "in this album")),
        ("rating:>=4", translate("SearchHelp", "four stars or more")),
        ("is:favourite", translate("SearchHelp", "favourites; also imported, failed, trashed")),
        ("has:note", translate("SearchHelp", "with notes of yours")),
        ("model:sketch", translate("SearchHelp", "made by this model")),
        ("date:>yesterday", translate("SearchHelp", "made since; also 2026-11 or 2026-11-22")),
        ("ratio:portrait", translate("SearchHelp", "upright; also landscape, square")),
        ("size:768x512", translate("SearchHelp", "of this size in pixels")),
        ("steps:20..30", translate("SearchHelp", "from 20 to 30; guidance: too")),
        ("seed:42", translate("SearchHelp", "made with this seed")),
    ]


class SearchHelp(QFrame):
    """A popup with the examples.

    Signals:
        example_chosen: the example that was pressed.
    """

    example_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("search-help")
        self.setProperty("look", "popup")
        self.setAccessibleName(self.tr("What can be searched for"))
        self.buttons: list[QPushButton] = []
        title = QLabel(self.tr("What can be searched for"))
        title.setFont(heading_font(self.font()))
        hint = QLabel(self.tr("Press an example to add it. All of them can be combined."))
        hint.setProperty("tone", "muted")
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_3)
        grid.setVerticalSpacing(0)
        for row, (example, meaning) in enumerate(examples()):
            self._add(grid, row, example, meaning)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        column.setSpacing(SPACE_2)
        column.addWidget(title)
        column.addWidget(hint)
        column.addLayout(grid)

    def _add(self, grid: QGridLayout, row: int, example: str, meaning: str) -> None:
        button = QPushButton(example)
        button.setProperty("look", "example")
        button.setAutoDefault(False)
        button.setAccessibleDescription(meaning)
        button.clicked.connect(self._on_button_clicked)
        self.buttons.append(button)
        grid.addWidget(button, row, 0)
        grid.addWidget(QLabel(meaning), row, 1)

    def show_below(self, anchor: QWidget) -> None:
        """Open below a button, within its screen."""
        self.adjustSize()
        place = anchor.mapToGlobal(QPoint(0, anchor.height() + SPACE_1))
        room = anchor.screen().availableGeometry()
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        place.setY(max(room.top(), min(place.y(), room.bottom() - self.height())))
        self.move(place)
        self.show()
        self.buttons[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_button_clicked(self) -> None:
        button = self.sender()
        self.close()
        if isinstance(button, QPushButton):
            self.example_chosen.emit(button.text())
