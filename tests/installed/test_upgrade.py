"""From the version before to this one, with a library that somebody cares for."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import (
    HOME,
    Packages,
    quit_program,
    set_sides,
    start,
    type_prompt,
    wait_for_painting,
)
from support.kept_library import fill
from support.prepared_data import library_rows, write_settings

PICTURES = 1000
WAITING = 50
DATA = ("--data-dir", f"/home/{HOME}/data")


@pytest.fixture
def previous(packages: Packages, tmp_path: Path) -> Path:
    """The version before: ALGOVERA_PREVIOUS, or else this one by a lower number."""
    if given := os.environ.get("ALGOVERA_PREVIOUS"):
        return Path(given)
    tree = tmp_path / "package"
    subprocess.run(["dpkg-deb", "-R", packages.base, tree], check=True)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub("(?m)^Version: .*", "Version: 0.0.1~", control.read_text()))
    package = tmp_path / "algovera-desktop_0.0.1~_amd64.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--build", tree, package], check=True)
    shutil.rmtree(tree)
    return package


def count(data: Path, what: str) -> int:
    return library_rows(data, f"SELECT count(*) AS n FROM {what}")[0]["n"]


def form(data: Path) -> int:
    """The number of the form in which the library is written."""
    return library_rows(data, "PRAGMA user_version")[0][0]


def kept(data: Path) -> list[tuple[object, ...]]:
    """What the library says of each picture, and whether its file is there."""
    facts = "path, sha256, rating, is_favourite, trashed_at"
    rows = library_rows(data, f"SELECT {facts} FROM images ORDER BY path")
    return [(*row, (data / "pictures" / row["path"]).is_file()) for row in rows]


def fill_as_before(chroot: Chroot, data: Path) -> None:
    """A library as the installed version writes it: made anew, in its own form, from the files."""
    fill(data, PICTURES)
    for file in data.glob("library.sqlite3*"):
        file.unlink()
    chroot.run("algovera-desktop", *DATA, "--rebuild-library")


def test_an_upgrade_keeps_a_thousand_pictures_and_the_queue(
    desktop: DesktopSession, changeable: Chroot, packages: Packages, previous: Path
) -> None:
    changeable.install(previous)
    data = changeable.home(HOME) / "data"
    fill_as_before(changeable, data)
    write_settings(data, queue_paused=True)
    app = start(desktop, changeable, *DATA)
    set_sides(app, 256)
    app.find("spin box", "Pictures").set_value(WAITING)
    app.press("ctrl+Return")
    app.find("label", f"{WAITING} paused")
    quit_program(app)
    before, form_before = kept(data), form(data)
    assert len(before) == PICTURES

    changeable.install(packages.base)
    app = start(desktop, changeable, *DATA)
    # fill puts one of the thousand into the trash.
    app.find("label", f"{PICTURES - 1} pictures")
    app.find("label", f"{WAITING} paused")
    assert kept(data) == before
    assert count(data, "jobs WHERE state = 'waiting'") == WAITING
    # One of an older form is brought up to date as a copy, and kept as it was.
    assert bool(list(data.glob("library.sqlite3.before-*"))) == (form(data) != form_before)
    app.find("push button", "Resume").act()
    app.wait_for(lambda: count(data, "images") == PICTURES + WAITING, "the waiting pictures", 120)
    quit_program(app)


def test_an_upgrade_under_the_running_program_loses_nothing(
    desktop: DesktopSession, changeable: Chroot, packages: Packages, previous: Path
) -> None:
    changeable.install(previous)
    data = changeable.home(HOME) / "data"
    app = start(desktop, changeable, *DATA)
    type_prompt(app, "a fox")
    set_sides(app, 512, steps=50)
    app.find("spin box", "Pictures").set_value(3)
    app.press("ctrl+Return")
    wait_for_painting(app)
    changeable.install(packages.base)
    app.wait_for(lambda: count(data, "images") == 3, "what was being painted", 120)
    quit_program(app)

    app = start(desktop, changeable, *DATA)
    app.wait_for(
        lambda: len(app.find_all("list item", "Picture, 512 × 512: a fox")) == 3, "all three"
    )
    quit_program(app)
