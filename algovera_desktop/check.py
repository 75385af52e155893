"""``algovera-desktop --check``: what a bug report needs, without a secret in it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from algovera_desktop.display import missing_display
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.programs import server_command
from algovera_desktop.services.findings import Finding, quick_findings
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore

_MODELS_TIMEOUT_S = 60.0
_STATES = {
    "available": "can be downloaded",
    "unavailable": "only with a key or files of one's own",
}


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
    yield from quick_findings(paths, _pictures_folder(paths))
    yield _window()
    yield _server()
    yield _models(paths)


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


def _pictures_folder(paths: Paths) -> Path:
    with closing(SettingsStore(paths.settings_file)) as settings:
        chosen = settings.get(PICTURES_FOLDER)
    return Path(chosen) if chosen else paths.pictures


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
            engine.close()
        except AlgoveraError as error:
            return Finding("server", f"this computer's server does not work: {error}", missing=True)
        finally:
            server.stop()
    return Finding("server", f"starts and answers, version {health.version}")


def _models(paths: Paths) -> Finding:
    """Ask for the models that the program's own server has, without starting or changing it."""
    with tempfile.TemporaryDirectory(prefix="algovera-check-") as empty:
        has_any = (paths.server_data / "models").is_dir()
        data = str(paths.server_data) if has_any else empty
        command = [*server_command(), "models", "list", "--data-dir", data]
        try:
            listed = subprocess.run(
                command, capture_output=True, text=True, timeout=_MODELS_TIMEOUT_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            return Finding("models", f"cannot be listed: {type(error).__name__}")
    return Finding("models", model_words(listed.stdout))


def model_words(listed: str) -> str:
    """The names in the list of ``algovera-server models list``, by what can be done with them."""
    head, *lines = listed.splitlines() or [""]
    place = head.find("NAME")
    if place < 0:
        return "cannot be listed: the list has no names"
    names: dict[str, list[str]] = {}
    for line in lines:
        names.setdefault(line.split()[0], []).append(line[place:].split("  (")[0])
    installed = ", ".join(names.pop("installed", [])) or "none but the sketch"
    others = (f"{_STATES.get(state, state)}: {', '.join(here)}" for state, here in names.items())
    return "; ".join((f"installed: {installed}", *others))
