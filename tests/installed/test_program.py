"""The installed program makes a picture and keeps it."""

from pathlib import Path

from PIL import Image

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import pictures, quit_program, set_sides, start, type_prompt

PROMPT = "a red boat on the sea at night"
PICTURE = f"Picture, 256 × 256: {PROMPT}"


def test_without_python_a_picture_is_made_and_still_there_after_a_restart(
    desktop: DesktopSession, chroot: Chroot, tmp_path: Path
) -> None:
    assert not chroot.has("python3")
    app = start(desktop, chroot)
    type_prompt(app, PROMPT)
    set_sides(app, 256)
    app.press("ctrl+Return")
    app.find("list item", PICTURE)
    (file,) = pictures(chroot)
    with Image.open(file) as picture:
        assert picture.size == (256, 256)
    quit_program(app)

    app = start(desktop, chroot)
    app.click(app.find("list item", PICTURE))
    app.find("label", "Size: 256 × 256")
    assert app.find("text", "Prompt").text == PROMPT
    app.screenshot(tmp_path / "window.png")
    print(tmp_path / "window.png")
    quit_program(app)
