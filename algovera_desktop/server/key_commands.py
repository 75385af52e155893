"""``algovera-server keys …``: makes, lists and revokes keys, also while the server runs."""

import sys
from datetime import datetime
from pathlib import Path

from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.server.database import Database
from algovera_desktop.server.keys import KeyNameError, KeyRecord, KeyStore
from algovera_desktop.server.process import database_path


def run_key_command(action: str, argument: str, data_dir: Path) -> int:
    """Do one of ``create``, ``list`` and ``revoke``; returns an exit status."""
    try:
        database = Database(database_path(data_dir))
    except LibraryError as error:
        print(f"The data folder cannot be used: {error}", file=sys.stderr)
        return 1
    try:
        keys = KeyStore(database)
        match action:
            case "create":
                return _create(keys, argument)
            case "revoke":
                return _revoke(keys, argument)
            case _:
                return _list(keys)
    except (LibraryError, KeyNameError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        database.close()


def _create(keys: KeyStore, name: str) -> int:
    print(keys.create(name))
    print("Copy the key now: it is not shown again.", file=sys.stderr)
    return 0


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
    print(f"{'ID':8}  {'CREATED':16}  {'LAST USED':16}  NAME")
    for record in records:
        print(_line(record))
    return 0


def _line(record: KeyRecord) -> str:
    return (
        f"{record.id:8}  {_moment(record.created_at):16}  "
        f"{_moment(record.last_used_at):16}  {record.name}"
    )


def _moment(seconds: float | None) -> str:
    """In local time, to the minute."""
    if seconds is None:
        return "never"
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
