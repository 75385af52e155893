"""What is said when a library of an earlier version has been brought up to date."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.services.mending import OlderLibrary
from algovera_desktop.ui.widgets.message_bar import Message


def upgraded_message(older: OlderLibrary) -> Message:
    """That it is done, and where the library lies as it was."""
    words = _tr(
        "Your library was brought up to date. As it was, it is kept as {name} in {folder} "
        "({size}): delete that when you miss nothing."
    )
    form = QLocale.DataSizeFormat.DataSizeSIFormat
    size = QLocale().formattedDataSize(older.size_bytes, 1, form)
    told = {"{name}": older.file.name, "{folder}": str(older.file.parent), "{size}": size}
    for place, value in told.items():
        words = words.replace(place, value)
    return Message(words, key="library", can_wait=True)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Upgrade", text)
