"""Any deeds in any order, undone and redone, against a plain model of what should be there."""

import copy
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from algovera_desktop.domain.errors import NameTakenError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage, SortOrder
from algovera_desktop.library.changes import Change
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.rows import from_stamp
from algovera_desktop.library.store import Library

IDS = range(1, 6)
some_ids = st.lists(st.sampled_from(IDS), min_size=1, unique=True)
names = st.sampled_from(["fox", "FOX", "Bär", "BÄR", "zoo", "Älg"])
some_names = st.lists(names, min_size=1, max_size=3)
anchors = st.none() | st.sampled_from(IDS)


@dataclass
class Picture:
    rating: int = 0
    is_favourite: bool = False
    notes: str = ""
    tags: set[str] = field(default_factory=set)


@dataclass
class Expected:
    """What should be there: tags by their folded names, with how each is spelled."""

    pictures: dict[int, Picture] = field(
        default_factory=lambda: {number: Picture() for number in IDS}
    )
    spellings: dict[str, str] = field(default_factory=dict)
    albums: dict[int, tuple[str, list[int]]] = field(default_factory=dict)
    searches: dict[int, tuple[str, str]] = field(default_factory=dict)

    def tag(self, ids: list[int], name: str) -> None:
        self.spellings.setdefault(name.casefold(), name)
        for image_id in ids:
            self.pictures[image_id].tags.add(name.casefold())

    def untag(self, ids: list[int], name: str) -> None:
        for image_id in ids:
            self.pictures[image_id].tags.discard(name.casefold())
        if not self.having(name):
            self.spellings.pop(name.casefold(), None)

    def having(self, name: str) -> list[int]:
        return [number for number in IDS if name.casefold() in self.pictures[number].tags]

    def replace(self, name: str, by: str) -> None:
        if name.casefold() != by.casefold() and (having := self.having(name)):
            self.untag(having, name)
            self.tag(having, by)

    def seen(self) -> dict[str, Any]:
        """In the form in which the library tells it."""
        return {
            "pictures": [
                (
                    one.rating,
                    one.is_favourite,
                    one.notes,
                    _sorted(self.spellings[tag] for tag in one.tags),
                    _sorted(name for name, ids in self.albums.values() if number in ids),
                )
                for number, one in self.pictures.items()
            ],
            "tags": [(name, len(self.having(name))) for name in _sorted(self.spellings.values())],
            "albums": {key: (name, ids) for key, (name, ids) in self.albums.items()},
            "searches": self.searches,
        }


def _sorted(texts: Any) -> tuple[str, ...]:
    return tuple(sorted(texts, key=lambda text: (text.casefold(), text)))


def moved_before(order: list[int], ids: list[int], before: int | None) -> list[int]:
    stays = [one for one in order if one not in ids]
    behind = order[order.index(before) :] if before in order else []
    anchor = next((one for one in behind if one not in ids), None)
    place = len(stays) if anchor is None else stays.index(anchor)
    return stays[:place] + [one for one in ids if one in order] + stays[place:]


class CurationMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(Path(self.folder.name) / "library.sqlite3")
        self.library = Library(self.database)
        self.curation = Curation(self.database)
        self.expected = Expected()
        self.done: list[tuple[Change, Expected]] = []
        self.undone: list[tuple[Change, Expected]] = []
        self.all: list[Change] = []

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @initialize()
    def add_pictures(self) -> None:
        request = GenerationRequest("a fox", "sketch")
        images = [
            NewImage(f"{number}.png", "", 1, "", 64, 48, from_stamp(0), "", "", "", request)
            for number in IDS
        ]
        self.database.write(lambda one: [self.library.add_in(one, image) for image in images])

    def did(self, change: Change | None, after: Expected) -> None:
        """A deed was done; one that changes nothing is none."""
        assert (change is None) == (after.seen() == self.expected.seen())
        if change is not None:
            self.done.append((change, self.expected))
            self.all.append(change)
            self.undone.clear()
            self.expected = after

    def does(self, deed: Callable[[], Change | None], *, may: bool, after: Expected) -> None:
        """A deed is done, or refused because a name is taken."""
        try:
            change = deed()
        except NameTakenError:
            assert not may
        else:
            assert may
            self.did(change, after)

    def copy(self) -> Expected:
        return copy.deepcopy(self.expected)

    @rule(ids=some_ids, rating=st.integers(0, 5))
    def rate(self, ids: list[int], rating: int) -> None:
        after = self.copy()
        for image_id in ids:
            after.pictures[image_id].rating = rating
        self.did(self.curation.set_rating(ids, rating), after)

    @rule(ids=some_ids, value=st.booleans())
    def favourite(self, ids: list[int], value: bool) -> None:
        after = self.copy()
        for image_id in ids:
            after.pictures[image_id].is_favourite = value
        self.did(self.curation.set_favourite(ids, value), after)

    @rule(image_id=st.sampled_from(IDS), notes=st.text("ab\n", max_size=3))
    def note(self, image_id: int, notes: str) -> None:
        after = self.copy()
        after.pictures[image_id].notes = notes
        self.did(self.curation.set_notes(image_id, notes), after)

    @rule(ids=some_ids, tags=some_names)
    def tag(self, ids: list[int], tags: list[str]) -> None:
        after = self.copy()
        for name in tags:
            after.tag(ids, name)
        self.did(self.curation.add_tags(ids, tags), after)

    @rule(ids=some_ids, tags=some_names)
    def untag(self, ids: list[int], tags: list[str]) -> None:
        after = self.copy()
        for name in tags:
            after.untag(ids, name)
        self.did(self.curation.remove_tags(ids, tags), after)

    @rule(old=names, new=names)
    def rename_tag(self, old: str, new: str) -> None:
        after, is_same = self.copy(), old.casefold() == new.casefold()
        if is_same and old.casefold() in after.spellings:
            after.spellings[old.casefold()] = new
        elif not is_same:
            after.replace(old, new)
        may = is_same or new.casefold() not in self.expected.spellings
        self.does(lambda: self.curation.rename_tag(old, new), may=may, after=after)

    @rule(tags=some_names, into=names)
    def merge_tags(self, tags: list[str], into: str) -> None:
        after = self.copy()
        for name in tags:
            after.replace(name, into)
        self.did(self.curation.merge_tags(tags, into), after)

    @rule(name=names)
    def delete_tag(self, name: str) -> None:
        after = self.copy()
        after.untag(list(IDS), name)
        self.did(self.curation.delete_tag(name), after)

    @rule(name=names, ids=st.lists(st.sampled_from(IDS), unique=True))
    def make_album(self, name: str, ids: list[int]) -> None:
        after = self.copy()
        try:
            change = self.curation.make_album(name, ids)
        except NameTakenError:
            assert self.is_album(name)
            return
        assert change.made_id is not None
        assert change.made_id not in after.albums
        after.albums[change.made_id] = (name, ids)
        self.did(change, after)

    def is_album(self, name: str, but: int | None = None) -> bool:
        others = (other for key, (other, _) in self.expected.albums.items() if key != but)
        return name.casefold() in map(str.casefold, others)

    @precondition(lambda self: self.expected.albums)
    @rule(data=st.data(), name=names)
    def rename_album(self, data: st.DataObject, name: str) -> None:
        album_id = data.draw(st.sampled_from(sorted(self.expected.albums)))
        after = self.copy()
        after.albums[album_id] = (name, after.albums[album_id][1])
        may = not self.is_album(name, but=album_id)
        self.does(lambda: self.curation.rename_album(album_id, name), may=may, after=after)

    @precondition(lambda self: self.expected.albums)
    @rule(data=st.data())
    def delete_album(self, data: st.DataObject) -> None:
        album_id = data.draw(st.sampled_from(sorted(self.expected.albums)))
        after = self.copy()
        del after.albums[album_id]
        self.did(self.curation.delete_album(album_id), after)

    @precondition(lambda self: self.expected.albums)
    @rule(data=st.data(), ids=some_ids, before=anchors)
    def add_to_album(self, data: st.DataObject, ids: list[int], before: int | None) -> None:
        album_id = data.draw(st.sampled_from(sorted(self.expected.albums)))
        after = self.copy()
        order = after.albums[album_id][1]
        place = order.index(before) if before in order else len(order)
        order[place:place] = [one for one in ids if one not in order]
        self.did(self.curation.add_to_album(album_id, ids, before), after)

    @precondition(lambda self: self.expected.albums)
    @rule(data=st.data(), ids=some_ids)
    def remove_from_album(self, data: st.DataObject, ids: list[int]) -> None:
        album_id = data.draw(st.sampled_from(sorted(self.expected.albums)))
        after = self.copy()
        order = after.albums[album_id][1]
        order[:] = [one for one in order if one not in ids]
        self.did(self.curation.remove_from_album(album_id, ids), after)

    @precondition(lambda self: self.expected.albums)
    @rule(data=st.data(), ids=some_ids, before=anchors)
    def move_in_album(self, data: st.DataObject, ids: list[int], before: int | None) -> None:
        album_id = data.draw(st.sampled_from(sorted(self.expected.albums)))
        after = self.copy()
        order = after.albums[album_id][1]
        order[:] = moved_before(order, ids, before)
        self.did(self.curation.move_in_album(album_id, ids, before), after)

    @rule(name=names, text=st.sampled_from(["fox", "tag:zoo"]))
    def save_search(self, name: str, text: str) -> None:
        after = self.copy()
        taken = [other.casefold() for other, _ in after.searches.values()]
        try:
            change = self.curation.save_search(name, text, SortOrder.RATING)
        except NameTakenError:
            assert name.casefold() in taken
            return
        assert change.made_id is not None
        after.searches[change.made_id] = (name, text)
        self.did(change, after)

    @precondition(lambda self: self.expected.searches)
    @rule(data=st.data())
    def delete_search(self, data: st.DataObject) -> None:
        search_id = data.draw(st.sampled_from(sorted(self.expected.searches)))
        after = self.copy()
        del after.searches[search_id]
        self.did(self.curation.delete_search(search_id), after)

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        change, before = self.done.pop()
        again = self.curation.revert(change)
        assert again is not None
        self.undone.append((again, self.expected))
        self.expected = before

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        again, after = self.undone.pop()
        change = self.curation.revert(again)
        assert change is not None
        self.done.append((change, self.expected))
        self.expected = after

    @precondition(lambda self: self.all)
    @rule(data=st.data())
    def undo_out_of_order_and_redo(self, data: st.DataObject) -> None:
        change = data.draw(st.sampled_from(self.all))
        again = self.curation.revert(change)
        self.copies_are_true()
        if again is not None:
            self.curation.revert(again)

    @invariant()
    def all_is_as_expected(self) -> None:
        records = [self.library.get(number) for number in IDS]
        if None in records:
            return
        seen = {
            "pictures": [
                (one.rating, one.is_favourite, one.notes, one.tags, one.albums)
                for one in records
                if one
            ],
            "tags": [(tag.name, tag.count) for tag in self.curation.tags()],
            "albums": {one.id: (one.name, self.order(one.id)) for one in self.curation.albums()},
            "searches": {one.id: (one.name, one.text) for one in self.curation.saved_searches()},
        }
        assert seen == self.expected.seen()

    @invariant()
    def copies_are_true(self) -> None:
        for table, links, link in (
            ("tags", "image_tags", "tag_id"),
            ("albums", "album_images", "album_id"),
        ):
            found = self.one(
                f"""SELECT json_group_array(json_array({table}, (
                        SELECT json_group_array(name) FROM {links} JOIN {table} AS named
                        ON named.id = {link} WHERE image_id = images.id))) FROM images"""
            )
            for lines, named in json.loads(found):
                assert lines == "\n".join(_sorted(named))
        self.database.write(
            lambda connection: (
                connection.execute(
                    "INSERT INTO images_text (images_text, rank) VALUES ('integrity-check', 1)"
                ).rowcount
            )
        )

    def order(self, album_id: int) -> list[int]:
        statement = f"""SELECT json_group_array(image_id) FROM (
                            SELECT image_id FROM album_images WHERE album_id = {album_id}
                            ORDER BY position, image_id)"""
        return json.loads(self.one(statement))

    def one(self, statement: str) -> str:
        return self.database.read(lambda one: one.execute(statement).fetchone()[0])


TestCuration = CurationMachine.TestCase
TestCuration.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
