"""An AppImage: one file that is started as it is. Made where ``appimagetool`` is on the machine."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import bundle_contents as contents
from bundle import Bundle
from environment import SetupError

_DESKTOP_ID = "org.algovera.Desktop"
_DESKTOP_ENTRY = Path(__file__).with_name("linux") / f"{_DESKTOP_ID}.desktop"


def write_appimage(root: Path, bundle: Bundle, dist: Path, version: str, epoch: int) -> list[Path]:
    """The program without the local-model runtime, or nothing where the tool is not."""
    tool = shutil.which("appimagetool")
    if tool is None:
        return []
    staged = root / "build" / "package" / "AppDir"
    _stage(bundle, staged)
    architecture = platform.machine()
    target = dist / f"{contents.DESKTOP}-{version}-{architecture}.AppImage"
    settings = {"ARCH": architecture, "SOURCE_DATE_EPOCH": str(epoch)}
    # The metainfo is checked elsewhere; the tool would want its own checker for it.
    command = [tool, "--no-appstream", staged, target]
    if subprocess.run(command, env={**os.environ, **settings}).returncode:
        raise SetupError("appimagetool could not make the AppImage; its message stands above.")
    return [target]


def _stage(bundle: Bundle, staged: Path) -> None:
    """The bundle with what the format asks for at its top: AppRun, a desktop entry, its icon."""
    shutil.rmtree(staged, ignore_errors=True)
    # Hard links: the files are only read.
    shutil.copytree(bundle.base, staged, symlinks=True, copy_function=os.link)
    (staged / "AppRun").symlink_to(contents.DESKTOP)
    shutil.copyfile(_DESKTOP_ENTRY, staged / _DESKTOP_ENTRY.name)
    icon = bundle.icons / "hicolor" / "256x256" / "apps" / f"{_DESKTOP_ID}.png"
    shutil.copyfile(icon, staged / icon.name)
