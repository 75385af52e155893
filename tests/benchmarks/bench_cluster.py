"""Celery's cluster: time from submit to done, and 200 jobs of which one worker's death loses none.

A trial model paints at once, or sleeps as if a graphics card worked: what is measured is the way
there and back, not the painting.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from measurement import Measurement

from support.algovera_server import TRIAL, ServerProcess, running_server
from support.cluster import Cluster, running_cluster
from support.redis_server import redis_server

LATENCY_JOBS = 40
JOBS = 200
JOB_S = 0.1
ROOM = ("--queue-limit", str(2 * JOBS))


def measure() -> Iterator[Measurement]:
    """Each cluster in a folder of its own; the baseline is a server that paints by itself."""
    with tempfile.TemporaryDirectory() as folder, redis_server() as redis:
        data = Path(folder)
        with running_server(data / "alone", *TRIAL) as alone:
            baseline_ms = _latency_ms(alone)
        with running_cluster(_made(data / "one"), 1, redis=redis, server_options=ROOM) as cluster:
            latency_ms = _latency_ms(cluster.server)
            yield Measurement("cluster: submit to done", latency_ms, "ms", baseline_ms)
            one_s = _paint_all(cluster)
            yield Measurement("cluster: 200 jobs of 0.1 s, a worker", one_s, "s", JOBS * JOB_S)
        redis.client.flushdb()
        with running_cluster(_made(data / "two"), 2, redis=redis, server_options=ROOM) as cluster:
            two_s = _paint_all(cluster)
            yield Measurement("cluster: the same, two workers", two_s, "s", one_s)
        redis.client.flushdb()
        with running_cluster(
            _made(data / "killed"), 2, redis=redis, server_options=ROOM
        ) as cluster:
            yield from _with_one_killed(cluster)


def _with_one_killed(cluster: Cluster) -> Iterator[Measurement]:
    jobs = _post(cluster)
    _wait(cluster, jobs[: JOBS // 4])
    cluster.painter_of(next(job for job in jobs[JOBS // 4 :] if cluster.has_lease(job))).kill()
    done = sum(status == "done" for status in _wait(cluster, jobs))
    attempts = [cluster.attempts(job) for job in jobs]
    yield Measurement("cluster: done of 200, one worker killed", done, "jobs", JOBS)
    yield Measurement("cluster: of them begun twice", sum(n > 1 for n in attempts), "jobs")
    yield Measurement("cluster: of them begun more often", sum(n > 2 for n in attempts), "jobs")


def _latency_ms(server: ServerProcess) -> float:
    taken_ms: list[float] = []
    server.wait_for_end(server.post_job())
    for _ in range(LATENCY_JOBS):
        started_s = time.perf_counter()
        job = server.post_job()
        while server.status(job, wait=30)["job_status"] == "created":
            pass
        taken_ms.append((time.perf_counter() - started_s) * 1000)
    return median(taken_ms)


def _paint_all(cluster: Cluster) -> float:
    started_s = time.perf_counter()
    assert set(_wait(cluster, _post(cluster))) == {"done"}
    return time.perf_counter() - started_s


def _post(cluster: Cluster) -> list[str]:
    return [cluster.server.post_job(f"sleep {JOB_S}", seed=seed) for seed in range(JOBS)]


def _wait(cluster: Cluster, jobs: list[str]) -> list[str]:
    return [cluster.server.wait_for_end(job)["job_status"] for job in jobs]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
