"""One library file in the place of another, so that a crash at any moment leaves a whole one.

A library that is made anew or brought up to date is written under a name of its own. Once it is
whole and on the disk it is renamed to ``….rebuilt``, and from then on it is the library: whoever
opens it next finishes what is left of the swap. The one before is renamed with all its parts,
never deleted.
"""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from algovera_desktop.library.durable import fsync_file, fsync_folder, os_errors_translated

_LOG = "-wal"
_INDEX = "-shm"
_REBUILT = ".rebuilt"
_STEMS = {True: "damaged", False: "before"}


def unfinished_path(library: Path) -> Path:
    """Where what is to be the library is being written. What lies there after a crash is worth
    nothing."""
    return library.with_name(library.name + ".rebuilding")


def suspicion_path(library: Path) -> Path:
    """An empty file that stands for: damage was met in this library, look at it before opening."""
    return library.with_name(library.name + ".suspect")


def was_left_open(library: Path) -> bool:
    """Whether whoever used the library last has not closed it: SQLite takes its log away as the
    last thing of an orderly end. Costs one look at a name."""
    return _beside(library, _LOG).exists()


def put_in_place(library: Path) -> Path | None:
    """Let the finished library at ``unfinished_path`` be the library; for the lock's holder only.

    Returns where the one before lies now, None if there was none. Raises DiskFullError or
    LibraryError; the library is then as it was, or a next call finishes what is left.
    """
    rebuilt = _beside(library, _REBUILT)
    with os_errors_translated(f"cannot put {library} in place"):
        fsync_file(unfinished_path(library))
        unfinished_path(library).replace(rebuilt)
        fsync_folder(library.parent)
    return finish(library)


def finish(library: Path) -> Path | None:
    """Finish a swap that a crash interrupted, if there was one; costs one look at a name.

    Before anything opens the library, for the log of the one before must not be taken for the
    new one's. Returns where the one before lies now.
    """
    rebuilt = _beside(library, _REBUILT)
    if not rebuilt.exists():
        return None
    with os_errors_translated(f"cannot put {library} in place"):
        aside = _aside(library)
        if library.exists():
            _keep_as(library, aside)
        for part in (_LOG, _INDEX):
            with suppress(FileNotFoundError):
                _beside(library, part).replace(_beside(aside, part))
        fsync_folder(library.parent)
        suspicion_path(library).unlink(missing_ok=True)
        rebuilt.replace(library)
        fsync_folder(library.parent)
    return aside if aside.exists() else None


def discard_unfinished(library: Path) -> None:
    """Take away what a making that did not come to its end has left. Raises LibraryError."""
    with os_errors_translated("cannot remove what is unfinished"):
        for path in library.parent.glob(unfinished_path(library).name + "*"):
            path.unlink(missing_ok=True)


def _keep_as(library: Path, aside: Path) -> None:
    """A second name, so that there is no moment without a library."""
    try:
        aside.hardlink_to(library)
    except OSError:
        # A file system without second names, as sticks have it. The next opening finishes.
        library.replace(aside)


def _aside(library: Path) -> Path:
    """A name that is free: ``library.sqlite3.damaged-2026-11-22``, then ``…-2`` and so on."""
    stem = _STEMS[suspicion_path(library).exists()]
    name = f"{library.name}.{stem}-{datetime.now().astimezone():%Y-%m-%d}"
    number = 1
    aside = library.with_name(name)
    while aside.exists() or _beside(aside, _LOG).exists():
        number += 1
        aside = library.with_name(f"{name}-{number}")
    return aside


def _beside(library: Path, suffix: str) -> Path:
    return library.with_name(library.name + suffix)
