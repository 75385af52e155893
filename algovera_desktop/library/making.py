"""A library where there is none yet: it is there whole, or not at all.

So a file without anything in it is never a new library. It is one that was lost.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from algovera_desktop.library.migrations import Migration, migrate
from algovera_desktop.library.replacement import discard_unfinished, put_in_place, unfinished_path


def make(library: Path, migrations: Sequence[Migration]) -> None:
    """Make an empty library. For the lock's holder; raises LibraryError's kinds or
    sqlite3.Error."""
    discard_unfinished(library)
    with closing(sqlite3.connect(unfinished_path(library), isolation_level=None)) as new:
        # What a crash leaves of it is thrown away, and put on the disk as a whole when it is done.
        new.execute("PRAGMA journal_mode = OFF")
        new.execute("PRAGMA synchronous = OFF")
        migrate(new, migrations)
    put_in_place(library)
