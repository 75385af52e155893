"""The list at the gallery's left: where to look."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QMenu,
    QTreeView,
    QWidget,
)

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.models.side_list_model import Section, SideListModel, SideRole
from algovera_desktop.ui.theme import SPACE_3, ThemeController
from algovera_desktop.ui.widgets.side_list_delegate import SideListDelegate

_ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})
_REMOVABLE = frozenset({PlaceKind.ALBUM, PlaceKind.TAG, PlaceKind.SEARCH})
_ORDERED = frozenset({PlaceKind.ALBUM, PlaceKind.SEARCH})
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_MAX_MERGE_CHOICES = 30


class SideList(QTreeView):
    """A click or Enter shows a place, F2 renames it, Del deletes it, Insert makes an album, Alt+Up
    and Alt+Down move it; pictures and tags are dropped on it, albums and searches between others.

    Signals:
        place_chosen: the Place to show.
        remove_requested: the album, tag or saved search to delete, a Place.
        merge_requested: a tag's name, and the name of the one to put in its place.
        empty_trash_requested: the user wants the trash emptied.
        folds_changed: the values of the Sections that are folded, a tuple of texts.
        left: Esc was pressed.
    """

    place_chosen = Signal(object)
    remove_requested = Signal(object)
    merge_requested = Signal(str, str)
    empty_trash_requested = Signal()
    folds_changed = Signal(object)
    left = Signal()

    def __init__(
        self, model: SideListModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._themes = themes
        self._set_up()
        self._connect()
        self.set_folds(())
        self._dress()

    def _set_up(self) -> None:
        self.setObjectName("side-list")
        self.setAccessibleName(self.tr("Places"))
        self.setModel(self._model)
        self.setItemDelegate(SideListDelegate(self._themes, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.setIndentation(SPACE_3)
        self.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(True)
        self.setTabKeyNavigation(False)

    def _connect(self) -> None:
        self.expanded.connect(self._on_fold_changed)
        self.collapsed.connect(self._on_fold_changed)
        self.itemDelegate().closeEditor.connect(self._on_delegate_close_editor)
        self._model.tag_dropped.connect(self.merge_requested)
        self._themes.changed.connect(self._dress)

    def _dress(self) -> None:
        self._model.dress(self._themes.theme)

    # What is shown

    def show_place(self, place: Place) -> None:
        """Mark the place that the gallery shows; none if it is not listed. While a name is being
        typed the cursor stays with it, for it would close the editor."""
        if self.state() == QAbstractItemView.State.EditingState:
            return
        index = self._model.index_of(place)
        if index.isValid():
            self.setCurrentIndex(index)
        else:
            self.selectionModel().clear()

    def set_folds(self, folded: Sequence[str]) -> None:
        """Fold these sections and open the others."""
        for section in Section:
            self.setExpanded(self._model.section_index(section), section.value not in folded)

    def begin_album(self) -> None:
        """Let the user name a new album."""
        self.begin(Place(PlaceKind.ALBUM))

    def begin(self, place: Place) -> None:
        """Let the user name a new album or search."""
        index = self._model.begin(place)
        self.expand(index.parent())
        self.scrollTo(index)
        self.setCurrentIndex(index)
        self.edit(index)

    # Keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self._model.place(self.currentIndex())
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() in _ENTER_KEYS:
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Delete and place and place.kind in _REMOVABLE:
            self.remove_requested.emit(place)
        elif event.key() in _STEPS and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._model.step(self.currentIndex(), _STEPS[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Insert:
            self.begin_album()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def startDrag(self, supported: Qt.DropAction) -> None:
        self._model.begin_drag(self._model.place(self.currentIndex()))
        super().startDrag(supported)
        self._model.begin_drag(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_click = index == self.currentIndex() and event.button() == Qt.MouseButton.LeftButton
        if is_click and self._model.place(index) is not None:
            self._open(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if is_by_keyboard else self.indexAt(event.pos())
        at = self.visualRect(index).center() if is_by_keyboard else event.pos()
        self.menu_for(index).popup(self.viewport().mapToGlobal(at))

    def menu_for(self, index: QModelIndex) -> QMenu:
        """What can be done with a row; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = self._model.place(index)
        if place is not None:
            self._fill(menu, place, index)
            menu.addSeparator()
        self._add(menu, self.tr("New album"), "plus", self.begin_album, "Ins")
        return menu

    def _fill(self, menu: QMenu, place: Place, index: QModelIndex) -> None:
        self._add(menu, self.tr("Show"), "image", partial(self.place_chosen.emit, place), "Return")
        if place.kind in _REMOVABLE:
            self._add(menu, self.tr("Rename"), "pencil", partial(self.edit, index), "F2")
            remove = partial(self.remove_requested.emit, place)
            self._add(menu, self.tr("Delete"), "trash-2", remove, "Del")
        if place.kind in _ORDERED:
            up, down = (partial(self._model.step, index, by) for by in (-1, 1))
            self._add(menu, self.tr("Move up"), "arrow-up", up, "Alt+Up")
            self._add(menu, self.tr("Move down"), "arrow-down", down, "Alt+Down")
        if place.kind is PlaceKind.TAG:
            self._add_merging(menu, place)
        if place.kind is PlaceKind.TRASH:
            empty = self.empty_trash_requested.emit
            self._add(menu, self.tr("Empty the trash…"), "trash-2", empty)

    def _add_merging(self, menu: QMenu, place: Place) -> None:
        others = [one.place.name for one in self._model.contents.tags if one.place != place]
        into = menu.addMenu(self.tr("Merge into"))
        into.setEnabled(bool(others))
        for name in others[:_MAX_MERGE_CHOICES]:
            action = into.addAction(name.replace("&", "&&"))
            action.triggered.connect(partial(self.merge_requested.emit, place.name, name))

    def _add(
        self, menu: QMenu, text: str, icon_name: str, run: Callable[[], object], keys: str = ""
    ) -> None:
        action = menu.addAction(icon(icon_name, self._themes.theme), text)
        action.setShortcut(keys)
        # Shown only: the keys work where the keyboard is.
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(run)

    def _open(self, index: QModelIndex) -> None:
        place = self._model.place(index)
        if place is not None:
            self.place_chosen.emit(place)
        elif index.data(SideRole.SECTION) is not None:
            self.setExpanded(index, not self.isExpanded(index))

    # What happens

    def _on_fold_changed(self) -> None:
        index = self._model.section_index
        folded = [one.value for one in Section if not self.isExpanded(index(one))]
        self.folds_changed.emit(tuple(folded))

    def _on_delegate_close_editor(self) -> None:
        self._model.drop_draft()
