"""The base models that a server offers, for a drop-down."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from algovera_desktop.domain.generation import ModelInfo


class BaseModels(QAbstractListModel):
    """Title and native size of each; one that is not installed is shown and cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._models: tuple[ModelInfo, ...] = ()

    def set_models(self, models: Sequence[ModelInfo]) -> None:
        self.beginResetModel()
        self._models = tuple(models)
        self.endResetModel()

    def info(self, row: int) -> ModelInfo | None:
        return self._models[row] if 0 <= row < len(self._models) else None

    def row_named(self, name: str) -> int:
        """The row of an installed model, -1 if there is none of that name."""
        rows = (
            row for row, model in enumerate(self._models) if model.name == name and model.installed
        )
        return next(rows, -1)

    def first_installed_row(self) -> int:
        rows = (row for row, model in enumerate(self._models) if model.installed)
        return next(rows, -1)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._models)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        model = self.info(index.row())
        if model is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._label(model)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._explanation(model)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        model = self.info(index.row())
        if model is None or not model.installed:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _label(self, model: ModelInfo) -> str:
        size = f"{model.native_size.width}\N{MULTIPLICATION SIGN}{model.native_size.height}"
        label = f"{model.title} · {size}"
        return label if model.installed else self.tr("%s (not installed)") % label

    def _explanation(self, model: ModelInfo) -> str:
        if model.installed:
            return model.description
        reason = self.tr("This model is not installed on the server yet.")
        return f"{reason} {model.description}".strip()
