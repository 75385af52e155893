"""What tells a Linux desktop of the program."""

import configparser
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import metainfo
from algovera_desktop import __version__

LINUX = Path(metainfo.__file__).parent / "linux"
ENTRY = LINUX / "org.algovera.Desktop.desktop"


@pytest.fixture
def entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(ENTRY, "utf-8")
    return parser["Desktop Entry"]


def test_the_two_agree_on_names_and_kinds_of_files(entry: configparser.SectionProxy) -> None:
    component = ET.parse(metainfo.METAINFO).getroot()
    assert component.findtext("id") == ENTRY.stem == entry["Icon"] == entry["StartupWMClass"]
    assert component.findtext("name") == entry["Name"]
    assert component.findtext("launchable") == ENTRY.name
    kinds = [element.text for element in component.iterfind("provides/mediatype")]
    assert entry["MimeType"].rstrip(";").split(";") == kinds
    assert entry["Exec"] == "algovera-desktop %F"


def test_the_newest_release_is_this_version() -> None:
    assert ET.parse(metainfo.METAINFO).find("releases/release").get("version") == __version__


def test_screenshots_stand_below_the_address_that_publishes_them(tmp_path: Path) -> None:
    text = metainfo.with_screenshots(metainfo.METAINFO.read_text("utf-8"), "https://h.example/s/")
    shots = ET.fromstring(text).findall("screenshots/screenshot")
    assert [shot.get("type") for shot in shots] == ["default", None]
    for shot in shots:
        base, _, name = shot.findtext("image").rpartition("/")
        assert base == "https://h.example/s"
        assert (LINUX.parent / "screenshots" / name).is_file()


def test_a_package_has_screenshots_where_their_address_is_known() -> None:
    assert metainfo.published_metainfo({}) == metainfo.METAINFO.read_text("utf-8")
    text = metainfo.published_metainfo({"ALGOVERA_SCREENSHOTS": "https://h.example/s"})
    assert "https://h.example/s/window.jpg" in text


def test_an_address_that_is_not_secure_is_refused() -> None:
    with pytest.raises(ValueError, match="https"):
        metainfo.with_screenshots("", "http://h.example")


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="not on this machine")
def test_the_entry_is_valid() -> None:
    told = subprocess.run(["desktop-file-validate", ENTRY], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="not on this machine")
@pytest.mark.parametrize("base_url", ["", "https://h.example/s"])
def test_the_metainfo_is_valid(tmp_path: Path, base_url: str) -> None:
    text = metainfo.METAINFO.read_text("utf-8")
    file = tmp_path / metainfo.METAINFO.name
    file.write_text(metainfo.with_screenshots(text, base_url) if base_url else text, "utf-8")
    command = ["appstreamcli", "validate", "--no-net", file]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
