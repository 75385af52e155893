"""Models are got from a real mirror, whatever it does, and count as installed only when whole."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.server.models.catalogue import OWN_CATALOGUE, read_catalogue
from algovera_desktop.server.models.errors import (
    AddressRefusedError,
    LicenceNotAcceptedError,
    ModelBusyError,
    UnknownModelError,
    WrongStateError,
)
from algovera_desktop.server.models.places import ModelsFolder
from algovera_desktop.server.models.store import ModelStore
from algovera_desktop.server.models.views import ModelState
from support.full_disk import fill, make_room, small_disk_at
from support.model_mirror import NAME, ModelMirror, model_mirror, tiny_files
from support.model_room import IMPATIENT, ModelRoom, model_room
from support.waiting import wait_until

BIN = "unet/openvino_model.bin"


@pytest.fixture
def mirror() -> Iterator[ModelMirror]:
    with model_mirror() as mirror:
        yield mirror


@pytest.fixture
def room(tmp_path: Path, mirror: ModelMirror) -> Iterator[ModelRoom]:
    with model_room(tmp_path / "data", mirror) as room:
        yield room


def assert_whole(room: ModelRoom, mirror: ModelMirror, name: str = NAME) -> None:
    view = room.view(name)
    assert view.state is ModelState.INSTALLED, view
    for path, content in mirror.files.items():
        if path != "README.md":
            assert room.file(path, name).read_bytes() == content
    assert not list(room.folder.rglob("*.part"))
    (checkpoint,) = (c for c in room.store.shelf.installed_now() if c.model.name == name)
    assert Path(checkpoint.folder) == room.file("", name)
    assert checkpoint.runtime == "openvino"


def pull_until(byte: int, room: ModelRoom, mirror: ModelMirror) -> None:
    """Begin the download, and return when so much of the large file has come; no more comes."""
    mirror.hold_at[BIN] = byte
    room.store.pull(NAME, licence_accepted=True)
    assert mirror.held.wait(10)


def test_a_pulled_model_is_installed_with_all_its_files(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    assert room.view().state is ModelState.AVAILABLE
    room.pull()
    assert_whole(room, mirror)
    assert room.view().licence_accepted
    wanted = sum(len(c) for path, c in mirror.files.items() if path != "README.md")
    assert room.view().disk_bytes == wanted
    assert not room.file("README.md").exists()


def test_only_the_mirror_and_whom_it_names_are_asked_and_nobody_hears_a_secret(
    room: ModelRoom, mirror: ModelMirror, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    room.pull()
    assert any(asked.to_cdn for asked in mirror.requests)
    assert not any({"authorization", "cookie"} & asked.headers.keys() for asked in mirror.requests)


def test_not_a_byte_is_asked_for_before_the_licence_is_accepted(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    with pytest.raises(LicenceNotAcceptedError, match="Test licence"):
        room.store.pull(NAME, licence_accepted=False)
    assert mirror.requests == []
    assert room.view().state is ModelState.AVAILABLE


def test_an_accepted_licence_is_on_disk_before_the_first_request(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    mirror.stop()
    room.store.pull(NAME, licence_accepted=True)
    manifest = json.loads(ModelsFolder(room.folder).place_of(NAME).manifest.read_bytes())
    assert manifest["accepted_at"] > 1_700_000_000
    assert manifest["entry"]["licence"]["name"] == "Test licence"
    assert room.view().licence_accepted


def test_a_broken_connection_is_taken_up_at_the_byte_where_it_broke(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    mirror.cut_after[BIN] = [100_000, 50_000]
    room.pull()
    assert [asked.range for asked in mirror.gets(BIN)] == [None, "bytes=100000-", "bytes=150000-"]
    assert_whole(room, mirror)


def test_a_server_without_ranges_is_asked_for_the_whole_again(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    mirror.ignores_range = True
    mirror.cut_after[BIN] = [100_000]
    room.pull()
    assert_whole(room, mirror)


def test_a_file_that_changed_meanwhile_is_not_glued_to_its_old_beginning(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    mirror.said[BIN] = [bytes(len(mirror.files[BIN]))]
    mirror.cut_after[BIN] = [100_000]
    room.pull()
    first, second = mirror.gets(BIN)
    assert (first.range, second.range) == (None, "bytes=100000-")
    assert "if-range" in second.headers
    assert_whole(room, mirror)


def test_content_that_is_not_what_was_listed_is_fetched_once_more_and_then_refused(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    wrong = b"x" * len(mirror.files[BIN])
    mirror.said[BIN] = [wrong, wrong]
    view = room.pull()
    assert view.state is ModelState.FAILED
    assert BIN in view.reason
    assert not room.file(BIN).exists()
    assert len(mirror.gets(BIN)) == 2
    room.store.resume(NAME)
    room.store.wait(NAME)
    assert_whole(room, mirror)


def test_a_small_file_is_checked_by_gits_name_for_it(room: ModelRoom, mirror: ModelMirror) -> None:
    wrong = b"!" * len(mirror.files["model_index.json"])
    mirror.said["model_index.json"] = [wrong, wrong]
    assert "model_index.json" in room.pull().reason


def test_a_body_longer_than_listed_is_refused(room: ModelRoom, mirror: ModelMirror) -> None:
    longer = mirror.files[BIN] + bytes(10_000_000)
    mirror.said[BIN] = [longer, longer]
    view = room.pull()
    assert view.state is ModelState.FAILED
    assert sum(file.stat().st_size for file in room.folder.rglob("*") if file.is_file()) < 200_000


def test_a_server_that_is_gone_for_a_while_is_waited_for(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    mirror.cut_after[BIN] = [100_000]
    pull_until(80_000, room, mirror)
    mirror.stop()
    wait_until(lambda: "cannot be reached" in room.view().reason, lambda: str(room.view()), 10)
    assert room.view().state is ModelState.DOWNLOADING
    assert "It is tried again within 1 s." in room.view().reason
    mirror.start()
    room.store.wait(NAME)
    assert_whole(room, mirror)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_asks_for_patience_is_asked_again(
    room: ModelRoom, mirror: ModelMirror, status: int
) -> None:
    mirror.statuses[BIN] = [status, status]
    room.pull()
    assert_whole(room, mirror)


@pytest.mark.parametrize(("status", "words"), [(404, "does not have"), (401, "everybody")])
def test_a_refusal_fails_in_words(
    room: ModelRoom, mirror: ModelMirror, status: int, words: str
) -> None:
    mirror.statuses[BIN] = [status]
    view = room.pull()
    assert view.state is ModelState.FAILED
    assert words in view.reason


def test_a_paused_download_keeps_what_came_and_goes_on_from_there(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    pull_until(120_000, room, mirror)
    room.store.pause(NAME)
    assert room.view().state is ModelState.PAUSED
    mirror.release.set()
    room.store.wait(NAME)
    here = room.file(f"{BIN}.part").stat().st_size
    assert 0 < here <= 120_000
    assert room.view().state is ModelState.PAUSED
    assert room.view().pace.done_bytes >= here
    room.store.resume(NAME)
    room.store.wait(NAME)
    assert mirror.gets(BIN)[-1].range == f"bytes={here}-"
    assert_whole(room, mirror)


def test_a_successor_goes_on_with_what_ran_and_leaves_alone_what_was_paused(
    room: ModelRoom, mirror: ModelMirror, tmp_path: Path
) -> None:
    pull_until(120_000, room, mirror)
    room.store.close()
    mirror.release.set()
    room.store.wait(NAME)
    with model_room(room.data_dir, mirror) as successor:
        successor.store.go_on()
        successor.store.wait(NAME)
        assert_whole(successor, mirror)
    assert mirror.gets(BIN)[-1].range is not None


def test_a_cancelled_download_leaves_nothing(room: ModelRoom, mirror: ModelMirror) -> None:
    pull_until(120_000, room, mirror)
    room.store.cancel(NAME)
    assert room.view().state is ModelState.AVAILABLE
    mirror.release.set()
    room.store.wait(NAME)
    assert not ModelsFolder(room.folder).place_of(NAME).folder.exists()
    assert room.pull().state is ModelState.INSTALLED


def test_a_corrupt_byte_is_found_and_only_that_file_is_fetched_again(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    room.pull()
    content = bytearray(room.file(BIN).read_bytes())
    content[123_456] ^= 1
    room.file(BIN).write_bytes(content)
    mirror.requests.clear()
    room.store.verify(NAME)
    room.store.wait(NAME)
    assert [asked.path for asked in mirror.requests if asked.to_cdn] == [BIN]
    assert room.store.damaged(NAME) == (BIN,)
    assert_whole(room, mirror)


def test_a_sound_model_is_checked_without_asking_anybody(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    room.pull()
    mirror.requests.clear()
    room.store.verify(NAME)
    room.store.wait(NAME)
    assert mirror.requests == []
    assert room.store.damaged(NAME) == ()
    assert_whole(room, mirror)


def test_a_damaged_model_is_not_installed_until_it_is_whole_again(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    room.pull()
    room.file(BIN).write_bytes(b"")
    mirror.stop()
    room.store.verify(NAME)
    room.wait_for(ModelState.DOWNLOADING)
    assert room.store.shelf.installed_now() == []


def test_at_most_two_are_downloaded_at_once(tmp_path: Path, mirror: ModelMirror) -> None:
    mirror.hold_at[BIN] = 100_000
    with model_room(tmp_path / "data", mirror, "one", "two", "three") as room:
        for name in ("one", "two", "three"):
            room.store.pull(name, licence_accepted=True)
        room.wait_for(ModelState.DOWNLOADING, "one")
        room.wait_for(ModelState.DOWNLOADING, "two")
        assert room.view("three").state is ModelState.WAITING
        mirror.release.set()
        for name in ("one", "two", "three"):
            room.store.wait(name)
        for name in ("one", "two", "three"):
            assert_whole(room, mirror, name)


def test_two_programs_do_not_download_the_same_model(room: ModelRoom, mirror: ModelMirror) -> None:
    pull_until(100_000, room, mirror)
    with model_room(room.data_dir, mirror) as other:
        assert other.view().state is ModelState.DOWNLOADING
        assert other.view().pace.done_bytes > 0
        other.store.pull(NAME, licence_accepted=True)
        with pytest.raises(WrongStateError):
            other.store.pause(NAME)
        with pytest.raises(ModelBusyError):
            other.store.cancel(NAME)
        mirror.release.set()
    room.store.wait(NAME)
    assert len(mirror.gets(BIN)) == 1


def test_a_disk_that_is_too_small_is_told_before_the_first_file(
    room: ModelRoom, mirror: ModelMirror, tmp_path: Path
) -> None:
    rules = replace(IMPATIENT, reserve_bytes=10**15)
    with model_room(tmp_path / "small", mirror, rules=rules) as cramped:
        view = cramped.pull()
    assert view.state is ModelState.FAILED
    assert "free on the disk" in view.reason
    assert not any(asked.to_cdn for asked in mirror.requests)


def test_a_disk_that_fills_up_fails_in_words_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    with (
        small_disk_at(tmp_path / "disk") as disk,
        model_mirror() as mirror,
        model_room(disk / "data", mirror) as room,
    ):
        pull_until(40_960, room, mirror)
        fill(disk)
        mirror.release.set()
        room.store.wait(NAME)
        view = room.view()
        assert view.state is ModelState.FAILED
        assert "full" in view.reason
        make_room(disk)
        room.store.resume(NAME)
        room.store.wait(NAME)
        assert_whole(room, mirror)


def test_a_full_disk_keeps_no_successor_from_starting(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as disk, model_mirror() as mirror:
        with model_room(disk / "data", mirror) as room:
            pull_until(40_960, room, mirror)
        fill(disk)
        successor = ModelStore(room.folder, read_catalogue(room.folder / OWN_CATALOGUE), IMPATIENT)
        successor.go_on()
        assert successor.view(NAME).state is ModelState.FAILED
        assert "full" in successor.view(NAME).reason
        make_room(disk)
        successor.resume(NAME)
        successor.wait(NAME)
        assert_whole(ModelRoom(room.data_dir, successor), mirror)


@pytest.mark.parametrize(
    "path",
    [
        "../escaped.json",
        "/etc/escaped.json",
        "unet/../../escaped.json",
        "..\\escaped.json",
        "C:\\escaped.json",
        "unet/con.json",
        "unet/ escaped.json",
        "a" * 300 + ".json",
        "unet/new\nline.json",
    ],
)
def test_a_name_that_leads_elsewhere_stops_the_download_before_a_file(
    room: ModelRoom, mirror: ModelMirror, path: str
) -> None:
    mirror.listed = lambda items: [*items, {"type": "file", "path": path, "size": 3, "oid": ""}]
    view = room.pull()
    assert view.state is ModelState.FAILED, view
    assert "not safe" in view.reason
    assert not any(asked.to_cdn for asked in mirror.requests)
    assert not list(room.data_dir.parent.rglob("*escaped*"))


def test_a_listing_with_a_pickle_is_refused(room: ModelRoom, mirror: ModelMirror) -> None:
    mirror.files["unet/pytorch_model.bin"] = b"\x80\x04."
    view = room.pull()
    assert view.state is ModelState.FAILED
    assert "pytorch_model.bin" in view.reason


@pytest.mark.parametrize("listed", [[], [{"type": "file"}], {"a": 1}, "no"])
def test_a_senseless_listing_fails_in_words(
    room: ModelRoom, mirror: ModelMirror, listed: object
) -> None:
    mirror.listed = lambda _items: listed  # pyright: ignore[reportAttributeAccessIssue]
    view = room.pull()
    assert view.state is ModelState.FAILED
    assert view.reason


def test_a_removed_model_is_gone_and_can_be_pulled_again(
    room: ModelRoom, mirror: ModelMirror
) -> None:
    room.pull()
    room.store.remove(NAME)
    assert room.view().state is ModelState.AVAILABLE
    assert room.store.shelf.installed_now() == []
    assert {entry.name for entry in room.folder.iterdir()} == {
        ".locks",
        "catalogue.json",
        "settings.json",
    }
    assert room.pull().state is ModelState.INSTALLED


def test_a_model_is_not_removed_while_it_paints(room: ModelRoom, mirror: ModelMirror) -> None:
    room.pull()
    catalogue = read_catalogue(room.folder / OWN_CATALOGUE)
    busy = ModelStore(room.folder, catalogue, IMPATIENT, is_painting=lambda name: name == NAME)
    with pytest.raises(ModelBusyError, match="being painted"):
        busy.remove(NAME)
    assert room.view().state is ModelState.INSTALLED


def test_what_a_crash_left_of_a_removal_is_swept_up(room: ModelRoom) -> None:
    left = room.folder / ".leaving-0123"
    left.mkdir()
    (left / "weights").write_bytes(b"x")
    room.store.go_on()
    assert not left.exists()


def test_a_model_that_nobody_knows_and_states_that_do_not_fit_are_told(room: ModelRoom) -> None:
    with pytest.raises(UnknownModelError):
        room.store.pull("nobody", licence_accepted=True)
    for action in (room.store.pause, room.store.resume, room.store.cancel, room.store.remove):
        with pytest.raises(WrongStateError):
            action(NAME)
    with pytest.raises(UnknownModelError):
        room.store.verify(NAME)


@pytest.mark.parametrize(
    "address",
    ["huggingface.co", "ftp://x", "https://", "https://a:b@x", "https://x?y", "http://x:y"],
)
def test_a_mirrors_address_must_make_sense(room: ModelRoom, address: str) -> None:
    with pytest.raises(AddressRefusedError):
        room.store.set_mirror(address)


def test_without_a_mirror_the_hub_is_asked(room: ModelRoom) -> None:
    room.store.set_mirror("https://mirror.example/hub/")
    assert room.store.hub_address == "https://mirror.example/hub"
    room.store.set_mirror("")
    assert room.store.hub_address == "https://huggingface.co"


def test_a_data_folder_can_be_moved(room: ModelRoom, mirror: ModelMirror, tmp_path: Path) -> None:
    room.pull()
    os.rename(room.data_dir, tmp_path / "moved")  # noqa: PTH104  as a user would
    with model_room(tmp_path / "moved", mirror) as moved:
        assert_whole(moved, mirror)


def test_the_shipped_size_of_a_tiny_model_is_small() -> None:
    assert sum(map(len, tiny_files().values())) < 500_000
