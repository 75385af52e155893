"""What is said of the pictures' folders and files after a look over the disk."""

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.services.disk_look import DiskChanges
from algovera_desktop.ui.widgets.message_bar import Message, Severity

_KEY = "disk"
_TIMEOUT_S = 10.0


def look_message(changes: DiskChanges) -> Message | None:
    """One message on what was found; None where there is nothing to say."""
    if changes.away:
        words = _tr("A folder of pictures is not there. Nothing was changed; connect its drive.")
        details = "\n".join(sorted(str(folder) for folder in changes.away))
        return Message(words, Severity.WARNING, _KEY, details=details)
    parts = [
        words.replace("{count}", QLocale().toString(len(ids)))
        for words, ids in (
            (_tr("Files that are gone: {count}; their records are kept."), changes.missing),
            (_tr("Moved files that were found again: {count}."), changes.moved),
            (_tr("Missing files that are back: {count}."), changes.returned),
            (_tr("Files that another program has changed: {count}."), changes.altered),
            (_tr("New pictures in the folder: {count}."), changes.adopted),
        )
        if ids
    ]
    if not parts:
        return None
    severity = Severity.WARNING if changes.missing else Severity.INFO
    return Message(" ".join(parts), severity, _KEY, timeout_s=_TIMEOUT_S)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Keeper", text)
