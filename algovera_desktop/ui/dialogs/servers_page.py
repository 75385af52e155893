"""Settings → Servers: the places that can make pictures."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig
from algovera_desktop.services.servers import ServerList, hosted_preset, new_server_id
from algovera_desktop.ui.dialogs.local_server_page import LocalServerPage
from algovera_desktop.ui.dialogs.server_editor import ServerEditor
from algovera_desktop.ui.dialogs.server_fields import note
from algovera_desktop.ui.dialogs.server_probe import ServerProbe
from algovera_desktop.ui.theme import SPACE_2, SPACE_4, ThemeController

_LIST_WIDTH = 180


class ServersPage(QWidget):
    """The list at the left, one server at the right. While something is unsaved the list
    waits, so that no change is lost by a click elsewhere.

    Signals:
        server_changed: a server's id (str), after it was saved, removed, or its key changed.
        account_changing: id (str) of a server that is about to get another address or key.
    """

    server_changed = Signal(str)
    account_changing = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        servers: ServerList,
        probe: ServerProbe,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._servers = servers
        self._probe = probe
        self._list = QListWidget(self)
        self._list.setAccessibleName(self.tr("Servers"))
        self._list.setFixedWidth(_LIST_WIDTH)
        self._list.currentItemChanged.connect(self._on_list_current_item_changed)
        self._add = QPushButton(self.tr("&Add"), self)
        self._add.setMenu(self._build_menu())
        self._remove = QPushButton(self.tr("Re&move"), self)
        self._remove.clicked.connect(self._on_remove_clicked)
        self._editor = ServerEditor(themes, servers, probe, self)
        self._editor.saved.connect(self._on_editor_saved)
        self._editor.account_changing.connect(self.account_changing)
        self._editor.cancelled.connect(self._on_editor_cancelled)
        self._editor.dirty_changed.connect(self._on_editor_dirty_changed)
        self._local = LocalServerPage(servers, self)
        self._local.changed.connect(self._on_local_changed)
        self._problem = note(
            self.tr("The keyring was locked, so the removed server's key is still in it."), self
        )
        self._problem.setProperty("tone", "warning")
        self._problem.hide()
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._local)
        self._pages.addWidget(self._editor)
        self._lay_out()
        self._fill("")

    @property
    def is_dirty(self) -> bool:
        return self._editor.is_dirty

    @property
    def is_storing(self) -> bool:
        return self._editor.is_storing

    def select(self, server_id: str) -> None:
        """Show a server, unless another one is being edited."""
        if not self.is_dirty:
            self._fill(server_id)

    def say_unsaved(self) -> None:
        self._editor.say_unsaved()

    def drop_changes(self) -> None:
        """Forget what was not saved, and stop asking."""
        if self._editor.is_dirty:
            self._on_editor_cancelled()
        self._editor.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Rows made before the style sheet reached the list are too low and overlap.
        self._list.doItemsLayout()

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("&Algovera (hosted)")).triggered.connect(self._on_hosted_triggered)
        menu.addAction(self.tr("A&nother server")).triggered.connect(self._on_another_triggered)
        return menu

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_2)
        for button in (self._add, self._remove):
            button.setAutoDefault(False)
            buttons.addWidget(button, 1)
        left = QVBoxLayout()
        left.setSpacing(SPACE_2)
        left.addWidget(self._list, 1)
        left.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_4)
        row.setSpacing(SPACE_4)
        right = QVBoxLayout()
        right.addWidget(self._pages, 1)
        right.addWidget(self._problem)
        row.addLayout(left)
        row.addLayout(right, 1)

    def _fill(self, server_id: str) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for config in self._servers.all():
            self._append(config)
        rows = range(self._list.count())
        row = next((row for row in rows if self._config(row).id == server_id), 0)
        self._list.setCurrentRow(row)
        self._list.blockSignals(False)
        self._show_current(is_new=False)

    def _append(self, config: ServerConfig) -> None:
        name = self.tr("This computer") if config.is_local else config.name
        item = QListWidgetItem(name or self.tr("New server"), self._list)
        item.setData(Qt.ItemDataRole.UserRole, config)
        item.setToolTip(config.address)

    def _config(self, row: int) -> ServerConfig:
        return self._list.item(row).data(Qt.ItemDataRole.UserRole)

    def _show_current(self, *, is_new: bool) -> None:
        config = self._config(self._list.currentRow())
        self._remove.setEnabled(not config.is_local and not is_new)
        self._remove.setToolTip(
            self.tr("This computer cannot be removed.") if config.is_local else ""
        )
        if config.is_local:
            self._editor.stop()
            self._pages.setCurrentWidget(self._local)
        else:
            self._pages.setCurrentWidget(self._editor)
            self._editor.edit(config, is_new=is_new)

    def _add_new(self, config: ServerConfig) -> None:
        self._list.blockSignals(True)
        self._append(config)
        self._list.setCurrentRow(self._list.count() - 1)
        self._list.blockSignals(False)
        self._show_current(is_new=True)

    def _on_hosted_triggered(self) -> None:
        self._add_new(hosted_preset())

    def _on_another_triggered(self) -> None:
        self._add_new(replace(hosted_preset(), id=new_server_id(), name="", address=""))

    def _on_list_current_item_changed(self) -> None:
        self._show_current(is_new=False)

    def _on_remove_clicked(self) -> None:
        config = self._config(self._list.currentRow())
        self._servers.remove(config.id)
        self._probe.delete_key(config.id).failed.connect(self._on_delete_key_failed)
        self._problem.hide()
        self._fill("")
        self.server_changed.emit(config.id)

    def _on_delete_key_failed(self) -> None:
        self._problem.show()

    def _on_local_changed(self) -> None:
        self.server_changed.emit(LOCAL_SERVER_ID)

    def _on_editor_saved(self, config: ServerConfig) -> None:
        item = self._list.currentItem()
        item.setText(config.name)
        item.setToolTip(config.address)
        item.setData(Qt.ItemDataRole.UserRole, config)
        self._remove.setEnabled(True)
        self.server_changed.emit(config.id)

    def _on_editor_cancelled(self) -> None:
        self._fill(self._config(self._list.currentRow()).id)
        self._list.setFocus()

    def _on_editor_dirty_changed(self, is_dirty: bool) -> None:
        reason = self.tr("Save or cancel the changes first.") if is_dirty else ""
        for control in (self._list, self._add, self._remove):
            control.setEnabled(not is_dirty)
            control.setToolTip(reason)
        if not is_dirty:
            self._remove.setEnabled(not self._config(self._list.currentRow()).is_local)
