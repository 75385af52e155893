"""What is found out about the installation and the machine, for ``--check`` and for a report."""

import importlib.metadata
import os
import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop import __version__
from algovera_desktop.services.credentials import NO_BACKEND, CredentialStore
from algovera_desktop.services.paths import Paths

_PACKAGES = ("PySide6-Essentials", "Pillow", "numpy", "requests", "keyring", "fastapi", "uvicorn")
_RUNTIMES = ("openvino-genai", "torch", "diffusers")
_LITTLE_SPACE_BYTES = 500_000_000
_CARDS = Path("/sys/class/drm")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``missing`` when the program cannot work like this."""

    subject: str
    words: str
    missing: bool = False


def quick_findings(
    paths: Paths, pictures: Path, *, named_folders: bool = True
) -> Iterator[Finding]:
    """All that neither opens a window nor starts a server; takes a moment all the same, for the
    keyring has to be looked for.

    ``pictures``: the folder that new ones go to. ``named_folders``: whether to say where they lie.
    """
    yield Finding("program", f"Algovera Desktop {__version__}")
    yield Finding("system", f"{platform.platform()}, Python {platform.python_version()}")
    yield _packages()
    yield _runtimes()
    yield Finding("graphics", ", ".join(graphics_cards()) or "not known")
    yield _keyring()
    folders = {"data": paths.data, "pictures": pictures, "cache": paths.cache, "logs": paths.logs}
    for name, path in folders.items():
        yield _folder(name, path, _without_home(path) if named_folders else "the folder")


def graphics_cards(cards: Path = _CARDS) -> Iterator[str]:
    """The driver and the PCI id of each card, as Linux tells them; none elsewhere."""
    for event in sorted(cards.glob("card[0-9]*/device/uevent")):
        try:
            text = event.read_text("ascii", "replace")
        except OSError:
            continue
        told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        yield f"{told.get('DRIVER', 'no driver')} {told.get('PCI_ID', '')}".strip()


def _packages() -> Finding:
    versions, missing = [f"SQLite {sqlite3.sqlite_version}"], False
    for name in _PACKAGES:
        version = _version(name)
        versions.append(f"{name} {version}" if version else f"{name} is not installed")
        missing = missing or not version
    return Finding("packages", ", ".join(versions), missing=missing)


def _runtimes() -> Finding:
    found = [f"{name} {version}" for name in _RUNTIMES if (version := _version(name))]
    return Finding("runtimes", ", ".join(found) or "none: only sketches can be painted here")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _keyring() -> Finding:
    name = CredentialStore().backend_name()
    if name == NO_BACKEND:
        return Finding("keyring", "none: a server's key is kept until the program ends")
    return Finding("keyring", name)


def _folder(name: str, path: Path, shown: str) -> Finding:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding(name, f"{shown} cannot be written", missing=True)
    free_bytes = shutil.disk_usage(existing).free
    words = f"{shown} has {free_bytes / 1e9:.1f} GB free"
    return Finding(name, words, missing=free_bytes < _LITTLE_SPACE_BYTES)


def _without_home(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
