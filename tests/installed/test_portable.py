"""The archive, unpacked by somebody who is no administrator."""

import subprocess
from pathlib import Path

from support.app import App
from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import HOME, Packages, pictures
from support.waiting import wait_until

USER = 1000


def test_it_runs_read_only_from_any_folder_and_after_it_was_moved(
    desktop: DesktopSession, changeable: Chroot, packages: Packages
) -> None:
    changeable.run("apt-get", "-qq", "-y", "purge", "algovera-desktop")
    folder = changeable.folder / "opt" / "Meine Künste"
    # As root, so that who starts it may write nothing there.
    unpacked = unpack(packages.archive, folder)
    assert "double-click algovera-desktop" in (unpacked / "README.txt").read_text("utf-8")
    paint(desktop, changeable, unpacked, 1)
    assert "none: only sketches can be painted" in check(changeable, unpacked)

    moved = unpacked.rename(changeable.folder / "srv" / unpacked.name)
    paint(desktop, changeable, moved, 2)
    assert unpack(packages.runtime_archive, moved.parent) == moved
    assert "openvino-genai" in check(changeable, moved)
    owners = {path.stat().st_uid for path in changeable.home(HOME).rglob("*")}
    assert owners == {USER}


def unpack(archive: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
    (unpacked,) = folder.iterdir()
    return unpacked


def program(chroot: Chroot, unpacked: Path, *arguments: str) -> list[str]:
    path = f"/{unpacked.relative_to(chroot.folder)}/algovera-desktop"
    return chroot.command(path, *arguments, user=USER)


def paint(desktop: DesktopSession, chroot: Chroot, unpacked: Path, nth: int) -> None:
    """Start it as the user and make the picture that is then the nth there."""
    # The session's bus is for who owns the session.
    own = {"DBUS_SESSION_BUS_ADDRESS": "disabled:", "XDG_RUNTIME_DIR": f"/home/{HOME}"}
    environment = {**chroot.environment(HOME, USER), **own}
    app = desktop.start_app(program(chroot, unpacked), environment)
    app.activate()

    def press_generate() -> bool:
        app.press("ctrl+Return")
        return len(pictures(chroot)) >= nth

    wait_until(press_generate, lambda: f"a picture\n{app.output}", 60)
    close(app)


def close(app: App) -> None:
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()


def check(chroot: Chroot, unpacked: Path) -> str:
    """What the program says of its installation; it fails, for there is no screen."""
    command = program(chroot, unpacked, "--check")
    environment = chroot.environment(HOME, USER)
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout
