#!/usr/bin/env python3
"""Rebuilds the pictures of the `sketch` painter from Noto Emoji's vector drawings.

``resources/sketch/things.tsv``, written by hand, names every picture. This script fetches the
drawings (npm package ``@iconify-json/noto``, Apache-2.0, which holds the SVG files of Noto Emoji),
adds our own (``resources/sketch/own/*.svg``, whose keys begin with ``own-``), rasterises those
that the table names and writes each as a small lossless WebP. It is run by hand when the table
gains a picture; it needs ``npm``, ``rsvg-convert`` (Debian: librsvg2-bin) and Pillow::

    python3 packaging/build_sketch_data.py
"""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

SOURCE = "@iconify-json/noto@1.2.9"
SKETCH = Path(__file__).parent.parent / "resources" / "sketch"
SIDE_PX = 320
COLOURS = 128
ALPHA_LEVELS = 15


def named_keys(table: Path) -> list[str]:
    """The picture keys in the table's first column, sorted."""
    lines = table.read_text(encoding="utf-8").splitlines()
    return sorted(line.split("\t")[0] for line in lines if line and not line.startswith("#"))


def fetch_drawings(folder: Path) -> dict[str, str]:
    """All drawings as SVG documents, by key (code points joined with ``_``, without fe0f)."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", SOURCE], cwd=folder, check=True, capture_output=True, text=True
    )
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        icons = _read_json(archive, "package/icons.json")
        names = _read_json(archive, "package/chars.json")
    return {
        codes.replace("-", "_"): _document(icons, name)
        for codes, name in names.items()
        if name in icons["icons"]
    }


def own_drawings(folder: Path) -> dict[str, str]:
    """The drawings made for this painter, by key."""
    return {f"own-{path.stem}": path.read_text(encoding="utf-8") for path in folder.glob("*.svg")}


def _read_json(archive: tarfile.TarFile, name: str) -> dict[str, Any]:
    member = archive.extractfile(name)
    if member is None:
        raise FileNotFoundError(name)
    return json.load(member)


def _document(icons: dict[str, Any], name: str) -> str:
    icon = icons["icons"][name]
    width, height = icon.get("width", icons["width"]), icon.get("height", icons["height"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{icon["body"]}</svg>'
    )


def rasterise(drawing: str) -> Image.Image:
    """The drawing as RGBA of SIDE_PX on its longer side."""
    side = str(SIDE_PX)
    png = subprocess.run(
        ["rsvg-convert", "--keep-aspect-ratio", "-w", side, "-h", side],
        input=drawing.encode(),
        check=True,
        capture_output=True,
    ).stdout
    return Image.open(io.BytesIO(png)).convert("RGBA")


def reduce_colours(picture: Image.Image) -> Image.Image:
    """The picture in few colours and levels of alpha, which halves its file and cannot be seen
    once it is painted; what is fully transparent becomes black so that it packs well."""
    alpha = picture.getchannel("A").point(
        [round(value / 255 * ALPHA_LEVELS) * 255 // ALPHA_LEVELS for value in range(256)]
    )
    flat = picture.convert("RGB").quantize(
        COLOURS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE
    )
    reduced = flat.convert("RGBA")
    reduced.putalpha(alpha)
    visible = alpha.point([0] + [255] * 255)
    return Image.composite(reduced, Image.new("RGBA", picture.size), visible)


def encode(picture: Image.Image) -> bytes:
    """Lossless WebP: every decoder gives the same pixels."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=True, quality=60, method=4, exact=True)
    return buffer.getvalue()


def build_pictures(keys: list[str], drawings: dict[str, str], target: Path) -> int:
    """Writes one file for each key, removes those no longer named; returns the bytes written."""
    target.mkdir(parents=True, exist_ok=True)
    for stale in {path.stem for path in target.glob("*.webp")} - set(keys):
        (target / f"{stale}.webp").unlink()

    def build(key: str) -> int:
        data = encode(reduce_colours(rasterise(drawings[key])))
        return (target / f"{key}.webp").write_bytes(data)

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(build, keys))


def main() -> int:
    keys = named_keys(SKETCH / "things.tsv")
    with tempfile.TemporaryDirectory() as folder:
        drawings = fetch_drawings(Path(folder)) | own_drawings(SKETCH / "own")
    missing = [key for key in keys if key not in drawings]
    if missing:
        print("No drawing for: " + " ".join(missing), file=sys.stderr)
        return 1
    size_bytes = build_pictures(keys, drawings, SKETCH / "emoji")
    print(f"{len(keys)} pictures, {size_bytes / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
