"""A real Redis server for tests, in a folder of its own and on a free port."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from support.waiting import wait_until

PASSWORD = "S3cret-of-the-broker"


class RedisServer:
    """It writes nothing to disk: a kill takes all that it held."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.address = f"redis://:{PASSWORD}@127.0.0.1:{self._port}/0"
        self.client = Redis.from_url(self.address)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, and return once it answers."""
        options = {
            "port": str(self._port),
            "bind": "127.0.0.1",
            "requirepass": PASSWORD,
            "dir": str(self._folder),
            "save": "",
            "appendonly": "no",
        }
        command = ["redis-server", *(word for k, v in options.items() for word in (f"--{k}", v))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, lambda: "Redis to answer", 30)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End, and let go of everything."""
        self.client.close()
        self.kill()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A server for the length of a block."""
    folder = Path(tempfile.mkdtemp(prefix="algovera-redis-"))
    try:
        server = RedisServer(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
