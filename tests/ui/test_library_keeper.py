"""The upkeep of the library: who works, in which order, and what is told."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from algovera_desktop.domain.settings import TRASH_DAYS
from algovera_desktop.library.health import LibraryHealth
from algovera_desktop.library.sidecar import read_sidecar, sidecar_path
from algovera_desktop.library.trash import Trash
from algovera_desktop.services.disk_look import DiskChanges, DiskProgress
from algovera_desktop.services.index_keeper import IndexKeeper
from algovera_desktop.services.keepers import Keepers
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.services.sidecars import SidecarWriter
from algovera_desktop.services.trash_keeper import TrashKeeper
from algovera_desktop.ui import library_keeper
from algovera_desktop.ui.keeper_words import look_message
from algovera_desktop.ui.library_keeper import LibraryKeeper
from algovera_desktop.ui.mending_words import damage_found_message
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.widgets.message_bar import Severity
from support.kept_library import KeptLibrary, fill

TIMEOUT_MS = 20_000


class Upkeep:
    """A keeper over a library of the disk."""

    def __init__(self, data: Path) -> None:
        self.kept = kept = KeptLibrary(data)
        self.settings = SettingsStore(kept.paths.settings_file)
        self.tasks = Tasks()
        keepers = Keepers(
            LibraryHealth(kept.database, kept.paths.library_file),
            TrashKeeper(Trash(kept.database), kept.files),
            Reconciler(kept.database, kept.library, lambda: kept.folders),
            SidecarWriter(kept.database, kept.files),
            IndexKeeper(kept.database),
        )
        self.keeper = LibraryKeeper(keepers, self.settings, self.tasks)

    def file(self, number: int) -> Path:
        return self.kept.files.absolute(self.kept.records()[number].path)

    def close(self) -> None:
        self.keeper.deleteLater()
        QCoreApplication.sendPostedEvents(self.keeper, QEvent.Type.DeferredDelete)
        assert self.tasks.shut_down(10)
        QCoreApplication.processEvents()
        self.settings.close()
        self.kept.database.close()


@pytest.fixture
def upkeep(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upkeep]:
    monkeypatch.setattr(library_keeper, "_FIRST_AFTER_MS", 0)
    monkeypatch.setattr(library_keeper, "_SIDECARS_AFTER_MS", 0)
    fill(tmp_path)
    upkeep = Upkeep(tmp_path)
    yield upkeep
    upkeep.close()


def first_look(qtbot, upkeep: Upkeep) -> DiskChanges:
    with qtbot.waitSignal(upkeep.keeper.disk_compared, timeout=TIMEOUT_MS) as compared:
        upkeep.keeper.start()
    qtbot.waitUntil(lambda: upkeep.tasks.live_count == 0, timeout=TIMEOUT_MS)
    return compared.args[0]


def test_a_library_in_order_gives_nothing_to_say(qtbot, upkeep: Upkeep) -> None:
    told: list[DiskProgress] = []
    upkeep.keeper.progressed.connect(told.append)
    changes = first_look(qtbot, upkeep)
    assert changes == DiskChanges()
    assert told == [DiskProgress(8, 8)]
    assert look_message(changes) is None


def test_what_is_lost_is_told(qtbot, upkeep: Upkeep) -> None:
    upkeep.file(6).unlink()
    message = look_message(first_look(qtbot, upkeep))
    assert message is not None
    assert message.severity is Severity.WARNING
    assert "gone: 1" in message.text


def test_a_folder_that_is_away_is_told_with_its_name(qtbot, upkeep: Upkeep) -> None:
    root = upkeep.kept.folders.root
    root.rename(root.with_name("unplugged"))
    message = look_message(first_look(qtbot, upkeep))
    assert message is not None
    assert message.details == str(root)


def test_what_was_too_long_in_the_trash_is_deleted(qtbot, upkeep: Upkeep) -> None:
    upkeep.settings.set(TRASH_DAYS, 1)
    upkeep.kept.database.write(
        lambda connection: connection.execute("UPDATE images SET trashed_at = 1 WHERE id = 5")
    )
    file = upkeep.file(4)
    with qtbot.waitSignal(upkeep.keeper.trash_emptied, timeout=TIMEOUT_MS):
        first_look(qtbot, upkeep)
    assert not file.exists()


def test_what_is_made_of_a_picture_is_written_beside_it(qtbot, upkeep: Upkeep) -> None:
    first_look(qtbot, upkeep)
    upkeep.kept.curation.set_rating([7], 4)
    upkeep.keeper.write_sidecars_soon()

    def is_written() -> bool:
        curation = read_sidecar(upkeep.file(6))
        return curation is not None and curation.rating == 4

    qtbot.waitUntil(is_written, timeout=TIMEOUT_MS)


def test_what_was_written_into_the_index_of_words_is_merged(qtbot, upkeep: Upkeep) -> None:
    database = upkeep.kept.database
    for number in range(200):
        upkeep.kept.curation.set_notes(1, f"note {number}")
    count = "SELECT count(DISTINCT segid) FROM images_text_idx"

    def pieces() -> int:
        return database.read(lambda connection: connection.execute(count).fetchone()[0])

    assert pieces() > 200
    first_look(qtbot, upkeep)
    assert pieces() < 16


def test_another_programs_rating_is_taken_over_and_told(qtbot, upkeep: Upkeep) -> None:
    sidecar = sidecar_path(upkeep.file(0))
    text = sidecar.read_text("utf-8")
    sidecar.write_text(text.replace("<xmp:Rating>5<", "<xmp:Rating>1<", 1), "utf-8")
    with qtbot.waitSignal(upkeep.keeper.pictures_curated, timeout=TIMEOUT_MS) as curated:
        upkeep.keeper.start()
    assert curated.args == [(1,)]
    assert upkeep.kept.records()[0].rating == 1


def test_turned_to_again_it_notices_what_came(qtbot, upkeep: Upkeep) -> None:
    first_look(qtbot, upkeep)
    file = upkeep.file(6)
    file.rename(file.with_name("renamed.png"))
    with qtbot.waitSignal(upkeep.keeper.disk_compared, timeout=TIMEOUT_MS) as compared:
        upkeep.keeper.look_again()
        upkeep.keeper.look_again()
    assert compared.args[0].moved == [7]


def test_damage_after_a_death_is_told(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(library_keeper, "_FIRST_AFTER_MS", 0)
    fill(tmp_path, 1)
    die = f"""
import os, signal
from pathlib import Path
from support.kept_library import KeptLibrary
kept = KeptLibrary(Path({str(tmp_path)!r}))
kept.database.write(lambda connection: (
    connection.execute("PRAGMA writable_schema = ON"),
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, '<>', '=') WHERE name = 'images_parent'")))
os.kill(os.getpid(), signal.SIGKILL)
"""
    tests = Path(__file__).parents[1]
    ended = subprocess.run([sys.executable, "-c", die], cwd=tests, check=False)
    assert ended.returncode == -signal.SIGKILL
    upkeep = Upkeep(tmp_path)
    with qtbot.waitSignal(upkeep.keeper.damage_found, timeout=TIMEOUT_MS) as found:
        upkeep.keeper.start()
    assert damage_found_message(found.args[0]).details
    upkeep.close()
