"""``algovera-desktop --check``: what a bug report needs, without a secret in it."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from algovera_desktop.display import missing_display
from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.domain.settings import PICTURES_FOLDER
from algovera_desktop.services.findings import Finding, quick_findings
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.settings_store import SettingsStore


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
    yield _server(paths)


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


def _server(paths: Paths) -> Finding:
    """Start a server of our own in a folder of its own, so that a running program is left alone.
    It only looks at the models of that one."""
    # Loaded only now: where a package is missing the rest is still reported.
    try:
        from algovera_desktop.engines.algovera import AlgoveraEngine
        from algovera_desktop.engines.embedded import LocalServer, local_server_command
    except ImportError as error:
        return Finding("server", f"its client cannot be loaded: {error}", missing=True)
    models = paths.server_data / "models"
    # On Windows a server that was ended holds its files for a moment still.
    with tempfile.TemporaryDirectory(
        prefix="algovera-check-", ignore_cleanup_errors=True
    ) as folder:
        command = local_server_command(Path(folder))
        if models.is_dir():
            command += ["--models", str(models)]
        server = LocalServer(command, lambda _status: None)
        try:
            server.start()
            engine = AlgoveraEngine(server.endpoint)
            health = engine.check(CancelToken())
            words = _model_words(engine.models(CancelToken()))
            engine.close()
        except AlgoveraError as error:
            return Finding("server", f"this computer's server does not work: {error}", missing=True)
        finally:
            server.stop()
    return Finding("server", f"starts and answers, version {health.version}; {words}")


def _model_words(models: Sequence[ModelInfo]) -> str:
    """What can be painted with now, and what could be had."""
    here, others = (
        ", ".join(model.title for model in models if model.installed is is_here)
        for is_here in (True, False)
    )
    return f"paints with: {here or 'nothing'}" + (f"; not installed: {others}" if others else "")
