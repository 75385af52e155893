"""The drop-down of base models."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox

from algovera_desktop.ui.models.base_models import BaseModels
from algovera_desktop.ui.theme import SPACE_1


class ModelCombo(QComboBox):
    """Lists each model with its native size; closed, where there is less room and the size has a
    control of its own, it shows the title alone.

    The row that leads to more models can be chosen in the open list only: keys and the wheel,
    which go through the closed one, would open a window on their way.
    """

    def showPopup(self) -> None:
        self._tell_open(True)
        # As wide as a model with its size; the drop-down itself has less room.
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 2 * self.view().frameWidth())
        super().showPopup()

    def hidePopup(self) -> None:
        super().hidePopup()
        self._tell_open(False)

    def _tell_open(self, is_open: bool) -> None:
        models = self.model()
        if isinstance(models, BaseModels):
            models.is_list_open = is_open

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        models = self.model()
        chosen = models.info(self.currentIndex()) if isinstance(models, BaseModels) else None
        if chosen is not None:
            self._put_title(option, chosen.title)

    def _put_title(self, option: QStyleOptionComboBox, title: str) -> None:
        """What does not fit ends in "…", and is said whole in the tool tip."""
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, field, self).width() - 2 * SPACE_1
        shown = self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room)
        option.currentText = shown  # type: ignore[attr-defined]
