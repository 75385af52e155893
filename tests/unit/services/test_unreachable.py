"""Places that the system does not even look into: a dead drive, a link that leads in a circle.

The kernel answers such a look with ELOOP or ENAMETOOLONG here, as it does with ENOTCONN, EIO or
EACCES for drives; pathlib raises that where it says False for what is not there.
"""

import os
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.library.search import LibrarySearch
from algovera_desktop.library.trash import Trash
from algovera_desktop.services.export import Exporter, ExportOptions
from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer
from algovera_desktop.services.picture_folders import pictures_below
from algovera_desktop.services.rebuild import rebuild_library
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.trash_keeper import TrashKeeper
from support.kept_library import KeptLibrary, png

TOO_LONG = "/" + "x" * 300


@pytest.fixture
def elsewhere() -> str:
    return f"{TOO_LONG}/fox.png"


def place(kept: KeptLibrary, image_id: int, path: str) -> None:
    kept.database.write(
        lambda connection: connection.execute(
            "UPDATE images SET path = ?, modified_ns = 1 WHERE id = ?", (path, image_id)
        )
    )


@pytest.mark.allows_log("left in the trash")
def test_the_trash_leaves_what_cannot_be_reached_and_goes_on(
    tmp_path: Path, elsewhere: str
) -> None:
    with KeptLibrary(tmp_path) as kept:
        for number in range(2):
            kept.add(number)
        place(kept, 1, elsewhere)
        kept.library.trash([1, 2])
        kept.database.write(lambda c: c.execute("UPDATE images SET trashed_at = 5"))
        keeper = TrashKeeper(Trash(kept.database), kept.files)
        emptied = keeper.empty_old(30, CancelToken())
        assert (emptied.removed, emptied.left) == (1, 1)
        assert kept.library.restore([1]) == (1,)


def test_the_trash_is_emptied_by_hand_too(tmp_path: Path, elsewhere: str) -> None:
    with KeptLibrary(tmp_path) as kept:
        for number in range(2):
            kept.add(number)
        place(kept, 1, elsewhere)
        kept.library.trash([1, 2])
        keeper = TrashKeeper(Trash(kept.database), kept.files)
        emptied = keeper.empty(CancelToken(), lambda _: None)
        assert (emptied.removed, emptied.left) == (1, 1)


def test_a_look_at_the_disk_says_nothing_of_what_cannot_be_reached(
    tmp_path: Path, elsewhere: str
) -> None:
    with KeptLibrary(tmp_path) as kept:
        kept.add(0)
        kept.add(1)
        place(kept, 1, elsewhere)
        looks = Reconciler(kept.database, kept.library, lambda: kept.folders)
        changes = looks.run(CancelToken(), lambda _: None)
        assert changes.missing == []
        assert changes.away == {Path(TOO_LONG)}
        assert kept.records()[0].missing_since is None


def test_the_library_is_made_anew_with_the_record_of_what_cannot_be_reached(
    tmp_path: Path, elsewhere: str
) -> None:
    with KeptLibrary(tmp_path) as kept:
        kept.files.absolute(kept.add(0).path).unlink()
        kept.add(1)
        place(kept, 1, elsewhere)
        file, folders = kept.paths.library_file, kept.folders
    rebuild_library(file, folders, CancelToken(), lambda _: None)
    with KeptLibrary(tmp_path) as kept:
        (record,) = [one for one in kept.records() if one.path == elsewhere]
        assert (record.path, record.missing_since) == (elsewhere, None)


def test_an_import_into_a_folder_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    source = tmp_path / "fox.png"
    source.write_bytes(png(1))
    with KeptLibrary(tmp_path / "data", Path(TOO_LONG)) as kept:
        importer = Importer(kept.database, kept.library, kept.files)
        report = importer.run([source], ImportMode.COPY, CancelToken(), lambda _: None)
        assert report.image_ids == ()
        assert isinstance(report.stopped_by, LibraryError)
        importer.clean_up()


def test_an_export_tells_what_cannot_be_reached_as_missing(tmp_path: Path, elsewhere: str) -> None:
    with KeptLibrary(tmp_path / "data") as kept:
        kept.add(0)
        place(kept, 1, elsewhere)
        exporter = Exporter(kept.files, LibrarySearch(kept.database).records)
        token, target = CancelToken(), tmp_path / "out"
        target.mkdir()
        report = exporter.to_folder([1], target, ExportOptions(), token, lambda _: None)
        assert report.missing == ("fox.png",)


def put_beside(kept: KeptLibrary, name: bytes) -> None:
    """A picture without a record, of a name that is no text, as old archives leave them."""
    folder = kept.files.absolute(kept.records()[0].path).parent
    (folder / os.fsdecode(name)).write_bytes(png(900))


def test_a_look_at_the_disk_passes_over_a_name_that_is_no_text(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path) as kept:
        record = kept.add(0)
        put_beside(kept, b"f\xf6x.png")
        kept.files.absolute(record.path).rename(kept.paths.pictures / "moved.png")
        looks = Reconciler(kept.database, kept.library, lambda: kept.folders)
        changes = looks.run(CancelToken(), lambda _: None)
        assert (changes.moved, changes.adopted) == ([record.id], [])


def test_the_library_is_made_anew_beside_a_name_that_is_no_text(tmp_path: Path) -> None:
    with KeptLibrary(tmp_path) as kept:
        record = kept.add(0)
        put_beside(kept, b"f\xf6x.png")
        file, folders = kept.paths.library_file, kept.folders
    report = rebuild_library(file, folders, CancelToken(), lambda _: None)
    assert (report.counts.pictures, report.unreadable) == (1, 1)
    with KeptLibrary(tmp_path) as kept:
        assert kept.records() == [record]


def test_a_link_that_leads_in_a_circle_hides_no_other_picture(tmp_path: Path) -> None:
    for name in ("a.png", "z.png"):
        (tmp_path / name).write_bytes(png(1))
    (tmp_path / "m.png").symlink_to("m.png")
    assert [file.name for file in pictures_below(tmp_path)] == ["a.png", "z.png"]
