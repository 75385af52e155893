"""Pictures that are opened with the program, as a file manager does it."""

from pathlib import Path

from PIL import Image, PngImagePlugin

from support.desktop import DesktopSession
from support.prepared_data import library_rows


def make_picture(file: Path, prompt: str) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", f"{prompt}\nSteps: 7, Sampler: Euler, CFG scale: 5, Seed: 42")
    Image.new("RGB", (64, 48), "teal").save(file, pnginfo=info)
    return file


def test_a_picture_from_elsewhere_shows_its_settings_which_the_form_can_take(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "Bilder von früher"
    elsewhere.mkdir()
    owl = make_picture(elsewhere / "owl.png", "an owl at night")
    fox = make_picture(elsewhere / "fox.png", "a fox in the snow")
    program = ["algovera-desktop", "--data-dir", str(data)]
    app = desktop.start_app([*program, str(owl)])
    app.find("dialog", "owl.png")
    assert "org.algovera.Desktop.org.algovera.Desktop" in desktop.run("wmctrl", "-lx")
    app.find("push button", "Use these settings").act()
    app.wait_for(lambda: app.find("text", "Prompt").text == "an owl at night", "the settings")

    later = desktop.start_app([*program, str(fox), str(elsewhere / "gone.png")])
    assert later.wait_for_exit() == 0, later.output
    app.find("dialog", "fox.png")
    app.find("label", "Warning: “gone.png” is not there any more.")
    assert library_rows(data, "SELECT * FROM images") == []
    app.process.terminate()
    assert app.wait_for_exit() == 0, app.output
