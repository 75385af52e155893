"""However the installed program ends while it paints, nothing is lost."""

import os
import signal
from collections.abc import Callable

import pytest

from support.app import App
from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import (
    HOME,
    quit_program,
    set_sides,
    start,
    type_prompt,
    wait_for_painting,
)
from support.prepared_data import library_rows

DATA = ("--data-dir", f"/home/{HOME}/data")
PROMPT = "a red boat on the sea at night"
DRAFT = "words that nobody has sent yet"


def kill(app: App) -> None:
    app.kill9()


def terminate(app: App) -> None:
    app.process.send_signal(signal.SIGTERM)


def log_out(app: App) -> None:
    """What logind does to a session: everything in it is asked to end, at once."""
    for pid in app.processes():
        os.kill(pid, signal.SIGTERM)


@pytest.mark.parametrize("end", [kill, terminate, log_out])
def test_what_is_painted_and_typed_is_there_after(
    desktop: DesktopSession, installed: Chroot, end: Callable[[App], None]
) -> None:
    data = installed.home(HOME) / "data"
    app = start(desktop, installed, *DATA)
    type_prompt(app, PROMPT)
    set_sides(app, 512, steps=50)
    app.find("spin box", "Pictures").set_value(3)
    app.press("ctrl+Return")
    wait_for_painting(app)
    type_prompt(app, DRAFT)
    app.wait_for(lambda: DRAFT in (data / "settings.json").read_text("utf-8"), "the draft")
    end(app)
    app.wait_until_nothing_runs()

    app = start(desktop, installed, *DATA)
    assert app.find("text", "Prompt").text == DRAFT
    name = f"Picture, 512 × 512: {PROMPT}"
    app.wait_for(lambda: len(app.find_all("list item", name)) == 3, "three pictures", 60)
    assert len(library_rows(data, "SELECT * FROM images")) == 3
    assert len(list((data / "pictures").rglob("*.png"))) == 3
    quit_program(app)
