"""The model manager's list: one row a model, in the server's order."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from algovera_desktop.domain.managed_models import ManagedModel
from algovera_desktop.ui.model_words import short_state


class ManagedList(QAbstractListModel):
    """Rows stay where they are while their states change, and with them the selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[ManagedModel, ...] = ()

    def show(self, models: Sequence[ManagedModel]) -> None:
        """Take over what is known now."""
        before, self_now = self._models, tuple(models)
        if [model.name for model in before] != [model.name for model in self_now]:
            self.beginResetModel()
            self._models = self_now
            self.endResetModel()
            return
        self._models = self_now
        for row, (old, new) in enumerate(zip(before, self_now, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row), self.index(row))

    def model(self, row: int) -> ManagedModel | None:
        return self._models[row] if 0 <= row < len(self._models) else None

    def row_of(self, name: str) -> int:
        """The row of this model, -1 if there is none."""
        return next((row for row, each in enumerate(self._models) if each.name == name), -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._models)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        model = self.model(index.row())
        if model is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{model.title}\n{short_state(model)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{model.title}, {short_state(model)}"
        return None
