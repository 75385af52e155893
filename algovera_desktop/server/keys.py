"""API keys: made once, shown once, kept only as salted hashes."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field

from algovera_desktop.server.database import Database
from algovera_desktop.server.guesses import GuessBrake
from algovera_desktop.server.limits import KeyLimits
from algovera_desktop.server.sql import Connection

KEY_PATTERN = re.compile(r"[0-9a-f]{64}")
LOCAL_OWNER = "local"
"""Owns the jobs of the key that the application hands over, which is another at each start."""

MAX_NAME_CHARS = 100
_ID_CHARS = 8
_USE_RECORDED_EVERY_S = 60.0
_LIMIT_COLUMNS = {"waiting": "max_waiting", "pixels": "max_pixels", "steps": "max_steps"}
"""By the names in KeyLimits, in their order there."""
_LIMITS = ", ".join(_LIMIT_COLUMNS.values())


class UnknownKeyError(Exception):
    """No key begins like this one."""


class WrongKeyError(Exception):
    """What was given is no key, or not the one that begins like it."""


class KeyNameError(Exception):
    """A key's name is empty or too long; the text says which."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key. Times in seconds since 1970; None if it was never used."""

    id: str
    name: str
    created_at: float
    last_used_at: float | None
    limits: KeyLimits


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who came with a right key: the id that owns the jobs, and what the key may ask for."""

    id: str
    limits: KeyLimits = field(default_factory=KeyLimits)


class KeyStore:
    """Keys in the database. Works beside a running server: a change counts at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, limits: KeyLimits | None = None) -> str:
        """Make a key, 64 hex characters, and return it: it cannot be had again. Blocks."""
        own = limits or KeyLimits()
        return self._database.call(lambda connection: _create(connection, name, own))

    def list(self) -> list[KeyRecord]:
        """The keys in use, oldest first. Blocks."""
        return self._database.call(_list)

    def revoke(self, key_id: str) -> bool:
        """Make a key worthless; False if there is none of this id. Blocks."""
        return self._database.call(lambda connection: _revoke(connection, key_id))

    def limit(self, key_id: str, changes: Mapping[str, int | None]) -> bool:
        """Change some of a key's limits, by their names in KeyLimits; False if there is no key
        of this id. Blocks."""
        return self._database.call(lambda connection: _limit(connection, key_id, changes))

    async def owner_of(self, key: str) -> KeyOwner:
        """The owner of this key; raises UnknownKeyError or WrongKeyError."""
        return await self._database.run(lambda connection: _owner_of(connection, key))


class Doorkeeper:
    """Says whose a key is, be it a stored one or the one that the application handed over.

    Without a ``brake`` wrong keys are not slowed.
    """

    def __init__(
        self, keys: KeyStore, local_key: str | None = None, brake: GuessBrake | None = None
    ) -> None:
        self._keys = keys
        self._local_digest = None if local_key is None else _digest(b"", local_key)
        self._brake = brake

    async def owner_of(self, key: str, address: str = "") -> KeyOwner:
        """The owner of this key, which came from this address.

        Raises UnknownKeyError, WrongKeyError or TooManyGuessesError.
        """
        if self._is_local(key):
            return KeyOwner(LOCAL_OWNER)
        if self._brake is None:
            return await self._look_up(key)
        key_id = key[:_ID_CHARS]
        self._brake.check(address, key_id)
        try:
            owner = await self._look_up(key)
        except (UnknownKeyError, WrongKeyError):
            self._brake.wrong(address, key_id)
            raise
        self._brake.right(address, key_id)
        return owner

    async def _look_up(self, key: str) -> KeyOwner:
        if KEY_PATTERN.fullmatch(key) is None:
            raise WrongKeyError
        return await self._keys.owner_of(key)

    def _is_local(self, key: str) -> bool:
        if self._local_digest is None or KEY_PATTERN.fullmatch(key) is None:
            return False
        return hmac.compare_digest(_digest(b"", key), self._local_digest)


def checked_name(name: str) -> str:
    """The name without space around it; raises KeyNameError."""
    name = name.strip()
    if not name:
        raise KeyNameError("The name must not be empty.")
    if len(name) > MAX_NAME_CHARS:
        raise KeyNameError(f"The name must have at most {MAX_NAME_CHARS} characters.")
    if not name.isprintable():
        raise KeyNameError("The name must not hold control characters.")
    return name


def _digest(salt: bytes, key: str) -> bytes:
    return hashlib.sha256(salt + key.encode()).digest()


def _create(connection: Connection, name: str, limits: KeyLimits) -> str:
    name = checked_name(name)
    while True:
        key = secrets.token_hex(32)
        salt = secrets.token_bytes(16)
        inserted = connection.execute(
            f"INSERT INTO keys (id, name, salt, digest, created_at, {_LIMITS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (key[:_ID_CHARS], name, salt, _digest(salt, key), time.time(), *astuple(limits)),
        )
        if inserted.rowcount:
            return key


def _list(connection: Connection) -> list[KeyRecord]:
    rows = connection.execute(
        f"SELECT id, name, created_at, last_used_at, {_LIMITS} FROM keys"
        " WHERE revoked_at IS NULL ORDER BY created_at"
    )
    return [KeyRecord(*row[:4], limits=KeyLimits(*row[4:])) for row in rows]


def _limit(connection: Connection, key_id: str, changes: Mapping[str, int | None]) -> bool:
    (known,) = connection.execute(
        "SELECT count(*) FROM keys WHERE id = ? AND revoked_at IS NULL", (key_id,)
    ).fetchone()
    if not known:
        return False
    for name, value in changes.items():
        column = _LIMIT_COLUMNS[name]
        connection.execute(f"UPDATE keys SET {column} = ? WHERE id = ?", (value, key_id))
    return True


def _revoke(connection: Connection, key_id: str) -> bool:
    # The row stays: a new key of the same id would inherit the old one's jobs.
    revoked = connection.execute(
        "UPDATE keys SET revoked_at = ?, salt = ?, digest = ? WHERE id = ? AND revoked_at IS NULL",
        (time.time(), b"", b"", key_id),
    )
    return revoked.rowcount > 0


def _owner_of(connection: Connection, key: str) -> KeyOwner:
    row = connection.execute(
        f"SELECT id, salt, digest, coalesce(last_used_at, 0), {_LIMITS} FROM keys"
        " WHERE id = ? AND revoked_at IS NULL",
        (key[:_ID_CHARS],),
    ).fetchone()
    if row is None:
        raise UnknownKeyError
    key_id, salt, digest, last_used_at, *limits = row
    if not hmac.compare_digest(_digest(salt, key), digest):
        raise WrongKeyError
    now = time.time()
    if now - last_used_at > _USE_RECORDED_EVERY_S:  # a write at every poll would wear the disk
        connection.execute("UPDATE keys SET last_used_at = ? WHERE id = ?", (now, key_id))
    return KeyOwner(key_id, KeyLimits(*limits))
