"""Says in a window why there will be none: who starts by double click sees no terminal."""

import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QMessageBox

EXIT_REFUSED = 2


def refuse_folder(error: OSError) -> int:
    """A folder that everything is kept in cannot be used."""
    reason = _tr("The folder {folder} cannot be used: {reason}.")
    told = reason.replace("{folder}", str(error.filename)).replace("{reason}", str(error.strerror))
    return _refuse(told, _tr("Look whether its disk is there and may be written to."))


def refuse_unanswered() -> int:
    """The first start does not hear this one."""
    return _refuse(
        _tr("It is running already, but its window does not answer."),
        _tr("Wait a moment, or end it, then start again."),
    )


def refuse_later_version() -> int:
    """What is kept here is written in a way that only a later version knows."""
    return _refuse(
        _tr("The data here was used by a later version of Algovera Desktop."),
        _tr("Nothing of it was changed. Install the latest version."),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Refusal", text)


def _refuse(reason: str, advice: str) -> int:
    print(f"algovera-desktop: {reason} {advice}", file=sys.stderr, flush=True)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    if app.platformName() not in ("offscreen", "minimal"):
        title = _tr("Algovera Desktop does not start")
        box = QMessageBox(QMessageBox.Icon.Information, title, reason)
        box.setInformativeText(advice)
        box.exec()
    return EXIT_REFUSED
