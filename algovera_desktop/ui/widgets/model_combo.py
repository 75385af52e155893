"""The drop-down of base models."""

from PySide6.QtWidgets import QComboBox, QStyleOptionComboBox

from algovera_desktop.ui.models.base_models import BaseModels


class ModelCombo(QComboBox):
    """Lists each model with its native size; closed, where there is less room and the size has a
    control of its own, it shows the title alone."""

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        models = self.model()
        chosen = models.info(self.currentIndex()) if isinstance(models, BaseModels) else None
        if chosen is not None:
            option.currentText = chosen.title  # type: ignore[attr-defined]
