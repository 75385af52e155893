"""``algovera-desktop --rebuild-library``: the library made anew, with a report."""

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import monotonic

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError, LibraryBusyError, LibraryError
from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.rebuild import RebuildProgress, RebuildReport, rebuild_library
from algovera_desktop.services.settings_store import SettingsStore

EXIT_REFUSED = 2
EXIT_CANCELLED = 130
"""What a shell shows of a program that Ctrl-C has ended."""

_SECONDS_BETWEEN_LINES = 0.5


def run_rebuild(paths: Paths) -> int:
    """Rebuild, telling of it on stderr and in the end on stdout; returns the exit code."""
    token = CancelToken()
    try:
        paths.make()
        with closing(SettingsStore(paths.settings_file)) as settings:
            folders = PictureFolders.of(paths.pictures, settings.get(PICTURES_FOLDER))
        for folder in folders.all():
            _say(f"Pictures in {folder}")
        # On another thread: a handler of signals waits for the main one to leave SQLite.
        with ThreadPoolExecutor(1) as worker:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: token.cancel())
            rebuilding = worker.submit(
                rebuild_library, paths.library_file, folders, token, _ProgressLines()
            )
            report = rebuilding.result()
    except JobCancelledError:
        return _refuse("cancelled; the library is as it was", EXIT_CANCELLED)
    except LibraryBusyError:
        return _refuse("the library is in use; close the program first")
    except LibraryError as error:
        return _refuse(f"nothing was changed: {error}")
    except OSError as error:
        return _refuse(f"cannot use {error.filename}: {error.strerror}")
    print("\n".join(_lines(report)))
    return 0


class _ProgressLines:
    """A line now and then, however fast the work is."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, progress: RebuildProgress) -> None:
        if monotonic() >= self._next or progress.done == progress.total:
            self._next = monotonic() + _SECONDS_BETWEEN_LINES
            _say(f"{progress.done} of {progress.total} files read")


def _lines(report: RebuildReport) -> Iterator[str]:
    counts = report.counts
    yield f"Pictures           {counts.pictures}"
    yield f"  in the trash     {counts.trashed}"
    yield f"  without a file   {counts.missing}"
    yield f"  saying nothing   {report.plain}"
    yield f"Tags               {counts.tags}"
    yield f"Albums             {counts.albums}"
    yield f"Saved searches     {counts.saved_searches}"
    yield f"Jobs               {counts.jobs}"
    if report.lossy_tables:
        yield f"Not all could be read of: {', '.join(report.lossy_tables)}"
    if report.set_aside is not None:
        yield f"The library before is kept as {report.set_aside}"
    if report.unreadable:
        yield f"No picture that can be read: {report.unreadable}"
        yield from (f"  {line}" for line in report.named)
        if report.unreadable > len(report.named):
            yield f"  and {report.unreadable - len(report.named)} more"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _refuse(reason: str, code: int = EXIT_REFUSED) -> int:
    _say(f"algovera-desktop: {reason}")
    return code
