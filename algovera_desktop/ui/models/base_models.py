"""The base models that a server offers, for a drop-down."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from algovera_desktop.domain.generation import ModelInfo


class BaseModels(QAbstractListModel):
    """Title and native size of each, those that are installed first.

    The others are shown and cannot be chosen. On this computer, where they can be had, one row
    that leads to them stands for all of them; it can be chosen while ``is_list_open``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._models: tuple[ModelInfo, ...] = ()
        self._leads_on = False
        self.is_list_open = False

    def set_models(self, models: Sequence[ModelInfo], *, are_local: bool) -> None:
        """Show these; ``are_local`` if the others can be had in the window of models."""
        self.beginResetModel()
        installed = tuple(model for model in models if model.installed)
        others = tuple(model for model in models if not model.installed)
        self._leads_on = are_local and bool(others)
        self._models = installed if self._leads_on else installed + others
        self.endResetModel()

    def is_way_to_more(self, row: int) -> bool:
        """Whether this is the row that leads to the models that are not installed."""
        return self._leads_on and row == len(self._models)

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
        return 0 if parent.isValid() else len(self._models) + self._leads_on

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        model = self.info(index.row())
        if model is None:
            is_words = role == Qt.ItemDataRole.DisplayRole and self.is_way_to_more(index.row())
            return self.tr("More models…") if is_words else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._label(model)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._explanation(model)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        model = self.info(index.row())
        leads_on = self.is_list_open and self.is_way_to_more(index.row())
        if not (leads_on or (model and model.installed)):
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
