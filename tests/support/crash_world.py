"""A program that is killed again and again over the same data, and what must be true of it."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import JobState
from algovera_desktop.services.paths import Paths
from support.prepared_data import TESTS, library_rows, open_queue, write_settings
from support.waiting import wait_until

TIMEOUT_S = 180.0


class CrashWorld:
    """A data folder, and the jobs that were put into it, each with a seed of its own."""

    def __init__(
        self,
        data: Path,
        server_id: str,
        model: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.paths = Paths.under(data)
        self.seeds = 0
        self._server_id = server_id
        self._model = model
        self._environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(TESTS),
            **(environment or {}),
        }

    def enter_server(self, address: str, *, at_once: int) -> None:
        """Put the server into the settings."""
        entry = {"id": self._server_id, "name": "Studio", "address": address, "at_once": at_once}
        write_settings(self.data, servers=[entry])

    def add(self, count: int) -> None:
        """Put jobs into the queue of a program that does not run."""
        requests = [
            GenerationRequest("a fox", self._model, 128, 128, steps=1, seed=seed)
            for seed in range(self.seeds, self.seeds + count)
        ]
        with open_queue(self.data) as queue:
            queue.add(self._server_id, requests)
        self.seeds += count

    def send_again(self) -> None:
        """Do for each unknown job what the user does who sends it again."""
        with open_queue(self.data) as queue:
            queue.retry([job.id for job in queue.open_jobs() if job.state is JobState.UNKNOWN])

    def die_at(self, point: str, passage: int) -> None:
        """Let the program run until it kills itself at this point."""
        process = self._start("support.crash_driver", point, str(passage))
        self._wait_for(lambda: process.poll() is not None, f"death when {point}", process)
        assert process.returncode == -signal.SIGKILL, (point, process.returncode)

    def finish(self, **others: int) -> None:
        """Let the program run until every job is done, but so many ``others`` by their state,
        and end it in order."""
        process = self._start("algovera_desktop")
        wanted = Counter({"done": self.seeds - sum(others.values()), **others})
        self._wait_for(lambda: self.states() == wanted, f"the jobs to be {wanted}", process)
        process.terminate()
        assert process.wait(TIMEOUT_S) == 0

    def states(self) -> Counter[str]:
        """How many jobs are in which state."""
        return Counter(row["state"] for row in library_rows(self.data, "SELECT state FROM jobs"))

    def assert_whole(self) -> None:
        """Every job that is done has one record, every record one picture, and it is whole."""
        done = library_rows(self.data, "SELECT id FROM jobs WHERE state = 'done'")
        records = library_rows(self.data, "SELECT job_id, path, sha256 FROM images")
        assert sorted(row["job_id"] for row in records) == sorted(row["id"] for row in done)
        assert len({row["path"] for row in records}) == len(records)
        for row in records:
            file = self.paths.pictures / row["path"]
            assert hashlib.sha256(file.read_bytes()).hexdigest() == row["sha256"]
            with Image.open(file) as picture:
                picture.load()

    def assert_nothing_else(self) -> None:
        """There is no picture without a record, and nothing half-written."""
        records = library_rows(self.data, "SELECT path FROM images")
        found = {file for file in self.paths.pictures.rglob("*") if file.is_file()}
        assert found == {self.paths.pictures / row["path"] for row in records}

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, *arguments, "--data-dir", str(self.data)]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    @property
    def _log(self) -> Path:
        return self.data.with_name("program.log")

    def _wait_for(
        self, holds: Callable[[], bool], what: str, process: subprocess.Popen[bytes]
    ) -> None:
        def described() -> str:
            words = self._log.read_text("utf-8", errors="replace")[-2000:]
            log = self.paths.logs / "algovera-desktop.log"
            return f"{what}: {dict(self.states())}\n{words}\n{log.read_text('utf-8')[-4000:]}"

        try:
            wait_until(holds, described, TIMEOUT_S)
        except BaseException:
            process.kill()
            process.wait()
            raise


def server_seeds(server_data: Path) -> Counter[int]:
    """How often our server was asked for each seed, by the jobs that it has in its own file."""
    address = f"file:{server_data / 'server.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        rows = connection.execute("SELECT request FROM jobs").fetchall()
    return Counter(json.loads(request)["seed"] for (request,) in rows)
