from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
)

from algovera_desktop.domain.errors import EngineUnreachableError
from algovera_desktop.domain.servers import HOSTED_ADDRESS, ServerConfig
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.model_manager import ModelManager
from algovera_desktop.services.credentials import CredentialStore
from algovera_desktop.services.openai_access import OpenAiAccess
from algovera_desktop.services.servers import ServerList
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.dialogs.settings import SettingsDialog
from algovera_desktop.ui.tasks import Tasks
from algovera_desktop.ui.theme import ThemeController
from support.algovera_server import LOCAL_KEY, running_server
from support.http_server import captive_portal, scripted_server

SECRET = "f00d" * 16


class Desk:
    """The dialog and all that it works on, real but for the keyring."""

    def __init__(self, themes: ThemeController, folder: Path) -> None:
        self.settings = SettingsStore(folder / "settings.json")
        self.servers = ServerList(self.settings)
        self.credentials = CredentialStore()
        self.tasks = Tasks()
        self.pictures = folder / "Pictures"
        self.dialog = SettingsDialog(
            themes,
            self.settings,
            self.servers,
            self.credentials,
            self.tasks,
            make_engine,
            self.pictures,
            OpenAiAccess(self.credentials, self.settings, ModelManager(nowhere)),
        )

    def add(self, config: ServerConfig) -> None:
        self.servers.save(config)
        self.dialog.show_servers(config.id)

    def texts(self) -> str:
        labels = [label for label in self.dialog.findChildren(QLabel) if label.isVisible()]
        return " | ".join(label.text() for label in labels)

    def field(self, name: str) -> QLineEdit:
        (found,) = [f for f in self.dialog.findChildren(QLineEdit) if f.accessibleName() == name]
        return found

    def button(self, text: str) -> QAbstractButton:
        buttons = self.dialog.findChildren(QPushButton)
        (found,) = [b for b in buttons if b.isVisible() and b.text().replace("&", "") == text]
        return found

    def check_box(self, text: str) -> QCheckBox:
        boxes = self.dialog.findChildren(QCheckBox)
        (found,) = [box for box in boxes if box.text().replace("&", "") == text]
        return found

    def at_once(self) -> QSpinBox:
        (found,) = [box for box in self.dialog.findChildren(QSpinBox) if box.isVisible()]
        assert found.accessibleName() == "Pictures at once"
        return found

    def server_list(self) -> QListWidget:
        return self.dialog.findChild(QListWidget)

    def names(self) -> list[str]:
        return [self.server_list().item(row).text() for row in range(self.server_list().count())]


def nowhere() -> Endpoint:
    raise EngineUnreachableError("no server runs")


def make_engine(config: ServerConfig, key: str | None) -> AlgoveraEngine:
    return AlgoveraEngine(lambda: Endpoint(config.address, key, config.allow_plain_http))


@pytest.fixture
def no_keyring() -> Iterator[None]:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def desk(themes, qtbot, tmp_path) -> Iterator[Desk]:
    desk = Desk(themes, tmp_path)
    qtbot.addWidget(desk.dialog)
    desk.dialog.show()
    yield desk
    desk.dialog.close()
    assert desk.tasks.shut_down(10)
    QCoreApplication.processEvents()
    desk.settings.close()
    desk.tasks.deleteLater()
    QApplication.sendPostedEvents(desk.tasks, QEvent.Type.DeferredDelete)


def press(qtbot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def add_another(qtbot, desk: Desk, entry: str = "Another server") -> None:
    desk.dialog.show_servers("local")
    actions = desk.button("Add").menu().actions()
    next(a for a in actions if a.text().replace("&", "") == entry).trigger()


def type_over(qtbot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def wait_for(qtbot, desk: Desk, words: str) -> None:
    def check() -> None:
        assert words in desk.texts()

    qtbot.waitUntil(check, timeout=20_000)


def test_how_many_pictures_this_computer_makes_at_once_holds_at_once(desk, qtbot):
    desk.dialog.show_servers("local")
    assert desk.at_once().value() == 1
    with qtbot.waitSignal(desk.dialog.server_changed) as caught:
        qtbot.keyClick(desk.at_once(), Qt.Key.Key_Up)
    assert caught.args == ["local"]
    assert desk.servers.get("local").at_once == 2
    qtbot.keyClick(desk.at_once(), Qt.Key.Key_Down)
    assert desk.servers.get("local").at_once is None


def test_how_many_pictures_a_server_makes_at_once_is_saved_with_it(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    assert desk.at_once().value() == 3
    desk.at_once().selectAll()
    qtbot.keyClicks(desk.at_once(), "12")
    assert desk.servers.get("a1").effective_at_once == 3
    with qtbot.waitSignal(desk.dialog.server_changed):
        qtbot.keyClick(desk.at_once(), Qt.Key.Key_Return)
    assert desk.servers.get("a1").at_once == 12
    desk.dialog.show_servers("local")
    desk.dialog.show_servers("a1")
    assert desk.at_once().value() == 12
    assert desk.button("Remove").isEnabled(), "showing it again is no change"


def test_a_server_that_was_given_no_number_at_once_keeps_none(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    qtbot.keyClicks(desk.field("Name"), "!")
    with qtbot.waitSignal(desk.dialog.server_changed):
        press(qtbot, desk.button("Save"))
    assert desk.servers.get("a1").at_once is None


def test_this_computer_needs_nothing_and_cannot_be_removed(desk):
    desk.dialog.show_servers("local")
    assert "There is nothing to enter" in desk.texts()
    assert not desk.button("Remove").isEnabled()


def test_the_hosted_preset_says_where_its_key_is_found(desk, qtbot, os_keyring):
    add_another(qtbot, desk, "Algovera (hosted)")
    assert desk.field("Address").text() == HOSTED_ADDRESS
    assert "Account → API Keys" in desk.texts()
    assert "shown only once" in desk.texts()
    assert desk.field("Key").hasFocus()


def test_a_key_goes_to_the_keyring_and_is_not_read_back(desk, qtbot, os_keyring):
    add_another(qtbot, desk, "Algovera (hosted)")
    qtbot.keyClicks(desk.field("Key"), f" {SECRET} ")
    with qtbot.waitSignal(desk.dialog.server_changed) as caught:
        press(qtbot, desk.button("Save"))
    assert os_keyring.kept == {caught.args[0]: SECRET}
    assert desk.field("Key").text() == ""
    assert "A key is stored in the system's keyring." in desk.texts()
    desk.settings.flush()
    desk.dialog.show_servers("local")
    desk.dialog.show_servers(caught.args[0])
    wait_for(qtbot, desk, "A key is stored in the system's keyring.")
    assert desk.field("Key").text() == ""


def test_the_settings_file_never_holds_the_key(desk, qtbot, os_keyring, tmp_path):
    add_another(qtbot, desk, "Algovera (hosted)")
    qtbot.keyClicks(desk.field("Key"), SECRET)
    with qtbot.waitSignal(desk.dialog.server_changed):
        press(qtbot, desk.button("Save"))
    desk.settings.flush()
    kept = (tmp_path / "settings.json").read_text()
    assert HOSTED_ADDRESS in kept
    assert SECRET not in kept


def test_without_a_keyring_it_is_said_that_the_key_ends_with_the_session(desk, qtbot, no_keyring):
    add_another(qtbot, desk, "Algovera (hosted)")
    qtbot.keyClicks(desk.field("Key"), SECRET)
    with qtbot.waitSignal(desk.dialog.server_changed) as caught:
        press(qtbot, desk.button("Save"))
    assert "kept for this session only: the system has no keyring" in desk.texts()
    assert desk.credentials.get(caught.args[0]) == SECRET


def test_a_locked_keyring_is_told(desk, qtbot, os_keyring):
    os_keyring.is_locked = True
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    wait_for(qtbot, desk, "The system's keyring did not give the key.")


def test_a_key_can_be_removed(desk, qtbot, os_keyring):
    os_keyring.kept["a1"] = SECRET
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    wait_for(qtbot, desk, "A key is stored")
    with qtbot.waitSignal(desk.dialog.server_changed):
        press(qtbot, desk.button("Remove key"))
    assert os_keyring.kept == {}
    assert "The key was removed." in desk.texts()


def test_a_stored_key_is_not_sent_to_another_address(desk, qtbot, os_keyring, monkeypatch):
    os_keyring.kept["a1"] = SECRET
    kept: list[dict[str, str]] = []
    save = desk.servers.save

    def look(config):
        kept.append(dict(os_keyring.kept))
        return save(config)

    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    wait_for(qtbot, desk, "A key is stored")
    with scripted_server() as elsewhere:
        type_over(qtbot, desk.field("Address"), elsewhere.address)
        for button in ("Test", "Save"):
            press(qtbot, desk.button(button))
            assert "was entered for another address" in desk.texts()
        assert elsewhere.requests == []
        assert desk.servers.get("a1").address == "https://studio.test"
        monkeypatch.setattr(desk.servers, "save", look)
        qtbot.keyClicks(desk.field("Key"), "another key")
        with qtbot.waitSignal(desk.dialog.server_changed):
            press(qtbot, desk.button("Save"))
        assert desk.servers.get("a1").address == elsewhere.address
    assert kept == [{}], "the old key and the new address met"
    assert os_keyring.kept == {"a1": "another key"}


def test_a_stored_key_stays_when_only_the_path_or_the_encryption_changes(desk, qtbot, os_keyring):
    os_keyring.kept["a1"] = SECRET
    desk.add(ServerConfig("a1", "Studio", "http://127.0.0.1:9"))
    wait_for(qtbot, desk, "A key is stored")
    type_over(qtbot, desk.field("Address"), "https://127.0.0.1:9/algovera")
    with qtbot.waitSignal(desk.dialog.server_changed):
        press(qtbot, desk.button("Save"))
    assert desk.servers.get("a1").address == "https://127.0.0.1:9/algovera"


def test_removing_a_server_takes_its_key_along(desk, qtbot, os_keyring):
    os_keyring.kept["a1"] = SECRET
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    with qtbot.waitSignal(desk.dialog.server_changed) as caught:
        press(qtbot, desk.button("Remove"))
    assert caught.args == ["a1"]
    assert desk.names() == ["This computer"]
    qtbot.waitUntil(lambda: os_keyring.kept == {})


def test_a_key_that_could_not_be_removed_along_is_told(desk, qtbot, os_keyring):
    os_keyring.is_locked = True
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    press(qtbot, desk.button("Remove"))
    wait_for(qtbot, desk, "the removed server's key is still in it")


def test_an_address_is_kept_in_its_normal_form(desk, qtbot, os_keyring):
    add_another(qtbot, desk)
    qtbot.keyClicks(desk.field("Name"), "Studio")
    qtbot.keyClicks(desk.field("Address"), "https://Studio.test:9000/")
    with qtbot.waitSignal(desk.dialog.server_changed):
        press(qtbot, desk.button("Save"))
    assert desk.servers.all()[1].address == "https://studio.test:9000"
    assert desk.names() == ["This computer", "Studio"]


@pytest.mark.parametrize(
    ("name", "address", "words", "focused"),
    [
        ("", "https://studio.test", "Give the server a name.", "Name"),
        ("Studio", "studio.test", "This address cannot be used.", "Address"),
        ("Studio", "https://me:pw@studio.test", "This address cannot be used.", "Address"),
        ("Studio", "https://studio.test/?key=x", "This address cannot be used.", "Address"),
    ],
)
def test_what_cannot_be_saved_is_pointed_out(desk, qtbot, name, address, words, focused):
    add_another(qtbot, desk)
    qtbot.keyClicks(desk.field("Name"), name)
    qtbot.keyClicks(desk.field("Address"), address)
    press(qtbot, desk.button("Save"))
    assert words in desk.texts()
    assert desk.field(focused).hasFocus()
    assert len(desk.servers.all()) == 1


def test_plain_http_beyond_loopback_needs_a_yes_for_this_very_address(desk, qtbot, os_keyring):
    add_another(qtbot, desk)
    consent = desk.check_box("Send the key unencrypted")
    qtbot.keyClicks(desk.field("Name"), "Studio")
    qtbot.keyClicks(desk.field("Address"), "http://studio.test")
    assert consent.isVisible()
    assert not consent.isChecked()
    press(qtbot, desk.button("Save"))
    assert "agree to plain http first" in desk.texts()
    assert len(desk.servers.all()) == 1
    qtbot.keyClick(consent, Qt.Key.Key_Space)
    qtbot.keyClicks(desk.field("Address"), "x")
    assert not consent.isChecked()
    qtbot.keyClick(consent, Qt.Key.Key_Space)
    with qtbot.waitSignal(desk.dialog.server_changed):
        press(qtbot, desk.button("Save"))
    assert desk.servers.all()[1].allow_plain_http


@pytest.mark.parametrize("address", ["https://studio.test", "http://127.0.0.1:8965"])
def test_no_yes_is_asked_where_none_is_needed(desk, qtbot, address):
    add_another(qtbot, desk)
    qtbot.keyClicks(desk.field("Address"), address)
    assert not desk.check_box("Send the key unencrypted").isVisible()


def test_the_test_says_what_it_found(desk, qtbot, os_keyring, tmp_path):
    with running_server(tmp_path / "server") as server:
        desk.add(ServerConfig("a1", "Studio", server.address))
        qtbot.keyClicks(desk.field("Key"), LOCAL_KEY)
        press(qtbot, desk.button("Test"))
        wait_for(qtbot, desk, "It works, and the key is accepted. Models: ")
        assert "Server: 0." in desk.texts()
        type_over(qtbot, desk.field("Key"), SECRET)
        press(qtbot, desk.button("Test"))
        wait_for(qtbot, desk, "the key was refused")
    assert os_keyring.kept == {}


def test_an_address_that_is_no_algovera_server_is_told_apart(desk, qtbot, os_keyring):
    with scripted_server() as server:
        for path in ("/api/models", "/api/basemodels", "/api/status", "/api/health"):
            server.on(path, captive_portal())
        desk.add(ServerConfig("a1", "Studio", server.address))
        press(qtbot, desk.button("Test"))
        wait_for(qtbot, desk, "The address answers, but not as an Algovera server.")


def test_an_address_where_nobody_is_is_told_as_no_connection(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "http://127.0.0.1:9"))
    press(qtbot, desk.button("Test"))
    wait_for(qtbot, desk, "No connection to the server.")


def test_while_something_is_unsaved_the_list_waits(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    qtbot.keyClicks(desk.field("Name"), "!")
    assert not desk.server_list().isEnabled()
    press(qtbot, desk.button("Cancel"))
    assert desk.server_list().isEnabled()
    assert desk.field("Name").text() == "Studio"


def test_esc_reminds_once_of_what_is_unsaved_and_then_closes(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "https://studio.test"))
    qtbot.keyClicks(desk.field("Name"), "!")
    qtbot.keyClick(desk.dialog, Qt.Key.Key_Escape)
    assert desk.dialog.isVisible()
    assert "Not saved yet." in desk.texts()
    assert desk.button("Save").hasFocus()
    qtbot.keyClick(desk.dialog, Qt.Key.Key_Escape)
    assert not desk.dialog.isVisible()
    desk.dialog.show_servers("a1")
    assert desk.field("Name").text() == "Studio"


def test_a_key_on_its_way_to_the_keyring_is_waited_for(desk, qtbot, os_keyring):
    os_keyring.answered.clear()
    add_another(qtbot, desk, "Algovera (hosted)")
    qtbot.keyClicks(desk.field("Key"), SECRET)
    press(qtbot, desk.button("Save"))
    for _ in range(2):
        qtbot.keyClick(desk.dialog, Qt.Key.Key_Escape)
    assert desk.dialog.isVisible()
    assert "Storing the key…" in desk.texts()
    with qtbot.waitSignal(desk.dialog.server_changed):
        os_keyring.answered.set()
    assert list(os_keyring.kept.values()) == [SECRET]
    qtbot.keyClick(desk.dialog, Qt.Key.Key_Escape)
    assert not desk.dialog.isVisible()


def test_return_saves_and_the_keyboard_stays_where_it_was(desk, qtbot, os_keyring):
    add_another(qtbot, desk, "Algovera (hosted)")
    qtbot.keyClicks(desk.field("Key"), SECRET)
    with qtbot.waitSignal(desk.dialog.server_changed):
        qtbot.keyClick(desk.field("Key"), Qt.Key.Key_Return)
    assert list(os_keyring.kept.values()) == [SECRET]
    assert desk.field("Key").hasFocus()


def test_after_a_test_the_keyboard_is_where_it_was(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "http://127.0.0.1:9"))
    desk.field("Address").setFocus()
    press(qtbot, desk.button("Test"))
    wait_for(qtbot, desk, "No connection to the server.")
    assert desk.button("Test").hasFocus()


def test_cancelling_a_new_server_leaves_no_trace(desk, qtbot):
    add_another(qtbot, desk)
    press(qtbot, desk.button("Cancel"))
    assert desk.names() == ["This computer"]
    assert len(desk.servers.all()) == 1


def test_every_control_has_a_name(desk, qtbot, os_keyring):
    add_another(qtbot, desk, "Algovera (hosted)")
    for kind in (QLineEdit, QAbstractButton, QComboBox, QListWidget, QSpinBox):
        for control in desk.dialog.findChildren(kind):
            # A spin box stands for the edit field within it.
            if control.isVisible() and not isinstance(control.parent(), QSpinBox):
                text = control.text() if isinstance(control, QAbstractButton) else ""
                assert control.accessibleName() or text


def test_what_is_typed_as_key_is_hidden_until_the_eye_is_pressed(desk, qtbot, os_keyring):
    add_another(qtbot, desk, "Algovera (hosted)")
    key = desk.field("Key")
    assert key.echoMode() == QLineEdit.EchoMode.Password
    (eye,) = [
        button
        for button in desk.dialog.findChildren(QAbstractButton)
        if button.accessibleName() == "Show the typed key" and button.isVisible()
    ]
    press(qtbot, eye)
    assert key.echoMode() == QLineEdit.EchoMode.Normal


def test_another_address_or_key_is_told_and_another_name_is_not(desk, qtbot, os_keyring):
    desk.add(ServerConfig("a1", "Studio", "http://127.0.0.1:9"))
    told: list[str] = []
    desk.dialog.account_changing.connect(lambda _: told.append(desk.servers.get("a1").address))
    for field, text in (("Name", "Atelier"), ("Address", "http://127.0.0.1:9/a"), ("Key", "k")):
        type_over(qtbot, desk.field(field), text)
        with qtbot.waitSignal(desk.dialog.server_changed):
            press(qtbot, desk.button("Save"))
    assert told == ["http://127.0.0.1:9", "http://127.0.0.1:9/a"]  # Before each is changed.
