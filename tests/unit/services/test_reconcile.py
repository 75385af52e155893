"""What is noticed of pictures that were moved, changed, lost or added outside the program."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import JobCancelledError, LibraryError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.library.sidecar import sidecar_path
from algovera_desktop.services.away import is_on_absent_drive
from algovera_desktop.services.disk_look import DiskChanges, DiskProgress
from algovera_desktop.services.picture_folders import PictureFolders
from algovera_desktop.services.reconcile import Located, Reconciler
from support.kept_library import KeptLibrary, png


class World:
    """Five pictures, and what looks after them."""

    def __init__(self, kept: KeptLibrary) -> None:
        self.kept = kept
        self.folders = kept.folders
        self.reconciler = Reconciler(kept.database, kept.library, lambda: self.folders)
        self.before = [kept.add(number) for number in range(5)]
        self.look()

    def look(self) -> DiskChanges:
        return self.reconciler.run(CancelToken(), lambda _: None)

    def look_at_changes(self) -> DiskChanges:
        changed = self.reconciler.quick_look()
        return self.reconciler.run(CancelToken(), lambda _: None, changed)

    def file(self, number: int) -> Path:
        return self.folders.absolute(self.kept.records()[number].path)

    def locate(self, image_id: int, file: Path, *, accept_other: bool = False) -> Located:
        token = CancelToken()
        return self.reconciler.locate(image_id, file, token, accept_other=accept_other)

    def put_elsewhere(self, folder: Path, *numbers: int) -> list[Path]:
        """Let pictures lie in place somewhere, as some imported ones do."""
        folder.mkdir(parents=True, exist_ok=True)
        placed: list[Path] = []
        for number in numbers:
            target = folder / f"{number}.png"
            shutil.move(self.file(number), target)
            values = (target.as_posix(), self.before[number].id)
            self.kept.database.write(
                lambda connection, values=values: connection.execute(
                    "UPDATE images SET path = ? WHERE id = ?", values
                )
            )
            placed.append(target)
        self.look()
        return placed


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with KeptLibrary(tmp_path / "data") as kept:
        yield World(kept)


def test_nothing_changed_is_nothing_found(world: World) -> None:
    assert world.look() == DiskChanges()
    assert world.kept.records() == world.before
    assert world.reconciler.quick_look() == frozenset()


def test_a_renamed_picture_keeps_its_record(world: World) -> None:
    file = world.file(1)
    file.rename(file.with_name("renamed.png"))
    assert world.look() == DiskChanges(moved=[2])
    assert world.kept.records()[1] == replace(world.before[1], path="2026-11/renamed.png")


def test_a_renamed_folder_keeps_all_records(world: World) -> None:
    folder = world.file(1).parent
    folder.rename(folder.with_name("the best"))
    assert sorted(world.look().moved) == [1, 2, 3, 4, 5]
    assert {Path(record.path).parts[0] for record in world.kept.records()} == {"the best"}


def test_a_lost_picture_is_missing_and_keeps_its_record_until_it_is_back(world: World) -> None:
    file = world.file(2)
    file.rename(file.with_name("hidden.away"))
    assert world.look() == DiskChanges(missing=[3])
    lost = world.kept.records()[2]
    assert lost.missing_since is not None
    assert replace(lost, missing_since=None) == world.before[2]
    assert world.look() == DiskChanges()
    file.with_name("hidden.away").rename(file)
    assert world.look() == DiskChanges(returned=[3])
    assert world.kept.records() == world.before


def test_a_picture_that_was_missing_is_known_again_wherever_it_comes_back(world: World) -> None:
    file = world.file(2)
    file.rename(file.with_name("hidden.away"))
    world.look()
    file.with_name("hidden.away").rename(world.folders.root / "back.png")
    assert world.look() == DiskChanges(moved=[3])
    assert world.kept.records()[2] == replace(world.before[2], path="back.png")


def test_a_picture_that_was_painted_over_has_its_new_bytes(world: World) -> None:
    world.file(0).write_bytes(png(77))
    assert world.look() == DiskChanges(altered=[1])
    now = world.kept.records()[0]
    assert now.sha256 != world.before[0].sha256
    assert now.size_bytes == len(png(77))
    assert now.request == world.before[0].request
    assert world.look() == DiskChanges()


def test_a_picture_that_was_only_touched_stays_as_it_is(world: World) -> None:
    os.utime(world.file(0), (1, 1))
    assert world.look() == DiskChanges()
    assert world.kept.records() == world.before


def test_half_a_picture_is_left_for_the_next_look(world: World) -> None:
    file = world.file(0)
    whole = file.read_bytes()
    file.write_bytes(whole[:60])
    (world.folders.root / "coming.png").write_bytes(whole[:60])
    assert world.look() == DiskChanges()
    assert world.kept.records() == world.before


def test_a_picture_put_into_our_folder_is_taken_in_with_what_it_says(
    world: World, tmp_path: Path
) -> None:
    with KeptLibrary(tmp_path / "other") as other:
        stranger = other.add(40)
        file = other.files.absolute(stranger.path)
    (world.folders.root / "2026-12").mkdir()
    shutil.copy(file, world.folders.root / "2026-12" / "theirs.png")
    changes = world.look()
    assert changes == DiskChanges(adopted=[6])
    assert world.kept.records()[5] == replace(stranger, id=6, path="2026-12/theirs.png")
    assert world.look() == DiskChanges()


def test_a_copy_within_our_folder_is_no_second_picture(world: World) -> None:
    shutil.copy(world.file(0), world.folders.root / "copy.png")
    assert world.look() == DiskChanges()
    assert world.kept.records() == world.before


def test_a_file_that_a_job_is_just_storing_is_left_to_it(world: World) -> None:
    queue, files = world.kept.queue, world.kept.files
    (job,) = queue.add("studio", [GenerationRequest("a fox", "sketch")])
    queue.claim("studio")
    queue.accepted(job.id, "remote")
    job = queue.fetching(job.id, files.stem(job))
    files.save(png(60), "image/png", job)
    assert world.look() == DiskChanges()
    assert len(world.kept.records()) == 5


@pytest.mark.parametrize("is_emptied", [True, False])
def test_pictures_on_a_drive_that_is_away_are_not_missing(
    world: World, *, is_emptied: bool
) -> None:
    root = world.folders.root
    root.rename(root.with_name("unplugged"))
    if is_emptied:
        root.mkdir()
    assert world.look() == DiskChanges(away={root})
    assert world.kept.records() == world.before
    if is_emptied:
        root.rmdir()
    root.with_name("unplugged").rename(root)
    assert world.look() == DiskChanges()


def test_a_chosen_folder_that_is_away_is_told_and_its_pictures_are_not_missing(
    tmp_path: Path,
) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    with KeptLibrary(tmp_path / "data", chosen) as kept:
        world = World(kept)
        chosen.rename(tmp_path / "unplugged")
        assert world.look() == DiskChanges(away={chosen})
        assert kept.records() == world.before


def test_in_a_chosen_folder_only_what_bears_our_names_is_taken_in(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    with KeptLibrary(tmp_path / "data", chosen) as kept:
        world = World(kept)
        (chosen / "holiday.png").write_bytes(png(90))
        assert world.look() == DiskChanges()


def test_a_renamed_folder_elsewhere_is_found_near_by(world: World, tmp_path: Path) -> None:
    world.put_elsewhere(tmp_path / "art" / "old", 0, 1)
    (tmp_path / "art" / "old").rename(tmp_path / "art" / "new")
    assert sorted(world.look().moved) == [1, 2]
    assert world.file(0) == tmp_path / "art" / "new" / "0.png"


def test_of_pictures_near_by_none_is_taken_in(world: World, tmp_path: Path) -> None:
    (placed,) = world.put_elsewhere(tmp_path / "art", 0)
    placed.unlink()
    (tmp_path / "art" / "holiday.png").write_bytes(png(90))
    assert world.look() == DiskChanges(missing=[1])


@pytest.mark.parametrize(
    "folder", ["/media/nobody/STICK/art", "/run/media/nobody/STICK/art", "/Volumes/STICK/art"]
)
def test_a_drive_that_is_not_connected_is_told_from_a_folder_that_is_gone(folder: str) -> None:
    assert is_on_absent_drive(Path(folder))
    assert not is_on_absent_drive(Path("/home/nobody/art"))


def test_a_rating_that_another_program_wrote_reaches_the_library(world: World) -> None:
    world.kept.curation.set_rating([1], 2)
    world.kept.write_sidecars()
    sidecar = sidecar_path(world.file(0))
    text = sidecar.read_text()
    changed = text.replace("<xmp:Rating>2<", "<xmp:Rating>5<", 1)
    assert changed != text
    sidecar.write_text(changed)
    assert world.look() == DiskChanges(sidecars=[1])
    world.kept.write_sidecars()
    assert world.kept.records()[0].rating == 5
    assert world.look() == DiskChanges()


def test_our_own_sidecars_are_no_news(world: World) -> None:
    world.kept.curate()
    assert world.look() == DiskChanges()


def test_a_quick_look_names_the_folders_that_changed_and_only_they_are_looked_through(
    world: World,
) -> None:
    file = world.file(1)
    file.rename(file.with_name("renamed.png"))
    assert world.reconciler.quick_look() == {file.parent}
    assert world.look_at_changes() == DiskChanges(moved=[2])
    assert world.reconciler.quick_look() == frozenset()


def test_a_new_folder_is_seen_by_a_quick_look(world: World) -> None:
    (world.folders.root / "new").mkdir()
    (world.folders.root / "new" / "picture.png").write_bytes(png(70))
    assert world.look_at_changes().adopted == [6]


def test_it_tells_how_far_it_is_and_can_be_cancelled(world: World) -> None:
    told: list[DiskProgress] = []
    world.reconciler.run(CancelToken(), told.append)
    assert told == [DiskProgress(5, 5)]
    token = CancelToken()
    token.cancel()
    with pytest.raises(JobCancelledError):
        world.reconciler.run(token, told.append)


def lose(world: World, *numbers: int) -> list[Path]:
    """Move pictures where nobody looks; in the shape in which they lay."""
    lost: list[Path] = []
    for number in numbers:
        file = world.file(number)
        target = world.folders.root.parent / "far away" / file.name
        target.parent.mkdir(exist_ok=True)
        lost.append(target)
        shutil.move(file, target)
    world.look()
    return lost


def test_a_located_picture_is_there_again_and_the_others_beside_it_are_offered(
    world: World,
) -> None:
    first, second = lose(world, 0, 1)
    located = world.locate(1, first)
    assert (located.is_same, located.taken_by) == (True, None)
    assert [other.id for other in located.others] == [2]
    assert world.kept.records()[0] == replace(world.before[0], path=first.as_posix())
    assert world.kept.records()[1].missing_since is not None
    world.reconciler.accept(located.others)
    assert world.kept.records()[1] == replace(world.before[1], path=second.as_posix())


def test_another_picture_is_taken_only_when_it_is_wanted(world: World, tmp_path: Path) -> None:
    lose(world, 0)
    other = tmp_path / "other.png"
    other.write_bytes(png(88))
    assert world.locate(1, other) == Located(is_same=False)
    assert world.kept.records()[0].missing_since is not None
    assert not world.locate(1, other, accept_other=True).is_same
    now = world.kept.records()[0]
    assert (now.path, now.size_bytes, now.missing_since) == (other.as_posix(), len(png(88)), None)


def test_a_file_that_is_another_picture_of_the_library_is_not_taken(world: World) -> None:
    lose(world, 0)
    assert world.locate(1, world.file(1), accept_other=True).taken_by == 2
    assert world.kept.records()[0].missing_since is not None


def test_what_cannot_be_located_is_said(world: World, tmp_path: Path) -> None:
    words = tmp_path / "words.png"
    words.write_text("no picture")
    for image_id, file in ((1, words), (1, tmp_path / "nowhere.png"), (99, world.file(1))):
        with pytest.raises(LibraryError):
            world.locate(image_id, file)


def test_the_chosen_folder_may_lie_within_our_own(tmp_path: Path) -> None:
    root = tmp_path / "pictures"
    (root / "art").mkdir(parents=True)
    (root / "art" / "one.png").write_bytes(png(1))
    assert list(PictureFolders(root, root / "art").pictures()) == [root / "art" / "one.png"]
