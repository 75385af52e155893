"""Tells how large what was built is, and why its largest parts are there."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bundle_contents as contents
from bundle import Bundle

MB = 1_000_000
BASE_LIMIT_BYTES = 150 * MB
DEB_LIMIT_BYTES = 60 * MB
_LISTED = 10
_WRAPPINGS = (contents.CONTENTS, "Contents", "Frameworks", "MacOS", "Resources")
"""Folders of the bundle that say nothing of what lies in them; all but the first are macOS'."""

_REASONS = {
    "PySide6": "Qt and its binding: the window",
    "cryptography": "the keyring's secrets go encrypted over the bus (SecretStorage)",
    "numpy": "the painter's pixels",
    "numpy.libs": "OpenBLAS, which numpy as it is published does not start without",
    "pillow.libs": "JPEG, WebP, PNG, TIFF and the contact sheet's letters",
    "PIL": "reading and writing pictures with their parameters",
    contents.PACKAGE: "our own drawings: icons, and what the sketch painter paints with",
    contents.DESKTOP: "the window, the server, the painter and their Python modules, compressed",
    contents.SERVER: "the same once more, for a program with a console is another on Windows",
    "pydantic_core": "checks what clients send to the server",
    "libpython": "Python",
    "base_library": "the modules that Python itself starts with",
    "python3": "Python's compiled modules",
    "openvino": "runs neural models on processors and Intel's graphics chips",
    "openvino_genai": "diffusion pipelines upon OpenVINO",
    "openvino_tokenizers": "turns prompts into a model's tokens",
}


def report(bundle: Bundle, made: Sequence[Path]) -> bool:
    """Print the sizes and the ten largest parts; returns whether every limit is kept."""
    base_bytes = size_bytes(bundle.base)
    # Elsewhere the runtime is within.
    limit_bytes = BASE_LIMIT_BYTES if sys.platform == "linux" else None
    is_kept = _is_within(base_bytes, limit_bytes)
    print(f"\nThe program, installed: {_mb(base_bytes, limit_bytes)}")
    for part, size in largest_parts(bundle.base):
        print(f"  {_mb(size):>9}  {part:20}  {_reason(part)}")
    print(f"The local-model runtime, installed: {_mb(size_bytes(bundle.runtime))}")
    for part, size in largest_parts(bundle.runtime)[:3]:
        print(f"  {_mb(size):>9}  {part:20}  {_reason(part)}")
    for path in made:
        is_base = path.suffix == ".deb" and contents.RUNTIME_NAME not in path.name
        limit_bytes = DEB_LIMIT_BYTES if is_base else None
        is_kept = is_kept and _is_within(path.stat().st_size, limit_bytes)
        print(f"{path.name}: {_mb(path.stat().st_size, limit_bytes)}")
    return is_kept


def size_bytes(folder: Path) -> int:
    """The sum of the sizes of the files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def largest_parts(tree: Path) -> list[tuple[str, int]]:
    """The ten largest of what stands side by side in the bundle, the largest first."""
    sizes: Counter[str] = Counter()
    for path in tree.rglob("*"):
        if path.is_file() and not path.is_symlink():
            parts = path.relative_to(tree).parts
            sizes[next(part for part in parts if part not in _WRAPPINGS)] += path.stat().st_size
    return sizes.most_common(_LISTED)


def _reason(part: str) -> str:
    if part in _REASONS:
        return _REASONS[part]
    return next((reason for name, reason in _REASONS.items() if part.startswith(name)), "")


def _mb(size: int, limit_bytes: int | None = None) -> str:
    words = f"{size / MB:.1f} MB"
    if limit_bytes is None:
        return words
    side = "at most" if _is_within(size, limit_bytes) else "more than"
    return f"{words} ({side} {limit_bytes // MB} MB)"


def _is_within(size: int, limit_bytes: int | None) -> bool:
    return limit_bytes is None or size <= limit_bytes
