"""The desktop session that the other end-to-end tests stand on, tried on a small program."""

import sys
from pathlib import Path

import keyring.backends.SecretService
import pytest
from PIL import Image

from support.accessibility import GoneError
from support.desktop import DesktopSession
from support.waiting import wait_until

SMALL_WINDOW = [sys.executable, str(Path(__file__).with_name("small_window.py"))]


def test_a_window_is_read_and_worked_over_the_accessibility_bus(desktop):
    app = desktop.start_app(SMALL_WINDOW)
    app.find("push button", "Count").act()
    app.find("label", "pressed 1 times")
    field = app.find("text", "Words")
    field.set_text("typed by a machine")
    app.find("label", "typed by a machine")
    assert field.text == "typed by a machine"


def test_real_keys_and_the_mouse_reach_the_window(desktop):
    app = desktop.start_app(SMALL_WINDOW)
    app.activate()
    app.click(app.find("push button", "Count"))
    app.find("label", "pressed 1 times")
    app.click(app.find("text", "Words"))
    app.type_text("a fox, für immer")
    app.find("label", "a fox, für immer")
    app.press("ctrl+a", "Delete")
    app.find("label", "")


def test_a_disabled_button_is_not_pressed(desktop):
    app = desktop.start_app(SMALL_WINDOW)
    with pytest.raises(AssertionError, match="disabled"):
        app.find("push button", "Never").act()


def test_the_screen_shows_the_window(desktop, tmp_path):
    def greys() -> tuple[int, int]:
        return Image.open(desktop.screenshot(tmp_path / "screen.png")).convert("L").getextrema()

    # The window of the test before may be there for a moment yet.
    wait_until(lambda: len(set(greys())) == 1, lambda: "the screen to be empty", 10)
    empty = greys()
    app = desktop.start_app(SMALL_WINDOW)
    app.find("push button", "Count")
    app.wait_for(lambda: greys() != empty, "the window to be painted")


def test_closing_the_window_ends_the_program(desktop):
    app = desktop.start_app(SMALL_WINDOW)
    button = app.find("push button", "Count")
    app.close_window()
    assert app.wait_for_exit() == 0
    assert app.output.strip() == "closed"
    with pytest.raises(GoneError):
        _ = button.name


def test_a_program_that_ends_does_not_let_the_test_wait(desktop):
    app = desktop.start_app([sys.executable, "-c", "print('no luck'); raise SystemExit(3)"])
    with pytest.raises(AssertionError, match=r"ended with 3(?s:.*)no luck"):
        app.find("push button", "Count")


def test_orphans_of_a_killed_program_are_seen_and_ended(desktop):
    app = desktop.start_app([*SMALL_WINDOW, "--with-child"])
    app.find("push button", "Count")
    app.kill9()
    assert app.wait_for_exit() == -9
    assert list(app.processes().values()) == ["sleep 600"]
    with pytest.raises(AssertionError, match="sleep 600"):
        app.wait_until_nothing_runs(timeout_s=0.1)
    app.stop()
    app.wait_until_nothing_runs()


def test_the_session_has_a_real_keyring(desktop):
    code = (
        "import keyring; keyring.set_password('algovera', 'someone', 'a secret');"
        "print(type(keyring.get_keyring()).__module__, keyring.get_password('algovera', 'someone'))"
    )
    printed = desktop.run(sys.executable, "-c", code)
    assert printed.split(maxsplit=1) == [keyring.backends.SecretService.__name__, "a secret\n"]


def test_a_stopped_session_leaves_no_process_behind(tmp_path):
    with DesktopSession(tmp_path) as session:
        app = session.start_app([*SMALL_WINDOW, "--with-child"])
        app.find("push button", "Count")
        assert {"Xvfb", "dbus-daemon", "gnome-keyring-daemon", "openbox", "sleep"} <= {
            Path(command.split()[0]).name for command in session.processes().values()
        }
    assert session.processes() == {}
