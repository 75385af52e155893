"""The key for dalle: into the keyring, to the server, and out of both again."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from algovera_desktop.domain.settings import OPENAI_KEY_KEPT
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.model_manager import ModelManager
from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.openai_access import KEY_ENTRY, OpenAiAccess
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.openai_page import OpenAiPage
from algovera_desktop.ui.tasks import Tasks
from support.http_server import ScriptedServer, reply_json, scripted_server

KEY = "sk-the-key-of-nobody"
REMOTE = "/api/manage/remote"


@dataclass
class Desk:
    page: OpenAiPage
    settings: SettingsStore
    server: ScriptedServer

    def type(self, qtbot, name: str, text: str) -> None:
        fields = self.page.findChildren(QLineEdit)
        (field,) = [field for field in fields if field.accessibleName() == f"OpenAI {name}"]
        field.clear()
        qtbot.keyClicks(field, text)

    def press(self, qtbot, text: str) -> None:
        buttons = self.page.findChildren(QPushButton)
        (button,) = [each for each in buttons if each.text().replace("&", "") == text]
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def wait_for(self, qtbot, words: str) -> None:
        qtbot.waitUntil(
            lambda: any(words in label.text() for label in self.page.findChildren(QLabel)),
            timeout=20_000,
        )


@pytest.fixture
def desk(themes, qtbot, tmp_path, os_keyring) -> Iterator[Desk]:
    settings, tasks = SettingsStore(tmp_path / "settings.json"), Tasks()
    with scripted_server() as server:
        server.on(REMOTE, reply_json({"allowed": True}))
        manager = ModelManager(lambda: Endpoint(server.address, "the application's key"))
        access = OpenAiAccess(CredentialStore(), settings, manager)
        page = OpenAiPage(themes, access, tasks)
        qtbot.addWidget(page)
        page.show()
        yield Desk(page, settings, server)
        page.close()
        assert tasks.shut_down(10)
        QCoreApplication.processEvents()
        manager.close()
        settings.close()
    tasks.deleteLater()
    QApplication.sendPostedEvents(tasks, QEvent.Type.DeferredDelete)


def test_a_key_goes_into_the_keyring_and_to_the_server_and_nowhere_else(
    desk, qtbot, os_keyring, tmp_path
):
    desk.type(qtbot, "key", KEY)
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        desk.press(qtbot, "Save")
        desk.wait_for(qtbot, "The keyring may ask you to unlock it")
    assert os_keyring.kept == {KEY_ENTRY: KEY}
    (handed,) = desk.server.to(REMOTE)
    assert handed.json() == {"key": KEY, "address": "", "model": ""}
    assert handed.headers["authorization"] == "Bearer the application's key"
    desk.settings.flush()
    assert KEY not in (tmp_path / "settings.json").read_text()
    desk.wait_for(qtbot, "“OpenAI Images” can be chosen in the form now")


def test_an_address_in_plain_http_gets_no_key(desk, qtbot, os_keyring):
    desk.type(qtbot, "key", KEY)
    desk.type(qtbot, "address", "http://studio.test/v1")
    desk.press(qtbot, "Save")
    desk.wait_for(qtbot, "must begin with https://")
    assert (os_keyring.kept, desk.server.requests) == ({}, [])


def test_a_server_on_this_computer_may_be_asked_in_plain_http(desk, qtbot):
    desk.type(qtbot, "key", KEY)
    desk.type(qtbot, "address", "http://127.0.0.1:8080/v1")
    desk.type(qtbot, "model", "sd-turbo")
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        desk.press(qtbot, "Save")
    handed = desk.server.to(REMOTE)[0].json()
    assert handed == {"key": KEY, "address": "http://127.0.0.1:8080/v1", "model": "sd-turbo"}


def test_without_a_key_nothing_is_kept(desk, qtbot):
    desk.press(qtbot, "Save")
    desk.wait_for(qtbot, "Paste your OpenAI key first")
    assert desk.server.requests == []


def test_a_removed_key_is_out_of_the_keyring_and_of_the_server(desk, qtbot, os_keyring):
    desk.type(qtbot, "key", KEY)
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        desk.press(qtbot, "Save")
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        desk.press(qtbot, "Remove key")
    assert os_keyring.kept == {}
    assert not desk.settings.get(OPENAI_KEY_KEPT)
    assert desk.server.to(REMOTE)[-1].json()["key"] == ""


def test_a_locked_keyring_is_said(desk, qtbot, os_keyring):
    desk.type(qtbot, "key", KEY)
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        desk.press(qtbot, "Save")
    os_keyring.is_locked = True
    desk.press(qtbot, "Remove key")
    desk.wait_for(qtbot, "The keyring did not answer")


def test_what_was_typed_is_there_when_another_page_was_looked_at(desk, qtbot):
    desk.type(qtbot, "address", "https://studio.test/v1")
    desk.page.hide()
    desk.page.show()
    fields = desk.page.findChildren(QLineEdit)
    (field,) = [field for field in fields if field.accessibleName() == "OpenAI address"]
    assert field.text() == "https://studio.test/v1"


def test_return_in_a_field_saves(desk, qtbot, os_keyring):
    desk.type(qtbot, "key", KEY)
    (field,) = [
        field
        for field in desk.page.findChildren(QLineEdit)
        if field.accessibleName() == "OpenAI key"
    ]
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert os_keyring.kept == {KEY_ENTRY: KEY}


def test_a_key_that_the_keyring_has_lost_is_asked_for_again(desk, qtbot):
    desk.settings.set(OPENAI_KEY_KEPT, True)  # as another session has left it
    desk.press(qtbot, "Save")
    desk.wait_for(qtbot, "the key is no longer there")
    assert desk.server.requests == []


def test_a_server_that_does_not_take_the_key_is_told_in_words(desk, qtbot):
    desk.server.on(REMOTE, reply_json({"detail": "Not this one."}, 422))
    desk.type(qtbot, "key", KEY)
    desk.press(qtbot, "Save")
    desk.wait_for(qtbot, "did not take it: Not this one.")
    desk.press(qtbot, "Remove key")
    desk.wait_for(qtbot, "may use the key until it ends")


@pytest.mark.allows_log("the keyring took no key")
def test_a_key_for_this_session_is_not_asked_of_the_keyring_at_the_next_start(
    desk, qtbot, os_keyring
):
    os_keyring.is_locked = True
    desk.type(qtbot, "key", KEY)
    with qtbot.waitSignal(desk.page.changed, timeout=20_000):
        desk.press(qtbot, "Save")
    desk.wait_for(qtbot, "forgotten when the program ends")
    assert desk.server.to(REMOTE)[-1].json()["key"] == KEY
    assert not desk.settings.get(OPENAI_KEY_KEPT)
