"""The program as an artist meets it: real window, real keys, real server, real keyring."""

import os
import signal
import sqlite3
from pathlib import Path

import pytest
from PIL import Image

from support.app import App
from support.desktop import DesktopSession
from support.waiting import wait_until

PROMPT = "a red boat on the sea at night"
PICTURE = f"Picture, 256 × 256: {PROMPT}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def start(desktop: DesktopSession, data: Path, **environment: str) -> App:
    """Start the program and wait until it is ready to make pictures."""
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)], environment)
    app.find("push button", "This computer · ready")
    app.wait_for(
        lambda: "enabled" in app.find("push button", "Generate").states, "Generate to be offered"
    )
    app.activate()
    return app


def type_prompt(app: App, prompt: str) -> None:
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text(prompt)


def set_sides(app: App, pixels: int, steps: int = 8) -> None:
    for name, value in (
        ("Width in pixels", pixels),
        ("Height in pixels", pixels),
        ("Steps", steps),
    ):
        app.find("spin box", name).set_value(value)


def quit_program(app: App) -> None:
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()


def damage_tables(library: Path) -> None:
    """Leave a library that opens, and whose tables cannot be read."""
    connection = sqlite3.connect(library)
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    roots = connection.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall()
    connection.close()
    with library.open("r+b") as file:
        for (page,) in roots:
            file.seek((page - 1) * page_bytes)
            file.write(b"\xff" * page_bytes)


def rows(data: Path, table: str) -> int:
    with sqlite3.connect(f"file:{data / 'library.sqlite3'}?mode=ro", uri=True) as connection:
        count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return count


def server_pids(app: App) -> dict[str, int]:
    """The server's process and its worker's."""
    found: dict[str, int] = {}
    for pid, command in app.processes().items():
        if "algovera_desktop.server" in command and "--child" in command:
            found["server"] = pid
        elif "algovera_desktop.server" in command:
            found["worker"] = pid
    return found


def wait_for_painting(app: App) -> None:
    """Wait until a job's tile shows progress."""
    app.wait_for(lambda: any("%" in item.name for item in app.find_all("list item")), "progress")


def test_words_become_a_picture_that_is_still_there_tomorrow(desktop, data, tmp_path):
    app = start(desktop, data)
    type_prompt(app, PROMPT)
    set_sides(app, 256)
    app.press("ctrl+Return")
    app.find("list item", PICTURE)
    (file,) = (data / "pictures").rglob("*.png")
    assert PROMPT in file.name
    with Image.open(file) as picture:
        assert picture.size == (256, 256)
        assert picture.text["parameters"].startswith(PROMPT)
    quit_program(app)

    app = start(desktop, data)
    tile = app.find("list item", PICTURE)
    assert app.find("text", "Prompt").text == PROMPT
    app.click(tile)
    app.find("label", "Size: 256 × 256")
    app.screenshot(tmp_path / "window.png")
    quit_program(app)


def test_a_picture_is_deleted_brought_back_and_seen_large_by_keys_alone(desktop, data):
    app = start(desktop, data)
    type_prompt(app, PROMPT)
    set_sides(app, 256)
    app.press("ctrl+Return")
    app.find("list item", PICTURE)
    app.find("list", "Gallery").focus()
    app.press("Home", "space")
    app.find("push button", "Back to the gallery (Esc)")
    app.press("Escape")
    app.wait_for(lambda: app.find_all("list item", PICTURE), "the gallery again")
    app.press("Delete")
    app.wait_for(lambda: not app.find_all("list item", PICTURE), "the picture to go")
    app.find("push button", "Undo").act()
    app.find("list item", PICTURE)
    quit_program(app)


def test_kill_9_of_the_program_loses_neither_job_nor_words_and_leaves_no_process(desktop, data):
    app = start(desktop, data)
    type_prompt(app, PROMPT)
    set_sides(app, 512, steps=50)
    app.find("spin box", "Pictures").set_value(3)
    app.press("ctrl+Return")
    wait_for_painting(app)
    type_prompt(app, "a word that nobody has sent yet")
    app.wait_for(
        lambda: "nobody has sent" in (data / "settings.json").read_text("utf-8"), "the draft"
    )
    app.kill9()
    app.wait_until_nothing_runs()

    app = start(desktop, data)
    assert app.find("text", "Prompt").text == "a word that nobody has sent yet"
    name = f"Picture, 512 × 512: {PROMPT}"
    app.wait_for(lambda: len(app.find_all("list item", name)) == 3, "three pictures")
    assert rows(data, "images") == 3
    assert len(list((data / "pictures").rglob("*.png"))) == 3
    quit_program(app)


def test_kill_9_of_the_server_is_told_and_costs_no_job(desktop, data):
    app = start(desktop, data)
    type_prompt(app, PROMPT)
    set_sides(app, 512, steps=50)
    app.press("ctrl+Return")
    wait_for_painting(app)
    os.kill(server_pids(app)["server"], signal.SIGKILL)
    app.wait_for(
        lambda: any("starting again" in label.name for label in app.find_all("label")),
        "word of the restart",
    )
    app.find("list item", f"Picture, 512 × 512: {PROMPT}")
    assert rows(data, "images") == 1
    quit_program(app)


def test_kill_9_of_the_worker_fails_that_job_in_words_and_the_next_one_runs(desktop, data):
    app = start(desktop, data)
    type_prompt(app, PROMPT)
    set_sides(app, 512, steps=50)
    app.press("ctrl+Return")
    wait_for_painting(app)
    os.kill(server_pids(app)["worker"], signal.SIGKILL)
    app.wait_for(
        lambda: any("failed" in item.name.lower() for item in app.find_all("list item")),
        "the failed job",
    )
    app.press("ctrl+Return")
    app.find("list item", f"Picture, 512 × 512: {PROMPT}")
    quit_program(app)


def test_without_a_screen_there_is_a_sentence_and_exit_code_2(desktop, data):
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)], environment)
    assert app.wait_for_exit() == 2
    assert "There is no screen" in app.output
    assert "Traceback" not in app.output


def test_a_screen_that_does_not_answer_is_no_abort(desktop, data):
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)], {"DISPLAY": ":7654"})
    assert app.wait_for_exit() == 2
    assert ":7654" in app.output


def test_trying_again_after_a_failed_opening_starts_no_second_server(desktop, data):
    quit_program(start(desktop, data))
    library = data / "library.sqlite3"
    whole = library.read_bytes()
    damage_tables(library)
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)])
    again = app.find("push button", "Try again")
    library.write_bytes(whole)
    again.act()
    app.find("push button", "This computer · ready")
    servers = [one for one in app.processes().values() if "--child" in one]
    assert len(servers) == 1, servers
    quit_program(app)


def test_sigterm_ends_it_in_order(desktop, data):
    app = start(desktop, data)
    app.process.send_signal(signal.SIGTERM)
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()


def test_check_reports_what_a_bug_report_needs(desktop, data):
    report = desktop.run("algovera-desktop", "--data-dir", str(data), "--check")
    assert "platform plugin xcb" in report
    assert "SecretService" in report
    assert "starts and answers" in report
    assert "All that is needed is there." in report


def test_check_tells_what_is_missing(desktop, data):
    app = desktop.start_app(
        ["algovera-desktop", "--data-dir", str(data), "--check"], {"DISPLAY": ""}
    )
    wait_until(lambda: app.process.poll() is not None, lambda: "the report", 30)
    assert app.process.returncode == 1
    assert "Missing: window." in app.output
