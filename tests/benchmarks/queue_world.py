"""What the queue's benchmarks run in: a data folder, a screen, and a server beside the program."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from support.desktop import DesktopSession

HERE = Path(__file__).parent
KEY = "0123456789abcdef" * 4
_TIMEOUT_S = 300


@dataclass
class QueueWorld:
    """A session on a screen of its own; ``environment`` is added for the program."""

    session: DesktopSession
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def data(self) -> Iterator[Path]:
        """A fresh data folder."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            yield Path(name)

    def drive(self, data: Path, what: str, number: int) -> dict[str, Any]:
        """What ``driven_queue.py`` finds."""
        return json.loads(self.output("driven_queue.py", str(data), what, str(number)))

    def output(self, script: str, *arguments: str) -> str:
        """The last line that a script of this folder prints; its errors go to ours."""
        result = subprocess.run(
            [sys.executable, str(HERE / script), *arguments],
            env={
                **self.session.environment,
                "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "0",
                **self.environment,
            },
            stdout=subprocess.PIPE,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        return result.stdout.splitlines()[-1]


@contextmanager
def queue_world() -> Iterator[QueueWorld]:
    """A world for the length of a block."""
    with tempfile.TemporaryDirectory() as name, DesktopSession(Path(name)) as session:
        yield QueueWorld(session, Path(name))


class CountingServer:
    """A server that runs, and counts."""

    def __init__(self, address: str) -> None:
        self.address = address

    def came(self) -> Mapping[str, int]:
        """How many requests have come, by path."""
        with requests.Session() as http:
            http.trust_env = False
            return http.get(f"{self.address}/count", timeout=30).json()

    def entry(self, **more: Any) -> dict[str, Any]:
        """Its entry in the settings."""
        return {"id": "far", "name": "Far", "address": self.address, **more}


@contextmanager
def counting_server(script: str, *arguments: str) -> Iterator[CountingServer]:
    """A server script of this folder, for the length of a block."""
    command: Sequence[str] = [sys.executable, str(HERE / script), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+:\d+", process.stdout.readline())
            assert found, f"{script} did not start"
            yield CountingServer(found[0])
        finally:
            process.terminate()
