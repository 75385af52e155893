"""What is done to waiting pictures in the real program, and what survives it being killed."""

import sqlite3
from pathlib import Path

import pytest

from support.app import App
from support.desktop import DesktopSession

FIRST = "a red boat"
TYPED = "words that nobody has sent yet"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def start(desktop: DesktopSession, data: Path) -> App:
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)])
    app.find("push button", "This computer · ready")
    app.activate()
    return app


def wait_until_offered(app: App, button: str) -> None:
    app.wait_for(
        lambda: "enabled" in app.find("push button", button).states, f"{button} to be offered"
    )


def type_prompt(app: App, prompt: str) -> None:
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text(prompt)


def line_up(app: App, prompt: str, pictures: int) -> None:
    """Have pictures wait while the queue is paused."""
    wait_until_offered(app, "Generate")
    app.find("push button", "Pause").act()
    type_prompt(app, prompt)
    for name, value in (
        ("Width in pixels", 128),
        ("Height in pixels", 128),
        ("Pictures", pictures),
    ):
        app.find("spin box", name).set_value(value)
    app.press("ctrl+Return")
    app.wait_for(lambda: len(tiles(app, prompt)) == pictures, "the waiting tiles")


def tiles(app: App, prompt: str) -> list[str]:
    return [item.name for item in app.find_all("list item") if item.name.endswith(prompt)]


def prompts(data: Path) -> list[str]:
    """Those of the open jobs, in line."""
    with sqlite3.connect(f"file:{data / 'library.sqlite3'}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT prompt FROM jobs WHERE state NOT IN ('done', 'cancelled') ORDER BY position"
        ).fetchall()
    connection.close()
    return [prompt for (prompt,) in rows]


def prompt_of(app: App) -> str:
    return app.find("text", "Prompt").text


def test_kill_9_leaves_a_waiting_picture_open_in_the_form_and_what_was_typed_before(desktop, data):
    app = start(desktop, data)
    line_up(app, FIRST, 3)
    type_prompt(app, TYPED)
    app.find("list", "Gallery").focus()
    app.press("Home", "Right", "e")
    app.find("push button", "Save")
    type_prompt(app, "a green boat")
    app.wait_for(lambda: "a green boat" in (data / "settings.json").read_text("utf-8"), "the edit")
    app.kill9()
    app.wait_until_nothing_runs()

    app = start(desktop, data)
    wait_until_offered(app, "Save")
    assert prompt_of(app) == "a green boat"
    assert prompts(data) == [FIRST] * 3
    app.find("push button", "Save").act()
    wait_until_offered(app, "Generate")
    assert prompt_of(app) == TYPED
    assert prompts(data) == [FIRST, "a green boat", FIRST]
    app.close_window()
    assert app.wait_for_exit() == 0, app.output


def test_ctrl_z_brings_cancelled_pictures_back_and_leaves_the_text_alone(desktop, data):
    app = start(desktop, data)
    line_up(app, FIRST, 3)
    app.find("list", "Gallery").focus()
    app.press("Home", "shift+End", "Delete")
    app.wait_for(lambda: not tiles(app, FIRST), "the tiles to go")
    assert prompts(data) == []
    app.press("ctrl+z")
    app.wait_for(lambda: len(tiles(app, FIRST)) == 3, "the tiles to come back")
    app.press("ctrl+shift+z")
    app.wait_for(lambda: not tiles(app, FIRST), "the tiles to go again")
    app.find("push button", "Undo").act()
    app.wait_for(lambda: len(tiles(app, FIRST)) == 3, "the tiles to come back")
    assert prompts(data) == [FIRST] * 3
    assert prompt_of(app) == FIRST
    app.find("push button", "Resume").act()
    app.wait_for(lambda: prompts(data) == [], "the pictures")
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
