"""What the desktop shows of our pictures while the artist works in another program."""

import sys
from pathlib import Path

import pytest

from support.app import App
from support.desktop import DesktopSession
from support.launcher import Launcher
from support.waiting import wait_until

PATIENCE_S = 30.0


@pytest.fixture
def app(desktop: DesktopSession, tmp_path: Path) -> App:
    """The program, ready to make a small picture."""
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(tmp_path / "data")])
    app.find("push button", "This computer · ready")
    app.activate()
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text("a red boat on the sea")
    for name, value in (("Width in pixels", 128), ("Height in pixels", 128), ("Steps", 4)):
        app.find("spin box", name).set_value(value)
    return app


@pytest.fixture
def other(desktop: DesktopSession, app: App) -> App:
    """Another program, in front."""
    other = desktop.start_app([sys.executable, str(Path(__file__).parent / "small_window.py")])
    other.find("push button", "Count")
    other.activate()
    return other


def wait_for_front(desktop: DesktopSession, app: App) -> None:
    def is_in_front() -> bool:
        return int(desktop.run("xdotool", "getactivewindow")) == int(app.window(), 16)

    wait_until(is_in_front, lambda: "the window in front", PATIENCE_S)


def test_who_works_elsewhere_is_told_by_the_launcher_and_in_words_and_led_back(desktop, app, other):
    wait_for_front(desktop, other)
    desktop.run("dunstctl", "close-all")
    earlier = desktop.notifications()
    launcher = Launcher(desktop.environment["DBUS_SESSION_BUS_ADDRESS"])
    app.find("spin box", "Pictures").set_value(4)
    app.find("push button", "Generate").act()
    told = [*earlier, "4 pictures are finished"]
    wait_until(
        lambda: desktop.notifications() == told,
        lambda: f"{told}, not {desktop.notifications()}",
        PATIENCE_S,
    )
    with launcher:
        uri, bar = launcher.next_update()
        assert uri == "application://org.algovera.Desktop.desktop"
        assert bar["progress-visible"] == ("b", True)
        while bar["progress-visible"] == ("b", True):
            _, bar = launcher.next_update()
    desktop.run("dunstctl", "action", "0")
    wait_for_front(desktop, app)
    wait_until(
        lambda: desktop.run("dunstctl", "count", "displayed").strip() == "0",
        lambda: "the notification to go",
        PATIENCE_S,
    )
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()
