"""What is known of a picture, as pairs of a name and a value, and the table that shows them."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QWidget

from algovera_desktop.domain.generation import GenerationRequest, model_named
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.domain.jobs import Job
from algovera_desktop.ui.theme import SPACE_1, SPACE_3

translate = QCoreApplication.translate

Fact = tuple[str, str]


def picture_facts(record: ImageRecord) -> list[Fact]:
    """All that made a picture, and where it is."""
    file_size = QLocale().formattedDataSize(record.size_bytes)
    made = QDateTime.fromSecsSinceEpoch(int(record.created_at.timestamp()))
    return [
        (translate("Facts", "Model"), record.model_title),
        (translate("Facts", "Server"), record.server_name),
        (translate("Facts", "Size"), f"{record.width} × {record.height}"),
        *_request_facts(record.request),
        (translate("Facts", "Made"), QLocale().toString(made, QLocale.FormatType.ShortFormat)),
        (translate("Facts", "File"), f"{PurePosixPath(record.path).name} ({file_size})"),
    ]


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
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(SPACE_3)
        self._form.setVerticalSpacing(SPACE_1)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._facts: list[Fact] = []

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these; the rows are kept where the names are the same."""
        if [name for name, _ in facts] != [name for name, _ in self._facts]:
            self._make_rows(facts)
        for row, (_, value) in enumerate(facts):
            item = self._form.itemAt(row, QFormLayout.ItemRole.FieldRole)
            label = item.widget() if item else None
            if isinstance(label, QLabel):
                label.setText(value)
        self._facts = list(facts)

    def _make_rows(self, facts: Sequence[Fact]) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        for name, _ in facts:
            title = QLabel(name)
            title.setProperty("tone", "muted")
            value = TextBlock()
            value.setAccessibleName(name)
            self._form.addRow(title, value)
