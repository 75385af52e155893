"""What can be said of the packages without looking at the window."""

import subprocess
from pathlib import Path

import pytest

from bundle_contents import is_optional
from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import Packages, pictures, quit_program, start

PACKAGE = "algovera-desktop"
_BUNDLE = "/opt/algovera-desktop"
_OF_APT = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "home", "tmp")


def check(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout}{done.stderr}"


def test_lintian_finds_no_error(packages: Packages) -> None:
    check("lintian", "--fail-on", "error", packages.base, packages.runtime)


def test_the_desktop_entry_and_the_metainfo_are_valid(installed: Chroot) -> None:
    share = installed.folder / "usr/share"
    check("desktop-file-validate", share / "applications/org.algovera.Desktop.desktop")
    metainfo = share / "metainfo/org.algovera.Desktop.metainfo.xml"
    check("appstreamcli", "validate", "--no-net", metainfo)


def test_what_the_bundle_links_to_is_in_it_or_comes_with_it(installed: Chroot) -> None:
    binaries = f"find {_BUNDLE} -type f \\( -name '*.so*' -o -perm -100 \\)"
    # As the bundle's first process sets it for the second.
    search = f"LD_LIBRARY_PATH={_BUNDLE}/_internal"
    told = installed.attempt("sh", "-c", f"{binaries} -exec env {search} ldd {{}} +").stdout
    assert told.count("=>") > 1000
    missing: list[str] = []
    binary = ""
    for line in told.splitlines():
        if line.startswith("/"):
            binary = line.rstrip(":")
        elif "not found" in line and not is_optional(Path(binary).name):
            missing.append(f"{binary}:{line}")
    assert missing == []


@pytest.mark.parametrize("program", ["algovera-desktop", "algovera-server"])
def test_both_commands_say_their_version(installed: Chroot, program: str, packages) -> None:
    version = packages.base.name.split("_")[1]
    assert version in installed.run(program, "--version")


def test_removed_it_leaves_the_pictures_and_nothing_else(
    desktop: DesktopSession, changeable: Chroot
) -> None:
    ours = {name.strip("/") for name in changeable.run("dpkg", "-L", PACKAGE).splitlines()}
    before = changeable.files(but=_OF_APT)
    app = start(desktop, changeable)
    app.press("ctrl+Return")
    app.wait_for(lambda: pictures(changeable), "a picture")
    quit_program(app)
    changeable.run("apt-get", "-qq", "-y", "purge", PACKAGE)
    after = changeable.files(but=_OF_APT)
    assert after <= before
    # Such folders as /usr/bin: dpkg fails where one of them is nobody's.
    changeable.run("dpkg", "-S", *(f"/{name}" for name in after & ours))
    assert len(pictures(changeable)) == 1
