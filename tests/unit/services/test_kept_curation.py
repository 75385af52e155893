"""What an artist has made of pictures outlives odd sidecars, edits outside and rebuilding."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import LibraryQuery
from algovera_desktop.library.metadata import embed_xmp
from algovera_desktop.library.sidecar import write_sidecar
from algovera_desktop.library.trash import Trash
from algovera_desktop.library.xmp import meta
from algovera_desktop.library.xmp_curation import SidecarCuration, curation_xml
from algovera_desktop.library.xmp_names import description
from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer
from algovera_desktop.services.rebuild import rebuild_library
from algovera_desktop.services.reconcile import Reconciler
from algovera_desktop.services.trash_keeper import TrashKeeper
from support.kept_library import KeptLibrary, png


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptLibrary]:
    with KeptLibrary(tmp_path / "data") as kept:
        yield kept


def look(kept: KeptLibrary) -> None:
    looks = Reconciler(kept.database, kept.library, lambda: kept.folders)
    looks.run(CancelToken(), lambda _: None)


def make_anew(kept: KeptLibrary) -> None:
    kept.database.close()
    rebuild_library(kept.paths.library_file, kept.folders, CancelToken(), lambda _: None)


@pytest.mark.parametrize("is_rebuilt", [False, True])
def test_a_sidecar_from_before_1970_lets_nothing_be_deleted_that_nobody_asked_for(
    kept: KeptLibrary, is_rebuilt: bool
) -> None:
    kept.paths.pictures.mkdir(exist_ok=True)
    file = kept.paths.pictures / "fox.png"
    file.write_bytes(png(1))
    write_sidecar(file, SidecarCuration(trashed_at=datetime(1970, 1, 1, tzinfo=UTC)))
    if is_rebuilt:
        make_anew(kept)
    else:
        look(kept)
    with KeptLibrary(kept.paths.library_file.parent) if is_rebuilt else kept as now:
        # At every start, what was begun before a crash is finished.
        TrashKeeper(Trash(now.database), now.files).empty_old(0, CancelToken())
        assert file.exists()
        assert len(now.library.page(LibraryQuery(trashed=True))) == 1


def test_a_rating_that_was_taken_off_does_not_come_back_from_the_file(
    kept: KeptLibrary, tmp_path: Path
) -> None:
    file = tmp_path / "rated.png"
    file.write_bytes(rated(png(2)))
    importer = Importer(kept.database, kept.library, kept.files)
    importer.run([file], ImportMode.COPY, CancelToken(), lambda _: None)
    (record,) = kept.records()
    assert (record.rating, record.tags) == (4, ("snow",))
    kept.curation.set_rating([record.id], 0)
    kept.curation.remove_tags([record.id], ["snow"])
    kept.write_sidecars()
    make_anew(kept)
    with KeptLibrary(kept.paths.library_file.parent) as again:
        (record,) = again.records()
        assert (record.rating, record.tags) == (0, ())


def rated(data: bytes) -> bytes:
    """A PNG with a rating and a tag inside, as digiKam writes them there."""
    curation = SidecarCuration(rating=4, tags=("snow",))
    return embed_xmp(data, "image/png", meta(description(curation_xml(curation))).encode())
