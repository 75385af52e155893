"""What a server keeps."""

from dataclasses import dataclass
from pathlib import Path

from algovera_desktop.server.jobs import JobStore
from algovera_desktop.server.keys import KeyStore
from algovera_desktop.server.pictures import PictureFolder


@dataclass(frozen=True, slots=True)
class ServerStore:
    """Its jobs and keys, the pictures that were made, the folder of its models, and that of what
    its workers can make again."""

    jobs: JobStore
    keys: KeyStore
    pictures: PictureFolder
    models: Path
    cache: Path
