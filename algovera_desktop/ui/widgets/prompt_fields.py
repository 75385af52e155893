"""Where the form's controls stand, and how they look for a model."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.ui.draft import MAX_PICTURES, Draft
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.generate_button import GenerateButton
from algovera_desktop.ui.widgets.model_combo import ModelCombo
from algovera_desktop.ui.widgets.prompt_edit import PromptEdit
from algovera_desktop.ui.widgets.seed_field import SeedField
from algovera_desktop.ui.widgets.size_field import SizeField
from algovera_desktop.ui.widgets.slider_field import SliderField
from algovera_desktop.ui.widgets.wheel_guard import WheelGuard
from algovera_desktop.ui.widgets.without_field import WithoutField

_MIN_WIDTH = 260


class _Column(QScrollArea):
    """Scrolls up and down only, so it is never narrower than what stands in it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def minimumSizeHint(self) -> QSize:
        content = self.widget()
        width = content.minimumSizeHint().width() if content else 0
        width += self.verticalScrollBar().sizeHint().width()
        return QSize(max(_MIN_WIDTH, width), super().minimumSizeHint().height())


class PromptFields(QWidget):
    """The controls of a form: fields that scroll, and below them what is always in sight."""

    def __init__(
        self, themes: ThemeController, draw_seed: Callable[[], int], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.prompt = PromptEdit(4, 12, self)
        self.prompt_problem = QLabel(self)
        self.without = WithoutField(themes, self)
        self.server = _narrow(QComboBox(self))
        self.model = _narrow(ModelCombo(self))
        self.sides = SizeField(themes, self)
        self.steps = SliderField(self.tr("Steps"), self)
        self.guidance = SliderField(self.tr("Guidance"), self)
        self.seed = SeedField(themes, draw_seed, self)
        self.pictures = QSpinBox(self)
        self.notice = QLabel(self)
        self.editing = QLabel(self.tr("Editing a waiting picture"), self)
        self.generate = GenerateButton(self)
        self.cancel_edit = QPushButton(self.tr("Cancel"), self)
        self._server_label = QLabel(self.tr("Whe&re"), self)
        self._dress()
        self._lay_out()
        self._guard_wheel()

    def show_server_row(self, is_shown: bool) -> None:
        self._server_label.setVisible(is_shown)
        self.server.setVisible(is_shown)

    def place_caret(self, *, is_example: bool) -> None:
        """Where typing goes on; what is typed first takes the example's place."""
        if is_example:
            self.prompt.selectAll()
        else:
            self.prompt.moveCursor(QTextCursor.MoveOperation.End)

    def show_texts(self, draft: Draft) -> None:
        """Set the texts without telling anybody; nothing to undo is left."""
        with QSignalBlocker(self.prompt), QSignalBlocker(self.without):
            self.prompt.setPlainText(draft.prompt)
            self.without.edit.setPlainText(draft.negative_prompt)

    def show_model(self, model: ModelInfo | None, draft: Draft) -> None:
        """Set every number to what the model makes of the draft; None while there is no model."""
        shown = model or ModelInfo(name="", title="")
        self.model.setEnabled(model is not None)
        # A narrow column cuts the text short.
        self.model.setToolTip(
            "\n".join(filter(None, (self.model.currentText(), shown.description)))
        )
        self.without.set_open(draft.without_open)
        self.sides.set_model(shown, draft.size_for(shown))
        self.steps.set_limits(shown.steps, draft.steps_for(shown))
        self.guidance.set_limits(shown.guidance_scale, draft.guidance_scale_for(shown))
        self.seed.set_seed(draft.seed)
        with QSignalBlocker(self.pictures):
            self.pictures.setValue(draft.pictures)
        self._allow(
            self.without,
            shown.supports_negative_prompt,
            self.tr("This model cannot be told what to leave out."),
        )
        self._allow(
            self.seed,
            shown.supports_seed,
            self.tr("This model takes no seed: each picture is another one."),
        )

    def show_notice(self, text: str) -> None:
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def show_editing(self, is_editing: bool) -> None:
        """Look like a form that makes new pictures, or like one that changes a waiting one."""
        self.editing.setVisible(is_editing)
        self.cancel_edit.setVisible(is_editing)
        self.generate.set_word(self.tr("Save") if is_editing else self.tr("Generate"))
        self._allow(self.server, not is_editing, self.tr("A picture stays with its server."))
        self._allow(
            self.pictures, not is_editing, self.tr("One waiting picture is changed at a time.")
        )

    def show_prompt_problem(self, text: str) -> None:
        self.prompt_problem.setText(text)
        self.prompt_problem.setVisible(bool(text))
        self.prompt.setAccessibleDescription(text)

    def commit(self) -> None:
        """Take over what is typed and not yet confirmed."""
        self.sides.commit()
        self.steps.commit()
        self.guidance.commit()
        self.seed.commit()
        self.pictures.interpretText()

    def _allow(self, field: QWidget, is_allowed: bool, reason: str) -> None:
        field.setEnabled(is_allowed)
        field.setToolTip("" if is_allowed else reason)

    def _dress(self) -> None:
        self.prompt.setAccessibleName(self.tr("Prompt"))
        self.prompt.setPlaceholderText(self.tr("What do you want to see?"))
        self.server.setAccessibleName(self.tr("Where"))
        self.model.setAccessibleName(self.tr("Model"))
        self.model.setPlaceholderText(self.tr("No models"))
        self.pictures.setAccessibleName(self.tr("Pictures"))
        self.pictures.setRange(1, MAX_PICTURES)
        self.pictures.lineEdit().setTextMargins(SPACE_1, 0, 0, 0)
        labels = (self.prompt_problem, "danger"), (self.notice, "muted"), (self.editing, "muted")
        for label, tone in labels:
            label.setProperty("tone", tone)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.hide()
        self.cancel_edit.setAccessibleName(self.tr("Leave the waiting picture as it is"))
        self.cancel_edit.setAutoDefault(False)
        self.cancel_edit.hide()

    def _lay_out(self) -> None:
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_2)
        column.setSpacing(SPACE_1)
        # Alt+P is the Picture menu's.
        prompt_label = QLabel(self.tr("Pr&ompt"), fields)
        prompt_label.setBuddy(self.prompt)
        for widget in (prompt_label, self.prompt, self.prompt_problem, self.without):
            column.addWidget(widget)
        column.addSpacing(SPACE_2)
        column.addLayout(self._numbers())
        column.addStretch(1)
        scroll = _Column(self)
        scroll.setWidget(fields)
        scroll.setWidgetResizable(True)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_3, SPACE_1, SPACE_3, SPACE_3)
        foot.setSpacing(SPACE_2)
        foot.addWidget(self.notice)
        foot.addWidget(self.editing)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        buttons.addWidget(self.generate, 1)
        buttons.addWidget(self.cancel_edit)
        foot.addLayout(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addLayout(foot)

    def _numbers(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_3)
        grid.setVerticalSpacing(SPACE_2)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[QLabel, QWidget, QWidget]] = [
            (self._server_label, self.server, self.server),
            (QLabel(self.tr("&Model"), self), self.model, self.model),
            (QLabel(self.tr("&Size"), self), self.sides, self.sides.presets),
            (QLabel(self.tr("S&teps"), self), self.steps, self.steps.box),
            (QLabel(self.tr("&Guidance"), self), self.guidance, self.guidance.box),
            (QLabel(self.tr("See&d"), self), self.seed, self.seed.edit),
            (QLabel(self.tr("Pi&ctures"), self), self.pictures, self.pictures),
        ]
        for row, (label, field, control) in enumerate(rows):
            # Not by focus proxies: with them Tab would visit the box before its slider.
            label.setBuddy(control)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            # Beside the first line of a field that has two.
            label.setMinimumHeight(self.model.sizeHint().height())
            grid.addWidget(field, row, 1)
        self.show_server_row(False)
        return grid

    def _guard_wheel(self) -> None:
        guard = WheelGuard(self)
        for control in (
            self.server,
            self.model,
            self.sides.presets,
            self.sides.width_box,
            self.sides.height_box,
            self.steps.slider,
            self.steps.box,
            self.guidance.slider,
            self.guidance.box,
            self.pictures,
        ):
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            control.installEventFilter(guard)


def _narrow(combo: QComboBox) -> QComboBox:
    """Let a drop-down cut a long entry short rather than widen the column."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return combo
