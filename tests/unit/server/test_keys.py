"""Keys are made once, kept only as hashes, and worth nothing once revoked."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.server.database import Database
from algovera_desktop.server.keys import (
    KEY_PATTERN,
    LOCAL_OWNER,
    Doorkeeper,
    KeyNameError,
    KeyStore,
    UnknownKeyError,
    WrongKeyError,
)


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    database = Database(place)
    yield database
    database.close()


@pytest.fixture
def keys(database: Database) -> KeyStore:
    return KeyStore(database)


def owner_of(keys: KeyStore, key: str, local_key: str | None = None) -> str:
    return asyncio.run(Doorkeeper(keys, local_key).owner_of(key)).id


def test_a_new_key_is_64_hex_characters_and_opens_the_door(keys: KeyStore) -> None:
    key = keys.create("laptop")
    assert KEY_PATTERN.fullmatch(key)
    assert owner_of(keys, key) == key[:8]


def test_a_key_is_listed_by_its_first_8_characters_and_not_itself(keys: KeyStore) -> None:
    key = keys.create("  Ana's laptop ")
    (record,) = keys.list()
    assert (record.id, record.name, record.last_used_at) == (key[:8], "Ana's laptop", None)
    assert key not in repr(record)


def test_the_last_use_is_recorded(keys: KeyStore) -> None:
    owner_of(keys, keys.create("laptop"))
    (record,) = keys.list()
    assert record.last_used_at is not None
    assert record.last_used_at >= record.created_at


def test_a_revoked_key_is_unknown_and_its_jobs_owner_never_comes_back(
    keys: KeyStore, database: Database
) -> None:
    key = keys.create("laptop")
    assert keys.revoke(key[:8])
    assert not keys.revoke(key[:8])
    assert keys.list() == []
    with pytest.raises(UnknownKeyError):
        owner_of(keys, key)
    takes_the_id = "INSERT INTO keys (id, name, salt, digest, created_at) VALUES (?, '', '', '', 0)"
    with pytest.raises(LibraryError, match=r"(?i)unique"):
        database.call(lambda connection: connection.execute(takes_the_id, (key[:8],)))


@pytest.mark.parametrize("wrong", ["", "nonsense", "f" * 63, "F" * 64, "é" * 64, "\ud800" * 64])
def test_what_is_no_key_is_wrong(keys: KeyStore, wrong: str) -> None:
    with pytest.raises(WrongKeyError):
        owner_of(keys, wrong)


def test_the_right_beginning_with_a_wrong_end_is_wrong(keys: KeyStore) -> None:
    key = keys.create("laptop")
    with pytest.raises(WrongKeyError):
        owner_of(keys, key[:8] + "0" * 56)


def test_a_key_nobody_made_is_unknown(keys: KeyStore) -> None:
    with pytest.raises(UnknownKeyError):
        owner_of(keys, "0" * 64)


def test_the_applications_key_opens_without_being_stored(keys: KeyStore) -> None:
    assert owner_of(keys, "a" * 64, local_key="a" * 64) == LOCAL_OWNER
    assert keys.list() == []
    with pytest.raises(UnknownKeyError):
        owner_of(keys, "b" * 64, local_key="a" * 64)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines"])
def test_a_useless_name_is_refused(keys: KeyStore, name: str) -> None:
    with pytest.raises(KeyNameError):
        keys.create(name)
    assert keys.list() == []


def test_the_text_of_a_key_is_nowhere_on_disk_and_the_file_is_private(
    tmp_path: Path,
) -> None:
    database = Database(tmp_path / "server.db")
    keys = KeyStore(database)
    key = keys.create("laptop")
    owner_of(keys, key)
    database.close()
    for file in tmp_path.iterdir():
        assert key.encode() not in file.read_bytes()
        assert bytes.fromhex(key) not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0
