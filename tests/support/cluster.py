"""A studio of several real processes for tests: a server, its workers, Redis between them."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from support.algovera_server import PROGRAM, TESTS, TRIAL, ServerProcess
from support.certificates import Certificate
from support.redis_server import RedisServer
from support.trial_pipeline import HOLD_UNTIL
from support.waiting import wait_until

QUICK = ("--worker-timeout", "3")


class WorkerProcess:
    """One ``algovera-server worker``, of the program in ``package`` where one is named. Its errors
    land in ``log``."""

    def __init__(
        self,
        folder: Path,
        number: int,
        gate: Path,
        options: tuple[str, ...],
        package: Path | None = None,
    ) -> None:
        places = (TESTS,) if package is None else (package, TESTS)
        self.log = folder / f"worker-{number}.log"
        self._log_file = self.log.open("ab")
        self._process = subprocess.Popen(
            [*PROGRAM, "worker", "--data-dir", str(folder / f"worker-{number}"), *options],
            cwd=package,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log_file,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join(map(str, places)), HOLD_UNTIL: str(gate)},
        )

    @cached_property
    def greeting(self) -> str:
        """What it says once it can paint, its name first."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode()

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def stop(self) -> int:
        """Ask for an orderly end and wait for it; returns the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Wait for the process and let go of everything."""
        status = self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log_file.close()
        return status

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None


class Cluster:
    """``options`` go to the server and to every worker, ``server_options`` to the server alone."""

    def __init__(self, folder: Path, redis: RedisServer, options: tuple[str, ...]) -> None:
        self.folder, self.redis = folder, redis
        address = folder / "broker"
        address.write_text(redis.address)
        self._options = ("--broker", f"@{address}", *QUICK, *options, *TRIAL)
        self.gate = folder / "data.gate"
        self.workers: list[WorkerProcess] = []
        self.server_options: tuple[str, ...] = ()
        self.certificate: Certificate | None = None
        self._server: ServerProcess | None = None

    def start_server(self, *more_options: str) -> ServerProcess:
        """The application's child, or, with a certificate, one that stands alone."""
        options = (*self._options, *self.server_options, *more_options)
        self._server = ServerProcess(
            self.folder / "data",
            *options,
            child=self.certificate is None,
            certificate=self.certificate,
        )
        return self._server

    @property
    def server(self) -> ServerProcess:
        assert self._server is not None
        return self._server

    def start_worker(self, package: Path | None = None) -> WorkerProcess:
        number = len(self.workers)
        worker = WorkerProcess(self.folder, number, self.gate, self._options, package)
        self.workers.append(worker)
        return worker

    def painter_of(self, job: str) -> WorkerProcess:
        """The worker that paints this job."""
        lease = self.redis.client.get(f"algovera:lease:{job}")
        assert isinstance(lease, bytes)
        return next(each for each in self.workers if lease.decode() in each.greeting)

    def wait_for_workers(self, number: int) -> None:
        """Return once the server counts on so many."""
        device = f" ({number})" if number > 1 else ""
        wait_until(
            lambda: self.health()["device"].endswith(f"cores{device}"),
            lambda: f"{number} workers, beside {self.health()}",
            60,
        )

    def has_lease(self, job: str) -> bool:
        """Whether somebody paints this job."""
        return bool(self.redis.client.exists(f"algovera:lease:{job}"))

    def attempts(self, job: str) -> int:
        """How many workers have begun to paint this job."""
        found = self.redis.client.get(f"algovera:attempts:{job}")
        return int(found) if isinstance(found, bytes) else 0

    def open_gate(self) -> None:
        """Let the jobs that hold go on."""
        self.gate.touch()

    def health(self) -> dict[str, Any]:
        return self.server.http.get(f"{self.server.address}/api/health").json()

    def end(self) -> None:
        for worker in self.workers:
            if worker.is_running:
                worker.kill()
        if self._server is not None:
            if self._server.process.poll() is None:
                self._server.process.terminate()
            self._server.end()


@contextmanager
def running_cluster(
    folder: Path,
    workers: int,
    *options: str,
    redis: RedisServer,
    server_options: tuple[str, ...] = (),
    certificate: Certificate | None = None,
) -> Iterator[Cluster]:
    """A cluster for the length of a block."""
    with ExitStack() as stack:
        cluster = Cluster(folder, redis, options)
        cluster.server_options, cluster.certificate = server_options, certificate
        stack.callback(cluster.end)
        for _ in range(workers):
            cluster.start_worker()  # all at once: they take a while
        cluster.start_server()
        cluster.wait_for_workers(workers)
        yield cluster
