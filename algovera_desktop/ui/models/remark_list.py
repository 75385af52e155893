"""Files and what there is to say of each, for a list of any length."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from algovera_desktop.services.import_report import Remark

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class RemarkList(QAbstractListModel):
    """A row for each remark; its words are made when it is looked at."""

    def __init__(self, remarks: Sequence[Remark] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._remarks = remarks

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show others."""
        self.beginResetModel()
        self._remarks = remarks
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._remarks)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if not index.isValid():
            return None
        remark = self._remarks[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{remark.path.name}: {remark.reason}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(remark.path)
        return None
