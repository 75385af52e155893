"""Pictures a second that come into the library, against only reading and hashing the same files.

512×512 PNGs with what ComfyUI and AUTOMATIC1111 write, on a warm page cache: what is measured is
the program, not the disk.
"""

import hashlib
import io
import json
import random
import struct
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from measurement import Measurement, alternate
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.library.database import Database
from algovera_desktop.library.files import PictureFiles
from algovera_desktop.library.store import Library
from algovera_desktop.services.import_report import ImportMode
from algovera_desktop.services.importer import Importer

PICTURES = 1000
ROUNDS = 3
_SIDE = 512
_PAINTINGS = 20
_HEADER_BYTES = 33
_WORDS = ("fox", "hare", "snow", "river", "castle", "light", "portrait", "cinematic", "grain")


_CLOCKS: tuple[tuple[str, str, Callable[[], float], Callable[[float], float]], ...] = (
    ("speed", "pictures/s", time.perf_counter, lambda taken_s: PICTURES / taken_s),
    ("each", "cpu ms", time.process_time, lambda taken_s: 1000 * taken_s / PICTURES),
)
"""The second hardly depends on who else uses the machine."""


def measure() -> Iterator[Measurement]:
    """First the files where they are, then copied in; the baseline is the same for both."""
    with tempfile.TemporaryDirectory(prefix="bench-import-") as name:
        folder = Path(name)
        shelf = folder / "shelf"
        _make_pictures(shelf)
        for mode in (ImportMode.IN_PLACE, ImportMode.COPY):
            for what, unit, clock, figure in _CLOCKS:
                value, baseline = alternate(
                    lambda mode=mode, clock=clock: _import(folder, mode, clock),
                    lambda clock=clock: _hash(shelf, clock),
                    ROUNDS,
                )
                yield Measurement(
                    f"import {mode.value}, {what}", figure(value), unit, figure(baseline)
                )


def _import(folder: Path, mode: ImportMode, clock: Callable[[], float]) -> float:
    """Seconds for all of them."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        with closing(Database(place / "library.sqlite3")) as database:
            importer = Importer(database, Library(database), PictureFiles(place / "pictures"))
            started_s = clock()
            report = importer.run([folder / "shelf"], mode, CancelToken(), lambda progress: None)
            taken_s = clock() - started_s
    assert len(report.image_ids) == PICTURES, report
    return taken_s


def _hash(shelf: Path, clock: Callable[[], float]) -> float:
    started_s = clock()
    for path in shelf.iterdir():
        hashlib.sha256(path.read_bytes()).hexdigest()
    return clock() - started_s


def _make_pictures(shelf: Path) -> None:
    """A few that are as large as paintings of that size are, each under many texts."""
    shelf.mkdir()
    dice = random.Random(4)
    paintings = [_painting(dice) for _ in range(_PAINTINGS)]
    for number in range(PICTURES):
        texts = _comfyui(number, dice) if number % 2 else _a1111(number, dice)
        painting = paintings[number % _PAINTINGS]
        chunks = b"".join(_chunk(keyword, text) for keyword, text in texts.items())
        data = painting[:_HEADER_BYTES] + chunks + painting[_HEADER_BYTES:]
        (shelf / f"{number:05}.png").write_bytes(data)


def _painting(dice: random.Random) -> bytes:
    """Smooth, with some grain."""
    small = Image.frombytes("RGB", (8, 8), dice.randbytes(8 * 8 * 3))
    smooth = small.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((_SIDE, _SIDE), 12)
    buffer = io.BytesIO()
    Image.composite(smooth, Image.new("RGB", smooth.size), grain).save(buffer, "PNG")
    return buffer.getvalue()


def _chunk(keyword: str, text: str) -> bytes:
    body = b"tEXt" + keyword.encode() + b"\0" + text.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _prompt(dice: random.Random) -> str:
    return ", ".join(dice.choices(_WORDS, k=30))


def _a1111(seed: int, dice: random.Random) -> dict[str, str]:
    fields = f"Steps: 25, Sampler: Euler a, CFG scale: 7, Seed: {seed}, Size: 512x512, Model: m"
    return {"parameters": f"{_prompt(dice)}\nNegative prompt: {_prompt(dice)}\n{fields}"}


def _comfyui(seed: int, dice: random.Random) -> dict[str, str]:
    def node(kind: str, **inputs: object) -> dict[str, object]:
        return {"class_type": kind, "inputs": inputs}

    links = {
        "model": ["4", 0],
        "positive": ["6", 0],
        "negative": ["7", 0],
        "latent_image": ["5", 0],
    }
    graph = {
        "3": node("KSampler", seed=seed, steps=20, cfg=8, **links),
        "4": node("CheckpointLoaderSimple", ckpt_name="model.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=512),
        "6": node("CLIPTextEncode", text=_prompt(dice)),
        "7": node("CLIPTextEncode", text=_prompt(dice)),
        "8": node("VAEDecode", samples=["3", 0]),
        "9": node("SaveImage", images=["8", 0]),
    }
    drawn = [{"id": n, "type": "Node", "pos": [n, 2 * n], "size": [210, 46]} for n in range(60)]
    workflow = {"nodes": drawn, "links": [], "version": 0.4}
    return {"prompt": json.dumps(graph), "workflow": json.dumps(workflow)}
