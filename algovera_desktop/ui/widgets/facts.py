"""What is known of a picture, as pairs of a name and a value, and the table that shows them."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from algovera_desktop.domain.generation import GenerationRequest, model_named
from algovera_desktop.domain.images import UNKNOWN_TOOL, ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.ui.theme import SPACE_1, SPACE_3

translate = QCoreApplication.translate

Fact = tuple[str, str]


def picture_facts(record: ImageRecord) -> list[Fact]:
    """All that is known of what made a picture, and where it is."""
    asked = [] if record.tool == UNKNOWN_TOOL else _request_facts(record.request)
    file_size = QLocale().formattedDataSize(record.size_bytes)
    made = QDateTime.fromSecsSinceEpoch(int(record.created_at.timestamp()))
    facts = [
        (translate("Facts", "Model"), record.model_title),
        (translate("Facts", "Server"), record.server_name),
        (translate("Facts", "Size"), f"{record.width} × {record.height}"),
        *asked,
        (translate("Facts", "Made"), QLocale().toString(made, QLocale.FormatType.ShortFormat)),
        (translate("Facts", "On disk"), file_size),
        (translate("Facts", "File"), PurePosixPath(record.path).name),
    ]
    return [(name, value) for name, value in facts if value]


def job_facts(job: Job) -> list[Fact]:
    """What was asked for."""
    request = job.request
    return [
        (translate("Facts", "Model"), model_named(request.model).title),
        (translate("Facts", "Size"), f"{request.width} × {request.height}"),
        *_request_facts(request),
    ]


def _request_facts(request: GenerationRequest) -> list[Fact]:
    return [
        (translate("Facts", "Steps"), QLocale().toString(request.steps)),
        (translate("Facts", "Guidance"), QLocale().toString(request.guidance_scale, "g", 6)),
        # No separators: a seed is a name, to be typed elsewhere.
        (translate("Facts", "Seed"), str(request.seed)),
    ]


class TextBlock(QLabel):
    """Text of any length that can be selected, by keyboard too, and that wraps anywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Otherwise one long word makes the whole column wider than the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)


class FactsTable(QWidget):
    """Names on the left, values that can be selected on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Not a QFormLayout: that one cuts off values that wrap.
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_3)
        self._grid.setVerticalSpacing(SPACE_1)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, TextBlock]] = []

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these, in this order."""
        while len(self._rows) < len(facts):
            self._add_row()
        for position, (name_label, value_label) in enumerate(self._rows):
            is_used = position < len(facts)
            name, value = facts[position] if is_used else ("", "")
            name_label.setText(name)
            value_label.setText(value)
            value_label.setAccessibleName(f"{name}: {value}")
            name_label.setVisible(is_used)
            value_label.setVisible(is_used)

    def _add_row(self) -> None:
        name, value = QLabel(self), TextBlock(self)
        name.setProperty("tone", "muted")
        row = len(self._rows)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
        self._rows.append((name, value))
