"""A studio as one would have it: nginx, https, PostgreSQL, Redis by TLS, two workers, dalle."""

import io
import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from PIL import Image

from support.algovera_server import ServerProcess, run_command
from support.certificates import make_certificate
from support.cluster import Cluster, running_cluster
from support.image_service import PAINTED_ELSEWHERE, image_service
from support.nginx import running_nginx
from support.postgres import postgres_server
from support.random_models import install, tiny_models
from support.redis_server import PASSWORD, redis_server
from support.waiting import wait_until

PROMPT = "hold pomegranate"
OPENAI_KEY = "sk-this-is-the-key-of-nobody"
DALLE = {"base_model": "dalle", "width": 512, "height": 512}
TINY = {"base_model": "tiny", "prompt": "paint pomegranate"}


@dataclass
class Studio:
    """``door`` is nginx's address; ``ana`` may have two jobs waiting, of ten steps each."""

    cluster: Cluster
    database: str
    door: str
    ana: str
    ben: str

    @property
    def server(self) -> ServerProcess:
        return self.cluster.server

    def texts(self) -> Iterator[tuple[Path, str]]:
        """All that was written outside of the folders of data."""
        for log in (*self.cluster.folder.glob("*.log"), *self.cluster.folder.glob("nginx/*.log")):
            yield log, log.read_text()

    def post(self, key: str, **fields: Any) -> requests.Response:
        small = {"base_model": "trial", "width": 128, "height": 128, "inf_steps": 4}
        body = small | {"prompt": PROMPT, "api_key": key} | fields
        return self.server.http.post(f"{self.door}/api/txt2img", json=body)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    ours = make_certificate(tmp_path, "studio")
    (tmp_path / "openai.key").write_text(OPENAI_KEY)
    (tmp_path / "nginx").mkdir()
    install(tiny_models().checkpoint("openvino"), tmp_path / "worker-0")
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        redis = stack.enter_context(redis_server(make_certificate(tmp_path, "broker")))
        images = stack.enter_context(image_service())
        (tmp_path / "database").write_text(postgres.address)
        at_database = ("--database", f"@{tmp_path / 'database'}")
        limits = ("--max-waiting", "2", "--max-steps", "10")
        ana, ben = (
            make_key(name, *more, *at_database) for name, more in (("Ana", limits), ("Ben", ()))
        )
        cluster = stack.enter_context(
            running_cluster(
                tmp_path,
                2,
                *("--log-format", "json"),
                redis=redis,
                certificate=ours,
                server_options=(
                    *at_database,
                    *("--openai-key", str(tmp_path / "openai.key")),
                    *("--openai-address", f"{images.address}/v1"),
                    *("--metrics-port", "0", "--behind-proxy"),
                ),
            )
        )
        address = cluster.server.address
        door = stack.enter_context(running_nginx(tmp_path / "nginx", address, ours))
        cluster.server.address = door
        yield Studio(cluster, postgres.address, door, ana, ben)


def make_key(name: str, *options: str) -> str:
    return run_command("keys", "create", name, *options).stdout.strip()


def test_it_paints_for_all_keeps_its_secrets_and_ends_in_order(
    studio: Studio, subtests: pytest.Subtests
) -> None:
    server, cluster = studio.server, studio.cluster
    metrics_at = re.findall(r"http://\S+", server.read_line())[0]
    with subtests.test("what a key may ask for is told by field, limit and value"):
        refused = studio.post(studio.ana, inf_steps=11)
        assert (refused.status_code, "10" in refused.text) == (422, True)
    jobs = fill_both_workers(studio)
    with subtests.test("a key that has as many jobs waiting as it may is told so"):
        full = studio.post(studio.ana)
        assert full.status_code == 429
        assert full.json()["detail"].startswith("This key may have 2 jobs waiting")
    with subtests.test("dalle waits for no worker, and previews come through Redis"):
        jobs["dalle"] = studio.post(studio.ben, **DALLE).json()["job_uuid"]
        assert server.wait_for_end(jobs["dalle"], studio.ben)["job_status"] == "done"
        wait_until(lambda: server.status(jobs["0"], studio.ana)["previews"], lambda: "one", 20)
        assert server.preview(jobs["0"], studio.ana).headers["content-type"] == "image/jpeg"
    cluster.open_gate()
    with subtests.test("each picture comes through nginx, to its owner only"):
        each_has_its_picture(studio, jobs)
    with subtests.test("what a model says in its despair is told to the job's owner alone"):
        failed = studio.post(studio.ben, prompt="raise pomegranate").json()["job_uuid"]
        assert "pomegranate" in server.wait_for_end(failed, studio.ben)["error"]
        said = [log.read_text() for log in cluster.folder.glob("worker-*/worker.log")]
        assert sum("pomegranate" in each for each in said) == 1
    with subtests.test("Prometheus is told what was done"):
        adds_up(requests.get(metrics_at, timeout=30).text, len(jobs))
    with subtests.test("a signal lets the picture under way be finished, and nothing begin"):
        drains(studio)
    with subtests.test("PostgreSQL and the disk hold it all, and forget it when it is time"):
        is_kept_and_tidied(studio, len(jobs) + 1)
    with subtests.test("workers end in order"):
        assert [worker.stop() for worker in cluster.workers] == [0, 0]
    with subtests.test("no prompt, key or password is in any log"):
        keeps_its_secrets(studio)


def fill_both_workers(studio: Studio) -> dict[str, str]:
    """Two jobs that hold a worker each, and two of Ana's that wait, one for OpenVINO."""
    jobs: dict[str, str] = {}
    for seed, fields in enumerate(({}, {}, {}, TINY)):
        answer = studio.post(studio.ana, seed=seed, **fields)
        assert answer.status_code == 201, answer.text
        jobs[fields.get("base_model", str(seed))] = answer.json()["job_uuid"]
        if seed < 2:
            studio.server.wait_for_progress(jobs[str(seed)], studio.ana)
    return jobs


def each_has_its_picture(studio: Studio, jobs: dict[str, str]) -> None:
    for name, job in jobs.items():
        owner, other = studio.ana, studio.ben
        if name == "dalle":
            owner, other = other, owner
        assert studio.server.wait_for_end(job, owner)["job_status"] == "done"
        assert studio.server.picture(job, other).status_code == 404
        with Image.open(io.BytesIO(studio.server.picture(job, owner).content)) as picture:
            assert picture.size == ((512, 512) if name == "dalle" else (128, 128))
            colours = picture.convert("RGB").getcolors() or []
        if name == "tiny":
            assert len(colours) != 1  # random weights paint many
        else:
            assert [colour for _, colour in colours] == [
                PAINTED_ELSEWHERE if name == "dalle" else (int(name), 99, 33)
            ]


def adds_up(text: str, done: int) -> None:
    samples = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    found = {name: float(value) for name, _, value in samples}
    assert found["algovera_queue_length"] == found['algovera_jobs{state="running"}'] == 0
    assert found['algovera_jobs{state="done"}'] == done
    assert found['algovera_jobs_ended_total{outcome="failed"}'] == 1
    assert found['algovera_jobs_ended_total{outcome="done"}'] == done
    assert found["algovera_wait_seconds_count"] == done + 1
    assert found["algovera_step_seconds_count"] > done
    assert (
        found['algovera_http_answers_total{method="POST",route="/api/txt2img",status="429"}'] == 1
    )
    assert not any('status="5' in name for name in found)


def drains(studio: Studio) -> None:
    studio.cluster.gate.unlink()
    held = studio.post(studio.ben, seed=9).json()["job_uuid"]
    studio.server.wait_for_progress(held, studio.ben)
    studio.server.process.terminate()
    wait_until(lambda: "Ending when" in studio.server.log.read_text(), lambda: "the signal", 20)
    assert studio.post(studio.ben).status_code == 503
    assert studio.server.status(held, studio.ben)["job_status"] == "created"
    studio.cluster.open_gate()
    assert studio.server.end() == 0


def is_kept_and_tidied(studio: Studio, number: int) -> None:
    pictures = studio.cluster.folder / "data" / "pictures"

    def rows() -> list[tuple[str, str]]:
        with psycopg.connect(studio.database) as connection:
            done = "SELECT id, state FROM jobs WHERE state != 'failed'"
            return connection.execute(done).fetchall()

    assert {state for _, state in rows()} == {"done"}
    assert {job for job, _ in rows()} == {file.stem for file in pictures.iterdir()}
    assert len(rows()) == number
    server = studio.cluster.start_server("--keep-days", "0.0000001")
    wait_until(lambda: not any(pictures.iterdir()), lambda: "pictures to be deleted", 20)
    assert rows() == []
    assert server.send(signal.SIGTERM) == 0


def keeps_its_secrets(studio: Studio) -> None:
    secrets = ("pomegranate", studio.ana, studio.ben, OPENAI_KEY, PASSWORD)
    for path, text in studio.texts():
        assert not any(secret in text for secret in secrets), path
    logs = [studio.server.log, *(worker.log for worker in studio.cluster.workers)]
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    answered = {(line["route"], line["status"]) for line in lines if "route" in line}
    assert {("/api/txt2img", 201), ("/api/getAsset", 200), ("/api/preview", 200)} <= answered
    assert {line["level"] for line in lines if "route" not in line} <= {"WARNING"}
