"""The folder of pictures: whole files, and nobody's picture in another's place."""

import errno
import hashlib
import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from algovera_desktop.domain.errors import DiskFullError, LibraryError
from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.files import FoundPicture, PictureFiles
from algovera_desktop.library.metadata import read_embedded, read_parameters
from algovera_desktop.library.parameters import format_parameters
from algovera_desktop.library.sidecar import write_sidecar
from algovera_desktop.library.xmp import ALGORITHM, PictureOrigin, XmpFields
from algovera_desktop.library.xmp_curation import SidecarCuration


def png(colour: str = "orange") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "Pictures" / "Algovera"


@pytest.fixture
def files(root: Path) -> PictureFiles:
    return PictureFiles(root)


def pictures(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@contextmanager
def local_zone(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process in another time zone."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


def test_a_stored_picture_is_where_the_record_says_with_its_parameters(
    files: PictureFiles, root: Path, job: Job
) -> None:
    stored = files.save(png(), "image/png", job)
    path = files.absolute(stored.path)
    assert pictures(root) == [path]
    content = path.read_bytes()
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size_bytes == len(content)
    assert read_parameters(content) == format_parameters(job.request)
    assert stored.path.count("/") == 1


def test_the_writer_named_in_the_parameters_can_be_told(files: PictureFiles, job: Job) -> None:
    stored = files.save(png(), "image/png", job, program_note="Another 2.0")
    text = read_parameters(files.absolute(stored.path).read_bytes())
    assert text is not None
    assert text.endswith("Version: Another 2.0")


def test_a_stored_picture_says_all_that_its_record_needs(files: PictureFiles, job: Job) -> None:
    child = replace(job, parent_sha256="ab" * 32)
    at = datetime(2026, 11, 22, 14, 30, 5, 123_456, tzinfo=UTC)
    said = {"server_name": "This computer", "model_title": "Sketch"}
    stored = files.save(png(), "image/png", child, created_at=at, program_note="Mine 1", **said)
    found = read_embedded(files.absolute(stored.path).read_bytes()).xmp
    assert found == XmpFields(
        description="a fox in the snow",
        creator_tool="Mine 1",
        created_at=at,
        digital_source_type=ALGORITHM,
        parent_sha256="ab" * 32,
        origin=PictureOrigin(job.request, "This computer", "Sketch", job.id),
    )


def test_a_picture_that_does_not_say_when_it_was_made_was_made_when_its_file_was(
    files: PictureFiles, job: Job
) -> None:
    stored = files.save(png(), "image/png", job)
    file = files.absolute(stored.path)
    file.write_bytes(png())
    os.utime(file, (1_700_000_000, 1_700_000_000))
    found = files.find(job)
    assert found is not None
    assert found.created_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_a_sidecar_goes_with_its_picture(files: PictureFiles, root: Path, job: Job) -> None:
    stored = files.save(png(), "image/png", job)
    write_sidecar(files.absolute(stored.path), SidecarCuration(rating=3))
    files.discard(stored.path)
    assert pictures(root) == []


def test_storing_a_jobs_picture_again_replaces_it(
    files: PictureFiles, root: Path, job: Job
) -> None:
    files.save(png("red"), "image/png", job)
    again = files.save(png("blue"), "image/png", job)
    assert pictures(root) == [files.absolute(again.path)]
    with Image.open(files.absolute(again.path)) as image:
        assert image.getpixel((0, 0)) == (0, 0, 255)


def test_two_jobs_of_the_same_moment_keep_both_pictures(
    files: PictureFiles, root: Path, job: Job
) -> None:
    files.save(png(), "image/png", job)
    files.save(png(), "image/png", replace(job, id="4" + job.id[1:]))
    assert len(pictures(root)) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=st.text(min_size=1, max_size=400))
def test_a_picture_of_any_prompt_can_be_stored_and_found(
    files: PictureFiles, job: Job, prompt: str
) -> None:
    asked = replace(job, request=replace(job.request, prompt=prompt))
    now = datetime.now(UTC)
    stored = files.save(png(), "image/png", asked, created_at=now)
    found = files.find(asked)
    assert found == FoundPicture(stored, "image/png", 40, 30, now)


@pytest.mark.parametrize(
    ("name", "media_type", "extension"),
    [("PNG", "image/png", ".png"), ("JPEG", "image/jpeg", ".jpg"), ("WEBP", "image/webp", ".webp")],
)
def test_each_format_has_its_own_ending_and_is_found(
    files: PictureFiles, job: Job, name: str, media_type: str, extension: str
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, name)
    stored = files.save(buffer.getvalue(), media_type, job)
    assert stored.path.endswith(extension)
    found = files.find(job)
    assert found is not None
    assert (found.stored, found.media_type) == (stored, media_type)


def test_nothing_is_found_before_it_is_stored_or_when_it_is_no_picture(
    files: PictureFiles, job: Job
) -> None:
    assert files.find(job) is None
    stored = files.save(png(), "image/png", job)
    files.absolute(stored.path).write_bytes(b"overwritten by something else")
    assert files.find(job) is None


@pytest.mark.allows_log("a text was not embedded")
def test_a_picture_without_room_for_text_is_kept_exactly_as_it_came(
    files: PictureFiles, job: Job
) -> None:
    stored = files.save(b"GIF89a and so on", "image/gif", job)
    assert files.absolute(stored.path).read_bytes() == b"GIF89a and so on"


def test_what_a_crash_left_half_written_is_removed_and_nothing_else(
    files: PictureFiles, root: Path, job: Job
) -> None:
    stored = files.save(png(), "image/png", job)
    (root / ".unfinished" / "2026-11-22 143005 half 3f2a9c1d5e70.png.part").write_bytes(b"half")
    (root / ".unfinished" / "somebody's own.txt").write_bytes(b"theirs")
    assert files.remove_unfinished() == 1
    assert pictures(root) == sorted(
        [root / ".unfinished" / "somebody's own.txt", files.absolute(stored.path)]
    )


def test_removing_what_is_half_written_from_a_folder_not_yet_made_removes_nothing(
    files: PictureFiles, root: Path
) -> None:
    assert files.remove_unfinished() == 0
    assert not root.exists()


def test_a_discarded_picture_is_gone_and_may_be_gone_before(files: PictureFiles, job: Job) -> None:
    stored = files.save(png(), "image/png", job)
    files.discard(stored.path)
    files.discard(stored.path)
    assert files.find(job) is None


@pytest.mark.parametrize("path", ["../outside.png", "2026-11/../../outside.png"])
def test_a_path_that_leads_out_of_the_folder_is_refused(files: PictureFiles, path: str) -> None:
    with pytest.raises(ValueError, match="not inside"):
        files.absolute(path)


def test_pictures_stay_where_they_are_when_another_folder_is_chosen(
    files: PictureFiles, root: Path, job: Job, tmp_path: Path
) -> None:
    first = files.save(png("red"), "image/png", job)
    chosen = tmp_path / "elsewhere"
    chosen.mkdir()
    files.store_in(chosen)
    second = files.save(png("blue"), "image/png", replace(job, id="4" + job.id[1:]))
    files.store_in(None)
    third = files.save(png("green"), "image/png", replace(job, id="5" + job.id[1:]))
    assert files.absolute(second.path).is_relative_to(chosen)
    assert len(pictures(chosen)) == 1
    assert pictures(root) == sorted([files.absolute(first.path), files.absolute(third.path)])
    assert all(files.absolute(one.path).is_file() for one in (first, second, third))


def test_a_chosen_folder_whose_drive_is_away_is_not_made_anew(
    files: PictureFiles, job: Job, tmp_path: Path
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    files.store_in(drive / "pictures")
    with pytest.raises(LibraryError, match="pictures is not there"):
        files.save(png(), "image/png", job)
    assert list(drive.iterdir()) == []


def test_a_picture_in_a_chosen_folder_is_found_and_cleaned_up_after(
    root: Path, job: Job, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    files = PictureFiles(root, tmp_path / "elsewhere")
    stored = files.save(png(), "image/png", job)
    (tmp_path / "elsewhere" / ".unfinished" / "half.png.part").write_bytes(b"half")
    found = files.find(job)
    assert found is not None
    assert found.stored == stored
    assert files.remove_unfinished() == 1


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, DiskFullError), (errno.EDQUOT, DiskFullError), (errno.EIO, LibraryError)],
)
def test_a_write_that_fails_leaves_the_picture_that_was_there_and_no_half_one(
    files: PictureFiles,
    root: Path,
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    expected: type[LibraryError],
) -> None:
    stored = files.save(png("red"), "image/png", job)
    before = files.absolute(stored.path).read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(expected) as raised:
        files.save(png("blue"), "image/png", job)
    assert type(raised.value) is expected
    assert files.absolute(stored.path).read_bytes() == before
    assert pictures(root) == [files.absolute(stored.path)]


def test_a_folder_that_is_in_the_way_is_a_library_error(
    files: PictureFiles, root: Path, job: Job
) -> None:
    root.parent.mkdir(parents=True)
    root.write_text("a file")
    with pytest.raises(LibraryError):
        files.save(png(), "image/png", job)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_file_and_folder_are_on_the_disk_before_the_name_is_told(
    files: PictureFiles, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    target = files.absolute(files.save(png(), "image/png", job).path)
    assert synced[-2].endswith(".png.part")
    assert synced[-1] == str(target.parent)


def test_a_picture_goes_and_is_found_where_its_job_says_whatever_is_chosen_now(
    files: PictureFiles, root: Path, job: Job, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    files.store_in(tmp_path / "elsewhere")
    begun = replace(job, picture_stem=files.stem(job))
    files.store_in(tmp_path / "a third place")
    stored = files.save(png("red"), "image/png", begun)
    assert files.absolute(stored.path).is_relative_to(tmp_path / "elsewhere")
    again = files.save(png("blue"), "image/png", begun)
    assert (again.path, len(pictures(tmp_path))) == (stored.path, 1)
    found = PictureFiles(root).find(begun)
    assert found is not None
    assert found.stored == again


@pytest.mark.skipif(sys.platform == "win32", reason="has no time.tzset")
def test_a_picture_is_found_after_a_journey_to_another_time_zone(
    files: PictureFiles, root: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    with local_zone("Pacific/Auckland", monkeypatch):
        begun = replace(job, picture_stem=files.stem(job))
        stored = files.save(png(), "image/png", begun)
    with local_zone("America/Los_Angeles", monkeypatch):
        assert files.stem(job) != begun.picture_stem
        found = files.find(begun)
        assert found is not None
        assert found.stored == stored
        files.save(png(), "image/png", begun)
        assert len(pictures(root)) == 1


def test_a_prompt_with_dots_keeps_all_of_its_name(files: PictureFiles, job: Job) -> None:
    dotted = replace(job, request=replace(job.request, prompt="v1.5 f2.8"))
    begun = replace(dotted, picture_stem=files.stem(dotted))
    stored = files.save(png(), "image/png", begun)
    assert stored.path == f"{begun.picture_stem}.png"
    assert "v1.5 f2.8" in stored.path


def test_whatever_a_job_stored_can_be_taken_away(
    files: PictureFiles, root: Path, job: Job, tmp_path: Path
) -> None:
    begun = replace(job, picture_stem=files.stem(job))
    assert not files.remove(begun)  # Nothing says yet that the drive is there.
    files.save(png(), "image/png", begun)
    files.save(png(), "image/png", replace(job, id="4" + job.id[1:]))
    assert files.remove(begun)
    assert files.remove(begun)
    assert [path.name[-16:] for path in pictures(root)] == [f"4{job.id[1:12]}.png"]


def test_what_is_half_written_is_removed_wherever_a_job_was_being_stored(
    files: PictureFiles, job: Job, tmp_path: Path
) -> None:
    files.store_in(tmp_path / "earlier")
    begun = replace(job, picture_stem=files.stem(job))
    half = tmp_path / "earlier" / ".unfinished" / "half.png.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    files.store_in(None)
    assert files.remove_unfinished() == 0
    assert files.remove_unfinished([begun, job]) == 1
    assert not half.exists()
