"""The side list's rows: places that can be shown, dropped on, renamed and put in order."""

from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QIcon

from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.models.places import Entry, Place, PlaceKind, SideContents
from algovera_desktop.ui.models.side_drag import (
    IMAGES_MIME_TYPE,
    ROW_MIME_TYPE,
    TAG_MIME_TYPE,
    dragged_ids,
    dragged_tag,
    is_dragged,
    place_data,
)
from algovera_desktop.ui.theme import Theme

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Section(Enum):
    ALBUMS = "albums"
    TAGS = "tags"
    SEARCHES = "searches"


_Row: TypeAlias = Entry | Section


class SideRole(IntEnum):
    COUNT = Qt.ItemDataRole.UserRole
    SECTION = Qt.ItemDataRole.UserRole + 1
    IS_APART = Qt.ItemDataRole.UserRole + 2
    """Whether a row belongs to no section, though it stands below one."""


_ICONS = {
    PlaceKind.ALL: "image",
    PlaceKind.FAVOURITES: "heart",
    PlaceKind.MISSING: "image-off",
    PlaceKind.IMPORTED: "import",
    PlaceKind.ALBUM: "images",
    PlaceKind.TAG: "tag",
    PlaceKind.SEARCH: "bookmark",
    PlaceKind.TRASH: "trash-2",
    PlaceKind.MORE_TAGS: "ellipsis",
}
_NAMED = frozenset({PlaceKind.ALBUM, PlaceKind.TAG, PlaceKind.SEARCH})
_TAKES_PICTURES = frozenset({PlaceKind.ALBUM, PlaceKind.TAG, PlaceKind.FAVOURITES, PlaceKind.TRASH})


_SECTIONS = tuple(Section)
_PART_OF = {PlaceKind.ALBUM: 1, PlaceKind.SEARCH: 3}
"""The sections in which a new row can be named, and rows are in the artist's order."""


class SideListModel(QAbstractItemModel):
    """Shows SideContents and changes nothing by itself: it asks, and shows what comes back.

    An index' internal id is 0 at the top, and n in the n-th section.

    Signals:
        renamed: a Place and the name that was typed for it.
        named: the Place of a new album or search, and the name that was typed for it.
        moved: a Place, and the one of its section that it is to stand before, None for the end.
        draft_dropped: the row of a new album or search is gone, named or not.
        pictures_dropped: a Place and the ids of the pictures that were dropped on it, a list.
        tag_dropped: a tag's name, and the name of the one that it was dropped on.
    """

    renamed = Signal(object, str)
    named = Signal(object, str)
    moved = Signal(object, object)
    draft_dropped = Signal()
    pictures_dropped = Signal(object, object)
    tag_dropped = Signal(str, str)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons: dict[PlaceKind, QIcon] = {}
        self._rows: tuple[list[_Row], ...] = ([*_SECTIONS], *([] for _ in _SECTIONS))
        self._contents = SideContents()
        self._draft: Entry | None = None
        self._dragged: Place | None = None
        self.dress(theme)
        self.show(self._contents)

    # What is shown

    def dress(self, theme: Theme) -> None:
        """Paint the icons in a theme's colours."""
        self._icons = {kind: icon(name, theme, "muted") for kind, name in _ICONS.items()}
        self._tell_changed(0, 0, len(self._rows[0]) - 1)

    def show(self, contents: SideContents) -> None:
        """Show these; rows that stay, stay as they are: open editors too."""
        self._contents = contents
        above = [one for one in contents.fixed if one.place.kind is not PlaceKind.TRASH]
        below = [one for one in contents.fixed if one.place.kind is PlaceKind.TRASH]
        self._refill(0, [*above, *_SECTIONS, *below])
        self._refill(1, [*contents.albums, *self._drafts(1)])
        self._refill(2, contents.tags)
        self._refill(3, [*contents.searches, *self._drafts(3)])

    @property
    def contents(self) -> SideContents:
        return self._contents

    def place(self, index: _Index) -> Place | None:
        """The place at an index; None at a heading."""
        row = self._row(index)
        return row.place if isinstance(row, Entry) else None

    def section_index(self, section: Section) -> QModelIndex:
        return self.index(self._rows[0].index(section), 0)

    def index_of(self, place: Place) -> QModelIndex:
        """Where a place stands; an invalid index if it is not listed."""
        for part, rows in enumerate(self._rows):
            for number, row in enumerate(rows):
                if _key(row) == place.key:
                    return self.createIndex(number, 0, part)
        return QModelIndex()

    def begin(self, place: Place) -> QModelIndex:
        """Add a row for a new album or search, which is one once it is named; ``place.name`` is
        what the name begins with."""
        self._draft = Entry(place)
        self.show(self._contents)
        part = _PART_OF[place.kind]
        return self.createIndex(len(self._rows[part]) - 1, 0, part)

    def drop_draft(self) -> None:
        """Take the row of a new album or search away."""
        if self._draft is not None:
            self._draft = None
            self.show(self._contents)
            self.draft_dropped.emit()

    def _drafts(self, part: int) -> list[Entry]:
        draft = self._draft
        return [draft] if draft and _PART_OF[draft.place.kind] == part else []

    # QAbstractItemModel

    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        part = self._part_below(parent)
        if part is None or column != 0 or not 0 <= row < len(self._rows[part]):
            return QModelIndex()
        return self.createIndex(row, column, part)

    def parent(self, index: _Index) -> QModelIndex:  # type: ignore[override]
        part = index.internalId() if index.isValid() else 0
        return self.section_index(_SECTIONS[part - 1]) if part else QModelIndex()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        part = self._part_below(parent)
        return 0 if part is None else len(self._rows[part])

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 1

    def flags(self, index: _Index) -> Qt.ItemFlag:
        place = self.place(index)
        if place is None:
            return self._heading_flags(index)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if place.kind in _NAMED:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        if place.kind in _TAKES_PICTURES and not self._is_ordering():
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def _heading_flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        takes_rows = self._is_ordering() and self._part_below(index) in _PART_OF.values()
        drop = Qt.ItemFlag.ItemIsDropEnabled if takes_rows else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | drop

    def _is_ordering(self) -> bool:
        return self._dragged is not None and self._dragged.kind in _PART_OF

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._row(index)
        if isinstance(row, Section):
            named = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return self._heading(row) if named else row if role == SideRole.SECTION else None
        return None if row is None else self._entry_data(row, role)

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        place, name = self.place(index), str(value).strip()
        if role != Qt.ItemDataRole.EditRole or place is None or not name:
            return False
        if self._draft is not None and place == self._draft.place:
            self.named.emit(place, name)
        elif name != place.name:
            self.renamed.emit(place, name)
        return True

    def _entry_data(self, entry: Entry, role: int) -> Any:
        place = entry.place
        name = place.name or self.name_of(place.kind)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (name, self._count_words(entry))))
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (place.text or name, self._count_words(entry))))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icons[place.kind]
        if role == SideRole.IS_APART:
            return place.kind is PlaceKind.TRASH
        return entry.count if role == SideRole.COUNT else None

    def _count_words(self, entry: Entry) -> str:
        """What the number beside a place counts."""
        count, kind = entry.count, entry.place.kind
        if count is None or kind is PlaceKind.MORE_TAGS:
            return ""
        if kind is PlaceKind.TRASH:
            one, many = self.tr("One picture in it"), self.tr("%n pictures in it", "", count)
        else:
            one, many = self.tr("One picture"), self.tr("%n pictures", "", count)
        return one if count == 1 else many

    def name_of(self, kind: PlaceKind) -> str:
        """What a place of the library's own is called."""
        return {
            PlaceKind.ALL: self.tr("All pictures"),
            PlaceKind.FAVOURITES: self.tr("Favourites"),
            PlaceKind.MISSING: self.tr("Missing files"),
            PlaceKind.IMPORTED: self.tr("Imported"),
            PlaceKind.TRASH: self.tr("Trash"),
            PlaceKind.MORE_TAGS: self.tr("All tags"),
        }.get(kind, "")

    def _heading(self, section: Section) -> str:
        return {
            Section.ALBUMS: self.tr("Albums"),
            Section.TAGS: self.tr("Tags"),
            Section.SEARCHES: self.tr("Saved searches"),
        }[section]

    # Dragging

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [IMAGES_MIME_TYPE, TAG_MIME_TYPE, ROW_MIME_TYPE]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        place = self.place(indexes[0]) if indexes else None
        return place_data(place) if place is not None else QMimeData()

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        if data.hasFormat(ROW_MIME_TYPE):
            return self._carried(data, parent) is not None and row >= 0
        target = self.place(parent)
        if target is None or row >= 0:
            return False
        if data.hasFormat(IMAGES_MIME_TYPE):
            return target.kind in _TAKES_PICTURES
        is_tag = data.hasFormat(TAG_MIME_TYPE) and target.kind is PlaceKind.TAG
        return is_tag and target.name != dragged_tag(data)

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index
    ) -> bool:
        """Ask for what the drop means. Always False, or the view would remove what was dragged."""
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        target, carried = self.place(parent), self._carried(data, parent)
        if carried is not None:
            self._ask_to_move(carried, row)
        elif target is not None and data.hasFormat(IMAGES_MIME_TYPE):
            self.pictures_dropped.emit(target, dragged_ids(data))
        elif target is not None:
            self.tag_dropped.emit(dragged_tag(data), target.name)
        return False

    def begin_drag(self, place: Place | None) -> None:
        """That place is being dragged, or nothing any more. While rows are put in order none of
        them takes what is dropped: it goes between them."""
        self._dragged = place

    def _carried(self, data: QMimeData, parent: _Index) -> Entry | None:
        """The row below ``parent`` that is being dragged."""
        part = self._part_below(parent) if parent.isValid() else None
        rows = self._rows[part] if part is not None else []
        entries = (row for row in rows if isinstance(row, Entry))
        return next((one for one in entries if is_dragged(data, one.place)), None)

    # The artist's order

    def step(self, index: _Index, by: int) -> None:
        """Ask for an album or saved search to be moved up (-1) or down (1) by one."""
        row = self._row(index)
        if isinstance(row, Entry) and row.place.kind in _PART_OF and row is not self._draft:
            self._ask_to_move(row, index.row() + (by if by < 0 else by + 1))

    def _ask_to_move(self, entry: Entry, number: int) -> None:
        """Ask for a row to stand before the one that is the n-th of its section by now."""
        rows = [one for one in self._rows[_PART_OF[entry.place.kind]] if one is not self._draft]
        now = rows.index(entry)
        if number in (now, now + 1) or not 0 <= number <= len(rows):
            return
        before = rows[number] if number < len(rows) else None
        self.moved.emit(entry.place, before.place if isinstance(before, Entry) else None)

    # Rows

    def _row(self, index: _Index) -> _Row | None:
        return self._rows[index.internalId()][index.row()] if index.isValid() else None

    def _part_below(self, parent: _Index) -> int | None:
        """Which of the lists of rows lies below an index; None for none."""
        row = self._row(parent)
        if row is None:
            return 0
        return _SECTIONS.index(row) + 1 if isinstance(row, Section) else None

    def _refill(self, part: int, wanted: Sequence[_Row]) -> None:
        """Make a list show these, changing as few rows as possible."""
        rows = self._rows[part]
        parent = self.section_index(_SECTIONS[part - 1]) if part else QModelIndex()
        keys = {_key(row) for row in wanted}
        for number in reversed(range(len(rows))):
            if _key(rows[number]) not in keys:
                self.beginRemoveRows(parent, number, number)
                del rows[number]
                self.endRemoveRows()
        for number, row in enumerate(wanted):
            self._put(part, number, row, parent)

    def _put(self, part: int, number: int, row: _Row, parent: QModelIndex) -> None:
        rows = self._rows[part]
        found = next((n for n in range(number, len(rows)) if _key(rows[n]) == _key(row)), None)
        if found is None:
            self.beginInsertRows(parent, number, number)
            rows.insert(number, row)
            self.endInsertRows()
            return
        if found != number:
            self.beginMoveRows(parent, found, found, parent, number)
            rows.insert(number, rows.pop(found))
            self.endMoveRows()
        if rows[number] != row:
            rows[number] = row
            self._tell_changed(part, number, number)

    def _tell_changed(self, part: int, first: int, last: int) -> None:
        self.dataChanged.emit(self.createIndex(first, 0, part), self.createIndex(last, 0, part))


def _key(row: _Row) -> object:
    return row.place.key if isinstance(row, Entry) else row
