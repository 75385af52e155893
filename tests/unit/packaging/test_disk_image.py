"""What macOS's own commands are told by ``disk_image.sh``; here they only note it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "packaging" / "macos" / "disk_image.sh"
PROGRAM = "dist/Algovera Desktop.app"
SECRET = "-----BEGIN PRIVATE KEY-----"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a program to make an image of, and commands that write what they are told."""
    root = tmp_path / "checkout"
    for name in ("packaging/macos", "algovera_desktop", "commands"):
        (root / name).mkdir(parents=True)
    shutil.copy(SCRIPT, root / "packaging/macos")
    (root / "algovera_desktop/__init__.py").write_text('__version__ = "1.2.3"\n')
    for command in ("codesign", "hdiutil", "xcrun"):
        note = root / "commands" / command
        note.write_text(f'#!/bin/sh\necho {command} "$@" >> "{root}/told"\n')
        note.chmod(0o755)
    contents = root / PROGRAM / "Contents"
    framework = contents / "Frameworks/QtCore.framework"
    for part in (
        "MacOS/algovera-desktop",
        "MacOS/algovera-server",
        "Frameworks/python3.11/lib-dynload/_ssl.so",
        "Frameworks/QtCore.framework/Versions/A/QtCore",
        "Resources/openvino/libs/libopenvino.2641.dylib",
        "Resources/openvino/__init__.py",
    ):
        (contents / part).parent.mkdir(parents=True, exist_ok=True)
        (contents / part).touch(0o755)
    (framework / "QtCore").symlink_to("Versions/A/QtCore")
    return root


def told(checkout: Path, **secrets: str) -> list[str]:
    """What the commands were told, in order, less what is the same for all that is signed."""
    path = f"{checkout / 'commands'}:{os.environ['PATH']}"
    subprocess.run(
        ["bash", checkout / "packaging/macos/disk_image.sh"],
        env={"PATH": path, **secrets},
        check=True,
    )
    usual = "--force --timestamp --options runtime --sign Us "
    return (checkout / "told").read_text().replace(usual, "").splitlines()


def test_without_secrets_nothing_is_signed(checkout: Path) -> None:
    (image,) = told(checkout)
    assert image.startswith("hdiutil create -volname Algovera Desktop 1.2.3 ")
    assert image.endswith(f"dist/algovera-desktop-1.2.3-macos-{os.uname().machine}.dmg")


def test_it_is_signed_from_the_inside_out_and_only_programs_may_do_more(checkout: Path) -> None:
    signed = [line for line in told(checkout, SIGNING_IDENTITY="Us") if "codesign" in line]
    rights = "--entitlements packaging/macos/entitlements.plist"
    inside = f"{PROGRAM}/Contents"
    assert set(signed[:2]) == {
        f"codesign {inside}/Frameworks/python3.11/lib-dynload/_ssl.so",
        f"codesign {inside}/Resources/openvino/libs/libopenvino.2641.dylib",
    }
    assert signed[2:6] == [
        f"codesign {inside}/Frameworks/QtCore.framework",
        f"codesign {rights} {inside}/MacOS/algovera-server",
        f"codesign {rights} {PROGRAM}",
        f"codesign --verify --deep --strict {PROGRAM}",
    ]
    assert signed[6].startswith("codesign --timestamp --sign Us dist/algovera-desktop-1.2.3-macos-")
    assert len(signed) == 7


def test_nothing_is_made_of_what_could_not_be_signed(checkout: Path) -> None:
    (checkout / "commands/codesign").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(subprocess.CalledProcessError):
        told(checkout, SIGNING_IDENTITY="Us")
    assert not (checkout / "told").exists()


def test_the_key_of_notarisation_is_in_no_argument(checkout: Path) -> None:
    lines = told(checkout, APPLE_KEY=SECRET, APPLE_KEY_ID="id", APPLE_KEY_ISSUER="issuer")
    assert [line.split()[:3] for line in lines[1:]] == [
        ["xcrun", "notarytool", "submit"],
        ["xcrun", "stapler", "staple"],
    ]
    assert SECRET not in "".join(lines)
    key = lines[1].split(" --key ")[1].split()[0]
    assert not Path(key).exists()
