"""How the pages of the settings lay out a setting: its label, its control, and what it means."""

from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QAbstractButton, QFormLayout, QHBoxLayout, QLabel, QWidget

from algovera_desktop.domain.settings import Setting
from algovera_desktop.ui.dialogs.server_fields import note
from algovera_desktop.ui.theme import SPACE_1, SPACE_3, SPACE_4


def setting_form(page: QWidget) -> QFormLayout:
    """The layout of a page of settings."""
    form = QFormLayout(page)
    form.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
    form.setHorizontalSpacing(SPACE_4)
    form.setVerticalSpacing(SPACE_1)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form


def add_setting(
    form: QFormLayout, setting: Setting[Any], line: QHBoxLayout, control: QWidget
) -> None:
    """Add a setting's label and the line with its control, and below them what it means."""
    page = control.window()
    label = QLabel(QCoreApplication.translate("Settings", setting.label), page)
    label.setBuddy(control)
    if not isinstance(control, QAbstractButton):  # A button is called by its own text.
        control.setAccessibleName(label.text())
    words = QCoreApplication.translate("Settings", setting.help)
    control.setAccessibleDescription(words)
    explanation = note(words, page)
    explanation.setContentsMargins(0, 0, 0, SPACE_3)
    form.addRow(label, line)
    form.addRow("", explanation)
