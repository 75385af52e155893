"""A real library on the disk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library

# How long one example takes says nothing on a machine that others use too.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "library.sqlite3")
    yield database
    database.close()


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database)


@pytest.fixture
def job() -> Job:
    return Job(
        id="3f2a9c1d5e704b1c9d0e8f7a6b5c4d3e",
        group_id="0" * 32,
        server_id="local",
        request=GenerationRequest("a fox in the snow", "sketch", seed=7),
        state=JobState.FETCHING,
        created_at=datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC),
        updated_at=datetime(2026, 11, 22, 14, 30, 9, tzinfo=UTC),
        remote_id="r-1",
    )
