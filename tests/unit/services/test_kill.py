"""A process that writes pictures and records, killed at any moment: nothing whole is lost."""

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.recovery import PictureRecovery

WRITER = """
import io, sys
from datetime import UTC, datetime
from pathlib import Path
from PIL import Image
from algovera_desktop.domain.errors import JobCancelledError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.recovery import PictureRecovery

folder = Path(sys.argv[1])
database = Database(folder / "library.sqlite3")
library = Library(database)
queue = JobQueue(database, library)
files = PictureFiles(folder / "pictures")
PictureRecovery(database, library, files, lambda server_id: "This computer").run()
queue.recover()
buffer = io.BytesIO()
Image.effect_noise((200, 200), 90).save(buffer, "PNG")
resumed = [job for job in queue.open_jobs() if job.remote_id]
number = 0
print("begun", flush=True)
while True:
    if resumed:
        job = resumed.pop()
    else:
        (job,) = queue.add("local", [GenerationRequest("a fox", "sketch")])
        print("added", job.id, flush=True)
        job = queue.claim("local")
        job = queue.accepted(job.id, "remote " + job.id)
        print("accepted", job.id, flush=True)
    if job.state.value == "running":
        job = queue.fetching(job.id, files.stem(job))
    unwanted = number % 5 == 4
    number += 1
    if unwanted:
        queue.cancel([job.id])
    stored = files.save(buffer.getvalue(), "image/png", job)
    image = NewImage(
        stored.path, stored.sha256, stored.size_bytes, "image/png", 200, 200,
        datetime.now(UTC), "This computer", "Sketch", job.id, job.request)
    try:
        queue.completed(job.id, image)
        print("done", job.id, flush=True)
    except JobCancelledError:
        files.discard(stored.path)
"""


def run_until_killed(folder: Path, seconds: float) -> list[list[str]]:
    """What the writer had said when it was killed, word by word."""
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        time.sleep(seconds)
        writer.kill()
        lines = writer.stdout.read().splitlines()
    # The last line may have been cut by the kill itself.
    return [line.split() for line in lines if len(line.split()) == 2]


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_said_to_be_kept_is_lost(tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    said: list[list[str]] = []
    for _ in range(2):
        said += run_until_killed(tmp_path, moments.uniform(0.0, 0.25))
    with closing(Database(tmp_path / "library.sqlite3")) as database:
        assert database.read(check) == "ok"
        library, files = Library(database), PictureFiles(tmp_path / "pictures")
        rows = database.read(
            lambda connection: {
                row["id"]: row["state"] for row in connection.execute("SELECT id, state FROM jobs")
            }
        )
        for what, job_id in said:
            assert job_id in rows
            if what == "done":
                assert rows[job_id] == "done"
            if what == "accepted":
                assert rows[job_id] in ("running", "fetching", "done", "cancelled")
        records = library.page(LibraryQuery(), limit=100_000)
        assert {r.job_id for r in records} == {id for id, state in rows.items() if state == "done"}
        for record in records:
            with Image.open(files.absolute(record.path)) as image:
                image.load()
        # At most the picture of the one job under way has no record yet, and it is whole.
        named = {files.absolute(record.path) for record in records}
        on_disk = set((tmp_path / "pictures").glob("2*/*"))
        assert named <= on_disk
        assert len(on_disk - named) <= 1
        for path in on_disk - named:
            with Image.open(path) as image:
                image.load()
        PictureRecovery(database, library, files, lambda _server_id: "This computer").run()
        assert files.remove_unfinished() == 0
        records = library.page(LibraryQuery(), limit=100_000)
        on_disk = set((tmp_path / "pictures").glob("2*/*"))
        assert on_disk == {files.absolute(record.path) for record in records}


def check(connection: sqlite3.Connection) -> str:
    return connection.execute("PRAGMA integrity_check").fetchone()[0]
