"""Asks for a folder."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget


class FolderDialog(QFileDialog):
    """To be opened, not executed: that would hold the UI thread. Deletes itself when it closes.

    Signals:
        folder_chosen: the Path of a folder; where it was typed it need not be there.
    """

    folder_chosen = Signal(object)

    def __init__(self, title: str, folder: Path | None, parent: QWidget) -> None:
        """``folder`` is where it opens; None: where Qt's last one was."""
        super().__init__(parent, title, str(folder) if folder else "")
        self.setFileMode(QFileDialog.FileMode.Directory)
        self.setOption(QFileDialog.Option.ShowDirsOnly)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.filesSelected.connect(self._on_files_selected)

    def _on_files_selected(self, names: list[str]) -> None:
        # After Ctrl+A and a typed path Qt names the folder that was shown, then the one typed.
        self.folder_chosen.emit(Path(names[-1]))
