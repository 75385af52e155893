"""Debian's packages, made of a small bundle and read back with Debian's own programs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bundle import Bundle
from environment import Environment
from package_deb import write_packages

pytestmark = pytest.mark.skipif(
    shutil.which("dpkg-shlibdeps") is None, reason="needs dpkg-dev, and so Debian"
)

ROOT = Path(__file__).parents[3]
EPOCH = 1_700_000_000
METADATA = "Metadata-Version: 2.1\nName: fruit\nVersion: 1\nLicense-Expression: MIT\n"


def small_bundle(folder: Path) -> Bundle:
    """Programs that are none of ours, but real ones, with a package of Python's and an icon."""
    bundle = Bundle(folder / "base", folder / "runtime", folder / "icons")
    for tree, package in ((bundle.base, "fruit"), (bundle.runtime, "openvino")):
        metadata = tree / "_internal" / f"{package}-1.dist-info" / "METADATA"
        metadata.parent.mkdir(parents=True)
        metadata.write_text(METADATA)
    for name in ("algovera-desktop", "algovera-server"):
        shutil.copyfile("/bin/true", bundle.base / name)
        (bundle.base / name).chmod(0o755)
    shutil.copyfile("/bin/true", bundle.runtime / "_internal" / "libopenvino.so")
    icon = bundle.icons / "hicolor" / "16x16" / "apps" / "org.algovera.Desktop.png"
    icon.parent.mkdir(parents=True)
    icon.write_bytes(b"drawn")
    return bundle


def make(root: Path, version: str) -> dict[str, Path]:
    for name in ("CHANGELOG.md", "LICENSE"):
        shutil.copyfile(ROOT / name, root / name)
    dist = root / "dist"
    dist.mkdir()
    made = write_packages(root, Environment(root), small_bundle(root), dist, version, EPOCH)
    return {path.name.split("_")[0]: path for path in made}


def said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> dict[str, Path]:
    return make(tmp_path_factory.mktemp("made"), "0.0.1~")


def test_both_say_what_they_are_and_what_they_need(packages):
    program, runtime = packages["algovera-desktop"], packages["algovera-desktop-openvino"]
    assert program.name.startswith("algovera-desktop_0.0.1~_")
    assert said("dpkg-deb", "-f", program, "Version") == "0.0.1~\n"
    assert "libc6 (>= " in said("dpkg-deb", "-f", program, "Depends")
    recommended = said("dpkg-deb", "-f", program, "Recommends")
    assert recommended.startswith("algovera-desktop-openvino (= 0.0.1~)")
    assert "algovera-desktop (= 0.0.1~)" in said("dpkg-deb", "-f", runtime, "Depends")


def test_the_commands_lead_to_the_bundle_and_all_is_roots(packages):
    listed = said("dpkg-deb", "-c", packages["algovera-desktop"]).splitlines()
    assert {line.split()[1] for line in listed} == {"root/root"}
    assert any(
        line.endswith("./usr/bin/algovera-server -> /opt/algovera-desktop/algovera-server")
        for line in listed
    )
    names = {line.split()[5] for line in listed}
    assert "./usr/share/applications/org.algovera.Desktop.desktop" in names
    assert "./usr/share/metainfo/org.algovera.Desktop.metainfo.xml" in names
    assert "./usr/share/icons/hicolor/16x16/apps/org.algovera.Desktop.png" in names


def test_every_file_is_as_its_sum_says_and_every_part_tells_its_licence(packages, tmp_path):
    subprocess.run(["dpkg-deb", "-R", packages["algovera-desktop"], tmp_path], check=True)
    sums = tmp_path / "DEBIAN" / "md5sums"
    told = subprocess.run(["md5sum", "--check", "--strict", sums], cwd=tmp_path)
    assert told.returncode == 0
    copied = (tmp_path / "usr/share/doc/algovera-desktop/copyright").read_text()
    assert "Algovera Desktop\n" in copied
    assert "fruit 1\n=======\nLicence: MIT" in copied


def test_two_builds_of_the_same_differ_in_nothing(packages, tmp_path):
    before = os.umask(0o077)  # another person's habits
    try:
        again = make(tmp_path, "0.0.1~")
    finally:
        os.umask(before)
    for name, path in packages.items():
        assert path.read_bytes() == again[name].read_bytes(), name
