"""Reads what the side list shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.tags import Tag
from algovera_desktop.ui.models.places import (
    MAX_TAGS_AT_FIRST,
    Entry,
    Place,
    PlaceKind,
    SideContents,
)

_OPTIONAL = frozenset({PlaceKind.MISSING, PlaceKind.IMPORTED})


@dataclass(frozen=True, slots=True)
class SideReading:
    """``tag_names`` are all there are, of which the contents may list only the commonest."""

    contents: SideContents
    tag_names: tuple[str, ...]


def read_side(curation: Curation, search: LibrarySearch, *, every_tag: bool) -> SideReading:
    """All places with their counts. Blocks; raises LibraryError's kinds."""
    tags = curation.tags()
    albums = (
        Entry(Place(PlaceKind.ALBUM, album.name, album.id), album.count)
        for album in curation.albums()
    )
    searches = (
        Entry(Place(PlaceKind.SEARCH, one.name, one.id, one.text, one.sort))
        for one in curation.saved_searches()
    )
    contents = SideContents(
        fixed=_own_places(search),
        albums=tuple(albums),
        tags=_listed(tags, every_tag=every_tag),
        searches=tuple(searches),
    )
    return SideReading(contents, tuple(tag.name for tag in tags))


def _own_places(search: LibrarySearch) -> tuple[Entry, ...]:
    kinds = (
        PlaceKind.ALL,
        PlaceKind.FAVOURITES,
        PlaceKind.MISSING,
        PlaceKind.IMPORTED,
        PlaceKind.TRASH,
    )
    entries = (_counted(search, Place(kind)) for kind in kinds)
    return tuple(one for one in entries if one.count or one.place.kind not in _OPTIONAL)


def _counted(search: LibrarySearch, place: Place) -> Entry:
    return Entry(place, search.count(place.query("", LibraryQuery().sort)))


def _listed(tags: Sequence[Tag], *, every_tag: bool) -> tuple[Entry, ...]:
    """The commonest tags, by name, and a row to have the others listed too."""
    shown = list(tags)
    if not every_tag and len(tags) > MAX_TAGS_AT_FIRST:
        common = sorted(tags, key=lambda tag: -tag.count)[:MAX_TAGS_AT_FIRST]
        shown = [tag for tag in tags if tag in common]
    entries = [Entry(Place(PlaceKind.TAG, tag.name), tag.count) for tag in shown]
    if len(shown) < len(tags):
        entries.append(Entry(Place(PlaceKind.MORE_TAGS), len(tags)))
    return tuple(entries)
