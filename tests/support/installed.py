"""The installed program in a chroot, as an artist uses it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from support.app import App
from support.chroot import Chroot
from support.desktop import DesktopSession

HOME = "artist"


@dataclass(frozen=True)
class Packages:
    """The files that ``dev.py package`` made."""

    base: Path
    runtime: Path
    archive: Path
    runtime_archive: Path

    @classmethod
    def found_in(cls, folder: Path) -> Self:
        """The newest in a folder; fails where one is not there."""
        patterns = (
            "algovera-desktop_*.deb",
            "algovera-desktop-openvino_*.deb",
            "algovera-desktop-[0-9]*.tar.xz",
            "algovera-desktop-openvino-[0-9]*.tar.xz",
        )
        found = [sorted(folder.glob(pattern)) for pattern in patterns]
        assert all(found), f"{folder} lacks packages; packaging/dev.py package builds them."
        return cls(*(files[-1] for files in found))


def start(desktop: DesktopSession, chroot: Chroot, *arguments: str, **environment: str) -> App:
    """Start the installed program and wait until it is ready to make pictures."""
    command = chroot.command("algovera-desktop", *arguments)
    app = desktop.start_app(command, {**chroot.environment(HOME), **environment})
    wait_until_ready(app)
    return app


def wait_until_ready(app: App) -> None:
    """Wait until pictures can be made, and give the window the keyboard."""
    app.find("push button", "This computer · ready")
    app.wait_for(
        lambda: "enabled" in app.find("push button", "Generate").states, "Generate to be offered"
    )
    app.activate()


def type_prompt(app: App, prompt: str) -> None:
    """Put words in the place of those that stand there."""
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text(prompt)


def set_sides(app: App, pixels: int, steps: int = 8) -> None:
    """Ask for a square picture."""
    names = {"Width in pixels": pixels, "Height in pixels": pixels, "Steps": steps}
    for name, value in names.items():
        app.find("spin box", name).set_value(value)


def wait_for_painting(app: App) -> None:
    """Wait until a job's tile shows progress."""
    app.wait_for(lambda: any("%" in item.name for item in app.find_all("list item")), "progress")


def quit_program(app: App) -> None:
    """Close the window as a person does."""
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()


def pictures(chroot: Chroot) -> list[Path]:
    """The artist's pictures, as they are found from outside."""
    return sorted((chroot.home(HOME) / "Pictures" / "Algovera").rglob("*.png"))
