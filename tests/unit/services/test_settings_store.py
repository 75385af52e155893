"""The settings' file."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.errors import SchemaTooNewError
from algovera_desktop.domain.settings import (
    FORM_DRAFT,
    PICTURES_FOLDER,
    THEME,
    THUMBNAIL_SIZE,
    WINDOW_GEOMETRY,
    Theme,
)
from algovera_desktop.services.settings_store import SettingsStore, require_known_version
from support.full_disk import fill, make_room, small_disk_at
from support.waiting import wait_until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "settings.json"


@pytest.fixture
def store(path: Path) -> Iterator[SettingsStore]:
    with closing(SettingsStore(path)) as store:
        yield store


def content(path: Path) -> dict[str, object]:
    return json.loads(path.read_text("utf-8"))["settings"]


def test_without_a_file_every_setting_has_its_default(store: SettingsStore, path: Path) -> None:
    assert store.get(THEME) is Theme.SYSTEM
    assert store.broken_file is None
    assert not path.exists()


def test_a_change_is_in_force_at_once_and_after_the_next_start(path: Path) -> None:
    with closing(SettingsStore(path)) as store:
        store.set(THEME, Theme.DARK)
        store.set(WINDOW_GEOMETRY, b"\0\xff geometry")
        store.set(FORM_DRAFT, {"prompt": "ein Fuchs 🦊\n", "steps": 30, "random": True})
        assert store.get(THEME) is Theme.DARK
    with closing(SettingsStore(path)) as store:
        assert store.get(THEME) is Theme.DARK
        assert store.get(WINDOW_GEOMETRY) == b"\0\xff geometry"
        assert store.get(FORM_DRAFT) == {"prompt": "ein Fuchs 🦊\n", "steps": 30, "random": True}


def test_flushing_puts_every_change_on_the_disk(store: SettingsStore, path: Path) -> None:
    for number in range(64, 512):
        store.set(THUMBNAIL_SIZE, number)
    store.flush()
    assert content(path) == {"thumbnail_size": 511}
    store.flush()


def test_a_change_reaches_the_disk_by_itself(store: SettingsStore, path: Path) -> None:
    store.set(THUMBNAIL_SIZE, 100)
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert content(path) == {"thumbnail_size": 100}


def test_what_is_typed_while_typing_goes_on_survives_a_kill(path: Path) -> None:
    typing = f"""
import itertools, time
from pathlib import Path
from algovera_desktop.domain.settings import FORM_DRAFT
from algovera_desktop.services.settings_store import SettingsStore, require_known_version
store = SettingsStore(Path({str(path)!r}))
for number in itertools.count():
    store.set(FORM_DRAFT, {{"prompt": "x" * number}})
    print(number, flush=True)
    time.sleep(0.01)
"""
    with subprocess.Popen([sys.executable, "-c", typing], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(150):
            writer.stdout.readline()
        writer.kill()
    with closing(SettingsStore(path)) as store:
        assert store.broken_file is None
        assert set(str(store.get(FORM_DRAFT)["prompt"])) == {"x"}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 1}',
        b'{"version": "x", "settings": {}}',
        b"null",
        b'{"version": 1, "settings": 3}',
        b"[" * 100000,
    ],
)
@pytest.mark.allows_log("set aside")
def test_a_broken_file_is_set_aside_and_said(path: Path, broken: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(broken)
    with closing(SettingsStore(path)) as store:
        assert store.get(THEME) is Theme.SYSTEM
        assert store.broken_file == path.with_name("settings.json.broken")
        assert store.broken_file.read_bytes() == broken
        store.set(THEME, Theme.LIGHT)
    assert content(path) == {"theme": "light"}


@pytest.mark.allows_log("setting ignored")
def test_one_bad_value_costs_only_itself(path: Path) -> None:
    path.parent.mkdir()
    values = {"theme": "purple", "thumbnail_size": 10**9, "pictures_folder": "/art"}
    path.write_text(json.dumps({"version": 1, "settings": values}), "utf-8")
    with closing(SettingsStore(path)) as store:
        assert store.get(THEME) is THEME.default
        assert store.get(THUMBNAIL_SIZE) == THUMBNAIL_SIZE.default
        assert store.get(PICTURES_FOLDER) == "/art"


def test_what_a_later_version_wrote_is_kept(path: Path) -> None:
    path.parent.mkdir()
    values = {"of_the_future": {"a": [1, None]}}
    path.write_text(json.dumps({"version": 7, "settings": values}), "utf-8")
    with closing(SettingsStore(path)) as store:
        store.set(THEME, Theme.DARK)
    assert json.loads(path.read_bytes()) == {
        "version": 7,
        "settings": values | {"theme": "dark"},
    }


def test_a_second_copy_of_the_program_undoes_nothing_of_the_first(path: Path) -> None:
    with closing(SettingsStore(path)) as first, closing(SettingsStore(path)) as second:
        first.set(PICTURES_FOLDER, "/art")
        first.flush()
        second.set(WINDOW_GEOMETRY, b"elsewhere")
        second.flush()
    with closing(SettingsStore(path)) as store:
        assert store.get(PICTURES_FOLDER) == "/art"
        assert store.get(WINDOW_GEOMETRY) == b"elsewhere"


def test_a_file_that_vanished_is_written_whole_again(path: Path) -> None:
    with closing(SettingsStore(path)) as store:
        store.set(PICTURES_FOLDER, "/art")
        store.flush()
        path.unlink()
        store.set(THEME, Theme.DARK)
    assert content(path) == {"pictures_folder": "/art", "theme": "dark"}


def test_a_value_that_a_setting_cannot_have_is_refused(store: SettingsStore) -> None:
    with pytest.raises(ValueError, match="thumbnail_size"):
        store.set(THUMBNAIL_SIZE, 5)
    assert store.get(THUMBNAIL_SIZE) == THUMBNAIL_SIZE.default


def test_a_mapping_that_is_changed_later_changes_nothing_here(store: SettingsStore) -> None:
    draft = {"prompt": "a fox"}
    store.set(FORM_DRAFT, draft)
    draft["prompt"] = "a wolf"
    assert store.get(FORM_DRAFT) == {"prompt": "a fox"}


@pytest.mark.allows_log("settings not written")
def test_a_write_that_fails_keeps_the_old_file_and_the_next_one_catches_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with closing(SettingsStore(path)) as store:
        store.set(THEME, Theme.DARK)
        store.flush()
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            store.set(THUMBNAIL_SIZE, 100)
            store.flush()
        assert content(path) == {"theme": "dark"}
        store.set(THUMBNAIL_SIZE, 101)
    assert content(path) == {"theme": "dark", "thumbnail_size": 101}
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.allows_log("settings not written")
def test_what_was_typed_on_a_full_disk_is_written_as_soon_as_there_is_room(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as disk:
        path = disk / "settings.json"
        with closing(SettingsStore(path, again_s=0.02)) as store:
            fill(disk)
            store.set(FORM_DRAFT, {"prompt": "a red boat"})
            store.flush()
            assert not path.exists()
            make_room(disk)
            wait_until(path.exists, lambda: "the settings", 10)
            assert content(path) == {"form_draft": {"prompt": "a red boat"}}


@pytest.mark.allows_log("settings not written")
def test_a_disk_that_stays_full_keeps_no_program_from_ending(tmp_path: Path) -> None:
    with small_disk_at(tmp_path / "disk") as disk:
        fill(disk)
        with closing(SettingsStore(disk / "settings.json")) as store:
            store.set(THEME, Theme.DARK)
        assert [entry.name for entry in disk.iterdir()] == ["ballast"]


def test_closing_twice_and_flushing_afterwards_is_harmless(path: Path) -> None:
    store = SettingsStore(path)
    store.close()
    store.close()
    store.flush()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.dictionaries(st.text(), st.text() | st.booleans() | st.integers() | st.floats(-1e9, 1e9)))
def test_every_draft_survives(tmp_path: Path, draft: dict[str, str | int | float | bool]) -> None:
    path = tmp_path / "settings.json"
    with closing(SettingsStore(path)) as store:
        store.set(FORM_DRAFT, draft)
    with closing(SettingsStore(path)) as store:
        assert store.get(FORM_DRAFT) == draft


@pytest.mark.parametrize("version", [0, 1])
def test_files_of_this_version_and_before_are_taken(path: Path, version: int) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"version": version, "settings": {}}), "utf-8")
    require_known_version(path)


@pytest.mark.parametrize("content", [None, b"{", b'{"version": "x"}'])
def test_what_has_no_version_is_left_to_whoever_reads_it(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.parent.mkdir()
        path.write_bytes(content)
    require_known_version(path)


def test_a_later_form_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 2, "settings": {}}', "utf-8")
    with pytest.raises(SchemaTooNewError):
        require_known_version(path)
    assert path.read_text("utf-8") == '{"version": 2, "settings": {}}'
