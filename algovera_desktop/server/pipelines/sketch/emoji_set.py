"""The pictures that the painter paints from: Noto Emoji, one lossless WebP each."""

from collections import OrderedDict
from pathlib import Path

from PIL import Image

CACHED = 32
"""Decoded pictures kept, 400 KB each: more kinds than one scene holds."""


class EmojiSet:
    """Pictures by key (the Noto file stem, code points joined with ``_`` and without fe0f)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: OrderedDict[str, Image.Image] = OrderedDict()

    def keys(self) -> frozenset[str]:
        """Every key that has a picture."""
        return frozenset(path.stem for path in self._folder.glob("*.webp"))

    def picture(self, key: str) -> Image.Image:
        """The picture as RGBA (straight alpha, 320 px on its longer side). It is shared: copy it
        before changing it. Raises FileNotFoundError for a key outside the set."""
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        with Image.open(self._folder / f"{key}.webp") as stored:
            decoded = stored.convert("RGBA")
        self._cache[key] = decoded
        if len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return decoded
