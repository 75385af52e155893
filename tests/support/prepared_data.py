"""A data folder of the program as a session before left it: settings, jobs, and a key."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.queue import JobQueue

TESTS = Path(__file__).parents[1]


@contextmanager
def open_queue(data: Path) -> Iterator[JobQueue]:
    """The queue of a data folder that no program has open."""
    paths = Paths.under(data)
    paths.make()
    with closing(Database(paths.library_file)) as database:
        yield JobQueue(database, Library(database))


def write_settings(data: Path, **settings: Any) -> None:
    """Settings as the program keeps them, by the keys of ``domain/settings.py``."""
    paths = Paths.under(data)
    paths.make()
    content = {"version": 1, "settings": settings}
    paths.settings_file.write_text(json.dumps(content), "utf-8")


def keyring_with(key: str, folder: Path) -> Mapping[str, str]:
    """The environment in which the program finds this key for every server."""
    file = folder / "key"
    file.write_text(key, "ascii")
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")])),
        "PYTHON_KEYRING_BACKEND": "support.given_keyring.GivenKeyring",
        "ALGOVERA_TEST_KEY": str(file),
    }


def add_waiting(data: Path, server_id: str, requests: Sequence[GenerationRequest]) -> None:
    """Jobs that wait for a server, as one press of Generate leaves them."""
    with open_queue(data) as queue:
        queue.add(server_id, requests)


def add_running(data: Path, server_id: str, requests: Sequence[GenerationRequest]) -> None:
    """Jobs that a server has accepted. Their remote ids are their own ids."""
    with open_queue(data) as queue:
        queue.add(server_id, requests)
        while job := queue.claim(server_id):
            queue.accepted(job.id, job.id)


def library_rows(data: Path, statement: str) -> list[sqlite3.Row]:
    """What a question to the library's file is answered, also while the program runs."""
    address = f"file:{Paths.under(data).library_file}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(statement).fetchall()
