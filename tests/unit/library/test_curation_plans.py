"""What is done to some pictures costs by their number, whatever the library holds besides."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.library.changes import Change
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database
from algovera_desktop.library.rows import from_stamp
from algovera_desktop.library.store import Library
from algovera_desktop.library.trash import Trash

SCANS = ("SCAN images", "SCAN image_tags", "SCAN album_images", "SCAN name_places")
REQUEST = GenerationRequest("a fox", "sketch")


class Deeds:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.curation = Curation(database)
        self.library = Library(database)
        self.trash = Trash(database)
        images = [
            NewImage(f"{n}", "", 1, "", 1, 1, from_stamp(0), "", "", "", REQUEST) for n in "ab"
        ]
        database.write(lambda one: [self.library.add_in(one, image) for image in images])
        self.curation.add_tags([1, 2], ["fox"])
        self.curation.make_album("Best", [1, 2])

    def rate(self) -> None:
        self.there_and_back(self.curation.set_rating([1], 3))

    def tag(self) -> None:
        self.there_and_back(self.curation.add_tags([1], ["snow"]))

    def rename_tag(self) -> None:
        self.there_and_back(self.curation.rename_tag("fox", "vixen"))

    def change_album(self) -> None:
        self.there_and_back(self.curation.move_in_album(1, [2], 1))
        self.there_and_back(self.curation.remove_from_album(1, [2]))
        self.there_and_back(self.curation.delete_album(1))

    def use_trash(self) -> None:
        self.library.trash([1, 2])
        self.library.restore([1])
        self.trash.claim([2])
        self.trash.release([2])
        self.trash.claim_oldest(datetime.now(UTC), 10)
        self.trash.forget([2])

    def there_and_back(self, change: Change | None) -> None:
        assert change is not None
        self.curation.revert(change)


@pytest.mark.parametrize(
    "deed", [Deeds.rate, Deeds.tag, Deeds.rename_tag, Deeds.change_album, Deeds.use_trash]
)
def test_no_deed_looks_at_every_picture(database: Database, deed: Callable[[Deeds], None]) -> None:
    deeds, statements = Deeds(database), list[str]()
    database.write(lambda one: one.set_trace_callback(statements.append))
    deed(deeds)
    database.write(lambda one: one.set_trace_callback(None))
    ours = {one for one in statements if not one.startswith(("--", "BEGIN", "COMMIT"))}
    assert ours
    for statement in ours:
        for step in database.write(lambda one, text=statement: plan(one, text)):
            assert not step.startswith(SCANS), statement


def plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    return [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
