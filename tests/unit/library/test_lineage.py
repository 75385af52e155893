import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import ImageRecord, NewImage
from algovera_desktop.library import lineage
from algovera_desktop.library.database import Database
from algovera_desktop.library.lineage import Lineage
from algovera_desktop.library.store import Library


class Family:
    def __init__(self, folder: Path) -> None:
        self.database = Database(folder / "library.sqlite")
        self.library = Library(self.database)
        self.lineage = Lineage(self.database)

    def add(self, name: str, sha256: str, parent: str = "") -> ImageRecord:
        image = NewImage(
            path=f"{name}.png",
            sha256=sha256,
            size_bytes=1,
            media_type="image/png",
            width=8,
            height=8,
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
            server_name="",
            model_title="",
            job_id="",
            request=GenerationRequest(name, "sketch"),
            parent_sha256=parent,
        )
        return self.database.write(lambda connection: self.library.add_in(connection, image))


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    family = Family(tmp_path)
    yield family
    family.database.close()


def names(records: list[ImageRecord]) -> list[str]:
    return [record.request.prompt for record in records]


def test_the_nearest_parent_comes_first(family: Family):
    family.add("grandmother", "a")
    family.add("mother", "b", "a")
    child = family.add("child", "c", "b")
    assert names(family.lineage.parents(child)) == ["mother", "grandmother"]
    assert names(family.lineage.parents(child, limit=1)) == ["mother"]


def test_children_come_in_the_order_in_which_they_were_made(family: Family):
    mother = family.add("mother", "b")
    family.add("first", "c", "b")
    family.add("stranger", "d")
    family.add("second", "e", "b")
    assert names(family.lineage.children(mother)) == ["first", "second"]
    assert names(family.lineage.children(mother, limit=1)) == ["first"]


def test_a_picture_without_a_parent_is_no_child_of_others_without_one(family: Family):
    lone = family.add("lone", "a")
    family.add("other", "b")
    assert family.lineage.parents(lone) == []
    assert family.lineage.children(lone) == []


def test_the_trash_is_passed_over(family: Family):
    family.add("grandmother", "a")
    mother = family.add("mother", "b", "a")
    child = family.add("child", "c", "b")
    family.library.trash([mother.id, child.id])
    assert names(family.lineage.parents(child)) == ["grandmother"]
    assert family.lineage.children(mother) == []


def test_a_copy_that_is_not_in_the_trash_stands_for_the_one_that_is(family: Family):
    first = family.add("thrown away", "a")
    family.add("copy", "a")
    child = family.add("child", "c", "a")
    family.library.trash([first.id])
    assert names(family.lineage.parents(child)) == ["copy"]


def test_a_circle_ends(family: Family):
    family.add("hen", "a", "b")
    egg = family.add("egg", "b", "a")
    assert names(family.lineage.parents(egg)) == ["hen"]
    narcissus = family.add("narcissus", "c", "c")
    assert family.lineage.parents(narcissus) == []
    assert family.lineage.children(narcissus) == []


def test_nothing_is_looked_for_by_going_through_the_table(family: Family):
    def plans(connection: sqlite3.Connection) -> list[str]:
        return [
            row["detail"]
            for statement, values in (
                (lineage._BY_HASH, ("a",)),
                (lineage._CHILDREN, ("a", 12)),
            )
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    searched = family.database.read(plans)
    assert not [detail for detail in searched if detail.startswith("SCAN")]
    assert any("images_sha256" in detail for detail in searched)
    assert any("images_parent" in detail for detail in searched)
