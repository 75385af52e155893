"""A library as years of work leave it, for what is measured at a million pictures.

    python tests/benchmarks/make_library.py [RECORDS [THUMBNAILS]]

It is made once a machine and content, in the folder for temporary files, and shared by all
benchmarks: who writes into it takes a copy. Records are real, and so are the thumbnails, painted
by the sketch painter; the pictures' own files do not exist.
"""

import hashlib
import io
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from itertools import chain, islice, permutations, repeat
from pathlib import Path

import numpy as np
from library_words import negative_prompts, prompts, vocabulary
from PIL import Image, ImageOps

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.settings import TRASH_DAYS
from algovera_desktop.library import migrations, unspaced
from algovera_desktop.library.database import Database
from algovera_desktop.library.rows import insert_statement, to_stamp
from algovera_desktop.library.thumbnails import ThumbnailCache
from algovera_desktop.server.pipelines.shipped import sketch
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore

RECORDS = 1_000_000
THUMBNAILS = 50_000
THUMBNAIL_SIDE_PX = 256
STRETCHES = 10
"""The thumbnails are of the newest of each tenth of the records, so that a jump to a tenth finds
some: ``tenth_with_thumbnails`` gives their ids."""

_FIRST_DAY = datetime(2016, 11, 22, tzinfo=UTC)
_LAST_DAY = datetime(2026, 11, 22, tzinfo=UTC)
_MODELS = (
    ("sketch", "Sketch"),
    ("stable", "Stable Diffusion (latest)"),
    ("stable diffusion v1.5", "Stable Diffusion 1.5"),
    ("stable diffusion v2.1-768x768", "Stable Diffusion 2.1"),
    ("dalle", "DALL·E 2"),
    ("dreamshaper_8", "DreamShaper 8"),
    ("juggernaut_xl", "Juggernaut XL"),
    ("flux_dev", "Flux dev"),
)
_SERVERS = ("This computer", "Algovera", "Studio", "")
_TOOLS = ("", "", "", "", "AUTOMATIC1111", "ComfyUI")
_SIDES = ((512, 512), (512, 768), (768, 512), (768, 768), (1024, 1024), (832, 1216), (1216, 832))
_RATINGS = (0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 4, 4, 5)
_STEPS = (20, 20, 25, 30, 30, 40, 50)
_GUIDANCE = (5.0, 6.5, 7.0, 7.5, 7.5, 8.0, 12.0)
_TAGS = 400
_ALBUMS = 200
_PAINTINGS = 600
_VARIANTS = 12
_SUBJECTS = ("a fox", "a boat on the sea", "a bear in the forest", "mountains", "a castle", "a cat")


def library_folder(records: int = RECORDS, thumbnails: int = THUMBNAILS) -> Path:
    """The shared data folder, made now if this content was never made; to be read only."""
    name = f"algovera-desktop-library-{records}-{thumbnails}-{_content_version()}"
    folder = Path(tempfile.gettempdir()) / name
    if not folder.exists():
        part = Path(tempfile.mkdtemp(prefix=name, dir=folder.parent))
        try:
            make_library(part, records, thumbnails)
            with suppress(OSError):  # another process has made the same meanwhile
                part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def copy_of_library(target: Path, records: int = RECORDS, thumbnails: int = THUMBNAILS) -> Path:
    """A data folder of one's own with that content, at ``target``, which must not exist."""
    return shutil.copytree(library_folder(records, thumbnails), target)


def make_library(folder: Path, records: int, thumbnails: int) -> None:
    """Fill an empty data folder; the same content each time."""
    paths = Paths.under(folder)
    paths.make()
    with closing(SettingsStore(paths.settings_file)) as settings:
        settings.set(TRASH_DAYS, 0)  # what is in the trash has no files, and has lain there long
    Database(paths.library_file).close()
    with closing(sqlite3.connect(paths.library_file, isolation_level=None)) as connection:
        _fill(connection, records)
    Database(paths.library_file).close()
    ThumbnailCache(paths.thumbnails_file).close()
    with closing(sqlite3.connect(paths.thumbnails_file)) as connection:
        _add_thumbnails(connection, records, thumbnails)


def sha256_of(image_id: int) -> str:
    """What stands in for the hash of a file that does not exist."""
    return hashlib.sha256(str(image_id).encode()).hexdigest()


def tenth_with_thumbnails(tenth: int, records: int, thumbnails: int) -> range:
    """Ids of the records of one tenth, counted from the oldest, that have thumbnails."""
    last = records * (tenth + 1) // STRETCHES
    return range(last - thumbnails // STRETCHES + 1, last + 1)


def _content_version() -> str:
    sources = [Path(__file__), Path(__file__).with_name("library_words.py")]
    sources += [Path(str(module.__file__)) for module in (migrations, unspaced)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def _fill(connection: sqlite3.Connection, records: int) -> None:
    # Half a library is thrown away by library_folder, so that nothing needs to be safe here.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    later = connection.execute(
        """SELECT type, name, sql FROM sqlite_master
           WHERE sql IS NOT NULL AND tbl_name = 'images' AND type IN ('index', 'trigger')"""
    ).fetchall()
    for kind, name, _ in later:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    _add_records(connection, records)
    for _, _, sql in later:
        connection.execute(sql)
    # One big run in memory instead of thousands that are merged again and again.
    _set_text_option(connection, "hashsize", 256 << 20)
    connection.execute("INSERT INTO images_text (images_text) VALUES ('rebuild')")
    _set_text_option(connection, "hashsize", 1 << 20)
    connection.execute("INSERT INTO images_text (images_text) VALUES ('optimize')")
    connection.execute("COMMIT")


def _set_text_option(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT INTO images_text (images_text, rank) VALUES (?, ?)", (name, value))


def _add_records(connection: sqlite3.Connection, records: int) -> None:
    random = np.random.default_rng(4)
    tags = _tags(random, records)
    albums = _albums(random, records)
    columns = _columns(random, records)
    columns["tags"] = iter(_lines(tags, _names("tag")))
    columns["albums"] = iter(_lines(albums, _names("album")))
    connection.executemany(
        insert_statement("images", tuple(columns)), zip(*columns.values(), strict=True)
    )
    for number, name in enumerate(_names("tag"), 1):
        connection.execute("INSERT INTO tags (id, name) VALUES (?, ?)", (number, name))
    for number, name in enumerate(_names("album"), 1):
        connection.execute("INSERT INTO albums VALUES (?, ?, ?)", (number, name, number))
    connection.executemany("INSERT INTO image_tags VALUES (?, ?)", _pairs(tags))
    connection.executemany(
        "INSERT INTO album_images VALUES (?, ?, ?)",
        ((album, image, place) for place, (album, image) in enumerate(_pairs(albums))),
    )


def _columns(random: np.random.Generator, count: int) -> dict[str, Iterator[object]]:
    """Each column's values, from the oldest picture to the newest."""
    ids = range(1, count + 1)
    models = random.zipf(1.6, count) % len(_MODELS)
    sides = random.integers(0, len(_SIDES), count)
    tools = random.integers(0, len(_TOOLS), count)
    stamps = np.sort(random.integers(to_stamp(_FIRST_DAY), to_stamp(_LAST_DAY), count)).tolist()
    trashed = random.random(count) < 0.005
    missing = random.random(count) < 0.001
    noted = random.random(count) < 0.01
    return {
        "id": iter(ids),
        "path": (f"{1 + n // 10_000:04d}/{n:07d}.png" for n in ids),
        "sha256": map(sha256_of, ids),
        "size_bytes": iter(random.integers(200_000, 3_000_000, count).tolist()),
        "media_type": repeat("image/png", count),
        "width": (_SIDES[side][0] for side in sides),
        "height": (_SIDES[side][1] for side in sides),
        "created_at": iter(stamps),
        "trashed_at": (stamp if yes else None for stamp, yes in zip(stamps, trashed, strict=True)),
        "missing_since": (
            stamp if yes else None for stamp, yes in zip(stamps, missing, strict=True)
        ),
        "server_name": _drawn(random, _SERVERS, count),
        "model_title": (_MODELS[model][1] for model in models),
        "job_id": (f"{n:032x}" if not _TOOLS[tools[n - 1]] else "" for n in ids),
        "prompt": _in_batches(random, count),
        "negative_prompt": negative_prompts(random, count),
        "model": (_MODELS[model][0] for model in models),
        "asked_width": (_SIDES[side][0] for side in sides),
        "asked_height": (_SIDES[side][1] for side in sides),
        "steps": _drawn(random, _STEPS, count),
        "guidance_scale": _drawn(random, _GUIDANCE, count),
        "seed": iter(random.integers(0, 2**53, count).tolist()),
        "tool": (_TOOLS[tool] for tool in tools),
        "is_favourite": iter((random.random(count) < 0.05).astype(int).tolist()),
        "rating": _drawn(random, _RATINGS, count),
        "notes": ("print this one, for the exhibition" if yes else "" for yes in noted),
    }


def _drawn(random: np.random.Generator, values: Sequence[object], count: int) -> Iterator[object]:
    return (values[index] for index in random.integers(0, len(values), count).tolist())


def _in_batches(random: np.random.Generator, count: int) -> Iterator[str]:
    """One to four pictures of a prompt, as people ask for them."""
    sizes = random.integers(1, 5, count)
    found = chain.from_iterable(
        repeat(prompt, size)
        for prompt, size in zip(prompts(random, count), sizes.tolist(), strict=True)
    )
    return islice(found, count)


def _names(kind: str) -> list[str]:
    """Some of one word, some of two, as people name things."""
    words = vocabulary()
    count = _TAGS if kind == "tag" else _ALBUMS
    return [
        words[index] if index % 3 else f"{words[index]} {words[-index - 1]}"
        for index in range(count)
    ]


def _tags(random: np.random.Generator, count: int) -> list[tuple[int, ...]]:
    """For each record the numbers of its tags, from 1; seven of ten have none."""
    how_many = np.maximum(0, random.integers(-7, 4, count))
    drawn = iter((random.zipf(1.3, int(how_many.sum())) % _TAGS + 1).tolist())
    return [tuple(sorted({next(drawn) for _ in range(n)})) if n else () for n in how_many.tolist()]


def _albums(random: np.random.Generator, count: int) -> list[tuple[int, ...]]:
    """For each record the number of the album that it is in; nine of ten are in none."""
    drawn = random.zipf(1.3, count) % _ALBUMS + 1
    kept = random.random(count) < 0.1
    return [(n,) if yes else () for n, yes in zip(drawn.tolist(), kept.tolist(), strict=True)]


def _lines(numbers: list[tuple[int, ...]], names: list[str]) -> list[str]:
    """The names of each record's, as a row of ``images`` repeats them."""
    known: dict[tuple[int, ...], str] = {(): ""}
    for each in numbers:
        if each not in known:
            known[each] = "\n".join(sorted((names[n - 1] for n in each), key=str.casefold))
    return [known[each] for each in numbers]


def _pairs(numbers: list[tuple[int, ...]]) -> list[tuple[int, int]]:
    """(its number, the record's id), in the order of the tables that hold them."""
    return sorted((n, image_id) for image_id, each in enumerate(numbers, 1) for n in each)


def _add_thumbnails(connection: sqlite3.Connection, records: int, thumbnails: int) -> None:
    paintings = _paintings(min(_PAINTINGS, thumbnails))
    used_ns = time.time_ns()
    ids = chain.from_iterable(
        tenth_with_thumbnails(tenth, records, thumbnails) for tenth in range(STRETCHES)
    )
    with connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            "INSERT INTO thumbnails VALUES (?, ?, ?, ?)",
            (
                (sha256_of(each), THUMBNAIL_SIDE_PX, used_ns, paintings[each % len(paintings)])
                for each in ids
            ),
        )


def _paintings(count: int) -> list[bytes]:
    """JPEGs: few are painted, the others show those in other colours or mirrored."""
    pipeline = sketch()
    pipeline.load()
    made: list[bytes] = []
    for seed in range(-(-count // _VARIANTS)):
        width, height = ((256, 256), (256, 176), (176, 256))[seed % 3]
        subject = _SUBJECTS[seed % len(_SUBJECTS)]
        asked = GenerationRequest(subject, "sketch", width, height, steps=3, seed=seed)
        made.extend(map(_jpeg, _variants(pipeline.render(asked, lambda *_: True))))
    return made[:count]


def _variants(picture: Image.Image) -> Iterator[Image.Image]:
    bands = picture.split()
    for order in permutations(bands):
        turned = Image.merge("RGB", order)
        yield turned
        yield ImageOps.mirror(turned)


def _jpeg(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80)
    return data.getvalue()


def main(arguments: Sequence[str]) -> None:
    """Make it and say where it lies and how long that took."""
    began_s = time.monotonic()
    folder = library_folder(*map(int, arguments))
    print(f"{folder}\n{time.monotonic() - began_s:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
