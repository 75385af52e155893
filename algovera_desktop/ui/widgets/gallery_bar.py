"""The lines above the gallery: what is searched for, where, in which order, and how large."""

from PySide6.QtCore import QEvent, QLocale, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
)

from algovera_desktop.ui.icons import ICON_SIDE, icon
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.theme import SPACE_1, SPACE_2, SPACE_3, ThemeController
from algovera_desktop.ui.widgets.search_field import SearchField
from algovera_desktop.ui.widgets.sort_chooser import SortChooser
from algovera_desktop.ui.widgets.tile_size_slider import TileSizeSlider

_ONE_LINE_WIDTH = 900
"""From this width in pixels on everything stands in one line."""

_WORDS_WIDTH = 520
"""Below this width the favourites and the trash are shown by their icons."""

_MIN_WIDTH = 280


class GalleryBar(QFrame):
    """Chooses what the gallery shows. It shows what it is told, and only asks.

    Signals:
        place_chosen: the Place to show.
        sort_chosen: the SortOrder.
        side_list_toggled: the side list is to be opened or closed.
        save_search_requested: what is searched is to be kept.
        empty_trash_requested: the user wants the trash emptied.
    """

    place_chosen = Signal(object)
    sort_chosen = Signal(object)
    side_list_toggled = Signal()
    save_search_requested = Signal()
    empty_trash_requested = Signal()

    def __init__(self, search: SearchField, themes: ThemeController) -> None:
        super().__init__()
        self._themes = themes
        self.search = search
        self.sort = SortChooser()
        self.sizes = TileSizeSlider()
        self._size_icon = QLabel()
        self._group = QButtonGroup(self)
        self._places = {
            PlaceKind.ALL: self._place_button(self.tr("All")),
            PlaceKind.FAVOURITES: self._place_button(self.tr("Favourites")),
            PlaceKind.TRASH: self._place_button(self.tr("Trash")),
        }
        self.side_button = QToolButton()
        self.side_button.setCheckable(True)
        self.save_button = QToolButton()
        self.empty_button = QPushButton(self.tr("Empty the trash…"))
        self.count = QLabel()
        self._number = ""
        self._name_parts()
        self._lines = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._second = QHBoxLayout()
        self._lay_out()
        self._connect()
        self._dress()
        self.show_place(Place())
        self.show_count(None)

    def _place_button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        button.setProperty("look", "quiet")
        button.setProperty("words", text)
        button.setAccessibleName(text)
        self._group.addButton(button)
        return button

    def _name_parts(self) -> None:
        for button, words in (
            (self.side_button, self.tr("Albums, tags and saved searches (F8)")),
            (self.save_button, self.tr("Save this search")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("look", "bar")
        self.count.setProperty("tone", "muted")
        self.empty_button.setProperty("look", "quiet")

    def _lay_out(self) -> None:
        self._lines.setContentsMargins(SPACE_2, SPACE_1, SPACE_3, SPACE_1)
        self._lines.setSpacing(SPACE_1)
        first, second = QHBoxLayout(), self._second
        for line in (first, second):
            line.setSpacing(SPACE_1)
        first.addWidget(self.side_button, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self.search, 1)
        first.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(self.empty_button, 0, Qt.AlignmentFlag.AlignTop)
        for button in self._places.values():
            second.addWidget(button)
        second.addStretch(1)
        # Of the label and not of the line, so that they are gone where it is left out.
        self.count.setContentsMargins(SPACE_3, 0, SPACE_2, 0)
        second.addWidget(self.count)
        for widget in (self.sort, self._size_icon, self.sizes):
            second.addWidget(widget)
        self._lines.addLayout(first, 1)
        self._lines.addLayout(second)
        # Beside what is wrong with a search, which makes the first one higher.
        self._lines.setAlignment(second, Qt.AlignmentFlag.AlignTop)

    def _connect(self) -> None:
        self._group.buttonClicked.connect(self._on_group_button_clicked)
        self.sort.sort_chosen.connect(self.sort_chosen)
        self.side_button.clicked.connect(self._on_side_button_clicked)
        self.save_button.clicked.connect(self._on_save_button_clicked)
        self.empty_button.clicked.connect(self._on_empty_button_clicked)
        self._themes.changed.connect(self._dress)

    def _dress(self) -> None:
        theme = self._themes.theme
        self._places[PlaceKind.FAVOURITES].setIcon(icon("heart", theme))
        self._places[PlaceKind.TRASH].setIcon(icon("trash-2", theme))
        self.side_button.setIcon(icon("library", theme))
        self.save_button.setIcon(icon("bookmark-plus", theme))
        size = QSize(ICON_SIDE, ICON_SIDE)
        picture = icon("image", theme, "muted").pixmap(size, self.devicePixelRatioF())
        self._size_icon.setPixmap(picture)

    # What is shown

    def show_place(self, place: Place, name: str = "") -> None:
        """Mark the place that is shown; ``name`` is what it is called where that is not seen."""
        chosen = self._places.get(place.kind)
        self._group.setExclusive(False)
        for button in self._places.values():
            button.setChecked(button is chosen)
        self._group.setExclusive(True)
        self.search.set_place(name)
        self.sort.set_has_album(place.kind is PlaceKind.ALBUM)
        self.empty_button.setVisible(place.kind is PlaceKind.TRASH)

    def show_count(self, count: int | None) -> None:
        """Say how many pictures are shown; None while that is not known."""
        self._number = "…" if count is None else QLocale().toString(count)
        one = self.tr("One picture")
        many = self.tr("%n pictures", "", count or 0)
        spoken = self.tr("Counting") if count is None else one if count == 1 else many
        # While it is being counted nothing beside it moves.
        self.count.setMinimumWidth(self.count.sizeHint().width() if count is None else 0)
        self.count.setToolTip(spoken)
        self.count.setAccessibleName(spoken)
        self._show_count_words()

    def _show_count_words(self) -> None:
        """With the word where there is room: beside "Trash" a number seems to be about that."""
        has_room = self.width() >= _WORDS_WIDTH and self._number != "…"
        self.count.setText(self.count.accessibleName() if has_room else self._number)
        # Of what is left out no layout hears that it has become another one.
        self._give_room()

    def show_side_list(self, is_shown: bool) -> None:
        """Show whether the side list is open."""
        self.side_button.setChecked(is_shown)

    def set_can_save(self, can_save: bool) -> None:
        self.save_button.setEnabled(can_save)

    def set_can_empty(self, can_empty: bool) -> None:
        self.empty_button.setEnabled(can_empty)

    # What happens

    def minimumSizeHint(self) -> QSize:
        # Not that of what stands in one line now: in less room it would stand in two.
        return QSize(_MIN_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _ONE_LINE_WIDTH
        direction = QBoxLayout.Direction
        self._lines.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
        self._size_icon.setVisible(self.width() >= _WORDS_WIDTH)
        for kind in (PlaceKind.FAVOURITES, PlaceKind.TRASH):
            button = self._places[kind]
            words = button.property("words")
            button.setText("" if self.width() < _WORDS_WIDTH else words)
            button.setToolTip(words)
        self._show_count_words()

    def event(self, event: QEvent) -> bool:
        # Something there has come to its own width, or another one.
        if event.type() == QEvent.Type.LayoutRequest:
            self._give_room()
        return super().event(event)

    def _give_room(self) -> None:
        """What would be cut off is left out: first the slider, for Ctrl+wheel changes the tiles'
        size too, then the number of pictures."""
        margins = self._lines.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        needed = self._second.minimumSize().width()
        widths = {widget: widget.minimumSizeHint().width() for widget in (self.sizes, self.count)}
        widths[self.sizes] = self.sizes.minimumWidth()
        for widget, width in widths.items():
            if widget.isHidden():
                needed += self._second.spacing() + width
        for widget, width in widths.items():
            has_room = needed <= room
            if has_room == widget.isHidden():
                widget.setVisible(has_room)
            if not has_room:
                needed -= self._second.spacing() + width

    def _on_group_button_clicked(self, button: QPushButton) -> None:
        kind = next(kind for kind, one in self._places.items() if one is button)
        self.place_chosen.emit(Place(kind))

    def _on_side_button_clicked(self) -> None:
        self.side_list_toggled.emit()

    def _on_save_button_clicked(self) -> None:
        self.save_search_requested.emit()

    def _on_empty_button_clicked(self) -> None:
        self.empty_trash_requested.emit()
