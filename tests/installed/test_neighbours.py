"""Among the other programs of a desktop: who opens a picture, and what a file manager is handed."""

import pytest
from PIL import Image, PngImagePlugin

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import HOME, pictures, quit_program, start
from support.waiting import wait_until

DESKTOP_FILE = "org.algovera.Desktop.desktop"
# The shell's that runs the stand-in, and PySide6's own mark, which it sets from a checkout too.
_ADDED = {"PWD", "OLDPWD", "SHLVL", "_", "PYSIDE6_OPTION_PYTHON_ENUM"}
_TELLS = """#!/bin/sh
env -0 > "$HOME/told.new"
mv "$HOME/told.new" "$HOME/told"
"""


@pytest.mark.parametrize("given", [{}, {"LD_LIBRARY_PATH": "/home/artist/lib"}])
def test_what_it_opens_gets_the_environment_that_it_was_started_with(
    desktop: DesktopSession, installed: Chroot, given: dict[str, str]
) -> None:
    home = installed.home(HOME)
    environment = installed.environment(HOME) | given
    stand_in = home / "bin" / "xdg-open"
    stand_in.parent.mkdir()
    stand_in.write_text(_TELLS)
    stand_in.chmod(0o755)
    environment["PATH"] = f"/home/{HOME}/bin:{environment['PATH']}"
    app = start(desktop, installed, **environment)
    app.press("ctrl+Return")
    app.wait_for(lambda: pictures(installed), "a picture")
    app.click(app.find("list item"))
    app.find("push button", "Show in folder").act()
    app.wait_for((home / "told").exists, "the file manager")
    lines = (home / "told").read_text("utf-8").rstrip("\0").split("\0")
    told = dict(line.split("=", 1) for line in lines)
    begun = desktop.environment | environment
    changed = {name for name, value in told.items() if begun.get(name) != value} - _ADDED
    assert changed == {"ALGOVERA_TEST_APP"}
    quit_program(app)


def test_a_viewer_stays_who_opens_pictures_until_the_artist_chooses_this(
    desktop: DesktopSession, changeable: Chroot
) -> None:
    changeable.install("gpicview", "libglib2.0-bin", "desktop-file-utils")
    home = f"/home/{HOME}"
    settings = PngImagePlugin.PngInfo()
    settings.add_text("parameters", "an owl at night\nSteps: 7, Sampler: Euler, Seed: 42")
    environment = changeable.environment(HOME)
    owl = changeable.home(HOME) / "Eine Eule.png"
    Image.new("RGB", (64, 48), "teal").save(owl, pnginfo=settings)

    assert "application for “image/png”: gpicview" in changeable.run("gio", "mime", "image/png")
    for kind in ("png", "jpeg", "webp"):
        assert DESKTOP_FILE in changeable.run("gio", "mime", f"image/{kind}")

    open_owl = f"gio open '{home}/Eine Eule.png' && exec sleep 300"
    choose = f"gio mime image/png {DESKTOP_FILE} && {open_owl}"
    app = desktop.start_app(changeable.command("sh", "-c", choose), environment)
    app.wait_for(lambda: find_program(app.processes()), "the program")
    app.pid = find_program(app.processes())
    app.find("dialog", "Eine Eule.png")
    app.find("push button", "Use these settings").act()
    app.wait_for(lambda: app.find("text", "Prompt").text == "an owl at night", "the settings")
    app.close_window()
    wait_until(lambda: app.pid not in app.processes(), lambda: "the end", 30)


def find_program(processes: dict[int, str]) -> int:
    """Which of these is the window's; 0 where none is."""
    ours = (pid for pid, command in processes.items() if command.startswith("algovera-desktop"))
    return next(ours, 0)
