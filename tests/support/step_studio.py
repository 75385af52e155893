"""Steps over a real queue, real files and the real engine, against a scripted server."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.jobs import FailureKind, Job
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Patience as HttpPatience
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.outcomes import (
    Outcome,
)
from algovera_desktop.services.queue import JobQueue
from algovera_desktop.services.steps import StepRunner
from support.http_server import (
    Behaviour,
    ScriptedServer,
    reply,
    reply_json,
    scripted_server,
)
from support.step_driver import StepDriver

QUICK_HTTP = HttpPatience(
    connect_s=2, read_s=2, attempts=1, first_pause_s=0.001, retry_after_s=0, grace_s=1
)
REMOTE_ID = "f" * 32
KEY = "a" * 64
SERVER = "elsewhere"
FOX = GenerationRequest("a fox", "sketch", seed=5)
PARENT = "ab" * 32


def png() -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize((64, 48)).save(buffer, "PNG")
    return buffer.getvalue()


def status(word: str, **more: object) -> Behaviour:
    return reply_json({"job_uuid": REMOTE_ID, "job_status": word} | more)


ACCEPTED = reply_json({"job_uuid": REMOTE_ID}, 201)
PICTURE = reply(png(), media_type="image/png")


@dataclass
class Studio:
    """Everything that a job needs."""

    queue: JobQueue
    library: Library
    files: PictureFiles
    server: ScriptedServer
    engine: AlgoveraEngine

    def __post_init__(self) -> None:
        self.driver = self.start_again()

    def start_again(self, **options: object) -> StepDriver:
        """A program that remembers nothing but what is on the disk."""
        runner = StepRunner(self.queue, self.files, farewell_s=0.2)
        self.driver = StepDriver(self.queue, runner, self.engine, SERVER, **options)  # type: ignore[arg-type]
        self.driver.take_up()
        return self.driver

    def add(self) -> Job:
        (job,) = self.queue.add(SERVER, [FOX], parent_sha256=PARENT)
        self.driver.schedule.put([job])
        return job

    def running(self) -> Job:
        """One that a program before this one had sent."""
        self.queue.add(SERVER, [FOX], parent_sha256=PARENT)
        job = self.queue.claim(SERVER)
        assert job is not None
        return self.queue.accepted(job.id, REMOTE_ID)

    def fetching(self) -> Job:
        job = self.running()
        return self.queue.fetching(job.id, self.files.stem(job))

    def job(self, job: Job) -> Job:
        found = self.queue.get(job.id)
        assert found is not None
        return found

    def outcomes(self, kind: type[Outcome]) -> list[Outcome]:
        return [outcome for _, outcome in self.driver.outcomes if isinstance(outcome, kind)]

    @property
    def posts(self) -> int:
        return len(self.server.to("/api/txt2img"))

    @property
    def pictures(self) -> list[Path]:
        return [path for path in self.files.absolute(".").rglob("*") if path.is_file()]


@contextmanager
def open_studio(queue: JobQueue, library: Library, files: PictureFiles) -> Iterator[Studio]:
    """A studio whose server takes each job, is done with it at once and gives its picture."""
    with scripted_server() as server:
        server.on("/api/txt2img", ACCEPTED)
        server.on("/api/status", status("done"))
        server.on("/api/getAsset", PICTURE)
        server.on("/api/cancel", reply_json({}))
        engine = AlgoveraEngine(lambda: Endpoint(server.address, KEY), patience=QUICK_HTTP)
        yield Studio(queue, library, files, server, engine)
        engine.close()


def failure_kind(job: Job) -> FailureKind | None:
    return None if job.failure is None else job.failure.kind
