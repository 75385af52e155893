"""Generate is pressed in the real window, and the program dies as soon as the jobs are safe."""

import signal
import sys
from pathlib import Path

from support.crash_world import server_seeds
from support.desktop import DesktopSession
from support.prepared_data import TESTS


def test_pictures_asked_for_in_the_window_are_there_after_a_death_at_once(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    program = ["--data-dir", str(data)]
    driver = [sys.executable, "-m", "support.crash_driver", "the job is added", "1"]
    app = desktop.start_app([*driver, *program], {"PYTHONPATH": str(TESTS)})
    app.wait_for(
        lambda: "enabled" in app.find("push button", "Generate").states, "Generate to be offered"
    )
    app.activate()
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text("a red boat")
    for name, value in (("Width in pixels", 128), ("Height in pixels", 128), ("Pictures", 3)):
        app.find("spin box", name).set_value(value)
    app.press("ctrl+Return")
    assert app.wait_for_exit() == -signal.SIGKILL

    app = desktop.start_app(["algovera-desktop", *program])
    name = "Picture, 128 × 128: a red boat"
    app.wait_for(lambda: len(app.find_all("list item", name)) == 3, "three pictures")
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    assert server_seeds(data / "server").total() == 3
