from array import array
from collections.abc import Iterator

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.library.common_values import CommonValues, common_values
from algovera_desktop.library.curation import Curation
from algovera_desktop.library.database import Database

COUNT = 12_000
pytestmark = pytest.mark.left_to_module


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    """Pictures 1 to COUNT; each test has some for itself."""
    database = Database(tmp_path_factory.mktemp("library") / "library.sqlite")
    database.write(
        lambda connection: connection.execute(
            """WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?)
               INSERT INTO images (id, path, sha256, size_bytes, media_type, width, height,
                   created_at, server_name, model_title, job_id, prompt, negative_prompt, model,
                   asked_width, asked_height, steps, guidance_scale, seed)
               SELECT id, 'p' || id, 'h' || id, 1, 'image/png', 1, 1, 0, '', '', 'j' || id, 'fox',
                   '', 'sketch', 1, 1, 1, 1.0, id FROM n""",
            (COUNT,),
        )
    )
    yield database
    database.close()


@pytest.fixture
def curation(database) -> Curation:
    return Curation(database)


def look(database: Database, ids) -> CommonValues:
    return common_values(database, ids, CancelToken())


def test_untouched_pictures_have_nothing_in_common(database):
    assert look(database, range(1, 4)) == CommonValues(count=3)


def test_no_pictures_have_nothing(database):
    assert look(database, ()) == CommonValues()
    assert look(database, [COUNT + 1]) == CommonValues()


def test_tags_of_all_are_told_from_tags_of_some(database, curation):
    curation.add_tags([31, 32, 33], ["wolf", "Fox"])
    curation.add_tags([32], ["alone", "first"])
    curation.add_tags([32, 33], ["pair"])
    found = look(database, [31, 32, 33])
    assert found.tags == ("Fox", "wolf")
    assert found.some_tags == ("pair", "alone", "first")


def test_one_rating_is_told_and_several_are_mixed(database, curation):
    curation.set_rating([11, 12], 4)
    assert look(database, [11, 12]).rating == 4
    assert look(database, [11, 12, 13]).rating is None


def test_favourites_are_counted(database, curation):
    curation.set_favourite([21, 22], True)
    assert look(database, [21, 22, 23]).favourites == 2


def test_more_than_fit_in_one_statement_are_all_looked_at(database, curation):
    many = array("q", range(101, COUNT + 1))
    curation.add_tags(many, ["fox"])
    curation.set_rating([COUNT], 5)
    curation.add_tags([COUNT], ["last"])
    found = look(database, many)
    assert found == CommonValues(COUNT - 100, 0, None, ("Fox",), ("last",))


def test_a_look_that_nobody_wants_any_more_ends(database):
    token = CancelToken()
    token.cancel()
    with pytest.raises(JobCancelledError):
        common_values(database, range(1, 9), token)
