"""``dev.py package``: from a clean checkout to the files that a stranger installs, in ``dist/``.

On Linux: an archive of the program that runs from any folder, one of the local-model runtime
that is unpacked over it, on Debian a package of each, and an AppImage where its tool is. Elsewhere
the bundle, of which ``packaging/windows`` and ``packaging/macos`` make an installer.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import package_appimage
import package_archive
import package_deb
import package_sizes
from bundle import Bundle, build_bundle, packagers_environment
from bundle_contents import version_of
from debian import BUNDLE_NEEDS, DEB_NEEDS, provide
from environment import Environment, SetupError


def package(root: Path, arguments: list[str]) -> int:
    """Build everything that can be built on this system; returns an exit status.

    It is 1 where something is larger than it may be.
    """
    if arguments:
        raise SetupError("dev.py package takes no argument but --check.")
    provide(BUNDLE_NEEDS)
    environment = packagers_environment(root)
    epoch = _epoch(root)
    bundle = build_bundle(root, environment, root / "build" / "package", epoch)
    made = _pack(root, environment, bundle, epoch)
    return 0 if package_sizes.report(bundle, made) else 1


def _pack(root: Path, environment: Environment, bundle: Bundle, epoch: int) -> list[Path]:
    dist = root / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    if not sys.platform.startswith("linux"):
        shutil.copytree(bundle.base, dist / bundle.base.name, symlinks=True)
        return []
    version = version_of(root)
    made: list[Path] = []
    if shutil.which("dpkg-deb") is None:
        print("There is no dpkg here, so no package for Debian is made.")
    else:
        provide(DEB_NEEDS)
        made += package_deb.write_packages(root, environment, bundle, dist, version, epoch)
    made += package_archive.write_archives(bundle, dist, version, epoch)
    return made + package_appimage.write_appimage(root, bundle, dist, version, epoch)


def _epoch(root: Path) -> int:
    """The time that everything is given: that of the commit, so that two builds are the same."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", root, "log", "-1", "--format=%ct"]
    told = subprocess.run(command, capture_output=True, text=True)
    if told.returncode:
        raise SetupError("This is no checkout of git; say its time with SOURCE_DATE_EPOCH=seconds.")
    return int(told.stdout)
