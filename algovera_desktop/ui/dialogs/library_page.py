"""Settings → Library: the trash, the memory that the gallery takes, and the slideshow."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from algovera_desktop.domain.settings import (
    SLIDESHOW_SECONDS,
    THUMBNAIL_MEMORY_MB,
    TRASH_DAYS,
    Setting,
)
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.setting_rows import add_setting, setting_form
from algovera_desktop.ui.theme import SPACE_1

_MEMORY_STEP_MB = 64


class LibraryPage(QWidget):
    """Each choice is kept at once."""

    def __init__(self, settings: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._form = setting_form(self)
        self._days = self._add(TRASH_DAYS, 0, 3650)
        self._days.setSpecialValueText(self.tr("Never"))
        self._days.valueChanged.connect(self._on_days_value_changed)
        self._on_days_value_changed(self._days.value())
        memory = self._add(THUMBNAIL_MEMORY_MB, 64, 4096)
        memory.setSuffix(self.tr(" MB"))
        memory.setSingleStep(_MEMORY_STEP_MB)
        self._add(SLIDESHOW_SECONDS, 1, 120).setSuffix(self.tr(" seconds"))

    def _add(self, setting: Setting[int], minimum: int, maximum: int) -> QSpinBox:
        field = QSpinBox(self)
        field.setRange(minimum, maximum)
        field.setValue(self._settings.get(setting))
        # The style sheet's margin does not reach the digits of a box in a dialog.
        field.lineEdit().setTextMargins(SPACE_1, 0, 0, 0)
        field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        field.valueChanged.connect(partial(self._settings.set, setting))
        line = QHBoxLayout()
        line.addWidget(field)
        line.addStretch(1)
        add_setting(self._form, setting, line, field)
        return field

    def _on_days_value_changed(self, days: int) -> None:
        self._days.setSuffix(self.tr(" day") if days == 1 else self.tr(" days"))
