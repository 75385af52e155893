"""How a job fares, in sentences: what happened, what to do, and the details on request."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from algovera_desktop.domain.jobs import JobFailure, JobState
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.tile_words import detail, headline, progress_of
from algovera_desktop.ui.theme import SPACE_2
from algovera_desktop.ui.widgets.facts import TextBlock
from algovera_desktop.ui.wording import describe_failure, describe_uncertain_job


class JobReport(QWidget):
    """Shows one job's state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(wordWrap=True)
        self.advice = TextBlock()
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.details_button = QPushButton(self.tr("Show details"))
        self.details_button.setCheckable(True)
        self.details_button.setProperty("look", "quiet")
        self.details = TextBlock()
        self.details.setProperty("tone", "muted")
        self.details.setAccessibleName(self.tr("Details"))
        bold = self.title.font()
        bold.setWeight(bold.Weight.DemiBold)
        self.title.setFont(bold)
        self.details_button.toggled.connect(self._on_details_button_toggled)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE_2)
        for widget in (self.title, self.advice, self.bar):
            rows.addWidget(widget)
        rows.addWidget(self.details_button, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(self.details)

    def show_tile(self, tile: JobTile) -> None:
        title, advice = _sentences(tile)
        self.title.setText(title)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        progress = progress_of(tile)
        self.bar.setVisible(progress is not None)
        self.bar.setValue(round((progress or 0) * 1000))
        details = tile.job.failure.detail if tile.job.failure else ""
        if details != self.details.text():
            self.details_button.setChecked(False)
        self.details.setText(details)
        self.details_button.setVisible(bool(details))
        self.details.setVisible(bool(details) and self.details_button.isChecked())

    def _on_details_button_toggled(self, checked: bool) -> None:
        words = self.tr("Hide details") if checked else self.tr("Show details")
        self.details_button.setText(words)
        self.details.setVisible(checked)


def _sentences(tile: JobTile) -> tuple[str, str]:
    job = tile.job
    if job.state in (JobState.FAILED, JobState.HELD) and job.failure:
        described = describe_failure(job.failure)
        return described.title, described.advice
    if job.state is JobState.UNKNOWN:
        described = describe_uncertain_job(job.server_id)
        return described.title, described.advice
    if tile.held_up_by and job.state is JobState.WAITING:
        described = describe_failure(JobFailure(tile.held_up_by, ""))
        return described.title, described.advice
    return headline(tile), detail(tile)
