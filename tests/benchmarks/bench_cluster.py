"""Celery's cluster: time from submit to done, throughput of one and of two workers, and 200 jobs of
which one worker's death loses none and doubles none.

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
from support.cluster import Cluster, WorkerProcess, running_cluster
from support.redis_server import redis_server
from support.waiting import wait_until

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
            one = _jobs_a_second(cluster)
            yield Measurement("cluster: jobs of 0.1 s, one worker", one, "jobs/s", 1 / JOB_S)
        redis.client.flushdb()
        with running_cluster(_made(data / "two"), 2, redis=redis, server_options=ROOM) as cluster:
            two = _jobs_a_second(cluster)
            yield Measurement("cluster: the same, two workers", two, "jobs/s", one)
        redis.client.flushdb()
        with running_cluster(
            _made(data / "killed"), 2, redis=redis, server_options=ROOM
        ) as cluster:
            yield from _with_one_killed(cluster)


def _with_one_killed(cluster: Cluster) -> Iterator[Measurement]:
    jobs = _post(cluster)
    _wait(cluster, jobs[: JOBS // 4])
    mortal = cluster.workers[0]
    wait_until(lambda: _is_painting(cluster, mortal), lambda: "it to paint", 20)
    mortal.kill()
    done = sum(status == "done" for status in _wait(cluster, jobs))
    attempts = [cluster.attempts(job) for job in jobs]
    pictures = len(list((cluster.folder / "data" / "pictures").glob("*.png")))
    yield Measurement("cluster: done of 200, one worker killed", done, "jobs", JOBS)
    yield Measurement("cluster: pictures of them", pictures, "pictures", JOBS)
    yield Measurement("cluster: begun twice (the killed one's)", attempts.count(2), "jobs", 1)
    yield Measurement("cluster: begun more often", sum(n > 2 for n in attempts), "jobs")


def _is_painting(cluster: Cluster, worker: WorkerProcess) -> bool:
    leases = cluster.redis.client.mget(cluster.redis.client.keys("algovera:lease:*") or ["none"])
    return any(lease is not None and lease.decode() in worker.greeting for lease in leases)


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


def _jobs_a_second(cluster: Cluster) -> float:
    started_s = time.perf_counter()
    assert set(_wait(cluster, _post(cluster))) == {"done"}
    return JOBS / (time.perf_counter() - started_s)


def _post(cluster: Cluster) -> list[str]:
    return [cluster.server.post_job(f"sleep {JOB_S}", seed=seed) for seed in range(JOBS)]


def _wait(cluster: Cluster, jobs: list[str]) -> list[str]:
    return [cluster.server.wait_for_end(job)["job_status"] for job in jobs]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
