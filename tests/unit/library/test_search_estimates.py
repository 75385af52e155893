"""What is told of a library by a look at a part of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from algovera_desktop.library import search_estimates
from algovera_desktop.library.database import Database
from algovera_desktop.library.query.sql import Clause
from algovera_desktop.library.search_estimates import Estimates

COUNT = 12_000
"""Three times as many as are looked at."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Each fourth picture has "fox", each thousandth "rare" and five stars."""
    with closing(Database(tmp_path_factory.mktemp("library") / "library.sqlite3")) as opened:
        opened.write(
            lambda connection: connection.execute(
                """WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                   INSERT INTO images (path, sha256, size_bytes, media_type, width, height,
                       created_at, server_name, model_title, job_id, prompt, negative_prompt,
                       model, asked_width, asked_height, steps, guidance_scale, seed, rating)
                   SELECT i, i, 1, 'image/png', 8, 8, i, '', '', '',
                       iif(i % 4, 'kaleidoscopically', 'a fox') || iif(i % 1000, '', ' rare'),
                       '', '', 8, 8, 20, 7.5, i, iif(i % 1000, 0, 5) FROM n""",
                (COUNT,),
            )
        )
        opened.read(lambda connection: Estimates(connection).total)
        yield opened


def test_what_is_rare_is_counted_exactly(database: Database) -> None:
    found = database.read(lambda connection: Estimates(connection).matches('"rare"'))
    assert found == COUNT / 1000


def test_what_is_common_is_told_from_a_sample(database: Database) -> None:
    found = database.read(lambda connection: Estimates(connection).matches('"fox"*'))
    assert found == pytest.approx(COUNT / 4, rel=0.1)


def test_a_beginning_too_long_for_the_index_is_counted_so_far_and_no_further(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_estimates, "_GATHERED", 2500)
    found = database.read(lambda connection: Estimates(connection).matches('"kaleidoscopic"*'))
    assert found == 2500


@pytest.mark.parametrize(
    ("condition", "share"),
    [("images.seed % 2 = 0", 0.5), ("images.seed % 4 = 0", 0.25), ("1", 1.0)],
)
def test_the_share_of_a_condition_is_about_right(
    database: Database, condition: str, share: float
) -> None:
    clause = Clause(f"images.trashed_at IS NULL AND {condition}")
    found = database.read(lambda connection: Estimates(connection).share(clause))
    assert found == pytest.approx(share, rel=0.1)


def test_what_was_not_met_may_still_be_there(database: Database) -> None:
    clause = Clause("images.trashed_at IS NULL AND images.rating = 4")
    found = database.read(lambda connection: Estimates(connection).share(clause))
    assert 0 < found < 0.001


def test_an_empty_library_has_estimates_too(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "library.sqlite3")) as empty:
        estimates = empty.read(lambda connection: Estimates(connection).total)
    assert estimates == 1
