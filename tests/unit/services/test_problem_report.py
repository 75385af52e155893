"""What a report holds, and what it never holds."""

import json
import logging
import string
import tempfile
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.domain.errors import EngineFailedError
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.domain.settings import FORM_DRAFT, PICTURES_FOLDER, SERVERS, THEME, Theme
from algovera_desktop.services.crash_trace import CrashTrace
from algovera_desktop.services.findings import Finding
from algovera_desktop.services.log_tail import log_tail
from algovera_desktop.services.logs import LogFile
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.problem_report import problem_report
from algovera_desktop.services.settings_store import SettingsStore

OURS = logging.getLogger("algovera_desktop.services.steps")
ANOTHERS = logging.getLogger("diffusers.pipelines")
SERVER = logging.getLogger("algovera_desktop.engines.server_process")


def log_in(folder: Path, *say: Callable[[], object]) -> None:
    log = LogFile(folder)
    for each in say:
        each()
    log.close()


def report(paths: Paths, happened: str = "", environment: dict[str, str] | None = None) -> str:
    with closing(SettingsStore(paths.settings_file)) as store:
        screen = (Finding("window", "platform plugin offscreen"),)
        return problem_report(
            paths, store, screen, happened=happened, environment=environment or {}
        )


def raised(error: Exception) -> Exception:
    try:
        try:
            raise error
        except Exception as cause:
            raise RuntimeError(f"while painting {error}") from cause
    except RuntimeError as last:
        return last


def test_a_report_tells_versions_settings_files_and_the_end_of_the_log(tmp_path):
    paths = Paths.under(tmp_path)
    with closing(SettingsStore(paths.settings_file)) as store:
        store.set(THEME, Theme.DARK)
    log_in(
        paths.logs,
        lambda: OURS.info("job %s: not cancelled at its server: %s", "0f" * 16, OSError("no")),
        lambda: OURS.info("%d pictures, %s", 7, "LibraryBusyError"),
    )
    text = report(paths, environment={"XDG_SESSION_TYPE": "wayland"})
    for part in ("Algovera Desktop ", "Python ", "SQLite ", "theme = dark", "settings.json: "):
        assert part in text
    assert "XDG_SESSION_TYPE=wayland" in text
    assert f"services.steps job {'0f' * 16}: not cancelled at its server: [left out]" in text
    assert "services.steps 7 pictures, LibraryBusyError" in text


@pytest.mark.allows_log("stumbled")
def test_a_traceback_is_told_by_places_and_kinds(tmp_path):
    paths = Paths.under(tmp_path)
    error = raised(KeyError("a red fox"))
    log_in(paths.logs, lambda: OURS.error("stumbled over %s", error, exc_info=error))
    happened = "".join(traceback.format_exception(NameError("name 'int' is not defined")))
    text = report(paths, happened)
    assert "NameError: name 'int' is not defined" in text
    assert 'File "test_problem_report.py"' in text
    assert "KeyError: [left out]" in text
    assert "RuntimeError: [left out]" in text
    assert "fox" not in text


def test_what_the_server_said_is_told_by_its_logger_alone(tmp_path):
    said = "2026-11-23 01:02:03,004 WARNING algovera_desktop.server.studio: Job of a red fox failed"
    log_in(tmp_path, lambda: SERVER.info("server: %s", said), lambda: SERVER.info("a %s", "fox"))
    tail = log_tail(tmp_path, most_records=10)
    assert "server: WARNING algovera_desktop.server.studio: [left out]" in tail
    assert "fox" not in tail


def test_the_last_crash_is_in_the_report(tmp_path):
    paths = Paths.under(tmp_path)
    paths.make()
    trace = CrashTrace(paths.logs)
    trace.write('Fatal Python error: Segmentation fault\n\n  File "a/algovera_desktop/app.py"')
    trace.write(", line 3 in _run\n")
    trace.end(in_order=False)
    CrashTrace(paths.logs).end()
    text = report(paths)
    assert "Fatal Python error: Segmentation fault" in text
    assert '  File "algovera_desktop/app.py", line 3, in _run' in text


# Long enough, and with a digit, so that no word of the report itself is met by chance.
SECRETS = st.text(string.ascii_letters + string.digits, min_size=10, max_size=30).map(
    lambda text: f"q7{text}"
)
PROMPTS = st.lists(
    st.text(string.ascii_letters + "äß漢-'\"/\\,.⟨⟩:\n\r\x85\u2028(){}", min_size=4, max_size=12),
    min_size=2,
    max_size=6,
).map(lambda words: " ".join([*words, "zebra9"]))
FAKE_RECORD = "\n2026-11-23 01:02:03,004 INFO algovera_desktop.app [MainThread] zebra9"


@pytest.mark.allows_log("")
@settings(max_examples=20)
@given(SECRETS, PROMPTS)
def test_no_secret_and_no_prompt_is_ever_in_a_report(secret, prompt):
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths.under(Path(folder) / secret)
        plant(paths, secret, prompt)
        happened = "".join(traceback.format_exception(raised(ValueError(prompt + FAKE_RECORD))))
        environment = {"USER": secret, "TOKEN": secret, "LANG": f"C {secret}", "PROMPT": prompt}
        text = report(paths, happened, environment)
    assert secret.lower() not in text.lower()
    assert "zebra9" not in text


def plant(paths: Paths, secret: str, prompt: str) -> None:
    """Put both wherever the program or a library of it might."""
    paths.make()
    draft = {"prompt": prompt, "negative_prompt": prompt}
    server = ServerConfig(secret, prompt, f"https://{secret}.example/?api_key={secret}")
    with closing(SettingsStore(paths.settings_file)) as store:
        store.set(FORM_DRAFT, draft)
        store.set(SERVERS, (server,))
        store.set(PICTURES_FOLDER, f"/pictures/{secret}/{prompt}")
    content = json.loads(paths.settings_file.read_bytes())
    content["settings"] |= {"of a later version": secret, "theme": prompt}
    paths.settings_file.write_text(json.dumps(content))
    error = raised(EngineFailedError(f"{prompt} {secret}"))
    log_in(
        paths.logs,
        lambda: OURS.info("job %s: %s", secret, prompt),
        lambda: OURS.info("Server %s: %s", secret, error),
        lambda: OURS.error("a task failed", exc_info=raised(ValueError(prompt + FAKE_RECORD))),
        lambda: OURS.info("%s is passed over", Path(f"/p/{prompt}/{secret}.png")),
        lambda: SERVER.info("server: %s", prompt + FAKE_RECORD),
        lambda: SERVER.info("server: Bearer %s", secret),
        lambda: ANOTHERS.warning(f"{prompt} was cut: {secret}" + FAKE_RECORD),
    )
    trace = CrashTrace(paths.logs)
    trace.write(f"Fatal Python error: Aborted\n{prompt}\n{secret}\nQt: no '/a {secret}'\n")
    trace.end(in_order=False)
    CrashTrace(paths.logs).end()
