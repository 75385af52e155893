"""Takes memory from a process that runs (Linux)."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def little_memory(process: int, left_bytes: int = 300_000_000) -> Iterator[None]:
    """For the length of a block, let it take so much more than it has, of addresses."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + left_bytes
    resource.prlimit(process, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
