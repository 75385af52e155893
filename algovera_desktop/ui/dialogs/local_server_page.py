"""Settings → Servers → This computer."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.services.servers import THIS_COMPUTER, ServerList
from algovera_desktop.ui.dialogs.at_once_field import AtOnceField, at_once_tip
from algovera_desktop.ui.dialogs.server_fields import note
from algovera_desktop.ui.theme import SPACE_2, SPACE_3


class LocalServerPage(QWidget):
    """Nothing has to be entered here, so there is no Save: the one number holds at once.

    Signals:
        changed: this computer's number of pictures at once is another one.
    """

    changed = Signal()

    def __init__(self, servers: ServerList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._servers = servers
        self._at_once = AtOnceField(self)
        self._at_once.show_config(servers.get(LOCAL_SERVER_ID) or THIS_COMPUTER)
        self._at_once.valueChanged.connect(self._on_at_once_value_changed)
        self._lay_out()

    def _lay_out(self) -> None:
        words = note(
            self.tr(
                "Pictures are made on this computer. There is nothing to enter: the program "
                "starts its own server and ends it again."
            ),
            self,
        )
        label = QLabel(self.tr("Pictures at &once"), self)
        label.setBuddy(self._at_once)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_3)
        grid.setVerticalSpacing(SPACE_2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self._at_once, 0, 1)
        grid.addWidget(note(at_once_tip(), self), 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        column.addWidget(words)
        column.addLayout(grid)
        column.addStretch(1)

    def _on_at_once_value_changed(self) -> None:
        self._servers.save(self._at_once.applied_to(THIS_COMPUTER))
        self.changed.emit()
