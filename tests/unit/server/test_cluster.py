"""A studio with several workers paints each picture once, whoever dies or goes away meanwhile."""

import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from support.algovera_server import LOCAL_KEY, run_command
from support.cluster import Cluster, running_cluster
from support.http_server import silent
from support.image_service import IMAGES, PAINTED_ELSEWHERE, image_answer, image_service
from support.redis_server import PASSWORD, RedisServer, redis_server
from support.waiting import wait_until

PROMPT = "hold Xanthippe"
OPENAI_KEY = "sk-this-is-the-key-of-nobody"
DALLE = {"base_model": "dalle", "width": 512, "height": 512, "inf_steps": 25}


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def cluster(tmp_path: Path, redis: RedisServer) -> Iterator[Cluster]:
    redis.client.flushdb()
    with running_cluster(tmp_path, 2, redis=redis) as cluster:
        yield cluster
        for log in tmp_path.glob("*.log"):
            said = log.read_text()
            assert not any(secret in said for secret in (PASSWORD, LOCAL_KEY, "Xanthippe"))


def colour(cluster: Cluster, job: str) -> tuple[int, ...]:
    """Of the finished picture, which is all of one."""
    picture = Image.open(io.BytesIO(cluster.server.picture(job).content))
    ((_, found),) = picture.getcolors() or ()
    assert isinstance(found, tuple)
    return found


def test_two_workers_share_the_work_and_a_cancelled_job_leaves_its_worker_free(
    cluster: Cluster,
) -> None:
    server = cluster.server
    first, second = (server.post_job(PROMPT, seed=seed) for seed in (7, 8))
    third = server.post_job(seed=9)
    server.wait_for_progress(first)
    server.wait_for_progress(second)
    assert (cluster.health()["engine"], cluster.health()["queue_length"]) == ("ready", 1)
    assert cluster.painter_of(first) is not cluster.painter_of(second)
    wait_until(lambda: server.status(second)["previews"], lambda: "a preview", 20)
    with Image.open(io.BytesIO(server.preview(second).content)) as preview:
        assert preview.format == "JPEG"
        assert preview.getpixel((9, 9)) == pytest.approx((8, 99, 33), abs=3)

    assert server.cancel(first).json()["error"] == "The job was cancelled."
    assert server.wait_for_end(third)["job_status"] == "done"
    cluster.open_gate()
    assert server.wait_for_end(second)["job_status"] == "done"
    assert [colour(cluster, job)[0] for job in (second, third)] == [8, 9]
    assert {cluster.attempts(job) for job in (first, second, third)} == {1}
    assert [worker.stop() for worker in cluster.workers] == [0, 0]


def test_a_picture_whose_worker_dies_is_painted_by_another_once(cluster: Cluster) -> None:
    server = cluster.server
    job = server.post_job(PROMPT, seed=7)
    server.wait_for_progress(job)
    cluster.painter_of(job).kill()
    wait_until(lambda: cluster.attempts(job) == 2, lambda: "another worker", 20)
    cluster.open_gate()
    assert server.wait_for_end(job)["job_status"] == "done"
    assert colour(cluster, job)[0] == 7
    assert cluster.attempts(job) == 2


def test_a_picture_over_which_two_workers_die_fails_and_tells_why(cluster: Cluster) -> None:
    server = cluster.server
    job = server.post_job(PROMPT)
    for attempt in (1, 2):
        wait_until(
            lambda: cluster.attempts(job) == attempt and cluster.has_lease(job),  # noqa: B023
            lambda: f"attempt {attempt}",  # noqa: B023
            20,
        )
        cluster.painter_of(job).kill()
    cluster.start_worker()
    failed = server.wait_for_end(job)
    assert (failed["job_status"], failed["error"]) == (
        "failed",
        "2 workers died while they painted this picture.",
    )
    assert server.wait_for_end(server.post_job())["job_status"] == "done"


def test_a_server_that_dies_finds_what_was_painted_meanwhile(cluster: Cluster) -> None:
    jobs = [cluster.server.post_job(PROMPT, seed=seed) for seed in (7, 8)]
    for job in jobs:
        cluster.server.wait_for_progress(job)
    cluster.server.send(signal.SIGKILL)
    cluster.open_gate()
    wait_until(
        lambda: cluster.redis.client.exists(*(f"algovera:result:{job}" for job in jobs)) == 2,
        lambda: "both results",
        20,
    )
    server = cluster.start_server()
    assert [server.wait_for_end(job)["job_status"] for job in jobs] == ["done", "done"]
    assert [colour(cluster, job)[0] for job in jobs] == [7, 8]
    assert [cluster.attempts(job) for job in jobs] == [1, 1]


def test_jobs_wait_for_a_broker_that_comes_back_without_its_memory(tmp_path: Path) -> None:
    with redis_server() as mortal, running_cluster(tmp_path, 1, redis=mortal) as cluster:
        server = cluster.server
        painted = server.post_job(PROMPT, seed=7)
        server.wait_for_progress(painted)
        mortal.kill()
        wait_until(
            lambda: cluster.health()["engine"] == "unavailable", lambda: str(cluster.health()), 20
        )
        waiting = server.post_job(seed=8)
        cluster.open_gate()
        mortal.start()
        jobs = (painted, waiting)
        assert [server.wait_for_end(job)["job_status"] for job in jobs] == ["done", "done"]
        assert [colour(cluster, job)[0] for job in jobs] == [7, 8]


def test_celery_gives_a_dead_workers_job_out_anew_while_no_server_is_there(
    tmp_path: Path, redis: RedisServer
) -> None:
    redis.client.flushdb()
    # Longer than the dead worker is thought alive; before that its job is still its own.
    with running_cluster(tmp_path, 1, "--visibility-timeout", "5", redis=redis) as cluster:
        job = cluster.server.post_job(PROMPT, seed=7)
        cluster.server.wait_for_progress(job)
        cluster.server.send(signal.SIGKILL)
        cluster.workers[0].kill()
        cluster.open_gate()
        cluster.start_worker()
        wait_until(lambda: redis.client.exists(f"algovera:result:{job}"), lambda: "a result", 60)
        assert cluster.start_server().wait_for_end(job)["job_status"] == "done"
        assert cluster.attempts(job) == 2


def test_paid_pictures_are_asked_for_by_the_server_itself_once_each(
    tmp_path: Path, redis: RedisServer
) -> None:
    redis.client.flushdb()
    key_file = tmp_path / "openai.key"
    key_file.write_text(OPENAI_KEY)
    with image_service() as service:
        options = ("--openai-key", str(key_file), "--openai-address", f"{service.address}/v1")
        with running_cluster(tmp_path, 1, redis=redis, server_options=options) as cluster:
            server = cluster.server
            held, waiting = server.post_job(PROMPT, seed=7), server.post_job(PROMPT, seed=8)
            server.wait_for_progress(held)
            paid = server.post_job("a lighthouse", **DALLE)  # though no worker is free
            assert server.wait_for_end(paid)["job_status"] == "done"
            assert colour(cluster, paid) == PAINTED_ELSEWHERE
            everything = [redis.client.dump(name) for name in redis.client.keys("*")]
            assert everything
            assert not any(OPENAI_KEY.encode() in (each or b"") for each in everything)

            service.on(IMAGES, silent)
            broken_off, not_begun = (server.post_job(**DALLE) for _ in range(2))
            service.wait_for_request(2)
            server.send(signal.SIGKILL)
            service.on(IMAGES, image_answer())
            server = cluster.start_server()
            assert "may have been paid" in server.wait_for_end(broken_off)["error"]
            assert server.wait_for_end(not_begun)["job_status"] == "done"
            assert len(service.to(IMAGES)) == 3
            cluster.open_gate()
            for job in (held, waiting):
                assert server.wait_for_end(job)["job_status"] == "done"
                assert cluster.attempts(job) == 1


def test_a_password_in_an_argument_is_refused() -> None:
    done = run_command("worker", "--broker", f"redis://:{PASSWORD}@127.0.0.1:1/0")
    assert done.returncode == 2
    assert "ALGOVERA_BROKER" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
