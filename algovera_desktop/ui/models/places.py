"""Where the gallery can look: the library's own places and those that the artist makes."""

from dataclasses import dataclass
from enum import Enum

from algovera_desktop.domain.images import LibraryQuery, SortOrder
from algovera_desktop.library.query.lexer import quoted

MAX_TAGS_AT_FIRST = 40
"""So many tags are listed before the user asks for the rest."""


class PlaceKind(Enum):
    """What a place is; each kind finds its pictures in its own way."""

    ALL = "all"
    FAVOURITES = "favourites"
    MISSING = "missing"
    IMPORTED = "imported"
    ALBUM = "album"
    TAG = "tag"
    SEARCH = "search"
    LIKE = "like"
    """The pictures whose prompts are nearest to that of one; it is not in the list."""
    TRASH = "trash"
    MORE_TAGS = "more tags"
    """A row below the commonest tags, to have all of them listed; its count is how many."""


_TEXTS = {
    PlaceKind.FAVOURITES: "is:favourite",
    PlaceKind.MISSING: "is:missing",
    PlaceKind.IMPORTED: "is:imported",
}


@dataclass(frozen=True, slots=True)
class Place:
    """``name`` is an album's, a tag's or a saved search's; ``row_id`` an album's, a saved search's
    or, where its like is shown, a picture's; ``text`` and ``sort`` are what a saved search asks
    for."""

    kind: PlaceKind = PlaceKind.ALL
    name: str = ""
    row_id: int | None = None
    text: str = ""
    sort: SortOrder = SortOrder.NEWEST

    @property
    def key(self) -> tuple[PlaceKind, int | str]:
        """What stays the same while it is renamed or counted anew; a tag is its name."""
        return self.kind, self.name if self.row_id is None else self.row_id

    @property
    def scope(self) -> str:
        """The pictures of this place, in the query language; "" where the language has no words
        for it, or they are all."""
        if self.kind is PlaceKind.TAG:
            return f"tag:{quoted(self.name)}"
        return _TEXTS.get(self.kind, "")

    def query(self, text: str, sort: SortOrder) -> LibraryQuery:
        """The query for what is typed while this place is shown."""
        return LibraryQuery(
            within(self.scope, text),
            sort,
            trashed=self.kind is PlaceKind.TRASH,
            album_id=self.row_id if self.kind is PlaceKind.ALBUM else None,
            like_id=self.row_id if self.kind is PlaceKind.LIKE else None,
        )

    def search_text(self, text: str) -> str:
        """What finds the same again wherever it is typed, for a saved search."""
        if self.kind is PlaceKind.ALBUM:
            return within(f"album:{quoted(self.name)}", text)
        return within("is:trashed" if self.kind is PlaceKind.TRASH else self.scope, text)


def within(scope: str, text: str) -> str:
    """What is typed, among the pictures of a scope."""
    text = text.strip()
    if not scope or not text:
        return scope or text
    # An "or" at the very end is a word that is being typed; in parentheses it is not at the end.
    typed = f"{text}*" if text.split()[-1].casefold() == "or" else text
    return f"{scope} ({typed})"


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the side list; ``count`` None while it is not known."""

    place: Place
    count: int | None = None


@dataclass(frozen=True, slots=True)
class SideContents:
    """All that the side list shows, in its order. ``fixed`` has those of the library's own places
    that are to be seen, the trash among them."""

    fixed: tuple[Entry, ...] = (
        Entry(Place(PlaceKind.ALL)),
        Entry(Place(PlaceKind.FAVOURITES)),
        Entry(Place(PlaceKind.TRASH)),
    )
    albums: tuple[Entry, ...] = ()
    tags: tuple[Entry, ...] = ()
    searches: tuple[Entry, ...] = ()
