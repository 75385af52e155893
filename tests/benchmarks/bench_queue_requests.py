"""How many requests a finished job costs its server, by the server's own count.

On our own server, which answers when something has changed, and on one that must be asked again
and again. The least that is possible is three: to post it, to ask, to fetch.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from measurement import Measurement
from queue_world import CountingServer, QueueWorld, counting_server, queue_world

from support.algovera_server import run_command
from support.prepared_data import keyring_with, write_settings

COUNT = 30
LEAST = 3.0
_ABOUT_JOBS = ("/api/txt2img", "/api/status", "/api/getAsset")


def measure() -> Iterator[Measurement]:
    """Each with a program, a server and a data folder of its own."""
    with queue_world() as world:
        key, server_data = _make_key(world.folder / "studio")
        world.environment |= keyring_with(key, world.folder)
        ours = counting_server("counted_server.py", "--port", "0", "--data-dir", str(server_data))
        yield from _measured(world, ours, "sketch", "our server")
        plain = counting_server("slow_server.py", "0.05", "3")
        yield from _measured(world, plain, "stable", "one that is polled")


def _measured(
    world: QueueWorld, started: AbstractContextManager[CountingServer], model: str, words: str
) -> Iterator[Measurement]:
    with world.data() as data, started as server:
        write_settings(data, servers=[server.entry()], active_server_id="far")
        world.drive(data, "finish", COUNT)
        came = server.came()
    for path in _ABOUT_JOBS:
        name = f"requests a job to {words}, {path.removeprefix('/api/')}"
        yield Measurement(name, came.get(path, 0) / COUNT, "")
    total = sum(came.get(path, 0) for path in _ABOUT_JOBS) / COUNT
    yield Measurement(f"requests a job to {words}", total, "", LEAST)


def _make_key(server_data: Path) -> tuple[str, Path]:
    made = run_command("keys", "create", "bench", "--data-dir", str(server_data))
    (key,) = re.findall(r"\b[0-9a-f]{64}\b", made.stdout)
    return key, server_data
