"""What can be said of the packages without looking at the window."""

import subprocess
from pathlib import Path

import pytest

from bundle_contents import is_optional
from metainfo import published_metainfo
from package_sizes import BASE_LIMIT_BYTES, DEB_LIMIT_BYTES, size_bytes
from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import Packages, pictures, quit_program, start

PACKAGE = "algovera-desktop"
CHROOTS = Path(__file__).parents[2] / "build" / "chroot"
_BUNDLE = "/opt/algovera-desktop"
_OF_APT = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log", "home", "tmp")


def check(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout}{done.stderr}"
    return done.stdout


def test_lintian_finds_no_error(packages: Packages, shown: Path) -> None:
    said = check("lintian", "--fail-on", "error", packages.base, packages.runtime)
    (shown / "lintian.txt").write_text(said, "utf-8")


def test_the_program_is_no_larger_than_it_may_be(installed: Chroot, packages: Packages) -> None:
    assert size_bytes(installed.folder / _BUNDLE.strip("/")) <= BASE_LIMIT_BYTES
    assert packages.base.stat().st_size <= DEB_LIMIT_BYTES


def test_the_desktop_entry_and_the_metainfo_are_valid(installed: Chroot, tmp_path: Path) -> None:
    share = installed.folder / "usr/share"
    check("desktop-file-validate", share / "applications/org.algovera.Desktop.desktop")
    metainfo = share / "metainfo/org.algovera.Desktop.metainfo.xml"
    check("appstreamcli", "validate", "--no-net", metainfo)
    # As a release has it, which knows where its pictures lie.
    published = tmp_path / metainfo.name
    shots = published_metainfo({"ALGOVERA_SCREENSHOTS": "https://h.example/screenshots"})
    published.write_text(shots, "utf-8")
    check("appstreamcli", "validate", "--no-net", published)


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
    desktop: DesktopSession, bare: Chroot, packages: Packages
) -> None:
    chroot = bare.copy_to(CHROOTS / "removed")
    # They keep caches of everybody's desktop entries, icons and kinds of files.
    chroot.install("desktop-file-utils", "gtk-update-icon-cache", "shared-mime-info")
    before = chroot.files(but=_OF_APT)
    chroot.install(packages.base)
    app = start(desktop, chroot)
    app.press("ctrl+Return")
    app.wait_for(lambda: pictures(chroot), "a picture")
    quit_program(app)
    chroot.run("apt-get", "-qq", "-y", "autopurge", PACKAGE)
    # dpkg takes /opt too where nothing else is in it, for it belongs to no package of Debian's.
    assert chroot.files(but=_OF_APT) | {"opt"} == before
    kept = ("/etc", "/usr", "/opt", "/var/cache", "/var/lib", "--exclude-dir=apt")
    assert chroot.attempt("grep", "-rlsi", "--exclude=*_*.deb", "algovera", *kept).stdout == ""
    assert len(pictures(chroot)) == 1
    chroot.remove()
