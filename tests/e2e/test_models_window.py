"""From no model to a picture of one's own model, in the window."""

from pathlib import Path

from PIL import Image

from support.desktop import DesktopSession
from support.model_mirror import model_mirror
from support.model_room import prepare
from support.random_models import tiny_models

NAME = "Tiny"


def test_a_model_is_downloaded_chosen_and_painted_with(desktop: DesktopSession, tmp_path: Path):
    model = tiny_models().folder / "openvino"
    files = {
        file.relative_to(model).as_posix(): file.read_bytes()
        for file in model.rglob("*")
        if file.is_file()
    }
    data = tmp_path / "data"
    with model_mirror(files) as mirror:
        prepare(data / "server", mirror, NAME)
        app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)])
        app.find("push button", "This computer · ready")
        app.activate()
        app.press("ctrl+m")
        app.wait_for(lambda: app.find("list", "Models").children(), "the models")
        app.press("End")
        app.find("list item", f"{NAME}, Can be downloaded")
        app.find("check box", "I accept the licence (Test licence)").act()
        download = app.find("push button", "Download")
        app.wait_for(lambda: "enabled" in download.states, "the download to be offered")
        download.act()
        app.find("push button", "Use it").act()
    app.press("Escape")
    app.find("combo box", "Tiny · 128×128")
    prompt = app.find("text", "Prompt")
    app.click(prompt)
    app.wait_for(lambda: "focused" in prompt.states, "the keyboard in the prompt")
    app.press("ctrl+a")
    app.type_text("a red boat")
    app.find("spin box", "Steps").set_value(2)
    app.press("ctrl+Return")
    app.find("list item", "Picture, 128 × 128: a red boat")
    (file,) = (data / "pictures").rglob("*.png")
    with Image.open(file) as picture:
        assert picture.size == (128, 128)
        assert f"Model: {NAME}" in picture.text["parameters"]
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()
