"""The installed program makes a picture and keeps it."""

from pathlib import Path

from PIL import Image, PngImagePlugin

from support.app import App
from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import (
    HOME,
    pictures,
    quit_program,
    set_sides,
    start,
    type_prompt,
    wait_until_ready,
)
from support.waiting import wait_until

DESKTOP_ID = "org.algovera.Desktop"
PROMPT = "a red boat on the sea at night"
PICTURE = f"Picture, 256 × 256: {PROMPT}"


def test_without_python_a_picture_is_made_and_still_there_after_a_restart(
    desktop: DesktopSession, installed: Chroot, shown: Path
) -> None:
    assert not installed.has("python3")
    app = start(desktop, installed)
    type_prompt(app, PROMPT)
    set_sides(app, 256)
    app.press("ctrl+Return")
    app.find("list item", PICTURE)
    (file,) = pictures(installed)
    with Image.open(file) as picture:
        assert picture.size == (256, 256)
    quit_program(app)

    app = start(desktop, installed)
    app.click(app.find("list item", PICTURE))
    app.find("label", "Size: 256 × 256")
    assert app.find("text", "Prompt").text == PROMPT
    app.screenshot(shown / "window.png")
    quit_program(app)


def test_the_menu_starts_it_and_a_file_manager_hands_it_pictures(
    desktop: DesktopSession, changeable: Chroot
) -> None:
    changeable.install("libgtk-3-bin")
    app = launch(desktop, changeable)
    app.find("list", "Gallery")
    assert "org.algovera.Desktop.org.algovera.Desktop" in desktop.run("wmctrl", "-lx")

    settings = PngImagePlugin.PngInfo()
    numbers = "Steps: 7, Sampler: Euler, CFG scale: 5, Seed: 42"
    settings.add_text("parameters", f"an owl at night\n{numbers}")
    owl = changeable.home(HOME) / "Eine Eule.png"
    Image.new("RGB", (64, 48), "teal").save(owl, pnginfo=settings)
    second = changeable.command("gtk-launch", DESKTOP_ID, f"/home/{HOME}/Eine Eule.png")
    assert desktop.start_app(second, changeable.environment(HOME)).wait_for_exit() == 0
    app.find("dialog", "Eine Eule.png")
    app.find("push button", "Use these settings").act()
    app.wait_for(lambda: app.find("text", "Prompt").text == "an owl at night", "the settings")
    app.close_window()
    wait_until(lambda: app.pid not in app.processes(), lambda: "the end", 30)


def launch(desktop: DesktopSession, chroot: Chroot) -> App:
    """Start it as a menu does: by its desktop entry, from a process that ends at once."""
    outlive = f"gtk-launch {DESKTOP_ID} && exec sleep 300"
    app = desktop.start_app(chroot.command("sh", "-c", outlive), chroot.environment(HOME))
    found: list[int] = []

    def look() -> bool:
        commands = app.processes().items()
        found[:] = [pid for pid, command in commands if command.startswith("algovera-desktop")]
        return bool(found)

    app.wait_for(look, "the program")
    app.pid = found[0]
    wait_until_ready(app)
    return app
