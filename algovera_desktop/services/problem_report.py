"""What a person may pass on when something goes wrong: put together here, sent nowhere.

Everything in it is chosen: of the settings those that are no words of the user's, of the log our
own words, of a traceback its places. What is known to be private is taken out of all that again.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from algovera_desktop.domain import settings as declared
from algovera_desktop.domain.settings import Setting
from algovera_desktop.services.clean_trace import clean_trace
from algovera_desktop.services.crash_trace import last_crash
from algovera_desktop.services.findings import Finding, quick_findings
from algovera_desktop.services.log_tail import log_tail
from algovera_desktop.services.paths import Paths
from algovera_desktop.services.private_words import PrivateWords
from algovera_desktop.services.settings_store import SettingsStore

_MOST_RECORDS = 300
_TOLD_SETTINGS: tuple[Setting[Any], ...] = (
    declared.THEME,
    declared.THUMBNAIL_SIZE,
    declared.TRASH_DAYS,
    declared.THUMBNAIL_MEMORY_MB,
    declared.SLIDESHOW_SECONDS,
    declared.SORT_ORDER,
    declared.SIDE_LIST,
    declared.IMPORT_COPIES,
    declared.NOTIFY_GROUP_END,
    declared.LOCAL_AT_ONCE,
    declared.OPENAI_KEY_KEPT,
    declared.MODEL_OFFER_CLOSED,
    declared.QUEUE_PAUSED,
    declared.COLUMN_SIZES,
    declared.QUEUE_HEIGHT,
)
"""Those whose values are numbers, choices, yes or no: none can hold what a person wrote."""

_TOLD_ENVIRONMENT = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "LANG")
_WORDS_IN_A_FORM = ("prompt", "negative_prompt", "from_prompt")
_ENVIRONMENT_VALUE = re.compile(r"[\w:;.@-]{1,40}")


def problem_report(
    paths: Paths,
    settings: SettingsStore,
    screen: Iterable[Finding],
    *,
    happened: str = "",
    environment: Mapping[str, str] = os.environ,
) -> str:
    """The report as text. ``screen``: what only the interface knows; ``happened``: the traceback
    of an error that was just met. Reads files and asks for the keyring: for a worker."""
    chosen = settings.get(declared.PICTURES_FOLDER)
    pictures = Path(chosen) if chosen else paths.pictures
    findings = (*quick_findings(paths, pictures, named_folders=False), *screen)
    sections = (
        ("What happened", clean_trace(happened)),
        ("The last crash", clean_trace(last_crash(paths.logs))),
        ("Installation", "\n".join(f"{each.subject:12}{each.words}" for each in findings)),
        ("Environment", "\n".join(_environment(environment))),
        ("Settings", "\n".join(_settings(settings))),
        ("Files", "\n".join(_files(paths))),
        ("Log", log_tail(paths.logs, most_records=_MOST_RECORDS)),
    )
    text = "\n\n".join(f"{title}\n{'-' * len(title)}\n{body}" for title, body in sections if body)
    return PrivateWords(_known(settings), environment).taken_out_of(text) + "\n"


def _environment(environment: Mapping[str, str]) -> Iterator[str]:
    for name in _TOLD_ENVIRONMENT:
        value = environment.get(name, "")
        if _ENVIRONMENT_VALUE.fullmatch(value):
            yield f"{name}={value}"


def _settings(settings: SettingsStore) -> Iterator[str]:
    for setting in _TOLD_SETTINGS:
        yield f"{setting.key} = {setting.encode(settings.get(setting))}"
    is_chosen = bool(settings.get(declared.PICTURES_FOLDER))
    yield f"pictures folder: {'chosen' if is_chosen else 'the usual one'}"
    servers = settings.get(declared.SERVERS)
    is_local = settings.get(declared.ACTIVE_SERVER_ID) == declared.ACTIVE_SERVER_ID.default
    yield f"servers: {len(servers)}, in use: {'this computer' if is_local else 'another'}"
    yield f"paused servers: {len(settings.get(declared.PAUSED_SERVERS))}"


def _files(paths: Paths) -> Iterator[str]:
    for path in (paths.library_file, paths.thumbnails_file, paths.settings_file):
        try:
            yield f"{path.name}: {path.stat().st_size} bytes"
        except OSError as error:
            yield f"{path.name}: {error.strerror}"


def _known(settings: SettingsStore) -> Iterator[str]:
    """What the settings hold of the user's words and of other people's computers."""
    yield settings.get(declared.PICTURES_FOLDER)
    for server in settings.get(declared.SERVERS):
        yield from (server.id, server.name, server.address)
    yield settings.get(declared.OPENAI_ADDRESS)
    for form in (settings.get(declared.FORM_DRAFT), settings.get(declared.FORM_EDIT)):
        yield from (str(form.get(name, "")) for name in _WORDS_IN_A_FORM)
