"""The library opened at start: an older one is brought up to date, a damaged one made anew."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryCorruptError
from algovera_desktop.library.database import Database
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.library.health import damage_in, is_foreign
from algovera_desktop.library.lock import ProcessLock
from algovera_desktop.library.replacement import suspicion_path
from algovera_desktop.services.picture_folders import PictureFolders

if TYPE_CHECKING:
    from algovera_desktop.services.rebuild import RebuildProgress, RebuildReport


@dataclass(frozen=True, slots=True)
class UpgradeProgress:
    """The ``part``, from 0 to 1, of bringing a library of an earlier version up to date."""

    part: float


@dataclass(frozen=True, slots=True)
class OlderLibrary:
    """A library as an earlier version of the program left it."""

    file: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class OpenedLibrary:
    """``older`` is what was brought up to date, ``mended`` tells what came back where the file was
    damaged; None where it was not so."""

    database: Database
    older: OlderLibrary | None = None
    mended: "RebuildReport | None" = None


OnProgress = Callable[["UpgradeProgress | RebuildProgress"], object]


def open_library(
    library_file: Path,
    folders: PictureFolders,
    token: CancelToken,
    on_progress: OnProgress,
) -> OpenedLibrary:
    """Open the library. Where it was never damaged, that costs one look at a name more.

    Raises what ``Database`` and ``rebuild_library`` raise; LibraryCorruptError for another
    program's file, which nobody here moves.
    """
    if suspicion_path(library_file).exists() and not _is_cleared(library_file, token):
        return _mended(library_file, folders, token, on_progress)
    try:
        return _opened(library_file, token, on_progress)
    except LibraryCorruptError:
        if is_foreign(library_file):
            raise
    with suppress(OSError):  # It names the old file only.
        suspicion_path(library_file).touch()
    return _mended(library_file, folders, token, on_progress)


def _opened(library_file: Path, token: CancelToken, on_progress: OnProgress) -> OpenedLibrary:
    def tell(part: float) -> None:
        on_progress(UpgradeProgress(part))

    database = Database(library_file, token=token, on_progress=tell)
    if database.older is None:
        return OpenedLibrary(database)
    with ExitStack() as stack:
        stack.callback(database.close)
        with os_errors_translated(f"cannot read {database.older}"):
            size_bytes = database.older.stat().st_size
        stack.pop_all()
    return OpenedLibrary(database, OlderLibrary(database.older, size_bytes))


def _mended(
    library_file: Path,
    folders: PictureFolders,
    token: CancelToken,
    on_progress: OnProgress,
) -> OpenedLibrary:
    # Here and not above: all readers of pictures are loaded with it.
    from algovera_desktop.services.rebuild import rebuild_library

    report = rebuild_library(library_file, folders, token, on_progress)
    return OpenedLibrary(Database(library_file), mended=report)


def _is_cleared(library_file: Path, token: CancelToken) -> bool:
    """Whether the damage that was met is none after all, as when it was the disk's moment."""
    if not library_file.exists():
        return True
    lock = ProcessLock(library_file.with_name(library_file.name + ".lock"))
    try:
        if damage_in(library_file, token):
            return False
        with suppress(OSError):
            suspicion_path(library_file).unlink()
        return True
    finally:
        lock.release()
