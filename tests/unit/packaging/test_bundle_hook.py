import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HOOK = Path(__file__).parents[3] / "packaging" / "bundle_hook.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what it does is for Linux")


@pytest.fixture
def archive(monkeypatch, tmp_path):
    """What PyInstaller reads modules with, of an executable of ours."""
    program = tmp_path / "program"
    program.write_text("this version")
    archive = SimpleNamespace(_filename=str(program))
    importers = SimpleNamespace(pyz_archive=archive)
    monkeypatch.setitem(sys.modules, "pyimod02_importers", importers)
    yield archive
    os.close(int(Path(archive._filename).name))


def test_modules_are_read_of_the_version_that_was_started(archive, tmp_path):
    runpy.run_path(str(HOOK))
    (tmp_path / "new").write_text("the next version")
    (tmp_path / "new").replace(tmp_path / "program")
    assert Path(archive._filename).read_text() == "this version"


@pytest.mark.parametrize("before", [None, "/somebody's"])
def test_what_is_started_later_finds_its_own_libraries(archive, monkeypatch, before):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/algovera-desktop/_internal")
    if before is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/opt/algovera-desktop/algovera-desktop")
    runpy.run_path(str(HOOK))
    assert os.environ.get("LD_LIBRARY_PATH") == before
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ
    # So that the server, the same executable, looks for its libraries as if it were another.
    assert "_PYI_ARCHIVE_FILE" not in os.environ
