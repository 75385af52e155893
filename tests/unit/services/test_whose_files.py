"""Which files are deleted for good with their records: ours, and never anybody else's."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.trash import Trash
from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer
from algovera_desktop.services.rebuild import rebuild_library
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.trash_keeper import Emptied, TrashKeeper
from support.kept_library import KeptLibrary, png


@dataclass
class Desk:
    """A library, and a folder elsewhere with a picture of another library of this program."""

    kept: KeptLibrary
    theirs: Path

    @property
    def importer(self) -> Importer:
        return Importer(self.kept.database, self.kept.library, self.kept.files)

    @property
    def keeper(self) -> TrashKeeper:
        return TrashKeeper(Trash(self.kept.database), self.kept.files)

    def bring_in(self, mode: ImportMode) -> ImageRecord:
        report = self.importer.run([self.theirs], mode, CancelToken(), lambda _: None)
        (image_id,) = report.image_ids
        record = self.kept.library.get(image_id)
        assert record is not None
        return record

    @property
    def reconciler(self) -> Reconciler:
        return Reconciler(self.kept.database, self.kept.library, lambda: self.kept.folders)

    def look(self) -> list[int]:
        return self.reconciler.run(CancelToken(), lambda _: None).adopted

    def delete_for_good(self, *ids: int) -> Emptied:
        self.kept.library.trash(ids)
        return self.keeper.empty(CancelToken(), lambda _: None)


def made_elsewhere(folder: Path) -> Path:
    with KeptLibrary(folder) as other:
        return other.files.absolute(other.add(7).path)


@pytest.fixture(params=["in our folder", "in a chosen folder"])
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    chosen = None if request.param == "in our folder" else tmp_path / "chosen"
    if chosen is not None:
        chosen.mkdir()
    with KeptLibrary(tmp_path / "data", chosen) as kept:
        yield Desk(kept, made_elsewhere(tmp_path / "other"))


def test_a_picture_left_in_place_keeps_its_file_though_this_program_made_it(desk: Desk) -> None:
    record = desk.bring_in(ImportMode.IN_PLACE)
    assert desk.delete_for_good(record.id) == Emptied(removed=1)
    assert desk.theirs.exists()


def test_it_keeps_its_file_after_the_library_was_made_anew(desk: Desk) -> None:
    record = desk.bring_in(ImportMode.IN_PLACE)
    data, chosen = desk.kept.paths.library_file.parent, desk.kept.folders.chosen
    desk.kept.add(1)
    desk.kept.database.close()
    rebuild_library(desk.kept.paths.library_file, desk.kept.folders, CancelToken(), lambda _: None)
    with KeptLibrary(data, chosen) as kept:
        again = Desk(kept, desk.theirs)
        (found,) = [one for one in kept.records() if one.path == record.path]
        again.delete_for_good(found.id)
    assert desk.theirs.exists()


def test_a_copy_goes_for_good_and_does_not_come_back(desk: Desk) -> None:
    record = desk.bring_in(ImportMode.COPY)
    copy = desk.kept.files.absolute(record.path)
    assert copy != desk.theirs
    assert desk.delete_for_good(record.id) == Emptied(removed=1)
    assert not copy.exists()
    assert desk.theirs.exists()
    assert desk.look() == []


def test_a_copy_of_another_tools_picture_goes_for_good(desk: Desk) -> None:
    desk.theirs.write_bytes(png(300))
    record = desk.bring_in(ImportMode.COPY)
    desk.delete_for_good(record.id)
    assert not desk.kept.files.absolute(record.path).exists()
    assert desk.look() == []
    assert desk.theirs.exists()


def test_a_file_that_a_missing_picture_was_given_is_the_users(desk: Desk, tmp_path: Path) -> None:
    made = [desk.kept.add(number) for number in (1, 2)]
    backup = tmp_path / "backup"
    backup.mkdir()
    for record in made:
        file = desk.kept.files.absolute(record.path)
        file.rename(backup / file.name)
    desk.look()
    first, second = (backup / Path(record.path).name for record in made)
    located = desk.reconciler.locate(made[0].id, first, CancelToken())
    desk.reconciler.accept(located.others)
    assert [record.missing_since for record in desk.kept.records()] == [None, None]
    assert desk.delete_for_good(*(record.id for record in made)) == Emptied(removed=2)
    assert (first.exists(), second.exists()) == (True, True)


def test_a_file_of_ours_that_was_moved_within_our_folder_stays_ours(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path / "data") as kept:
        desk = Desk(kept, tmp_path)
        record = kept.add(1)
        moved = kept.folders.root / "best.png"
        kept.files.absolute(record.path).rename(moved)
        desk.look()
        desk.delete_for_good(record.id)
        assert not moved.exists()
