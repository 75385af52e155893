"""``algovera-desktop --check``: what a bug report needs, without a secret in it."""

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from algovera_desktop import __version__
from algovera_desktop.display import missing_display
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.services.credentials import NO_BACKEND, CredentialStore
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore

_PACKAGES = ("PySide6-Essentials", "Pillow", "numpy", "requests", "keyring", "fastapi", "uvicorn")
_LITTLE_SPACE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``missing`` when the program cannot work like this."""

    subject: str
    words: str
    missing: bool = False


def run_check(paths: Paths) -> int:
    """Print the report; 0 when all that is needed is there, 1 when something is missing."""
    missing: list[str] = []
    for finding in _findings(paths):
        mark = "MISSING" if finding.missing else "ok"
        print(f"{mark:8}{finding.subject:16}{finding.words}", flush=True)
        if finding.missing:
            missing.append(finding.subject)
    print()
    print(f"Missing: {', '.join(missing)}." if missing else "All that is needed is there.")
    return 1 if missing else 0


def _findings(paths: Paths) -> Iterator[Finding]:
    yield Finding("program", f"Algovera Desktop {__version__}")
    yield Finding("system", f"{platform.platform()}, Python {platform.python_version()}")
    yield _packages()
    yield _window()
    yield _keyring()
    yield _folder("data", paths.data)
    yield _folder("pictures", _pictures_folder(paths))
    yield _folder("cache", paths.cache)
    yield _folder("logs", paths.logs)
    yield _server()


def _packages() -> Finding:
    versions, missing = [f"SQLite {sqlite3.sqlite_version}"], False
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} is not installed")
            missing = True
    return Finding("packages", ", ".join(versions), missing=missing)


def _window() -> Finding:
    reason = missing_display()
    if reason:
        return Finding("window", reason, missing=True)
    # Qt is loaded only now: on a machine without its libraries the rest is still reported.
    try:
        from PySide6.QtGui import QGuiApplication
    except ImportError as error:
        return Finding("window", f"Qt cannot be loaded: {error}", missing=True)
    app = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    assert isinstance(app, QGuiApplication)
    screen = app.primaryScreen()
    size, ratio = screen.size(), screen.devicePixelRatio()
    words = f"platform plugin {app.platformName()}, {size.width()}x{size.height()} at {ratio:g}x"
    return Finding("window", words)


def _keyring() -> Finding:
    name = CredentialStore().backend_name()
    if name == NO_BACKEND:
        return Finding("keyring", "none: a server's key is kept until the program ends")
    return Finding("keyring", name)


def _pictures_folder(paths: Paths) -> Path:
    with closing(SettingsStore(paths.settings_file)) as settings:
        chosen = settings.get(PICTURES_FOLDER)
    return Path(chosen) if chosen else paths.pictures


def _folder(name: str, path: Path) -> Finding:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    shown = _without_home(path)
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding(name, f"{shown} cannot be written", missing=True)
    free_bytes = shutil.disk_usage(existing).free
    words = f"{shown}, {free_bytes / 1e9:.1f} GB free"
    return Finding(name, words, missing=free_bytes < _LITTLE_SPACE_BYTES)


def _without_home(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _server() -> Finding:
    """Start a server of our own in a folder of its own, so that a running program is left alone."""
    # Loaded only now: where a package is missing the rest is still reported.
    try:
        from algovera_desktop.engines.algovera import AlgoveraEngine
        from algovera_desktop.engines.embedded import LocalServer, local_server_command
    except ImportError as error:
        return Finding("server", f"its client cannot be loaded: {error}", missing=True)
    with tempfile.TemporaryDirectory(prefix="algovera-check-") as folder:
        server = LocalServer(local_server_command(Path(folder)), lambda _status: None)
        try:
            server.start()
            engine = AlgoveraEngine(server.endpoint)
            health = engine.check(CancelToken())
            models = ", ".join(model.title for model in engine.models(CancelToken()))
            engine.close()
        except AlgoveraError as error:
            return Finding("server", f"this computer's server does not work: {error}", missing=True)
        finally:
            server.stop()
    return Finding("server", f"starts and answers, version {health.version}; models: {models}")
