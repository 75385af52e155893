"""The packages for Debian and Ubuntu: the program, and the local-model runtime that it recommends.

The bundle lies under ``/opt``, as the Filesystem Hierarchy Standard has it for what comes from
elsewhere than the distribution; the commands are links to it.
"""

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bundle_contents as contents
from bundle import Bundle
from bundle_licences import packages_with
from environment import Environment, SetupError
from metainfo import published_metainfo
from package_changelog import MAINTAINER, debian_changelog
from package_licences import copyright_text

_IN_OPT = Path("opt") / contents.DESKTOP
_DEBIAN = Path(__file__).with_name("debian")
_LINUX = Path(__file__).with_name("linux")
# Debian lets it ask for its newest release; the one function that Qt calls was in the first.
_ANY_VERSION = re.compile(r"^(libx11-xcb1) \(.*\)$")
DESKTOP_ID = "org.algovera.Desktop"


@dataclass(frozen=True)
class _Times:
    """``version``: the package's; ``epoch``: what all files are given, in seconds since 1970."""

    version: str
    epoch: int


def write_packages(
    root: Path, environment: Environment, bundle: Bundle, dist: Path, version: str, epoch: int
) -> list[Path]:
    """Both packages, in ``dist``. ``version`` may be another than the program's."""
    times = _Times(version, epoch)
    work = root / "build" / "package" / "deb"
    shutil.rmtree(work, ignore_errors=True)
    made: list[Path] = []
    for name, tree in ((contents.DESKTOP, bundle.base), (contents.RUNTIME_NAME, bundle.runtime)):
        staged = work / name
        _copy(tree, staged / _IN_OPT)
        if name == contents.DESKTOP:
            _add_to_the_desktop(staged, bundle.icons)
        _add_documents(root, environment, staged, name, times)
        made.append(_build(staged, name, dist, times))
    return made


def _copy(source: Path, target: Path) -> None:
    # Hard links: 400 MB that are only read.
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


def _add_to_the_desktop(staged: Path, icons: Path) -> None:
    commands = staged / "usr" / "bin"
    commands.mkdir(parents=True)
    for name in (contents.DESKTOP, contents.SERVER):
        (commands / name).symlink_to(Path("/") / _IN_OPT / name)
    share = staged / "usr" / "share"
    _place(_LINUX / f"{DESKTOP_ID}.desktop", share / "applications")
    metainfo = share / "metainfo" / f"{DESKTOP_ID}.metainfo.xml"
    metainfo.parent.mkdir(parents=True)
    metainfo.write_text(published_metainfo(), "utf-8")
    shutil.copytree(icons / "hicolor", share / "icons" / "hicolor")


def _add_documents(
    root: Path, environment: Environment, staged: Path, name: str, times: _Times
) -> None:
    documents = staged / "usr" / "share" / "doc" / name
    documents.mkdir(parents=True)
    parts = staged / _IN_OPT / contents.CONTENTS
    (documents / "copyright").write_text(copyright_text(root, environment, parts), "utf-8")
    ours = (root / "CHANGELOG.md").read_text("utf-8")
    log = debian_changelog(ours, name, times.version, times.epoch)
    with (documents / "changelog.gz").open("wb") as file:
        # Without its name and the time of its making, the same text gives the same bytes.
        file.write(gzip.compress(log.encode(), mtime=0))
    overrides = _DEBIAN / f"{name}.lintian-overrides"
    target = staged / "usr" / "share" / "lintian" / "overrides" / name
    target.parent.mkdir(parents=True)
    shutil.copyfile(overrides, target)


def _place(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copyfile(file, folder / file.name)


def _build(staged: Path, name: str, dist: Path, times: _Times) -> Path:
    control = staged / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(_control(staged, name, times), "utf-8")
    (control / "md5sums").write_text(_md5sums(staged), "utf-8")
    _make_uniform(staged, times.epoch)
    target = dist / f"{name}_{times.version}_{architecture()}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", staged, target]
    settings = {"SOURCE_DATE_EPOCH": str(times.epoch), "DPKG_DEB_THREADS_MAX": "2"}
    _run(command, settings)
    return target


def _control(staged: Path, name: str, times: _Times) -> str:
    template = (_DEBIAN / f"{name}.control").read_text("utf-8")
    files = (path for path in staged.rglob("*") if path.is_file() and not path.is_symlink())
    sizes_kib = sum((path.stat().st_size + 1023) // 1024 for path in files)
    return template.format(
        version=times.version,
        architecture=architecture(),
        installed_kib=sizes_kib,
        maintainer=MAINTAINER,
        libraries=", ".join(_needed_packages(staged)),
    )


def _needed_packages(staged: Path) -> list[str]:
    """The packages, with the versions, of the libraries that the bundle takes from the system."""
    work = staged.parent / f"{staged.name}-shlibdeps"
    (work / "debian").mkdir(parents=True)
    control = f"Source: {staged.name}\n\nPackage: {staged.name}\nArchitecture: any\n"
    (work / "debian" / "control").write_text(control)
    inside = staged / _IN_OPT / contents.CONTENTS
    own = sorted({path.parent for path in inside.rglob("*.so*")})
    binaries = sorted(path for path in staged.rglob("*") if _is_elf(path))
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
    command += [f"-l{folder}" for folder in own]
    # What is within is not asked of the system, though this one may have it too.
    brought = packages_with(path.name for path in inside.rglob("lib*.so*"))
    command += [f"-x{package}" for package in brought]
    command += [f"-e{binary}" for binary in binaries if not contents.is_optional(binary.name)]
    told = subprocess.run(command, cwd=work, capture_output=True, text=True)
    if told.returncode:
        raise SetupError(f"dpkg-shlibdeps failed:\n{told.stderr}")
    (depends,) = re.findall(r"^shlibs:Depends=(.*)$", told.stdout, re.MULTILINE) or [""]
    return [_ANY_VERSION.sub(r"\1", each) for each in depends.split(", ")]


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _md5sums(staged: Path) -> str:
    files = [path for path in sorted(staged.rglob("*")) if path.is_file()]
    listed = [path for path in files if not path.is_symlink() and "DEBIAN" not in path.parts]
    names = [path.relative_to(staged).as_posix() for path in listed]
    told = subprocess.run(["md5sum", *names], cwd=staged, check=True, capture_output=True)
    return told.stdout.decode()


def _make_uniform(staged: Path, epoch: int) -> None:
    for path in [staged, *staged.rglob("*")]:
        if not path.is_symlink():
            is_program = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def architecture() -> str:
    """Debian's name of this computer's kind."""
    told = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True)
    return told.stdout.decode().strip()


def _run(command: Sequence[str | Path], settings: dict[str, str]) -> None:
    done = subprocess.run(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise SetupError(f"{command[0]} failed; its message stands above.")
