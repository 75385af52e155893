"""``algovera-server keys …``: makes, lists, limits and revokes keys, also while the server runs."""

import sys
from collections.abc import Mapping
from dataclasses import astuple
from datetime import datetime
from pathlib import Path

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.server.database import Database
from algovera_desktop.server.keys import KeyNameError, KeyRecord, KeyStore
from algovera_desktop.server.limits import KeyLimits
from algovera_desktop.server.process import database_path


def run_key_command(
    action: str, argument: str, place: Path | str, limits: Mapping[str, int | None]
) -> int:
    """Do one of ``create``, ``list``, ``limit`` and ``revoke``; returns an exit status.

    ``place``: the data folder, or the database's address where it is not in there.
    ``limits`` holds those that were given, by their names in KeyLimits.
    """
    try:
        database = Database(database_path(place) if isinstance(place, Path) else place)
    except LibraryError as error:
        print(f"The keys cannot be read: {error}", file=sys.stderr)
        return 1
    try:
        keys = KeyStore(database)
        match action:
            case "create":
                return _create(keys, argument, KeyLimits(**limits))
            case "limit":
                return _limit(keys, argument, limits)
            case "revoke":
                return _revoke(keys, argument)
            case _:
                return _list(keys)
    except (LibraryError, KeyNameError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        database.close()


def _create(keys: KeyStore, name: str, limits: KeyLimits) -> int:
    print(keys.create(name, limits))
    print("Copy the key now: it is not shown again.", file=sys.stderr)
    return 0


def _limit(keys: KeyStore, key_id: str, limits: Mapping[str, int | None]) -> int:
    if not limits:
        print("Say which limit: --max-waiting, --max-pixels or --max-steps.", file=sys.stderr)
        return 2
    if keys.limit(key_id, limits):
        print(f"Key {key_id} is limited, from its next request on.")
        return 0
    print(f"There is no key {key_id}.", file=sys.stderr)
    return 1


def _revoke(keys: KeyStore, key_id: str) -> int:
    if keys.revoke(key_id):
        print(f"Key {key_id} is revoked.")
        return 0
    print(f"There is no key {key_id}.", file=sys.stderr)
    return 1


def _list(keys: KeyStore) -> int:
    records = keys.list()
    if not records:
        print("There are no keys.", file=sys.stderr)
        return 0
    print(_columns("ID", "CREATED", "LAST USED", "WAITING", "PIXELS", "STEPS", "NAME"))
    for record in records:
        print(_line(record))
    return 0


def _line(record: KeyRecord) -> str:
    limits = ("-" if value is None else str(value) for value in astuple(record.limits))
    used = _moment(record.last_used_at)
    return _columns(record.id, _moment(record.created_at), used, *limits, record.name)


def _columns(*cells: str) -> str:
    *aligned, name = cells
    widths = (8, 16, 16, 7, 9, 5)
    return "  ".join(
        [*(f"{cell:{width}}" for cell, width in zip(aligned, widths, strict=True)), name]
    )


def _moment(seconds: float | None) -> str:
    """In local time, to the minute."""
    if seconds is None:
        return "never"
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
