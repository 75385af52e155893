"""The library opened at start, and made anew first if it is damaged."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryCorruptError
from algovera_desktop.library.database import Database
from algovera_desktop.library.health import damage_in, is_foreign
from algovera_desktop.library.lock import ProcessLock
from algovera_desktop.library.replacement import suspicion_path
from algovera_desktop.services.picture_folders import PictureFolders

if TYPE_CHECKING:
    from algovera_desktop.services.rebuild import RebuildProgress, RebuildReport


@dataclass(frozen=True, slots=True)
class OpenedLibrary:
    """``mended`` tells what came back where the file was damaged; None where it was not."""

    database: Database
    mended: "RebuildReport | None" = None


def open_library(
    library_file: Path,
    folders: PictureFolders,
    token: CancelToken,
    on_progress: "Callable[[RebuildProgress], object]",
) -> OpenedLibrary:
    """Open the library. Where it was never damaged, that costs one look at a name more.

    Raises what ``Database`` and ``rebuild_library`` raise; LibraryCorruptError for another
    program's file, which nobody here moves.
    """
    if suspicion_path(library_file).exists() and not _is_cleared(library_file, token):
        return _mended(library_file, folders, token, on_progress)
    try:
        return OpenedLibrary(Database(library_file))
    except LibraryCorruptError:
        if is_foreign(library_file):
            raise
    with suppress(OSError):  # It names the old file only.
        suspicion_path(library_file).touch()
    return _mended(library_file, folders, token, on_progress)


def _mended(
    library_file: Path,
    folders: PictureFolders,
    token: CancelToken,
    on_progress: "Callable[[RebuildProgress], object]",
) -> OpenedLibrary:
    # Here and not above: all readers of pictures are loaded with it.
    from algovera_desktop.services.rebuild import rebuild_library

    report = rebuild_library(library_file, folders, token, on_progress)
    return OpenedLibrary(Database(library_file), report)


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
