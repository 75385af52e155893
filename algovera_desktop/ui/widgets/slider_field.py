"""A number to drag or to type."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from algovera_desktop.domain.generation import FloatRange, IntRange
from algovera_desktop.ui.theme import SPACE_2

_DECIMALS = 2


class _NumberBox(QDoubleSpinBox):
    """Shows no decimals that are zero."""

    def textFromValue(self, value: float) -> str:
        return self.locale().toString(value, "g", 9)


class SliderField(QWidget):
    """A slider and a number box that are always at the same value.

    Signals:
        value_edited: the user chose another value (float).
    """

    value_edited = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits: IntRange | FloatRange = IntRange(0, 1)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setMinimumWidth(60)
        self.slider.setAccessibleName(self.tr("%s slider") % name)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        self.box = _NumberBox(self)
        self.box.setAccessibleName(name)
        self.box.setProperty("look", "plain")
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setFixedWidth(self.fontMetrics().horizontalAdvance("000.00") + 2 * SPACE_2)
        self.box.valueChanged.connect(self._on_box_value_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)

    def set_limits(self, limits: IntRange | FloatRange, value: float) -> None:
        """Take over what a model allows, and a value inside; nobody is told."""
        self._limits = limits
        stops = round((limits.maximum - limits.minimum) / limits.step)
        with QSignalBlocker(self.slider), QSignalBlocker(self.box):
            self.box.setDecimals(0 if isinstance(limits, IntRange) else _DECIMALS)
            self.box.setRange(limits.minimum, limits.maximum)
            self.box.setSingleStep(limits.step)
            self.box.setValue(value)
            self.slider.setRange(0, stops)
            self.slider.setPageStep(max(1, stops // 10))
            self.slider.setValue(self._stop_of(value))

    def value(self) -> float:
        return self.box.value()

    def commit(self) -> None:
        """Take over what is typed and not yet confirmed."""
        self.box.interpretText()
        if isinstance(self._limits, IntRange):
            self.box.setValue(self._limits.nearest(round(self.box.value())))

    def _stop_of(self, value: float) -> int:
        return round((value - self._limits.minimum) / self._limits.step)

    def _on_slider_value_changed(self, stop: int) -> None:
        self.box.setValue(self._limits.minimum + stop * self._limits.step)

    def _on_box_value_changed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._stop_of(value))
        self.value_edited.emit(value)
