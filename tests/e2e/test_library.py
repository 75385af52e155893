"""The library in the real window: what is made of pictures, found again, brought in, and kept."""

import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from support.accessibility import Element
from support.app import App
from support.desktop import DesktopSession

BOAT = "a red boat"
HILL = "a green hill"
SIDE = 128
WEBUI = """a quiet harbour
Negative prompt: fog
Steps: 21, Sampler: Euler a, CFG scale: 6.5, Seed: {seed}, Size: 64x48, Model: oldpaint"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def start(desktop: DesktopSession, data: Path) -> App:
    app = desktop.start_app(["algovera-desktop", "--data-dir", str(data)])
    app.find("push button", "This computer · ready")
    app.wait_for(
        lambda: "enabled" in app.find("push button", "Generate").states, "Generate to be offered"
    )
    app.activate()
    return app


def quit_program(app: App) -> None:
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()


def paint(app: App, prompt: str) -> None:
    """Make a small picture of this."""
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text(prompt)
    for name, value in (("Width in pixels", SIDE), ("Height in pixels", SIDE), ("Steps", 1)):
        app.find("spin box", name).set_value(value)
    app.press("ctrl+Return")
    app.wait_for(lambda: prompt in prompts_shown(app), f"the picture of {prompt}")


def pictures(app: App) -> list[str]:
    """What a screen reader says of each picture in the gallery, in order."""
    names = (item.name for item in app.find_all("list item"))
    return [name for name in names if name.startswith("Picture")]


def prompts_shown(app: App) -> list[str]:
    return [name.partition(": ")[2] for name in pictures(app)]


def wait_for_prompts(app: App, *prompts: str) -> None:
    app.wait_for(lambda: prompts_shown(app) == list(prompts), f"only {prompts} in the gallery")


def go_to(app: App, prompt: str) -> None:
    """Put the gallery's cursor and the keyboard on a picture."""

    def tile() -> Element:
        return next(one for one in app.find_all("list item") if one.name.endswith(prompt))

    app.click(tile())
    app.wait_for(lambda: "selected" in tile().states, f"{prompt} to be selected")
    app.find("label", f"Prompt: {prompt}")


def search(app: App, text: str) -> None:
    app.press("ctrl+f")
    app.wait_for(lambda: "focused" in search_field(app).states, "the search field")
    app.press("ctrl+a")
    app.type_text(text)
    app.wait_for(lambda: search_field(app).text == text, "what was typed")


def search_field(app: App) -> Element:
    return app.find("text", "Search the library")


def wait_until_typing_goes_to(app: App, name: str) -> None:
    app.wait_for(lambda: "focused" in app.find("text", name).states, f"the keyboard in {name}")


def exif(path: Path) -> dict[str, object]:
    """What exiftool reads in a file."""
    done = subprocess.run(["exiftool", "-json", str(path)], capture_output=True, check=True)
    return json.loads(done.stdout)[0]


def sidecar(data: Path) -> dict[str, object]:
    (path,) = (data / "pictures").rglob("*.xmp")
    return exif(path)


def curate(app: App) -> None:
    """Stars, a heart, a tag, a note and an album for what has the cursor, by keys alone."""
    app.press("4", "f", "t")
    wait_until_typing_goes_to(app, "Add a tag")
    app.type_text("ships")
    app.press("Return")
    app.find("push button", "Tag ships")
    app.press("Escape", "n")
    wait_until_typing_goes_to(app, "Notes")
    app.type_text("for the cover")
    app.press("Escape", "l", "Up", "Return")
    app.find("tree item", "")
    app.type_text("Harbours")
    app.press("Return")
    app.find("label", "In Harbours")


def check_curation(app: App) -> None:
    """The window says all of ``curate``."""
    (name,) = pictures(app)
    assert name == f"Picture, {SIDE} × {SIDE}, favourite, 4 of 5 stars: {BOAT}"
    go_to(app, BOAT)
    app.find("slider", "Rating: 4 of 5")
    app.find("push button", "Tag ships")
    app.find("label", "In Harbours")
    assert app.find("text", "Notes").text == "for the cover"


def webui_picture(path: Path, seed: int) -> None:
    """A picture as AUTOMATIC1111 leaves it."""
    told = PngInfo()
    told.add_text("parameters", WEBUI.format(seed=seed))
    Image.linear_gradient("L").rotate(seed).resize((64, 48)).save(path, pnginfo=told)


def wait_for_window(app: App) -> None:
    """Wait until no dialog has the keyboard any more."""
    app.wait_for(lambda: "active" in app.find("frame", "Algovera Desktop").states, "the window")


def bring_in(app: App, folder: Path) -> None:
    """Import a folder through its dialogs."""
    app.press("ctrl+shift+i")
    app.find("push button", "Add a folder…").act()
    name = app.find("text", "Directory:")
    name.set_text(str(folder))
    app.find("push button", "Choose").act()
    app.wait_for(lambda: "enabled" in app.find("push button", "Import").states, "the folder")
    app.find("push button", "Import").act()


def test_pictures_of_another_program_come_in_once_and_lend_their_settings(desktop, data, tmp_path):
    folder = tmp_path / "webui"
    folder.mkdir()
    for seed in (7, 8):
        webui_picture(folder / f"{seed}.png", seed)
    app = start(desktop, data)
    bring_in(app, folder)
    app.find("label", "2 pictures came in.")
    wait_for_prompts(app, "a quiet harbour", "a quiet harbour")
    app.find("push button", "Close").act()
    wait_for_window(app)
    search(app, "seed:8")
    wait_for_prompts(app, "a quiet harbour")
    go_to(app, "a quiet harbour")
    app.find("label", "Steps: 21")
    app.find("label", "Seed: 8")

    second = ["algovera-desktop", "--data-dir", str(data), str(folder / "7.png")]
    assert desktop.start_app(second).wait_for_exit() == 0
    app.find("push button", "Use these settings").act()
    app.wait_for(lambda: app.find("text", "Prompt").text == "a quiet harbour", "its prompt")
    assert app.find("text", "Seed").text == "7"
    quit_program(app)


def empty_trash(app: App) -> None:
    """Throw all pictures away, and then for good."""
    app.find("check box", "All").act()
    wait_for_prompts(app, BOAT, HILL)
    go_to(app, BOAT)
    app.press("ctrl+a", "Delete")
    wait_for_prompts(app)
    app.find("check box", "Trash").act()
    wait_for_prompts(app, BOAT, HILL)
    app.find("push button", "Empty the trash…").act()
    app.find("push button", "Delete for good").act()
    wait_for_prompts(app)


def test_what_is_made_of_a_picture_finds_it_outlasts_the_trash_and_lies_beside_it(desktop, data):
    app = start(desktop, data)
    paint(app, HILL)
    paint(app, BOAT)
    go_to(app, BOAT)
    curate(app)
    search(app, "tag:ships")
    wait_for_prompts(app, BOAT)
    search(app, "rating:many")
    app.find("label", "“many” is not a number, such as 7, >=4 or 20..30.")
    search(app, "tag:ships")
    wait_for_prompts(app, BOAT)
    go_to(app, BOAT)
    app.press("Delete")
    wait_for_prompts(app)
    app.press("ctrl+z")
    wait_for_prompts(app, BOAT)
    check_curation(app)
    app.wait_for(lambda: any((data / "pictures").rglob("*.xmp")), "a sidecar")
    app.wait_for(lambda: sidecar(data).get("Subject") == "ships", "the sidecar")
    quit_program(app)

    told = sidecar(data)
    assert (told["Rating"], told["Subject"]) == (4, "ships")
    assert "for the cover" in told.values()
    app = start(desktop, data)
    search(app, "tag:ships")
    wait_for_prompts(app, BOAT)
    check_curation(app)
    empty_trash(app)
    assert not list((data / "pictures").rglob("*.png"))
    assert not list((data / "pictures").rglob("*.xmp"))
    quit_program(app)
