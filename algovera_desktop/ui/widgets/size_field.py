"""How large a picture becomes: good sizes to choose from, or sides to type."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from algovera_desktop.domain.generation import ModelInfo, Size
from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.size_presets import Shape, presets_of
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, ThemeController

_TIMES = "\N{MULTIPLICATION SIGN}"


class SizeField(QWidget):
    """Presets of a model, its free sides, and a button that swaps them.

    Signals:
        size_edited: the user chose another Size.
    """

    size_edited = Signal(object)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._model = ModelInfo("", "")
        self.presets = QComboBox(self)
        self.presets.setAccessibleName(self.tr("Size"))
        self.presets.activated.connect(self._on_presets_activated)
        self.width_box = self._side_box(self.tr("Width in pixels"))
        self.height_box = self._side_box(self.tr("Height in pixels"))
        self.swap = QToolButton(self)
        self.swap.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.swap.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.swap.setAccessibleName(self.tr("Swap width and height"))
        self.swap.clicked.connect(self._on_swap_clicked)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE_1)
        grid.addWidget(self.presets, 0, 0, 1, 4)
        grid.addWidget(self.width_box, 1, 0)
        grid.addWidget(QLabel(_TIMES, self), 1, 1)
        grid.addWidget(self.height_box, 1, 2)
        grid.addWidget(self.swap, 1, 3)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self._paint_icons()
        themes.changed.connect(self._on_themes_changed)

    def set_model(self, model: ModelInfo, size: Size) -> None:
        """Take over what a model allows, and a size that it allows; nobody is told."""
        self._model = model
        self.presets.clear()
        for preset in presets_of(model):
            name, side = self._shape_name(preset.shape), preset.size
            self.presets.addItem(f"{name} {side.width}{_TIMES}{side.height}", side)
        if not model.sizes:
            self.presets.addItem(self.tr("Custom size"), None)
        reason = self.tr("This model makes only the sizes in the list.") if model.sizes else ""
        for box in (self.width_box, self.height_box):
            box.setEnabled(not model.sizes)
            box.setToolTip(reason)
        self._show(size)

    def size_chosen(self) -> Size:
        return Size(self.width_box.value(), self.height_box.value())

    def commit(self) -> None:
        """Take over sides that are typed and not yet confirmed, moved to what is allowed."""
        if self._model.sizes:
            return
        for box in (self.width_box, self.height_box):
            box.interpretText()
            box.setValue(self._model.sides.nearest(box.value()))

    def _side_box(self, name: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setAccessibleName(name)
        box.setProperty("look", "plain")
        box.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000") + 2 * SPACE_2)
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.valueChanged.connect(self._on_box_value_changed)
        box.editingFinished.connect(self.commit)
        return box

    def _show(self, size: Size) -> None:
        allowed = self._model.sizes
        for box, side, sides in (
            (self.width_box, size.width, [size.width for size in allowed]),
            (self.height_box, size.height, [size.height for size in allowed]),
        ):
            limits = self._model.sides
            with QSignalBlocker(box):
                box.setRange(min(sides, default=limits.minimum), max(sides, default=limits.maximum))
                box.setSingleStep(limits.step)
                box.setValue(side)
        self._dress()

    def _dress(self) -> None:
        size = self.size_chosen()
        rows = range(self.presets.count())
        row = next((row for row in rows if self.presets.itemData(row) == size), len(rows) - 1)
        self.presets.setCurrentIndex(row)
        swapped = Size(size.height, size.width)
        can_swap = swapped != size and (not self._model.sizes or swapped in self._model.sizes)
        self.swap.setEnabled(can_swap)
        self.swap.setToolTip(
            self.tr("Swap width and height")
            if can_swap or swapped == size
            else self.tr("This model does not make the swapped size.")
        )

    def _shape_name(self, shape: Shape) -> str:
        return {
            Shape.SQUARE: self.tr("Square"),
            Shape.PORTRAIT: self.tr("Portrait"),
            Shape.LANDSCAPE: self.tr("Landscape"),
            Shape.TALL: self.tr("Tall"),
            Shape.WIDE: self.tr("Wide"),
        }[shape]

    def _paint_icons(self) -> None:
        self.swap.setIcon(icon("arrow-left-right", self._themes.theme))

    def _on_presets_activated(self, row: int) -> None:
        size = self.presets.itemData(row)
        if isinstance(size, Size):
            self._show(size)
            self.size_edited.emit(size)
        else:
            self._dress_custom(row)

    def _dress_custom(self, row: int) -> None:
        self.presets.setCurrentIndex(row)
        self.width_box.setFocus()
        self.width_box.selectAll()

    def _on_box_value_changed(self) -> None:
        self._dress()
        self.size_edited.emit(self.size_chosen())

    def _on_swap_clicked(self) -> None:
        size = self.size_chosen()
        self._show(Size(size.height, size.width))
        self.size_edited.emit(self.size_chosen())

    def _on_themes_changed(self) -> None:
        self._paint_icons()
