"""How much memory this process can still take."""

import sys
from contextlib import suppress
from pathlib import Path

from algovera_desktop.server.pipelines.base import RenderFailedError

_GIGABYTE = 1e9
_CGROUPS = Path("/sys/fs/cgroup")
_OUT_OF_MEMORY = (
    "bad_alloc",  # C++
    "failed to allocate",  # OpenVINO
    "allocate memory",  # PyTorch: "can't allocate memory", and the system: "Cannot allocate memory"
    "not enough memory",
    "out of memory",  # CUDA
)


def require_memory(needed_bytes: int, free_bytes: int, kind: str = "memory") -> None:
    """Raise RenderFailedError, in words with both figures, unless so much is free."""
    if needed_bytes > free_bytes:
        needed, free = needed_bytes / _GIGABYTE, max(free_bytes, 0) / _GIGABYTE
        raise RenderFailedError(
            f"The model needs about {needed:.1f} GB of {kind}, and {free:.1f} GB are free. "
            "Close other programs or choose a smaller model."
        )


def free_memory_bytes() -> int:
    """What the system could give, or less where a limit binds this process."""
    import psutil  # late: a worker that loads no model is ready sooner without it

    return min([psutil.virtual_memory().available, *_left_by_cgroups(), *_left_by_ulimit()])


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a runtime ended for want of memory, perhaps with an error about what came of it."""
    behind = error.__cause__ or error.__context__
    return (
        isinstance(error, MemoryError)
        or any(words in str(error).lower() for words in _OUT_OF_MEMORY)
        or (behind is not None and is_out_of_memory(behind))
    )


def _left_by_cgroups() -> list[int]:
    """What each control group above this process leaves (Linux, version 2: ``memory.max``)."""
    try:
        line = Path("/proc/self/cgroup").read_text("ascii").splitlines()[-1]
    except (OSError, IndexError):
        return []
    group = _CGROUPS / line.rpartition(":")[2].lstrip("/")
    folders = [group, *group.parents]
    return [left for folder in folders if (left := cgroup_left(folder)) is not None]


def cgroup_left(folder: Path) -> int | None:
    """What a control group leaves, None without a limit. Files in memory count as free: the
    kernel drops them before it refuses anything."""
    try:
        limit = int((folder / "memory.max").read_text("ascii"))
        used = int((folder / "memory.current").read_text("ascii"))
        statistics = (folder / "memory.stat").read_text("ascii").splitlines()
    except (OSError, ValueError):  # "max", or no control group of version 2
        return None
    files = {"inactive_file", "active_file"}
    dropped = sum(int(line.split()[1]) for line in statistics if line.split()[0] in files)
    return limit - used + dropped


def _left_by_ulimit() -> list[int]:
    """What ``ulimit -v`` leaves of addresses."""
    if sys.platform == "win32":
        return []
    import resource

    import psutil

    with suppress(OSError, ValueError):
        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            return [limit - psutil.Process().memory_info().vms]
    return []
