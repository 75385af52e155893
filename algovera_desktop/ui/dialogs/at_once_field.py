"""How many pictures a server makes at the same time."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QSignalBlocker
from PySide6.QtWidgets import QSizePolicy, QSpinBox, QWidget

from algovera_desktop.domain.servers import MOST_AT_ONCE, ServerConfig
from algovera_desktop.ui.theme import SPACE_1


class AtOnceField(QSpinBox):
    """The number in force. The program's own number is kept as no number, so that a server
    which the user never gave one follows a later version's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(1, MOST_AT_ONCE)
        self.setAccessibleName(self.tr("Pictures at once"))
        self.setAccessibleDescription(at_once_tip())
        self.setToolTip(at_once_tip())
        # The style sheet's margin does not reach the digits of a box in a dialog.
        self.lineEdit().setTextMargins(SPACE_1, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_config(self, config: ServerConfig) -> None:
        """Show a server's number; ``valueChanged`` keeps silent, for the user changed nothing."""
        blocker = QSignalBlocker(self)
        self.setValue(config.effective_at_once)
        blocker.unblock()

    def applied_to(self, config: ServerConfig) -> ServerConfig:
        """The server with what stands in the field."""
        unchosen = replace(config, at_once=None)
        if self.value() == unchosen.effective_at_once:
            return unchosen
        return replace(config, at_once=self.value())


def at_once_tip() -> str:
    """What the number does, and what it cannot do."""
    return QCoreApplication.translate(
        "AtOnceField",
        "How many pictures are asked for at the same time. If the server makes fewer at once, "
        "the others wait there.",
    )
