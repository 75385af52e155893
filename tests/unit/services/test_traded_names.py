"""What an artist made of a picture stays with the picture, whatever names files are given."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.sidecar import read_sidecar, sidecar_path
from algovera_desktop.services.disk_look import DiskChanges
from algovera_desktop.services.rebuild import rebuild_library
from algovera_desktop.services.reconcile import Reconciler
from support.kept_library import KeptLibrary, png

COUNT = 4


def look(kept: KeptLibrary) -> DiskChanges:
    looks = Reconciler(kept.database, kept.library, lambda: kept.folders)
    changes = looks.run(CancelToken(), lambda _: None)
    kept.write_sidecars()
    return changes


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptLibrary]:
    with rated_library(tmp_path / "data") as kept:
        yield kept


@contextmanager
def rated_library(data: Path) -> Iterator[KeptLibrary]:
    """Each picture has as many stars as its number, the first has none."""
    with KeptLibrary(data) as kept:
        for number in range(COUNT):
            kept.curation.set_rating([kept.add(number).id], number)
        look(kept)
        yield kept


def files_of(kept: KeptLibrary) -> list[Path]:
    return [kept.files.absolute(record.path) for record in kept.records()]


def give_names(files: list[Path], names: list[Path | None], *, with_sidecars: bool = False) -> None:
    """Let each file have another's name, or be deleted."""
    named = list(zip(files, names, strict=True))
    if with_sidecars:
        named += [(sidecar_path(file), name and sidecar_path(name)) for file, name in named]
    aside = [(file.with_name(f"aside of {file.name}"), name) for file, name in named]
    for (file, _), (beside, _) in zip(named, aside, strict=True):
        if file.exists():
            file.rename(beside)
    for beside, name in aside:
        if name is None:
            beside.unlink(missing_ok=True)
        elif beside.exists():
            beside.rename(name)


def stars(kept: KeptLibrary) -> dict[str, int]:
    return {record.sha256: record.rating for record in kept.records()}


def stars_beside(kept: KeptLibrary, records: list[ImageRecord]) -> list[int]:
    sidecars = [read_sidecar(kept.files.absolute(record.path)) for record in records]
    return [0 if sidecar is None else sidecar.rating for sidecar in sidecars]


@pytest.mark.parametrize("with_sidecars", [False, True])
def test_pictures_that_traded_names_keep_their_stars(
    kept: KeptLibrary, with_sidecars: bool
) -> None:
    before = stars(kept)
    files = files_of(kept)
    names = [files[0], files[2], files[1], files[3]]
    give_names(files, list(names), with_sidecars=with_sidecars)
    assert sorted(look(kept).moved) == [2, 3]
    assert stars(kept) == before
    assert files_of(kept) == names
    assert stars_beside(kept, kept.records()) == [0, 1, 2, 3]
    assert look(kept) == DiskChanges()


def test_renumbered_pictures_keep_their_stars_and_the_deleted_one_is_missing(
    kept: KeptLibrary,
) -> None:
    before = stars(kept)
    files = files_of(kept)
    give_names(files, [None, *files[:-1]])
    changes = look(kept)
    assert (sorted(changes.moved), changes.missing) == ([2, 3, 4], [1])
    assert stars(kept) == before
    assert files_of(kept)[1:] == files[:-1]
    assert look(kept) == DiskChanges()


def test_a_missing_picture_whose_name_another_has_is_known_when_it_is_back(
    kept: KeptLibrary, tmp_path: Path
) -> None:
    before = stars(kept)
    files = files_of(kept)
    shutil.copy2(files[3], tmp_path / "kept.png")
    give_names(files, [files[0], files[1], files[3], None])
    assert look(kept).missing == [4]
    shutil.copy2(tmp_path / "kept.png", files[3].with_name("back.png"))
    assert look(kept) == DiskChanges(moved=[4])
    assert stars(kept) == before
    assert stars_beside(kept, kept.records()) == [0, 1, 2, 3]


def test_a_new_picture_at_the_head_of_a_renumbered_row_gets_no_stars(kept: KeptLibrary) -> None:
    before = stars(kept)
    files = files_of(kept)
    give_names(files, [*files[1:], files[-1].with_name("z.png")])
    files[0].write_bytes(png(50))
    changes = look(kept)
    assert (sorted(changes.moved), changes.altered, changes.adopted) == ([1, 2, 3, 4], [], [5])
    assert {sha256: stars(kept)[sha256] for sha256 in before} == before
    assert kept.records()[4].rating == 0


deeds = st.tuples(
    st.permutations(range(COUNT)),
    st.sets(st.integers(0, COUNT - 1)),
    st.sets(st.integers(0, COUNT - 1)),
    st.booleans(),
    st.booleans(),
)


@given(deeds)
@settings(max_examples=20)
def test_stars_stay_with_the_bytes(
    deed: tuple[list[int], set[int], set[int], bool, bool],
) -> None:
    order, deleted, edited, with_sidecars, is_rebuilt = deed
    with TemporaryDirectory() as folder, rated_library(Path(folder)) as kept:
        before = [(record.sha256, record.rating) for record in kept.records()]
        files = files_of(kept)
        names = [None if n in deleted else files[place] for n, place in enumerate(order)]
        give_names(files, names, with_sidecars=with_sidecars)
        for number in edited - deleted:
            files[order[number]].write_bytes(png(60 + number))
        if is_rebuilt:
            kept.database.close()
            rebuild_library(kept.paths.library_file, kept.folders, CancelToken(), lambda _: None)
        with KeptLibrary(Path(folder)) if is_rebuilt else kept as now:
            look(now)
            found = stars(now)
            for number, (sha256, rating) in enumerate(before):
                if number not in edited and (number not in deleted or not edited):
                    assert found[sha256] == rating
            ratings = [record.rating for record in now.records() if record.missing_since is None]
            there = [record for record in now.records() if record.missing_since is None]
            assert stars_beside(now, there) == ratings
            assert look(now) == DiskChanges()
