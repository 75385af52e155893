"""Models as the model manager shows them: what each is, and what is going on with it."""

from dataclasses import dataclass, field
from enum import Enum

from algovera_desktop.domain.generation import Size


class ModelState(Enum):
    """``MISSING``: the user's own folder is gone. ``UNAVAILABLE``: nothing can be downloaded, so
    only a folder of the user's own, or a key, makes it usable. ``WAITING``: others come first."""

    AVAILABLE = "available"
    WAITING = "waiting"
    DOWNLOADING = "downloading"
    PAUSED = "paused"
    FAILED = "failed"
    CHECKING = "checking"
    INSTALLED = "installed"
    MISSING = "missing"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class ManagedModel:
    """One base model of this computer.

    All sizes are bytes, 0 where nobody knows. ``done_bytes`` of ``total_bytes`` are here, or
    checked; ``bytes_per_s`` and ``seconds_left`` are None where nobody can say yet.
    ``expected_s`` is how long a picture of its native size may take here, None where nobody
    measured. ``folder`` is the user's own one, else "". ``reason`` says why it failed, or why
    nothing comes at the moment.
    """

    name: str
    title: str
    state: ModelState
    description: str = ""
    note: str = ""
    reason: str = ""
    runtime: str = ""
    native_size: Size = field(default=Size(512, 512))
    default_steps: int = 25
    recommended: bool = False
    downloadable: bool = False
    licence_name: str = ""
    licence_address: str = ""
    licence_accepted: bool = False
    download_bytes: int = 0
    disk_bytes: int = 0
    memory_bytes: int = 0
    folder: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: float | None = None
    seconds_left: float | None = None
    expected_s: float | None = None


@dataclass(frozen=True, slots=True)
class ManagedModels:
    """All of them at one moment, which ``revision`` numbers. ``mirror`` is where downloads come
    from; ``free_bytes`` is the room for them."""

    revision: int
    models: tuple[ManagedModel, ...]
    mirror: str = ""
    free_bytes: int = 0


class ModelAction(Enum):
    """What can be done to a model by its name alone."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    REMOVE = "remove"
    VERIFY = "verify"
