"""A real Redis server for tests, in a folder of its own and on a free port."""

import socket
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from support.certificates import Certificate
from support.service import service_in_own_folder
from support.waiting import wait_until

PASSWORD = "S3cret-of-the-broker"


class RedisServer:
    """It writes nothing to disk: a kill takes all that it held.

    ``host`` is its name and port, without how to get in.
    """

    def __init__(self, folder: Path, certificate: Certificate | None = None) -> None:
        self._folder, self._certificate = folder, certificate
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.host = f"127.0.0.1:{self._port}"
        self.address = f"redis://:{PASSWORD}@{self.host}/0"
        if certificate is not None:
            trusted = f"?ssl_ca_certs={certificate.file}"
            self.address = f"rediss://:{PASSWORD}@{self.host}/0{trusted}"
        self.client = Redis.from_url(self.address)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, and return once it answers."""
        options = {
            **self._door(),
            "bind": "127.0.0.1",
            "requirepass": PASSWORD,
            "dir": str(self._folder),
            "save": "",
            "appendonly": "no",
        }
        command = ["redis-server", *(word for k, v in options.items() for word in (f"--{k}", v))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, lambda: "Redis to answer", 30)

    def _door(self) -> dict[str, str]:
        port, certificate = str(self._port), self._certificate
        if certificate is None:
            return {"port": port}
        files = {"tls-cert-file": str(certificate.file), "tls-key-file": str(certificate.key)}
        return {"port": "0", "tls-port": port, "tls-auth-clients": "no"} | files

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


def redis_server(certificate: Certificate | None = None) -> AbstractContextManager[RedisServer]:
    """A server for the length of a block; with a certificate it speaks TLS alone."""
    return service_in_own_folder("redis", lambda folder: RedisServer(folder, certificate))
