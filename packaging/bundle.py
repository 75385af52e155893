"""Makes the bundle: the program and its Python in one folder, and the local-model runtime.

The runtime, OpenVINO, lies in a folder of its own, laid out so that the one unpacked over the
other is whole. Its files come from its wheels as they are, less what only developers need.
Elsewhere than on Linux the program has it within.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bundle_contents as contents
import locks
from bundle_licences import copy_systems_licences
from bundle_numpy import forget_builder
from bundle_shiboken import lay_out_modules
from bundle_slimming import slim_libraries
from environment import Environment, SetupError

_SPEC = Path(__file__).with_name("algovera-desktop.spec")
_PRODUCT = contents.MACOS_PROGRAM if sys.platform == "darwin" else contents.DESKTOP


@dataclass(frozen=True)
class Bundle:
    """``base`` is the program, on Linux without ``runtime``; ``icons`` holds its icon's forms."""

    base: Path
    runtime: Path
    icons: Path


def packagers_environment(root: Path) -> Environment:
    """The users' packages and PyInstaller, with no tool of the developers'.

    On Linux with a numpy of our own. Elsewhere the published one is no larger than it may be, and
    a compiler is no part of the system.
    """
    environment = Environment(root, Path("build") / "environment")
    wanted = [root / locks.PACKAGERS, root / locks.USERS]
    if not sys.platform.startswith("linux"):
        environment.ensure(wanted)
        return environment
    environment.ensure(wanted, from_source=[root / locks.NUMPY])
    forget_builder(_site_packages(environment))
    return environment


def build_bundle(root: Path, environment: Environment, folder: Path, epoch: int) -> Bundle:
    """Build both anew in ``folder``; ``epoch`` is the time that everything in them is given."""
    shutil.rmtree(folder, ignore_errors=True)
    bundle = Bundle(folder / "dist" / _PRODUCT, folder / "runtime", folder / "icons")
    bundle.runtime.mkdir(parents=True)
    icons = [environment.python, Path(__file__).with_name("icons.py"), bundle.icons]
    subprocess.run(icons, check=True)
    _copy_runtime(environment, bundle.runtime)
    _run_pyinstaller(environment, folder, epoch)
    if sys.platform.startswith("linux"):
        (bundle.base / contents.SERVER).symlink_to(contents.DESKTOP)
        inside = bundle.base / contents.CONTENTS
        slim_libraries(inside, environment.python)
        packages = _site_packages(environment)
        _compile(environment, lay_out_modules(packages, inside, environment.python))
        copy_systems_licences(inside)
        for tree in (bundle.base, bundle.runtime):
            _make_uniform(tree, epoch)
    return bundle


def _run_pyinstaller(environment: Environment, folder: Path, epoch: int) -> None:
    command = [environment.python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", folder / "dist", "--workpath", folder / "work", _SPEC]
    # With a seed of chance, sets would be written in another order each time.
    settings = {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
    if subprocess.run(command, env={**os.environ, **settings}).returncode:
        raise SetupError("PyInstaller could not make the bundle; its message stands above.")


def _copy_runtime(environment: Environment, runtime: Path) -> None:
    packages = _site_packages(environment)
    inside = runtime / contents.CONTENTS
    for path in _files_below(packages):
        name = path.relative_to(packages).as_posix()
        if contents.is_runtime(name) and not contents.is_left_out_of_runtime(name):
            target = inside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    _compile(environment, inside)


def _compile(environment: Environment, inside: Path) -> None:
    """Compile as for a folder that nobody may write to; no path of this machine goes in."""
    command = [environment.python, "-m", "compileall", "-q", "-s", inside]
    command += ["--invalidation-mode", "unchecked-hash", inside]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})


def _site_packages(environment: Environment) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('platlib'))"
    command = [environment.python, "-I", "-c", code]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def _files_below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _make_uniform(tree: Path, epoch: int) -> None:
    """Give all of it one time, and nobody but its owner the right to write."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            is_program = path.parent == tree and path.is_file()
            path.chmod(0o755 if path.is_dir() or is_program else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
