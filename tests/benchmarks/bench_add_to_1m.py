"""Pictures that come into a library of a million, as an import adds them, against an empty one.

What is looked for is the slowest transaction: now and then FTS5 merges what its index is made of.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
from library_words import prompts
from make_library import library_folder
from measurement import Measurement

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import NewImage
from algovera_desktop.library.database import Database
from algovera_desktop.library.store import Library
from algovera_desktop.services.paths import Paths

TRANSACTIONS = 200
PICTURES_EACH = 50

_AT = datetime(2026, 11, 22, tzinfo=UTC)


def measure() -> Iterator[Measurement]:
    """In turns, transaction by transaction, into a copy of the shared library."""
    with tempfile.TemporaryDirectory(prefix="bench-add-") as name:
        grown, empty = Path(name, "grown.sqlite3"), Path(name, "empty.sqlite3")
        shutil.copy(Paths.under(library_folder()).library_file, grown)
        os.sync()  # Or the first transaction waits for the copy to reach the disk.
        with closing(Database(grown)) as value, closing(Database(empty)) as baseline:
            taken_ms, bare_ms = _add(value, baseline)
    for figure, of in (("median", median), ("p99", _p99), ("worst", max)):
        yield Measurement(
            f"add {PICTURES_EACH} to 1 000 000, {figure}", of(taken_ms), "ms", of(bare_ms)
        )
    yield Measurement("added to 1 000 000", _speed(taken_ms), "pictures/s", _speed(bare_ms))


def _add(value: Database, baseline: Database) -> tuple[list[float], list[float]]:
    taken_ms: list[float] = []
    bare_ms: list[float] = []
    for batch in _batches():
        taken_ms.append(_add_batch(value, batch))
        bare_ms.append(_add_batch(baseline, batch))
    return taken_ms, bare_ms


def _add_batch(database: Database, batch: list[NewImage]) -> float:
    library = Library(database)
    began_s = time.perf_counter()
    database.write(lambda connection: [library.add_in(connection, image) for image in batch])
    return (time.perf_counter() - began_s) * 1000


def _batches() -> Iterator[list[NewImage]]:
    texts = list(prompts(np.random.default_rng(7), TRANSACTIONS * PICTURES_EACH))
    images = [_image(number, text) for number, text in enumerate(texts)]
    for start in range(0, len(images), PICTURES_EACH):
        yield images[start : start + PICTURES_EACH]


def _image(number: int, prompt: str) -> NewImage:
    return NewImage(
        path=f"added/{number}.png",
        sha256=f"{number:064x}",
        size_bytes=500_000,
        media_type="image/png",
        width=512,
        height=512,
        created_at=_AT,
        server_name="Studio",
        model_title="Sketch",
        job_id="",
        request=GenerationRequest(prompt, "sketch", 512, 512, seed=number),
    )


def _p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


def _speed(taken_ms: list[float]) -> float:
    return PICTURES_EACH * len(taken_ms) / (sum(taken_ms) / 1000)
