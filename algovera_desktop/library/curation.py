"""What the artist makes of pictures: favourites, ratings, notes, tags, albums, saved searches."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from algovera_desktop.domain.errors import NameTakenError
from algovera_desktop.domain.images import MAX_RATING, SortOrder
from algovera_desktop.library.album_places import adding, moving, removing
from algovera_desktop.library.albums import Album, albums_in
from algovera_desktop.library.changes import Change, Maker, carry_out, reversing, setting
from algovera_desktop.library.curated_names import find_name, folded, good_name
from algovera_desktop.library.database import Database
from algovera_desktop.library.id_lists import to_json
from algovera_desktop.library.named_rows import deleting, making, next_id, placing, renaming
from algovera_desktop.library.saved_searches import SavedSearch, saved_searches_in
from algovera_desktop.library.tags import (
    Tag,
    replacing,
    respelling,
    tagging,
    tags_in,
    untagging,
)


class Curation:
    """Changes and lists what the artist has made of pictures. Every call blocks.

    A change is one durable transaction over any number of pictures, in the trash or not; ids of
    pictures that are gone for good are passed over. It returns what was changed, for ``revert``;
    None if that was nothing. All raise LibraryError's kinds, and NameRefusedError for a name that
    cannot be.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_favourite(self, ids: Sequence[int], value: bool) -> Change | None:
        return self._do(setting("is_favourite", to_json(ids), int(value)))

    def set_rating(self, ids: Sequence[int], rating: int) -> Change | None:
        """``rating`` is 0 (none) to MAX_RATING; ValueError for any other."""
        if not 0 <= rating <= MAX_RATING:
            raise ValueError(f"a rating is from 0 to {MAX_RATING}, not {rating}")
        return self._do(setting("rating", to_json(ids), rating))

    def set_notes(self, image_id: int, notes: str) -> Change | None:
        """Notes are kept as they were typed, but for what no text can hold: half letters, NUL."""
        text = notes.replace("\0", "").encode(errors="replace").decode()
        return self._do(setting("notes", to_json([image_id]), text))

    def add_tags(self, ids: Sequence[int], names: Iterable[str]) -> Change | None:
        """Put tags on pictures. One that is there in other capitals keeps its spelling."""
        chosen = to_json(ids)
        return self._do(*(tagging(good_name(name), chosen) for name in names))

    def remove_tags(self, ids: Sequence[int], names: Iterable[str]) -> Change | None:
        chosen = to_json(ids)
        return self._do(*(untagging(name, chosen) for name in names))

    def rename_tag(self, old: str, new: str) -> Change | None:
        """Raises NameTakenError if there is another tag ``new``: those can be merged."""
        name = good_name(new)
        if folded(old) == folded(name):
            return self._do(respelling(old, name))

        def refuse_taken(connection: sqlite3.Connection) -> tuple[()]:
            if find_name(connection, "tags", name):
                raise NameTakenError("there is a tag of that name", name)
            return ()

        return self._do(refuse_taken, replacing(old, name))

    def merge_tags(self, names: Iterable[str], into: str) -> Change | None:
        """Put the tag ``into`` in the place of others on all their pictures."""
        target = good_name(into)
        others = [name for name in names if folded(name) != folded(target)]
        return self._do(*(replacing(name, target) for name in others))

    def delete_tag(self, name: str) -> Change | None:
        """Take a tag off all pictures."""
        return self._do(untagging(name))

    def tags(self) -> list[Tag]:
        """The tags of pictures outside the trash, sorted as people sort."""
        return self._database.read(tags_in)

    def make_album(self, name: str, ids: Sequence[int] = ()) -> Change:
        """Make an album with these pictures; its id is the change's ``made_id``. Raises
        NameTakenError."""
        good, chosen = good_name(name), to_json(ids)

        def make(connection: sqlite3.Connection) -> Change:
            album_id = next_id(connection, "albums")
            makers = [making("albums", good), *adding(album_id, chosen, None)]
            return _made(carry_out(connection, makers), album_id)

        return self._database.write(make)

    def rename_album(self, album_id: int, name: str) -> Change | None:
        """Raises NameTakenError."""
        return self._do(renaming("albums", album_id, good_name(name)))

    def move_album(self, album_id: int, before: int | None) -> Change | None:
        """Put an album before another one in the list; None: at its end."""
        return self._do(placing("albums", album_id, before))

    def delete_album(self, album_id: int) -> Change | None:
        """Delete an album, not its pictures."""
        return self._do(deleting("albums", album_id))

    def add_to_album(
        self, album_id: int, ids: Sequence[int], before: int | None = None
    ) -> Change | None:
        """Put pictures in an album before the picture ``before`` of it, None or one that is not in
        it for the end. Those that are in it stay where they are."""
        return self._do(*adding(album_id, to_json(ids), before))

    def remove_from_album(self, album_id: int, ids: Sequence[int]) -> Change | None:
        return self._do(removing(album_id, to_json(ids)))

    def move_in_album(self, album_id: int, ids: Sequence[int], before: int | None) -> Change | None:
        """Put pictures of an album, in the order of ``ids``, before another one; None: at the
        end."""
        return self._do(*moving(album_id, to_json(ids), before))

    def albums(self) -> list[Album]:
        """Every album, in the artist's order: as they were made, or moved since."""
        return self._database.read(albums_in)

    def save_search(self, name: str, text: str, sort: SortOrder) -> Change:
        """Keep a search; its id is the change's ``made_id``. Raises NameTakenError."""
        good = good_name(name)

        def make(connection: sqlite3.Connection) -> Change:
            search_id = next_id(connection, "saved_searches")
            making_it = making("saved_searches", good, text, sort.value)
            return _made(carry_out(connection, [making_it]), search_id)

        return self._database.write(make)

    def rename_search(self, search_id: int, name: str) -> Change | None:
        """Raises NameTakenError."""
        return self._do(renaming("saved_searches", search_id, good_name(name)))

    def move_search(self, search_id: int, before: int | None) -> Change | None:
        """Put a saved search before another one in the list; None: at its end."""
        return self._do(placing("saved_searches", search_id, before))

    def delete_search(self, search_id: int) -> Change | None:
        return self._do(deleting("saved_searches", search_id))

    def saved_searches(self) -> list[SavedSearch]:
        """Every saved search, in the artist's order: as they were made, or moved since."""
        return self._database.read(saved_searches_in)

    def revert(self, change: Change) -> Change | None:
        """Take a change back; what that returns does it again. What has been changed once more
        since then stays as it is now."""
        return self._do(*reversing(change))

    def _do(self, *makers: Maker) -> Change | None:
        return self._database.write(lambda connection: carry_out(connection, makers))


def _made(change: Change | None, row_id: int) -> Change:
    assert change is not None
    return replace(change, made_id=row_id)
