"""darktable and digiKam read what is made of pictures here, and are heard when they change it.

Seen with Debian 12's darktable 4.2.1 and digiKam 7.9.0. Neither is installed for a test run: where
they are not, these tests are passed over.
"""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.services.reconcile import Reconciler
from support.desktop import DesktopSession
from support.kept_library import KeptLibrary

PATIENCE_S = 120
"""These programs take a few seconds to start, and many more where others use the machine."""

pytestmark = pytest.mark.usefixtures("desktop")

DIGIKAM_SETTINGS = """[General Settings]
Version=7.9.0
Scan At Start=true

[Album Settings]
Show Splash=false

[Metadata Settings]
Use XMP Sidecar For Reading=true

[Database Settings]
Database Type=QSQLITE
Database Name={folder}/
Database Name Thumbnails={folder}/
Database Name Face={folder}/
Database Name Similarity={folder}/
Internal Database Server=false
"""
"""It asks nothing at its first start, and looks into sidecars, which it does when told to."""

DARKTABLE_SCRIPT = """
local dt = require "darktable"
dt.control.dispatch(function()
    dt.database.import("{folder}")
    while #dt.database < {count} do dt.control.sleep(100) end
    for _, image in ipairs(dt.database) do
        image.rating = 5 - image.rating
        image.notes = "changed there"
        dt.tags.attach(dt.tags.create("hung"), image)
    end
end)
"""


def needs(program: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None
    return pytest.mark.skipif(missing, reason=f"{program} is not installed")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptLibrary]:
    """Pictures of each rating, all with tags and but for one with notes."""
    with KeptLibrary(tmp_path / "data") as library:
        for rating in range(6):
            image_id = library.add(rating).id
            library.curation.set_rating([image_id], rating)
            library.curation.add_tags([image_id], ["Füchse", "a/b", "snow & ice", "x|y"])
            if rating:
                library.curation.set_notes(image_id, "for the wall\nsecond <line>")
        library.write_sidecars()
        yield library


def folder_of(kept: KeptLibrary) -> Path:
    return kept.files.absolute(kept.records()[0].path).parent


def hear(kept: KeptLibrary) -> list[ImageRecord]:
    """What the library says after it has looked at the disk."""
    looker = Reconciler(kept.database, kept.library, lambda: kept.folders)
    looker.run(CancelToken(), lambda progress: None)
    kept.write_sidecars()
    return kept.records()


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


@needs("darktable-cli")
def test_darktable_shows_rating_tags_prompt_and_notes(kept: KeptLibrary, tmp_path: Path) -> None:
    own = {each: tmp_path / each for each in ("configdir", "cachedir", "library")}
    options = [part for name, path in own.items() for part in (f"--{name}", str(path))]
    command = ["darktable-cli", folder_of(kept), tmp_path / "out", "--out-ext", "png", "--core"]
    subprocess.run([*command, *options], check=True, capture_output=True, timeout=120)
    # Its flags hold the rating in the last three bits; 3 is a description, 5 are notes.
    assert rows(own["library"], "SELECT flags & 7 FROM images ORDER BY filename") == [
        (rating,) for rating in range(6)
    ]
    texts = "SELECT value FROM meta_data WHERE key = {} ORDER BY id"
    prompts = [(record.request.prompt,) for record in kept.records()]
    assert rows(own["library"], texts.format(3)) == prompts
    assert rows(own["library"], texts.format(5)) == [("for the wall\nsecond <line>",)] * 5
    names = "SELECT name FROM tags WHERE name NOT LIKE 'darktable|%' ORDER BY name"
    tags = rows(own["configdir"] / "data.db", names)
    assert tags == [("Füchse",), ("a/b",), ("snow & ice",), ("x|y",)]


@needs("darktable")
def test_what_darktable_changes_is_taken_over(
    kept: KeptLibrary, desktop: DesktopSession, tmp_path: Path
) -> None:
    script = tmp_path / "change.lua"
    folder = folder_of(kept)
    script.write_text(DARKTABLE_SCRIPT.format(folder=folder, count=6), "utf-8")
    own = {"configdir": "config", "cachedir": "cache", "library": "library"}
    options = [part for name, path in own.items() for part in (f"--{name}", str(tmp_path / path))]
    luacmd = f'dofile("{script}")'
    app = desktop.start_app(["darktable", *options, "--disable-opencl", "--luacmd", luacmd])
    app.wait_for(
        lambda: all("hung" in each.read_text("utf-8") for each in folder.glob("*.xmp")),
        "darktable to have written each sidecar",
        PATIENCE_S,
    )
    app.stop()
    for rating, record in enumerate(hear(kept)):
        assert record.rating == 5 - rating
        assert record.notes == "changed there"
        assert set(record.tags) == {"Füchse", "a/b", "hung", "snow & ice", "x|y"}


@needs("digikam")
def test_digikam_shows_rating_tags_and_prompt(
    kept: KeptLibrary, desktop: DesktopSession, tmp_path: Path
) -> None:
    file = _seen_by_digikam(desktop, tmp_path, folder_of(kept))
    of_each = "SELECT {} FROM Images JOIN {} ON imageid = Images.id ORDER BY name"
    assert rows(file, of_each.format("rating", "ImageInformation")) == [(n,) for n in range(6)]
    prompts = [(record.request.prompt,) for record in kept.records()]
    assert rows(file, of_each.format("comment", "ImageComments")) == prompts
    tags = rows(
        file,
        """SELECT imageid, group_concat(Tags.name) FROM
               (SELECT * FROM ImageTags ORDER BY tagid) JOIN Tags ON Tags.id = tagid
           WHERE Tags.name NOT LIKE '\\_%' ESCAPE '\\' GROUP BY imageid""",
    )
    # "/" parts its levels: of the tag "a/b" it shows "b" below "a".
    assert [set(str(names).split(",")) for _, names in tags] == [
        {"Füchse", "b", "snow & ice", "x|y"}
    ] * 6


def _seen_by_digikam(desktop: DesktopSession, tmp_path: Path, pictures: Path) -> Path:
    """digiKam's database after it has looked at six pictures that each have a comment."""
    config, database = tmp_path / "config", tmp_path / "database"
    for made in (config, database):
        made.mkdir()
    (config / "digikamrc").write_text(DIGIKAM_SETTINGS.format(folder=database), "utf-8")
    file = database / "digikam4.db"

    def run_until(statement: str, count: int, what: str) -> None:
        environment = {"XDG_CONFIG_HOME": str(config), "QTWEBENGINE_DISABLE_SANDBOX": "1"}
        command = ["digikam", "--database-directory", str(database)]
        app = desktop.start_app(command, environment)
        app.wait_for(lambda: _finds(file, statement, count), what, PATIENCE_S)
        app.stop()

    run_until("SELECT 1 FROM Settings WHERE keyword = 'DBVersion'", 1, "tables")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            """INSERT INTO AlbumRoots (label, status, type, identifier, specificPath)
               VALUES ('pictures', 0, 1, ?, '/')""",
            (f"volumeid:?path={pictures}",),
        )
    run_until("SELECT 1 FROM ImageComments", 6, "its look at the folder")
    return file


def _finds(file: Path, statement: str, count: int) -> bool:
    with suppress(sqlite3.OperationalError):  # Not made yet, or being written.
        return len(rows(file, statement)) == count
    return False
