"""With a program in the place of appimagetool that packs the folder with tar."""

import os
import sys
import tarfile

import pytest

from bundle import Bundle
from environment import SetupError
from package_appimage import write_appimage

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for Linux")

EPOCH = 1_700_000_000
TOOL = """#!/bin/sh
set -e
[ "$1" = --no-appstream ] && [ -n "$ARCH" ] && [ "$SOURCE_DATE_EPOCH" = 1700000000 ]
tar -cf "$3" -C "$2" .
"""


@pytest.fixture
def bundle(tmp_path):
    made = Bundle(tmp_path / "base", tmp_path / "runtime", tmp_path / "icons")
    (made.base / "_internal").mkdir(parents=True)
    (made.base / "algovera-desktop").write_text("the program")
    (made.base / "algovera-server").symlink_to("algovera-desktop")
    icon = made.icons / "hicolor" / "256x256" / "apps" / "org.algovera.Desktop.png"
    icon.parent.mkdir(parents=True)
    icon.write_bytes(b"drawn")
    return made


def provide_tool(monkeypatch, folder, text):
    tool = folder / "bin" / "appimagetool"
    tool.parent.mkdir()
    tool.write_text(text)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")


def test_it_is_the_bundle_that_starts_by_its_format(bundle, tmp_path, monkeypatch):
    provide_tool(monkeypatch, tmp_path, TOOL)
    (made,) = write_appimage(tmp_path, bundle, tmp_path, "1.0", EPOCH)
    assert made.name.startswith("algovera-desktop-1.0-")
    assert made.suffix == ".AppImage"
    with tarfile.open(made) as packed:
        assert packed.getmember("./AppRun").linkname == "algovera-desktop"
        assert packed.getmember("./algovera-server").linkname == "algovera-desktop"
        names = packed.getnames()
    assert {"./org.algovera.Desktop.desktop", "./org.algovera.Desktop.png"} <= set(names)


def test_nothing_is_made_where_the_tool_is_not(bundle, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert write_appimage(tmp_path, bundle, tmp_path, "1.0", EPOCH) == []


def test_a_tool_that_fails_is_told(bundle, tmp_path, monkeypatch):
    provide_tool(monkeypatch, tmp_path, "#!/bin/sh\nexit 1\n")
    with pytest.raises(SetupError, match="appimagetool"):
        write_appimage(tmp_path, bundle, tmp_path, "1.0", EPOCH)
