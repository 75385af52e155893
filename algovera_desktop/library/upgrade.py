"""An older library brought up to date: a copy of it is, and then takes its place.

Until that one moment the library is as it was, for the program that made it too, and whoever is
cut off begins again. Afterwards the older one lies beside the new one, whole.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import NoRoomToUpgradeError
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.library.interruption import interruptible
from algovera_desktop.library.migrations import Migration, OnProgress, migrate
from algovera_desktop.library.replacement import discard_unfinished, put_in_place, unfinished_path

_COPIED_AT_ONCE_PAGES = 4096
_COPYING_SHARE = 0.1
"""Of a million pictures, 4 s to 10 s of 70 went into copying."""


def upgrade(
    library: Path,
    connection: sqlite3.Connection,
    migrations: Sequence[Migration],
    token: CancelToken,
    on_progress: OnProgress,
) -> Path | None:
    """Put an upgraded copy in the library's place; returns where the library lies as it was.

    For the lock's holder, with the only ``connection`` to the library, which is closed. Raises
    JobCancelledError, NoRoomToUpgradeError, LibraryError or sqlite3.Error; the library is then as
    it was.
    """
    discard_unfinished(library)
    _require_room(library)
    try:
        with closing(sqlite3.connect(unfinished_path(library), isolation_level=None)) as copy:
            _copy(connection, copy, token, on_progress)
            _bring_up_to_date(copy, migrations, token, on_progress)
        connection.close()
        return put_in_place(library)
    except BaseException as error:
        with suppress(OSError):
            discard_unfinished(library)
        if _tells_of_a_full_disk(error):
            raise NoRoomToUpgradeError(f"the disk of {library.parent} became full") from error
        raise


def _require_room(library: Path) -> None:
    """Refuse at once what could only fail. Whether there is room for more than the copy is seen
    when it is needed: to ask for more than that might refuse what would have worked."""
    folder = library.parent
    with os_errors_translated(f"cannot use {folder}"):
        needed = sum(file.stat().st_size for file in (library, _log(library)) if file.exists())
        free = shutil.disk_usage(folder).free
    if free < needed:
        words = f"a copy of the library takes {needed} bytes, of which {folder} has {free} free"
        raise NoRoomToUpgradeError(words, needed)


def _log(library: Path) -> Path:
    return library.with_name(library.name + "-wal")


def _copy(
    connection: sqlite3.Connection,
    copy: sqlite3.Connection,
    token: CancelToken,
    on_progress: OnProgress,
) -> None:
    def tell(_status: int, left: int, total: int) -> None:
        token.raise_if_cancelled()
        on_progress(_COPYING_SHARE * (1 - left / max(total, 1)))

    # What was begun is thrown away when it fails, and put on the disk as a whole when it is done.
    copy.execute("PRAGMA synchronous = OFF")
    connection.backup(copy, pages=_COPIED_AT_ONCE_PAGES, progress=tell)
    copy.execute("PRAGMA journal_mode = OFF")


def _bring_up_to_date(
    copy: sqlite3.Connection,
    migrations: Sequence[Migration],
    token: CancelToken,
    on_progress: OnProgress,
) -> None:
    def tell(part: float) -> None:
        token.raise_if_cancelled()
        on_progress(_COPYING_SHARE + (1 - _COPYING_SHARE) * part)

    copy.execute("PRAGMA foreign_keys = ON")
    with interruptible(copy, token):
        migrate(copy, migrations, tell)


def _tells_of_a_full_disk(error: BaseException) -> bool:
    # Python's own errors of this kind, as for a closed connection, carry no code.
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
