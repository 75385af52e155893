"""Where things are kept."""

import stat
import sys
from pathlib import Path

import pytest
from platformdirs import windows
from platformdirs.macos import MacOS

from algovera_desktop.services.paths import Paths


def all_places(paths: Paths) -> list[Path]:
    folders = [paths.data, paths.cache, paths.logs, paths.pictures, paths.server_data]
    return [*folders, paths.library_file, paths.settings_file, paths.thumbnails_file]


def test_a_data_folder_moves_everything(tmp_path: Path) -> None:
    for place in all_places(Paths.under(tmp_path / "here")):
        assert place.is_relative_to(tmp_path / "here")


def test_a_relative_data_folder_stays_where_it_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = Paths.under(Path("here"))
    assert paths.data == tmp_path / "here"


@pytest.mark.skipif(sys.platform != "linux", reason="the places of the XDG specification")
def test_by_default_the_system_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("XDG_PICTURES_DIR", str(tmp_path / "Bilder"))
    paths = Paths.default()
    assert paths.data == tmp_path / "DATA" / "algovera-desktop"
    assert paths.cache == tmp_path / "CACHE" / "algovera-desktop"
    assert paths.logs.is_relative_to(tmp_path / "STATE")
    assert paths.pictures == tmp_path / "Bilder" / "Algovera"


def test_on_macos_they_lie_in_the_users_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    paths, home = Paths.default(MacOS), Path.home()
    assert paths.data == home / "Library" / "Application Support" / "algovera-desktop"
    assert paths.cache == home / "Library" / "Caches" / "algovera-desktop"
    assert paths.logs == home / "Library" / "Logs" / "algovera-desktop"
    assert paths.pictures == home / "Pictures" / "Algovera"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows itself is asked there")
def test_on_windows_they_stay_on_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "get_win_folder", windows.get_win_folder_from_env_vars)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    paths = Paths.default(windows.Windows)
    for folder in (paths.data, paths.cache, paths.logs):
        assert folder.is_relative_to(tmp_path / "Local" / "algovera-desktop")
    assert len({paths.data, paths.cache, paths.logs}) == 3
    assert paths.pictures == tmp_path / "Pictures" / "Algovera"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode")
def test_folders_are_made_for_their_owner_only(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path / "here")
    paths.make()
    paths.make()
    for folder in (paths.data, paths.cache, paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not paths.pictures.exists()
