"""The key goes to each server that this computer starts."""

import os
import signal
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.model_manager import ModelManager
from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.openai_access import OpenAiAccess, OpenAiWish
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.local_server_link import LocalServerLink
from algovera_desktop.ui.openai_link import OpenAiLink
from algovera_desktop.ui.tasks import Tasks
from support.processes import marked_processes

MARK = "ALGOVERA_OPENAI_TEST"
KEY = "sk-the-key-of-nobody"


@pytest.fixture
def link(qapp, tmp_path, monkeypatch) -> Iterator[LocalServerLink]:
    monkeypatch.setenv(MARK, str(tmp_path))
    link = LocalServerLink(tmp_path / "server")
    yield link
    link.server.stop()


@pytest.fixture
def lender(link, os_keyring, tmp_path) -> Iterator[OpenAiLink]:
    """With a key in the keyring, before the server starts."""
    settings, tasks, parent = SettingsStore(tmp_path / "settings.json"), Tasks(), QObject()
    manager = ModelManager(link.server.endpoint)
    access = OpenAiAccess(CredentialStore(), settings, manager)
    access.store(OpenAiWish(KEY, "http://127.0.0.1:9/v1", "sd-turbo"))
    yield OpenAiLink(access, link, tasks, parent)
    assert tasks.shut_down(10)
    QCoreApplication.processEvents()
    manager.close()
    settings.close()
    for part in (parent, tasks):
        part.deleteLater()
        QApplication.sendPostedEvents(part, QEvent.Type.DeferredDelete)


def dalle_of(link: LocalServerLink) -> tuple[str, bool]:
    """Its title at this server, and whether it can be painted with."""
    engine = AlgoveraEngine(link.server.endpoint)
    (found,) = [model for model in engine.models(CancelToken()) if model.name == "dalle"]
    engine.close()
    return found.title, found.installed


def test_a_server_that_starts_anew_gets_the_key_again(qtbot, link, lender, tmp_path):
    with qtbot.waitSignal(lender.allowed, timeout=30_000):
        link.start()
    assert dalle_of(link) == ("OpenAI Images (sd-turbo)", True)
    processes = marked_processes(MARK, str(tmp_path))
    server = next(pid for pid, command in processes.items() if "--child" in command)
    assert KEY not in "".join(processes.values())
    with qtbot.waitSignal(lender.allowed, timeout=30_000):
        os.kill(server, signal.SIGKILL)
    assert dalle_of(link) == ("OpenAI Images (sd-turbo)", True)
