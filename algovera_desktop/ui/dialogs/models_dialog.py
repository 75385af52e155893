"""Models…: which models this computer has, and which it can get."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from algovera_desktop.domain.managed_models import ManagedModels, ModelState
from algovera_desktop.ui.dialogs.close_buttons import close_buttons
from algovera_desktop.ui.dialogs.folder_dialog import FolderDialog
from algovera_desktop.ui.model_words import is_remote, size_words
from algovera_desktop.ui.models.managed_list import ManagedList
from algovera_desktop.ui.theme import SPACE_2, SPACE_3, SPACE_4
from algovera_desktop.ui.widgets.model_details import ModelDetails
from algovera_desktop.ui.widgets.two_line_delegate import TwoLineDelegate

_LIST_WIDTH = 260


class ModelsDialog(QDialog):
    """Non-modal: downloads go on when it is closed.

    Signals:
        add_requested: the name and the Path of a folder or file of the user's own.
        mirror_requested: another address to download from; "" is the usual one.
    """

    add_requested = Signal(str, object)
    mirror_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self._models = ManagedList(self)
        self.list = QListView(self)
        self.list.setModel(self._models)
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setItemDelegate(TwoLineDelegate(self))
        self.list.setUniformItemSizes(True)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.details = ModelDetails(self)
        self.details.hide()
        self._asked = self.tr("Asking the server on this computer…")
        self._waiting = QLabel(self._asked, self)
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._waiting.setProperty("tone", "muted")
        self._waiting.setTextFormat(Qt.TextFormat.PlainText)
        self._waiting.setWordWrap(True)
        self._free = QLabel(self)
        self._free.setProperty("tone", "muted")
        self._problem = QLabel(self)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.setProperty("tone", "warning")
        self._problem.hide()
        self._mirror, self._refused, self._away = "", "", ""
        self._added = ""
        self._folder = self._button(self.tr("Add a f&older…"), self._on_folder_clicked)
        self._file = self._button(self.tr("Add a f&ile…"), self._on_file_clicked)
        self._source = self._button(self.tr("Download &from…"), self._on_source_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_list_current_changed)
        self._models.dataChanged.connect(self._on_models_data_changed)
        self._lay_out()
        self.resize(760, 540)

    def show_models(self, known: ManagedModels) -> None:
        """Show how things are now."""
        selected = self._models.model(self.list.currentIndex().row())
        self._models.show(known.models)
        self._mirror = known.mirror
        self._asked = self.tr("This server knows no models. Add one of your own.")
        self._waiting.setVisible(not known.models)
        self._show_problem()
        self._free.setText(self.tr("{0} free").format(size_words(known.free_bytes)))
        if not self.list.currentIndex().isValid():
            self.select(selected.name if selected else self._first_choice(known))
            self._show_current()  # a list that is empty now tells of no change
        if self._added and self._models.row_of(self._added) >= 0:
            self.select(self._added)
            self._added = ""

    def select(self, name: str) -> None:
        """Show one of them."""
        index = self._models.index(max(self._models.row_of(name), 0))
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(index, flag)
        self.list.scrollTo(index)

    def say_problem(self, text: str) -> None:
        """Say what could not be done; an empty text takes that back."""
        self._refused = text
        if text:
            self._added = ""
        self._show_problem()

    def say_away(self, text: str) -> None:
        """Say why nothing can be done at the moment; an empty text takes that back."""
        self._away = text
        for part in (self.details, self._folder, self._file, self._source):
            part.setDisabled(bool(text))
        self._show_problem()

    def _first_choice(self, known: ManagedModels) -> str:
        wanted = (model.name for model in known.models if model.recommended)
        return next(wanted, known.models[0].name if known.models else "")

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.addWidget(self.list)
        columns.addWidget(self._waiting, 1)
        columns.addWidget(self.details, 1)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_2)
        for button in (self._folder, self._file, self._source):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self._free)
        foot.addWidget(close_buttons(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4, SPACE_3)
        column.setSpacing(SPACE_3)
        column.addLayout(columns, 1)
        column.addWidget(self._problem)
        column.addLayout(foot)

    def _button(self, text: str, on_clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(on_clicked)
        return button

    def _show_problem(self) -> None:
        is_empty = not self._models.rowCount()
        self._waiting.setText((is_empty and self._away) or self._asked)
        text = self._refused if is_empty else self._away or self._refused
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def _show_current(self) -> None:
        self.details.show_model(self._models.model(self.list.currentIndex().row()))

    def _on_list_current_changed(self) -> None:
        self.say_problem("")
        self._show_current()

    def _on_models_data_changed(self) -> None:
        self._show_current()

    def _on_folder_clicked(self) -> None:
        title = self.tr("A folder in diffusers' or OpenVINO's layout")
        dialog = FolderDialog(title, None, self)
        dialog.folder_chosen.connect(self._on_folder_dialog_folder_chosen)
        dialog.open()

    def _on_folder_dialog_folder_chosen(self, folder: Path) -> None:
        self._add(folder, folder.name)

    def _on_file_clicked(self) -> None:
        title, kinds = self.tr("One file of a whole model"), "safetensors (*.safetensors)"
        chosen, _kind = QFileDialog.getOpenFileName(self, title, "", kinds)
        if chosen:
            self._add(Path(chosen), Path(chosen).stem)

    def _add(self, path: Path, usual_name: str) -> None:
        """Ask for the name; a model that only a folder makes usable waits for one of its own."""
        current = self._models.model(self.list.currentIndex().row())
        if current and current.state is ModelState.UNAVAILABLE and not is_remote(current):
            usual_name = current.name
        title, words = self.tr("Add a model"), self.tr("Its name in the list of models:")
        name, is_given = QInputDialog.getText(self, title, words, text=usual_name)
        if is_given and name.strip():
            self._added = name.strip()
            self.add_requested.emit(self._added, path)

    def _on_source_clicked(self) -> None:
        address, is_given = QInputDialog.getText(
            self,
            self.tr("Download from"),
            self.tr("The address of a mirror; empty for the usual place:"),
            text=self._mirror,
        )
        if is_given:
            self.mirror_requested.emit(address.strip())
