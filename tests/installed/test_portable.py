"""The archive, unpacked by somebody who is no administrator."""

import subprocess
from pathlib import Path

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import HOME, Packages, pictures
from support.waiting import wait_until

USER = 1000


def test_it_runs_from_a_folder_with_a_space_and_an_umlaut(
    desktop: DesktopSession, changeable: Chroot, packages: Packages
) -> None:
    changeable.run("apt-get", "-qq", "-y", "purge", "algovera-desktop")
    environment = changeable.environment(HOME, USER)
    folder = changeable.home(HOME) / "Meine Künste"
    folder.mkdir()
    subprocess.run(["tar", "-xf", packages.archive, "-C", folder], check=True)
    (unpacked,) = folder.iterdir()
    program = f"/home/{HOME}/{folder.name}/{unpacked.name}/algovera-desktop"
    # The session's bus is for who owns the session.
    own = {"DBUS_SESSION_BUS_ADDRESS": "disabled:", "XDG_RUNTIME_DIR": f"/home/{HOME}"}
    app = desktop.start_app(changeable.command(program, user=USER), {**environment, **own})
    app.activate()

    def press_generate() -> list[Path]:
        app.press("ctrl+Return")
        return pictures(changeable)

    wait_until(press_generate, lambda: f"a picture\n{app.output}", 60)
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    app.wait_until_nothing_runs()
    owners = {path.stat().st_uid for path in changeable.home(HOME).rglob("*.png")}
    assert USER in owners
