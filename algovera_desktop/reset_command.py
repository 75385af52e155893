"""``algovera-desktop --reset-settings``: the settings' defaults again, and the old ones kept."""

import itertools
import sys
from datetime import date
from pathlib import Path

from algovera_desktop.domain.errors import LibraryBusyError, LibraryError
from algovera_desktop.library.durable import fsync_folder, os_errors_translated
from algovera_desktop.library.lock import ProcessLock
from algovera_desktop.services.paths import Paths

EXIT_REFUSED = 2


def run_reset(paths: Paths) -> int:
    """Put the settings' file aside and say so; 2 where the program runs or it cannot be done."""
    if not paths.settings_file.is_file():
        print("Every setting has its default already.")
        return 0
    try:
        lock = ProcessLock(paths.data / "instance.lock")
    except LibraryBusyError:
        return _refuse("the program is running; close it first")
    except LibraryError as error:
        return _refuse(f"nothing was changed: {error}")
    try:
        kept = _put_aside(paths.settings_file)
    except LibraryError as error:
        return _refuse(f"nothing was changed: {error}")
    finally:
        lock.release()
    print("Every setting has its default again.")
    print(f"The settings before are kept as {kept}")
    print("Servers that you entered, and what stood in the prompt form, are in there.")
    print("Pictures, the library and keys in the keyring are as they were.")
    return 0


def _put_aside(file: Path) -> Path:
    name = f"{file.name}.bak-{date.today().isoformat()}"
    names = (file.with_name(name + (f"-{n}" if n > 1 else "")) for n in itertools.count(1))
    kept = next(path for path in names if not path.exists())
    with os_errors_translated(f"cannot rename {file}"):
        file.rename(kept)
        fsync_folder(file.parent)
    return kept


def _refuse(reason: str) -> int:
    print(f"algovera-desktop: {reason}", file=sys.stderr)
    return EXIT_REFUSED
