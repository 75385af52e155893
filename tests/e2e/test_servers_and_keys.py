"""Servers and their keys, as an artist enters them: by real keys, into the real keyring."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.algovera_server import TRIAL, ServerProcess, run_command, running_server
from support.app import App
from support.desktop import DesktopSession
from support.http_server import captive_portal, reply_json, scripted_server

WRONG_KEY = "badc0de5" * 8
READ_KEYRING = """
import json, sys, keyring
print(json.dumps([keyring.get_password("Algovera Desktop", name) for name in sys.argv[1:]]))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server in the studio, as its keeper starts it."""
    make_key(tmp_path / "studio", "keeper")
    with running_server(tmp_path / "studio", child=False) as server:
        yield server


def make_key(server_data: Path, name: str) -> str:
    """A new key of a server; it prints it this once."""
    made = run_command("keys", "create", name, "--data-dir", str(server_data))
    (key,) = re.findall(r"\b[0-9a-f]{64}\b", made.stdout)
    return key


def revoke_key(server_data: Path, key: str) -> None:
    revoked = run_command("keys", "revoke", key[:8], "--data-dir", str(server_data))
    assert revoked.returncode == 0, revoked.stderr


def start(desktop: DesktopSession, data: Path, ready: str, **environment: str) -> App:
    """Start the program and wait for what it says of the server in use."""
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)], environment)
    app.find("push button", ready)
    app.activate()
    return app


def quit_program(app: App) -> None:
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()


def says(app: App, words: str) -> bool:
    return any(words in label.name for label in app.find_all("label"))


def wait_for_words(app: App, words: str) -> None:
    app.wait_for(lambda: says(app, words), f"the words {words!r}")


def open_servers(app: App) -> None:
    app.press("ctrl+comma")
    app.wait_for(lambda: app.find_all("dialog", "Settings"), "the settings")
    app.wait_for(lambda: "active" in app.find("dialog", "Settings").states, "their keyboard")
    app.press("alt+s")
    app.find("list", "Servers")


def begin_server(app: App, name: str, address: str, key: str = "") -> None:
    """Enter a new server and leave it unsaved."""
    open_servers(app)
    app.press("alt+a", "n")
    app.wait_for(lambda: "focused" in app.find("text", "Name").states, "an empty server")
    app.type_text(name)
    app.press("alt+d")
    app.type_text(address)
    if key:
        type_key(app, key)


def type_key(app: App, key: str) -> None:
    app.press("alt+k")
    app.type_text(key)


def add_server(app: App, name: str, address: str, key: str) -> None:
    begin_server(app, name, address, key)
    app.press("Return")
    wait_for_words(app, "Saved.")
    close_settings(app)


def close_settings(app: App) -> None:
    app.press("Escape")
    app.wait_for(lambda: not app.find_all("dialog", "Settings"), "the settings to close")
    app.activate()


def choose_next_place(app: App) -> None:
    """In the form, the server after the one in use."""
    app.press("alt+r", "Down")


def generate(app: App, prompt: str, pictures: int = 1) -> None:
    app.press("alt+o", "ctrl+a")
    app.type_text(prompt)
    for name in ("Width in pixels", "Height in pixels"):
        app.find("spin box", name).set_value(128)
    app.find("spin box", "Steps").set_value(4)
    app.find("spin box", "Pictures").set_value(pictures)
    app.press("ctrl+Return")


def wait_for_picture(app: App, prompt: str) -> None:
    app.find("list item", f"Picture, 128 × 128: {prompt}")


def kept_servers(app: App, data: Path, count: int) -> list[dict[str, str]]:
    """The servers in the settings file, once there are so many."""
    found: list[dict[str, str]] = []

    def look() -> bool:
        file = data / "settings.json"
        text = file.read_text("utf-8") if file.exists() else "{}"
        found[:] = json.loads(text).get("settings", {}).get("servers", [])
        return len(found) == count

    app.wait_for(look, f"{count} servers in the settings file")
    return found


def keyring_entries(desktop: DesktopSession, *ids: str) -> list[str | None]:
    return json.loads(desktop.run(sys.executable, "-c", READ_KEYRING, *ids))


def painted_at(data: Path) -> list[str]:
    """Where each picture was made, by its record."""
    with closing(sqlite3.connect(f"file:{data / 'library.sqlite3'}?mode=ro", uri=True)) as library:
        return [name for (name,) in library.execute("SELECT server_name FROM images ORDER BY id")]


def everything_in(*folders: Path) -> dict[str, bytes]:
    """All files below the folders, and of files given themselves."""
    files = [file for folder in folders for file in (folder, *folder.rglob("*")) if file.is_file()]
    return {str(file): file.read_bytes() for file in files}


def process_faces(app: App) -> dict[str, bytes]:
    """What anybody on the machine, or a crash report, can see of the program's processes."""
    return {
        f"{pid} {face}": Path(f"/proc/{pid}/{face}").read_bytes()
        for pid in app.processes()
        for face in ("cmdline", "environ")
    }


def places_with(secret: str, places: dict[str, bytes]) -> list[str]:
    texts = (secret.encode(), secret.encode("utf-16-le"))
    return [
        name
        for name, content in places.items()
        if bytes.fromhex(secret) in content or any(text in content.lower() for text in texts)
    ]


def places_with_any_key(data: Path, places: dict[str, bytes]) -> list[str]:
    """Where something looks like a key, whatever its text: the local server's own is known to
    nobody. The library's hashes and ids, which side by side look like one, are left out."""
    with closing(sqlite3.connect(f"file:{data / 'library.sqlite3'}?mode=ro", uri=True)) as library:
        numbers = library.execute(
            "SELECT sha256 FROM images UNION SELECT id FROM jobs UNION SELECT group_id FROM jobs"
            " UNION SELECT remote_id FROM jobs WHERE remote_id IS NOT NULL"
        )
        harmless = re.compile("|".join(number for (number,) in numbers).encode())
    key = re.compile(rb"[0-9a-fA-F]{64}")
    return [name for name, content in places.items() if key.search(harmless.sub(b" ", content))]


def test_a_studio_server_is_entered_by_keys_alone_paints_and_is_there_tomorrow(
    desktop, data, studio, tmp_path
):
    key = make_key(studio.data_dir, "artist")
    app = start(desktop, data, "This computer · ready")
    begin_server(app, "Studio", studio.address, key)
    app.press("alt+t")
    wait_for_words(app, "It works, and the key is accepted. Models: Sketch")
    app.press("alt+v")
    wait_for_words(app, "A key is stored in the system's keyring.")
    app.screenshot(tmp_path / "saved.png")
    (server,) = kept_servers(app, data, 1)
    assert (server["name"], server["address"]) == ("Studio", studio.address)
    assert keyring_entries(desktop, server["id"]) == [key]
    close_settings(app)
    choose_next_place(app)
    app.find("push button", "Studio · ready")
    generate(app, "a lighthouse")
    wait_for_picture(app, "a lighthouse")
    assert painted_at(data) == ["Studio"]
    quit_program(app)

    app = start(desktop, data, "Studio · ready")
    assert app.find("text", "Prompt").text == "a lighthouse"
    assert app.find("spin box", "Width in pixels").value == 128
    generate(app, "two boats")
    wait_for_picture(app, "two boats")
    assert painted_at(data) == ["Studio", "Studio"]
    open_servers(app)
    assert [item.name for item in app.find("list", "Servers").children()] == [
        "This computer",
        "Studio",
    ]
    close_settings(app)
    quit_program(app)


def test_a_refused_key_is_told_mended_and_never_written_anywhere(desktop, data, studio):
    key, second_key = (make_key(studio.data_dir, name) for name in ("artist", "again"))
    app = start(desktop, data, "This computer · ready")
    begin_server(app, "Studio", studio.address, WRONG_KEY)
    app.press("alt+t")
    wait_for_words(app, "The server answers, but the key was refused")
    app.press("alt+v")
    wait_for_words(app, "Saved.")
    close_settings(app)
    choose_next_place(app)
    app.find("push button", "Studio · key refused")
    wait_for_words(app, "Studio – The server refused the key.")
    mend_key(app, key)
    generate(app, "a cat")
    wait_for_picture(app, "a cat")

    revoke_key(studio.data_dir, key)
    generate(app, "a dog")
    app.find("list item", "On hold, Key not accepted: a dog")
    wait_for_words(app, "Studio – The server refused the key.")
    wait_for_words(app, "1 picture waits.")
    places = everything_in(data, studio.data_dir, studio.log) | process_faces(app)
    mend_key(app, second_key)
    wait_for_picture(app, "a dog")
    places |= everything_in(data, studio.data_dir, studio.log) | process_faces(app)
    quit_program(app)
    places |= everything_in(data, studio.data_dir, studio.log)
    places["what it printed"] = app.output.encode()
    assert any(b"a dog" in content for content in places.values())
    for secret in (WRONG_KEY, key, second_key):
        assert places_with(secret, places) == []
    assert places_with_any_key(data, places) == []


def mend_key(app: App, key: str) -> None:
    """Follow the message to the settings, enter another key, and come back."""
    app.find("push button", "Open settings").act()
    app.wait_for(lambda: "active" in app.find("dialog", "Settings").states, "their keyboard")
    assert app.find("text", "Name").text == "Studio"
    type_key(app, key)
    app.press("Return")
    wait_for_words(app, "Saved.")
    close_settings(app)
    app.find("push button", "Studio · ready")
    app.wait_for(lambda: not app.find_all("push button", "Open settings"), "the message to go")


def test_nothing_is_sent_over_plain_http_before_an_explicit_yes(desktop, data):
    with scripted_server() as proxy:
        for path in ("/api/models", "/api/basemodels"):
            proxy.on(path, reply_json({"detail": "Not Found"}, 404))
        app = start(desktop, data, "This computer · ready", http_proxy=proxy.address)
        begin_server(app, "Studio", "http://studio.example", WRONG_KEY)
        for button in ("alt+t", "alt+v"):
            app.press(button)
            wait_for_words(app, "agree to plain http first")
            type_key(app, "0")
            app.wait_for(lambda: not says(app, "agree to plain http first"), "another try")
        assert proxy.requests == []
        assert kept_servers(app, data, 0) == []
        app.press("alt+u", "alt+t")
        wait_for_words(app, "not as an Algovera server")
        assert {request.headers["host"] for request in proxy.requests} == {"studio.example"}
        app.press("alt+v")
        wait_for_words(app, "Saved.")
        assert kept_servers(app, data, 1)[0]["allow_plain_http"]
        close_settings(app)
        quit_program(app)


def test_without_a_keyring_a_key_lasts_for_the_session_and_that_is_said(desktop, data, studio):
    key = make_key(studio.data_dir, "artist")
    without = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    without["AT_SPI_BUS_ADDRESS"] = accessibility_address(desktop)
    app = start(desktop, data, "This computer · ready", **without)
    begin_server(app, "Studio", studio.address, key)
    app.press("Return")
    wait_for_words(app, "The key is kept for this session only")
    close_settings(app)
    choose_next_place(app)
    app.find("push button", "Studio · ready")
    generate(app, "a tree")
    wait_for_picture(app, "a tree")
    quit_program(app)
    assert places_with(key, everything_in(data)) == []

    app = start(desktop, data, "Studio · key refused", **without)
    wait_for_words(app, "The system's keyring did not give the key.")
    mend_key(app, key)
    generate(app, "a house")
    wait_for_picture(app, "a house")
    quit_program(app)
    assert "Traceback" not in app.output


def accessibility_address(desktop: DesktopSession) -> str:
    bus = ("--session", "--print-reply=literal", "--dest=org.a11y.Bus", "/org/a11y/bus")
    return desktop.run("dbus-send", *bus, "org.a11y.Bus.GetAddress").strip()


def test_a_web_page_is_told_from_a_server_and_unsaved_words_are_not_lost_to_one_esc(desktop, data):
    with scripted_server() as hotel:
        for path in ("/api/models", "/api/basemodels", "/api/health", "/api/status"):
            hotel.on(path, captive_portal())
        app = start(desktop, data, "This computer · ready")
        begin_server(app, "Hotel", hotel.address, WRONG_KEY)
        app.press("alt+t")
        wait_for_words(app, "The address answers, but not as an Algovera server.")
        app.press("Escape")
        wait_for_words(app, "Not saved yet.")
        assert app.find("text", "Name").text == "Hotel"
        close_settings(app)
        assert kept_servers(app, data, 0) == []
        quit_program(app)


def test_removing_a_server_tells_of_the_pictures_that_waited_for_it(desktop, data, tmp_path):
    key = make_key(tmp_path / "studio", "artist")
    # At its end it waits for no picture: these are held for ever.
    options = (*TRIAL, "--drain-seconds", "0")
    with running_server(tmp_path / "studio", *options, child=False) as studio:
        app = start(desktop, data, "This computer · ready")
        add_server(app, "Studio", studio.address, key)
        choose_next_place(app)
        app.find("push button", "Studio · ready")
        generate(app, "hold", pictures=5)
        app.wait_for(lambda: len(app.find_all("list item", "Waiting: hold")) == 2, "a queue")
        (server,) = kept_servers(app, data, 1)
        open_servers(app)
        app.press("Down", "alt+m")
        wait_for_words(app, "since their server was removed: 5.")
        assert kept_servers(app, data, 0) == []
        app.wait_for(
            lambda: keyring_entries(desktop, server["id"]) == [None], "the key to leave the keyring"
        )
        app.kill9()
        app.wait_until_nothing_runs()

        app = start(desktop, data, "This computer · ready")
        wait_for_words(app, "since their server was removed: 5.")
        tile = "On hold, Server removed: hold"
        app.find("list item", tile)
        app.find("push button", "Cancel them").act()
        app.wait_for(lambda: not app.find_all("list item", tile), "peace")
        generate(app, "a fish")
        wait_for_picture(app, "a fish")
        quit_program(app)
