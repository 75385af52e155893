"""What the artist makes of pictures: changed, listed, taken back."""

import sqlite3
from collections.abc import Callable

import pytest

from algovera_desktop.domain.errors import NameRefusedError, NameTakenError
from algovera_desktop.domain.images import ImageRecord, SortOrder
from algovera_desktop.library.album_places import STRIDE
from algovera_desktop.library.albums import Album
from algovera_desktop.library.changes import Change
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.saved_searches import SavedSearch
from algovera_desktop.library.store import Library
from algovera_desktop.library.tags import Tag


class World:
    """A library with pictures 1 to ``count``, and looks at it."""

    def __init__(self, database: Database, count: int) -> None:
        self.database = database
        self.library = Library(database)
        self.curation = Curation(database)
        database.write(lambda connection: _add(connection, count))

    def record(self, image_id: int) -> ImageRecord:
        record = self.library.get(image_id)
        assert record is not None
        return record

    def tags(self, *ids: int) -> list[tuple[str, ...]]:
        return [self.record(image_id).tags for image_id in ids]

    def albums(self, *ids: int) -> list[tuple[str, ...]]:
        return [self.record(image_id).albums for image_id in ids]

    def make_album(self, name: str, *ids: int) -> int:
        album_id = self.curation.make_album(name, ids).made_id
        assert album_id is not None
        return album_id

    def order(self, album_id: int) -> list[int]:
        statement = """SELECT image_id FROM album_images WHERE album_id = ?
                       ORDER BY position, image_id"""
        rows = self.database.read(
            lambda connection: connection.execute(statement, (album_id,)).fetchall()
        )
        return [row[0] for row in rows]

    def due(self, image_id: int) -> int:
        statement = "SELECT sidecar_due FROM images WHERE id = ?"
        return self.database.read(
            lambda connection: connection.execute(statement, (image_id,)).fetchone()[0]
        )

    def found(self, word: str) -> list[int]:
        statement = "SELECT rowid FROM images_text WHERE images_text MATCH ? ORDER BY rowid"
        rows = self.database.read(
            lambda connection: connection.execute(statement, (word,)).fetchall()
        )
        return [row[0] for row in rows]


@pytest.fixture
def world(database: Database) -> World:
    return World(database, 6)


def _add(connection: sqlite3.Connection, count: int) -> None:
    connection.execute(
        """WITH RECURSIVE numbers (number) AS (
               VALUES (1) UNION ALL SELECT number + 1 FROM numbers WHERE number < ?
           )
           INSERT INTO images
               (path, sha256, size_bytes, media_type, width, height, created_at, server_name,
                model_title, job_id, prompt, negative_prompt, model, asked_width, asked_height,
                steps, guidance_scale, seed)
           SELECT number || '.png', printf('%064x', number), 1, 'image/png', 64, 48, 0,
                  'This computer', 'Sketch', '', 'a fox', '', 'sketch', 64, 48, 1, 1.0, number
           FROM numbers""",
        (count,),
    )


def ids_of(change: Change | None) -> list[int]:
    assert change is not None
    return sorted(change.image_ids)


def test_a_rating_touches_those_that_had_another_one(world: World) -> None:
    world.curation.set_rating([2], 4)
    change = world.curation.set_rating([1, 2, 3], 4)
    assert ids_of(change) == [1, 3]
    assert [world.record(number).rating for number in range(1, 5)] == [4, 4, 4, 0]
    assert [world.due(number) for number in range(1, 5)] == [1, 1, 1, 0]
    assert world.curation.set_rating([1, 2, 3], 4) is None


def test_each_picture_gets_its_own_rating_back(world: World) -> None:
    for image_id, rating in ((1, 1), (2, 5)):
        world.curation.set_rating([image_id], rating)
    change = world.curation.set_rating([1, 2, 3], 3)
    assert change is not None
    again = world.curation.revert(change)
    assert [world.record(number).rating for number in (1, 2, 3)] == [1, 5, 0]
    assert again is not None
    world.curation.revert(again)
    assert [world.record(number).rating for number in (1, 2, 3)] == [3, 3, 3]
    assert world.due(1) == 4


def test_what_was_rated_anew_since_stays_as_it_is(world: World) -> None:
    first = world.curation.set_rating([1, 2], 3)
    world.curation.set_rating([2], 5)
    assert first is not None
    assert ids_of(world.curation.revert(first)) == [1]
    assert [world.record(number).rating for number in (1, 2)] == [0, 5]


@pytest.mark.parametrize("rating", [-1, 6])
def test_no_picture_has_more_stars_than_there_are(world: World, rating: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 5"):
        world.curation.set_rating([1], rating)


def test_favourites_come_and_go(world: World) -> None:
    change = world.curation.set_favourite([1, 2], True)
    assert [world.record(number).is_favourite for number in (1, 2, 3)] == [True, True, False]
    assert change is not None
    world.curation.revert(change)
    assert not world.record(1).is_favourite
    assert world.curation.set_favourite([1, 2], False) is None


def test_notes_are_kept_as_typed_and_found(world: World) -> None:
    change = world.curation.set_notes(1, "  für Ida 🦊\nzweite Zeile\n")
    assert world.record(1).notes == "  für Ida 🦊\nzweite Zeile\n"
    assert world.found("ida") == [1]
    assert change is not None
    world.curation.revert(change)
    assert (world.record(1).notes, world.found("ida")) == ("", [])


def test_notes_lose_only_what_no_text_can_hold(world: World) -> None:
    world.curation.set_notes(1, "half \ud83e and \0 nothing")
    assert world.record(1).notes == "half ? and  nothing"


def test_tags_stand_in_the_records_as_people_sort_and_are_found(world: World) -> None:
    change = world.curation.add_tags([1, 2], ["fox", "Bear", "ÄRA", "ärb", " zoo "])
    assert world.tags(1, 3) == [("Bear", "fox", "zoo", "ÄRA", "ärb"), ()]
    assert ids_of(change) == [1, 2]
    assert world.found("bear") == [1, 2]
    assert world.curation.tags() == [Tag(name, 2) for name in ("Bear", "fox", "zoo", "ÄRA", "ärb")]


def test_a_tag_is_the_same_in_any_capitals_of_any_script(world: World) -> None:
    world.curation.add_tags([1], ["Füchse", "ÄÖ", "Straße"])
    assert world.curation.add_tags([1], ["FÜCHSE", "äö", "STRASSE", "fu\u0308chse"]) is None
    world.curation.add_tags([2], ["füchse"])
    assert world.tags(2) == [("Füchse",)]


def test_only_what_was_put_on_is_taken_off_again(world: World) -> None:
    world.curation.add_tags([1], ["fox"])
    change = world.curation.add_tags([1, 2], ["fox", "snow"])
    assert change is not None
    world.curation.revert(change)
    assert world.tags(1, 2) == [("fox",), ()]
    assert world.curation.tags() == [Tag("fox", 1)]


def test_tags_taken_off_come_back_where_they_were(world: World) -> None:
    world.curation.add_tags([1, 2], ["fox"])
    world.curation.add_tags([2, 3], ["snow"])
    change = world.curation.remove_tags([1, 2, 3, 4], ["FOX", "snow", "nothing"])
    assert ids_of(change) == [1, 2, 3]
    assert world.curation.tags() == []
    assert change is not None
    world.curation.revert(change)
    assert world.tags(1, 2, 3) == [("fox",), ("fox", "snow"), ("snow",)]


def test_a_renamed_tag_gets_its_name_back(world: World) -> None:
    world.curation.add_tags([1, 2], ["fox"])
    change = world.curation.rename_tag("fox", "vixen")
    assert world.tags(1, 2) == [("vixen",), ("vixen",)]
    world.curation.add_tags([3], ["vixen"])
    assert change is not None
    world.curation.revert(change)
    assert world.tags(1, 2, 3) == [("fox",), ("fox",), ("vixen",)]


def test_a_tag_can_get_other_capitals(world: World) -> None:
    world.curation.add_tags([1], ["äpfel"])
    change = world.curation.rename_tag("ÄPFEL", "Äpfel")
    assert world.tags(1) == [("Äpfel",)]
    assert change is not None
    world.curation.revert(change)
    assert world.tags(1) == [("äpfel",)]
    assert world.curation.rename_tag("äpfel", "äpfel") is None
    assert world.curation.rename_tag("pear", "Pear") is None


def test_a_tag_is_not_renamed_to_another_one_by_accident(world: World) -> None:
    world.curation.add_tags([1], ["fox"])
    world.curation.add_tags([2], ["Füchsin"])
    with pytest.raises(NameTakenError):
        world.curation.rename_tag("fox", "FÜCHSIN")
    assert world.tags(1, 2) == [("fox",), ("Füchsin",)]


def test_merged_tags_come_apart_again(world: World) -> None:
    world.curation.add_tags([1, 2], ["fox"])
    world.curation.add_tags([2, 3], ["foxes"])
    world.curation.add_tags([3, 4], ["vixen"])
    change = world.curation.merge_tags(["foxes", "fox", "vixen"], "Fox")
    assert world.tags(1, 2, 3, 4) == [("fox",)] * 4
    assert ids_of(change) == [2, 3, 4]
    assert change is not None
    again = world.curation.revert(change)
    assert world.tags(1, 2, 3, 4) == [("fox",), ("fox", "foxes"), ("foxes", "vixen"), ("vixen",)]
    assert again is not None
    world.curation.revert(again)
    assert world.tags(1, 2, 3, 4) == [("fox",)] * 4


def test_a_deleted_tag_comes_back_to_its_pictures(world: World) -> None:
    world.curation.add_tags([1, 5], ["fox"])
    change = world.curation.delete_tag("fox")
    assert (world.tags(1, 5), world.found("tags : fox")) == ([(), ()], [])
    assert change is not None
    world.curation.revert(change)
    assert (world.tags(1, 5), world.found("tags : fox")) == ([("fox",), ("fox",)], [1, 5])


@pytest.mark.parametrize(
    "name", ["", "  ", "two\nlines", "a\tb", "x" * 101, "half \ud83e", "\u2028"]
)
def test_a_name_is_one_line_with_something_in_it(world: World, name: str) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: world.curation.add_tags([1], ["good", name]),
        lambda: world.curation.make_album(name),
        lambda: world.curation.save_search(name, "fox", SortOrder.NEWEST),
    ]
    for attempt in attempts:
        with pytest.raises(NameRefusedError):
            attempt()
    assert (world.curation.tags(), world.curation.albums()) == ([], [])


def test_the_trash_is_curated_too_but_not_counted(world: World) -> None:
    world.library.trash([1])
    world.curation.add_tags([1, 2], ["fox"])
    world.curation.add_tags([1], ["snow"])
    world.make_album("Best", 1, 2)
    assert world.tags(1, 2) == [("fox", "snow"), ("fox",)]
    assert world.curation.tags() == [Tag("fox", 1)]
    assert world.curation.albums() == [Album(1, "Best", 1)]
    world.library.restore([1])
    assert world.curation.tags() == [Tag("fox", 2), Tag("snow", 1)]


def test_an_album_keeps_the_order_it_is_given(world: World) -> None:
    album_id = world.make_album("Best", 3, 1)
    world.curation.add_to_album(album_id, [5, 1, 2])
    assert world.order(album_id) == [3, 1, 5, 2]
    world.curation.add_to_album(album_id, [6, 4], before=1)
    assert world.order(album_id) == [3, 6, 4, 1, 5, 2]
    assert world.curation.albums() == [Album(album_id, "Best", 6)]
    assert world.curation.add_to_album(album_id, [6, 4], before=3) is None


def test_a_picture_can_be_in_several_albums(world: World) -> None:
    first, second = world.make_album("zoo", 1, 2), world.make_album("Art", 2)
    assert world.albums(1, 2, 3) == [("zoo",), ("Art", "zoo"), ()]
    assert world.found("albums : art") == [2]
    change = world.curation.remove_from_album(first, [1, 2, 3])
    assert world.albums(1, 2) == [(), ("Art",)]
    assert world.order(second) == [2]
    assert change is not None
    world.curation.revert(change)
    assert world.order(first) == [1, 2]


@pytest.mark.parametrize(
    ("ids", "before", "order"),
    [
        ([5], 1, [5, 1, 2, 3, 4, 6]),
        ([1], None, [2, 3, 4, 5, 6, 1]),
        ([6, 1], 4, [2, 3, 6, 1, 4, 5]),
        ([3, 4], 3, [1, 2, 3, 4, 5, 6]),
        ([4, 3], 3, [1, 2, 4, 3, 5, 6]),
        ([6], 6, [1, 2, 3, 4, 5, 6]),
        ([2, 6], 6, [1, 3, 4, 5, 2, 6]),
        ([2], 99, [1, 3, 4, 5, 6, 2]),
    ],
)
def test_pictures_move_before_another_one(
    world: World, ids: list[int], before: int | None, order: list[int]
) -> None:
    album_id = world.make_album("Best", 1, 2, 3, 4, 5, 6)
    change = world.curation.move_in_album(album_id, ids, before)
    assert world.order(album_id) == order
    if change is None:
        assert order == [1, 2, 3, 4, 5, 6]
        return
    assert set(change.image_ids) <= set(ids)
    world.curation.revert(change)
    assert world.order(album_id) == [1, 2, 3, 4, 5, 6]


def test_a_move_to_where_a_picture_stands_is_none(world: World) -> None:
    album_id = world.make_album("Best", 3, 2, 1)
    world.curation.remove_from_album(album_id, [2])
    assert world.curation.move_in_album(album_id, [3], 1) is None
    world.curation.add_to_album(album_id, [5, 6], before=3)
    world.curation.remove_from_album(album_id, [3, 1])
    assert world.curation.move_in_album(album_id, [5, 6], None) is None
    assert world.order(album_id) == [5, 6]


def test_there_is_always_room_between_two_pictures(world: World) -> None:
    album_id = world.make_album("Best", 1, 2, 3)
    changes: list[Change | None] = []
    for number in range(3 * STRIDE.bit_length()):
        moved, other = ((3, 1), (1, 3))[number % 2]
        changes.append(world.curation.move_in_album(album_id, [moved], 2))
        assert world.order(album_id) == [other, moved, 2]
        changes.append(world.curation.move_in_album(album_id, [other], None))
    for change in reversed(changes):
        assert change is not None
        world.curation.revert(change)
    assert world.order(album_id) == [1, 2, 3]


def test_a_deleted_album_comes_back_with_its_pictures_in_their_order(world: World) -> None:
    album_id = world.make_album("Best", 4, 2, 3)
    change = world.curation.delete_album(album_id)
    assert (world.curation.albums(), world.albums(2)) == ([], [()])
    assert change is not None
    again = world.curation.revert(change)
    assert world.curation.albums() == [Album(album_id, "Best", 3)]
    assert (world.order(album_id), world.albums(2)) == ([4, 2, 3], [("Best",)])
    assert again is not None
    world.curation.revert(again)
    assert world.curation.albums() == []


def test_an_album_whose_name_was_taken_comes_back_under_one_like_it(world: World) -> None:
    deleted = world.curation.delete_album(world.make_album("Fjäll", 1))
    world.make_album("FJÄLL")
    assert deleted is not None
    world.curation.revert(deleted)
    assert [album.name for album in world.curation.albums()] == ["Fjäll (2)", "FJÄLL"]
    assert world.albums(1) == [("Fjäll (2)",)]


def test_to_take_back_the_making_of_an_album_keeps_what_was_put_in_since(world: World) -> None:
    made = world.curation.make_album("Best", [1])
    assert made.made_id is not None
    world.curation.add_to_album(made.made_id, [2])
    again = world.curation.revert(made)
    assert world.curation.albums() == []
    assert again is not None
    world.curation.revert(again)
    assert world.order(made.made_id) == [1, 2]


def test_what_was_in_a_deleted_album_cannot_be_changed_and_nothing_breaks(world: World) -> None:
    album_id = world.make_album("Best", 1)
    added = world.curation.add_to_album(album_id, [2])
    removed = world.curation.remove_from_album(album_id, [1])
    world.curation.delete_album(album_id)
    assert world.curation.add_to_album(album_id, [3]) is None
    assert world.curation.rename_album(album_id, "Worst") is None
    assert world.curation.delete_album(album_id) is None
    assert added is not None
    assert removed is not None
    assert world.curation.revert(added) is None
    assert world.curation.revert(removed) is None


def test_a_renamed_album_is_renamed_in_its_pictures(world: World) -> None:
    album_id, other_id = world.make_album("Best", 1), world.make_album("Worst")
    change = world.curation.rename_album(album_id, " BEST of all ")
    assert (ids_of(change), world.albums(1)) == ([1], [("BEST of all",)])
    with pytest.raises(NameTakenError):
        world.curation.rename_album(other_id, "best OF all")
    assert change is not None
    world.curation.revert(change)
    assert [album.name for album in world.curation.albums()] == ["Best", "Worst"]


@pytest.mark.parametrize(
    ("moved", "before", "order"),
    [
        ("C", "A", "CABD"),
        ("A", "C", "BACD"),
        ("A", None, "BCDA"),
        ("D", "gone", "ABCD"),
        ("B", "gone", "ACDB"),
        ("B", "C", "ABCD"),
        ("B", "B", "ABCD"),
        ("gone", "A", "ABCD"),
    ],
)
def test_albums_are_put_in_order_and_back(
    world: World, moved: str, before: str | None, order: str
) -> None:
    ids = {name: world.make_album(name, 1) for name in "ABCD"} | {"gone": 99}
    due = world.due(1)
    change = world.curation.move_album(ids[moved], None if before is None else ids[before])
    assert "".join(album.name for album in world.curation.albums()) == order
    assert (change is None) == (order == "ABCD")
    # Where an album stands among others is in no picture's file.
    assert world.due(1) == due
    if change is not None:
        assert change.touches_lists
        again = world.curation.revert(change)
        assert "".join(album.name for album in world.curation.albums()) == "ABCD"
        assert again is not None
        world.curation.revert(again)
        assert "".join(album.name for album in world.curation.albums()) == order


def test_a_new_album_and_one_that_comes_back_have_a_place_after_a_move(world: World) -> None:
    first, _, third = (world.make_album(name) for name in "ABC")
    deleted = world.curation.delete_album(first)
    world.curation.move_album(third, None)
    world.make_album("D")
    assert deleted is not None
    world.curation.revert(deleted)
    assert [album.name for album in world.curation.albums()] == ["A", "B", "C", "D"]


def test_saved_searches_are_put_in_order_too(world: World) -> None:
    for name in "AB":
        world.curation.save_search(name, name, SortOrder.NEWEST)
    world.curation.move_search(2, 1)
    assert [one.name for one in world.curation.saved_searches()] == ["B", "A"]


def test_searches_are_kept_in_the_order_in_which_they_were_saved(world: World) -> None:
    saved = world.curation.save_search("Foxes", 'fox "in the snow"', SortOrder.RATING)
    other = world.curation.save_search("Bears", "bear", SortOrder.NEWEST)
    assert (saved.made_id, other.made_id) == (1, 2)
    with pytest.raises(NameTakenError):
        world.curation.save_search("foxes", "", SortOrder.NEWEST)
    foxes = SavedSearch(1, "Foxes", 'fox "in the snow"', SortOrder.RATING)
    bears = SavedSearch(2, "Bears", "bear", SortOrder.NEWEST)
    assert world.curation.saved_searches() == [foxes, bears]
    deleted, renamed = world.curation.delete_search(1), world.curation.rename_search(2, "Cubs")
    assert world.curation.saved_searches() == [SavedSearch(2, "Cubs", "bear", SortOrder.NEWEST)]
    for change in (deleted, renamed):
        assert change is not None
        world.curation.revert(change)
    assert world.curation.saved_searches() == [foxes, bears]


def test_pictures_that_are_gone_for_good_are_passed_over(world: World) -> None:
    change = world.curation.add_tags([1, 2, 99], ["fox"])
    album = world.curation.make_album("Best", [1, 99])
    world.database.write(lambda connection: connection.execute("DELETE FROM images WHERE id = 1"))
    removed = world.curation.remove_tags([2], ["fox"])
    for each in (removed, change, album):
        assert each is not None
        world.curation.revert(each)
    assert world.curation.tags() == []


def test_a_change_of_ten_thousand_is_one_and_goes_back(database: Database) -> None:
    world, everything = World(database, 10_000), range(1, 10_001)
    changes = [
        world.curation.set_rating(everything, 5),
        world.curation.add_tags(everything, ["fox", "snow"]),
        world.curation.make_album("All", everything),
        world.curation.rename_tag("fox", "vixen"),
    ]
    for change in changes:
        assert change is not None
        assert change.image_ids == tuple(everything)
    record = world.record(10_000)
    assert (record.rating, record.tags, record.albums) == (5, ("snow", "vixen"), ("All",))
    for change in reversed(changes):
        assert change is not None
        world.curation.revert(change)
    record = world.record(10_000)
    assert (record.rating, record.tags, record.albums) == (0, (), ())
    assert world.due(10_000) == 8
