"""What is found out of a term before the way to its pictures is chosen."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.library.database import Database
from algovera_desktop.library.query.drivers import Driver, driver
from algovera_desktop.library.query.nodes import Node, conjuncts
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.search_probes import Probes

COUNT = 30_000
"""More than are counted of a term."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Each thousandth picture has five stars, all others have four."""
    path = Path(tmp_path_factory.mktemp("library")) / "library.sqlite3"
    with closing(Database(path)) as opened:
        opened.write(
            lambda connection: connection.execute(
                """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                   INSERT INTO images (path, sha256, size_bytes, media_type, width, height,
                       created_at, server_name, model_title, job_id, prompt, negative_prompt,
                       model, asked_width, asked_height, steps, guidance_scale, seed, rating)
                   SELECT i, i, 1, 'image/png', 8, 8, i, '', '', '', '', '', '', 8, 8, 20, 7.5, i,
                       iif(i % 1000, 4, 5) FROM n""",
                (COUNT,),
            )
        )
        opened.read(lambda connection: connection.execute("SELECT 1 FROM images").fetchone())
        yield opened


def probes_of(database: Database, text: str) -> Probes:
    def drivers() -> Iterator[tuple[Node, Driver]]:
        for node in conjuncts(parse(text)):
            found = driver(node, Vocabulary())
            assert found is not None
            yield node, found

    return database.read(lambda connection: Probes(connection, drivers(), COUNT))


def test_a_rare_term_is_counted_with_the_stretch_that_it_lies_in(database: Database) -> None:
    probes = probes_of(database, "rating:5 rating:>=4")
    assert [(probe.count, probe.span) for probe in probes.known] == [(30, (1000, COUNT))]
    assert list(probes.spans) == [(1000, COUNT)]


def test_a_common_term_is_estimated_when_that_is_asked_for_and_has_no_stretch(
    database: Database,
) -> None:
    probes = probes_of(database, "rating:>=4")
    assert probes.smallest is None
    assert probes.look_further(lambda term: 29_000.0)
    assert not probes.look_further(lambda term: 1.0)
    assert [probe.count for probe in probes.known] == [29_000.0]
    assert list(probes.spans) == []


def test_an_estimate_is_no_less_than_what_was_counted(database: Database) -> None:
    probes = probes_of(database, "rating:>=4")
    probes.look_further(lambda term: 7.0)
    assert [probe.count for probe in probes.known] == [20_000]


def test_a_set_is_made_for_many_rows_and_not_for_few(database: Database) -> None:
    probes = probes_of(database, "rating:5")
    assert probes.worth_a_set(10, 0.7) is None
    assert probes.looks_us(10, 0.7) == 7.0
    assert probes.worth_a_set(10_000, 0.7) == probes.smallest
    assert probes.looks_us(10_000, 0.7) < 100


def test_a_set_of_nearly_everything_is_never_made(database: Database) -> None:
    probes = probes_of(database, "rating:>=4")
    probes.look_further(lambda term: float(COUNT))
    assert probes.worth_a_set(1e9, 4.0) is None
