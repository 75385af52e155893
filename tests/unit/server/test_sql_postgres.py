"""PostgreSQL keeps what SQLite keeps, and a server that goes and comes back loses nothing."""

from collections.abc import Iterator

import psycopg
import pytest

from algovera_desktop.domain.errors import LibraryBusyError, LibraryError, SchemaTooNewError
from algovera_desktop.server.database import Database
from algovera_desktop.server.sql import MIGRATIONS, Connection, statements
from algovera_desktop.server.sql_postgres import in_postgres_words
from support.postgres import PostgresServer, postgres_server

ADD_JOB = "INSERT INTO jobs (id, owner, state, request, created_at) VALUES (?, '', '', '', ?)"
MOMENT = 1_795_000_000.123456


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    postgres.empty()
    database = Database(postgres.address, alone=True)
    yield database
    database.close()


def add_job(database: Database, name: str) -> None:
    database.call(lambda connection: connection.execute(ADD_JOB, (name, MOMENT)))


def jobs(database: Database) -> list[tuple[str, float]]:
    return database.call(
        lambda connection: list(connection.execute("SELECT id, created_at FROM jobs ORDER BY id"))
    )


def test_a_moment_is_kept_to_the_microsecond(database: Database) -> None:
    add_job(database, "ö % ? %s")
    assert jobs(database) == [("ö % ? %s", MOMENT)]


def test_an_operation_that_fails_leaves_no_trace(database: Database) -> None:
    def operation(connection: Connection) -> None:
        connection.execute(ADD_JOB, ("a", MOMENT))
        raise KeyError

    with pytest.raises(KeyError):
        database.call(operation)
    assert jobs(database) == []


def test_what_holds_a_nul_is_found_nowhere(database: Database) -> None:
    add_job(database, "a")
    find = "SELECT count(*) FROM jobs WHERE id = ?"
    assert database.call(lambda c: c.execute(find, ("a\0",)).fetchone()) == (0,)


def test_a_server_that_went_and_came_back_is_found_again() -> None:
    with postgres_server() as mortal:
        database = Database(mortal.address, alone=True)
        add_job(database, "before")
        mortal.kill()
        with pytest.raises(LibraryBusyError, match="does not answer"):
            add_job(database, "meanwhile")
        mortal.start()
        add_job(database, "after")
        assert [name for name, _ in jobs(database)] == ["after", "before"]
        database.close()


def test_an_operation_whose_connection_broke_is_done_anew_and_once(
    database: Database, postgres: PostgresServer
) -> None:
    attempts: list[int] = []

    def operation(connection: Connection) -> None:
        (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone()
        connection.execute(ADD_JOB, (str(backend), MOMENT))
        attempts.append(backend)
        if len(attempts) == 1:
            with psycopg.connect(postgres.address) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (backend,))
            connection.execute("SELECT 1")

    database.call(operation)
    assert len(attempts) == 2
    assert [name for name, _ in jobs(database)] == [str(attempts[1])]


def test_a_second_server_is_kept_away_and_the_commands_are_not(
    database: Database, postgres: PostgresServer
) -> None:
    with pytest.raises(LibraryBusyError, match="Another server"):
        Database(postgres.address, alone=True)
    command = Database(postgres.address)
    add_job(command, "a")
    command.close()
    assert [name for name, _ in jobs(database)] == ["a"]


def test_a_database_of_a_later_version_is_left_alone(
    database: Database, postgres: PostgresServer
) -> None:
    database.call(lambda connection: connection.execute("UPDATE schema_version SET version = 99"))
    with pytest.raises(SchemaTooNewError):
        Database(postgres.address)


def test_a_database_of_an_earlier_version_is_brought_up_to_date(postgres: PostgresServer) -> None:
    postgres.empty()
    with psycopg.connect(postgres.address) as connection:
        for statement in statements(MIGRATIONS[0]):
            connection.execute(in_postgres_words(statement).encode())
        connection.execute("CREATE TABLE schema_version (version BIGINT)")
        connection.execute("INSERT INTO schema_version VALUES (1)")
    database = Database(postgres.address)
    add_job(database, "a")
    versions = database.call(lambda c: list(c.execute("SELECT version FROM schema_version")))
    assert versions == [(len(MIGRATIONS),)]
    database.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:S3cret@127.0.0.1:1/studio",
        "postgresql://me:S3cret@127.0.0.1:port/studio",
        "postgresql://me:S3cret@127.0.0.1/studio?S3cret=S3cret",
    ],
)
def test_a_password_is_in_no_error(address: str) -> None:
    with pytest.raises(LibraryError) as caught:
        Database(address)
    error: BaseException | None = caught.value
    while error is not None:
        assert "S3cret" not in str(error)
        error = error.__cause__
