"""What the real services that tests start have in common."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar


class Service(Protocol):
    def stop(self) -> None:
        """End, and let go of everything."""


S = TypeVar("S", bound=Service)


@contextmanager
def service_in_own_folder(name: str, start: Callable[[Path], S]) -> Iterator[S]:
    """A service for the length of a block, in a folder that is gone after it."""
    folder = Path(tempfile.mkdtemp(prefix=f"algovera-{name}-"))
    try:
        service = start(folder)
        try:
            yield service
        finally:
            service.stop()
    finally:
        shutil.rmtree(folder)
