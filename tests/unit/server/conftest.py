"""What holds for all of the server's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.postgres import PostgresServer, postgres_server

# Hypothesis would fail an example that a busy computer makes slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; its database is not empty."""
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Path | str:
    """Where a database may be: a file that is not there yet, or an empty database's address."""
    if request.param == "sqlite":
        return tmp_path / "deep" / "server.db"
    postgres.empty()
    return postgres.address
