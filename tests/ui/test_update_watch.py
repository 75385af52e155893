"""The file of the program that runs is watched for the next version."""

import shutil
from pathlib import Path

import pytest

from algovera_desktop.ui.update_watch import UpdateWatch


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_bytes(b"this version")
    return path


def put_next_version(program: Path, content: bytes = b"next version") -> None:
    """As dpkg does: the old one keeps a name until all are replaced."""
    program.with_suffix(".dpkg-tmp").hardlink_to(program)
    program.with_suffix(".dpkg-new").write_bytes(content)
    program.with_suffix(".dpkg-new").replace(program)
    program.with_suffix(".dpkg-tmp").unlink()


def test_an_upgrade_is_told_once(qtbot, qapp, program: Path):
    watch = UpdateWatch(program, qapp, settle_ms=20)
    told: list[None] = []
    watch.replaced.connect(lambda: told.append(None))
    put_next_version(program)
    qtbot.waitUntil(lambda: told != [], timeout=20_000)
    put_next_version(program, b"the one after")
    qtbot.wait(100)
    assert len(told) == 1
    watch.deleteLater()


def test_the_same_version_installed_again_is_an_update_too(qtbot, qapp, program: Path):
    watch = UpdateWatch(program, qapp, settle_ms=20)
    with qtbot.waitSignal(watch.replaced, timeout=20_000):
        put_next_version(program, program.read_bytes())
    watch.deleteLater()


def test_a_program_that_is_away_for_a_moment_is_told_when_it_is_back(qtbot, qapp, program: Path):
    watch = UpdateWatch(program, qapp, settle_ms=20)
    with qtbot.assertNotEmitted(watch.replaced, wait=100):
        program.unlink()
    with qtbot.waitSignal(watch.replaced, timeout=20_000):
        program.write_bytes(b"next version")
    watch.deleteLater()


def test_what_leaves_the_file_as_it_is_is_no_update(qtbot, qapp, program: Path):
    watch = UpdateWatch(program, qapp, settle_ms=20)
    with qtbot.assertNotEmitted(watch.replaced, wait=150):
        shutil.copyfile(program, program.with_suffix(".copy"))
        program.chmod(0o700)
        program.with_suffix(".link").hardlink_to(program)
    watch.deleteLater()
