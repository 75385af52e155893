"""What the artist makes of the selected pictures: favourite, stars, tags, albums, notes."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.common_values import CommonValues
from algovera_desktop.ui.icons import icon
from algovera_desktop.ui.theme import SPACE_3, ThemeController
from algovera_desktop.ui.widgets.facts import TextBlock
from algovera_desktop.ui.widgets.notes_edit import NotesEdit
from algovera_desktop.ui.widgets.rating_stars import RatingStars
from algovera_desktop.ui.widgets.tag_editor import TagEditor


class CurationPanel(QWidget):
    """The editors for one picture, or for all that are selected. It shows what it is told; of
    what is chosen here, only favourite and stars are shown before they are kept.

    Signals:
        favourite_chosen: whether the pictures are to be favourites.
        rated: their rating.
        tags_added, tags_removed: the names of tags, a list.
        tag_activated: the name of the tag whose pictures are to be shown.
        notes_edited: the id of a picture and its notes.
        notes_left: what is written in the notes from now on is another thing to undo.
    """

    favourite_chosen = Signal(bool)
    rated = Signal(int)
    tags_added = Signal(object)
    tags_removed = Signal(object)
    tag_activated = Signal(str)
    notes_edited = Signal(object, str)
    notes_left = Signal()

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.favourite = QPushButton()
        self.favourite.setCheckable(True)
        self.favourite.setProperty("look", "quiet")
        self.stars = RatingStars(themes)
        self.tags = TagEditor(themes)
        self.albums = TextBlock()
        self.albums.setProperty("tone", "muted")
        self.notes = NotesEdit()
        self._lay_out()
        self._connect()
        self.show_common(CommonValues())

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.stars)
        line.addStretch(1)
        line.addWidget(self.favourite)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        column.addLayout(line)
        column.addWidget(self.tags)
        column.addWidget(self.albums)
        column.addWidget(self.notes)

    def _connect(self) -> None:
        self.favourite.clicked.connect(self._on_favourite_clicked)
        self.stars.rated.connect(self.rated)
        self.tags.add_requested.connect(self.tags_added)
        self.tags.remove_requested.connect(self.tags_removed)
        self.tags.tag_activated.connect(self.tag_activated)
        self.notes.notes_edited.connect(self.notes_edited)
        self.notes.left.connect(self.notes_left)
        self._themes.changed.connect(self._on_themes_changed)

    def show_record(self, record: ImageRecord) -> None:
        """Show what is made of one picture."""
        self._show_favourites(int(record.is_favourite), 1)
        self.stars.show_rating(record.rating)
        self.tags.set_tags(record.tags)
        albums = ", ".join(record.albums)
        self.albums.setText(self.tr("In {albums}").format(albums=albums) if albums else "")
        self.albums.setVisible(bool(albums))
        self.notes.show_notes(record.id, record.notes)
        self._show_notes(True)

    def show_common(self, values: CommonValues) -> None:
        """Show what is made of several pictures."""
        self._show_favourites(values.favourites, values.count)
        self.stars.show_rating(values.rating)
        self.tags.set_tags(values.tags, values.some_tags)
        self.albums.hide()
        self._show_notes(False)

    def set_known_tags(self, names: Sequence[str]) -> None:
        """Offer these tags as one types."""
        self.tags.field.set_known(names)

    def _show_notes(self, is_shown: bool) -> None:
        if not is_shown:
            self.notes.tell()
        self.notes.setVisible(is_shown)

    def _show_favourites(self, count: int, of: int) -> None:
        is_some, shown = 0 < count < of, QLocale().toString
        some = self.tr("Favourite: {count} of {all}").format(count=shown(count), all=shown(of))
        words = some if is_some else self.tr("Favourite")
        self.favourite.setChecked(0 < count == of)
        self.favourite.setText(self.tr("some") if is_some else "")
        self.favourite.setAccessibleName(words)
        self.favourite.setToolTip(f"{words} · F")
        self._dress()

    def _dress(self) -> None:
        is_on = self.favourite.isChecked()
        tone = "accent" if is_on else "text"
        self.favourite.setIcon(icon("heart", self._themes.theme, tone, is_filled=is_on))

    def _on_favourite_clicked(self, is_on: bool) -> None:
        self._show_favourites(int(is_on), 1)
        self.favourite_chosen.emit(is_on)

    def _on_themes_changed(self) -> None:
        self._dress()
