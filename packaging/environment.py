"""Keeps an environment as the lock files say, at the cost of a few file reads when nothing changed.

What was installed is noted in its ``installed.json``. The note is taken away before anything
is changed and written last, so its absence says that an installation was cut off; pip cannot
tell a half-copied package from a whole one, so such an environment is made anew.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class SetupError(Exception):
    """Something that only a person can put right; the text says what to do."""


class Environment:
    """The virtual environment of a checkout, made by the Python that runs this."""

    def __init__(self, root: Path, folder: Path = Path(".venv")) -> None:
        self._root = root
        self._folder = root / folder
        self._note = self._folder / "installed.json"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.command("python")

    def command(self, name: str) -> Path:
        """A program that a package of the environment installs."""
        if os.name == "nt":
            return self._folder / "Scripts" / f"{name}.exe"
        return self._folder / "bin" / name

    def ensure(
        self,
        locks: Sequence[Path],
        if_found: Sequence[Path] = (),
        from_source: Sequence[Path] = (),
    ) -> None:
        """Make or repair the environment so that it holds all of the first of ``locks``.

        The others are parts of the first, with equal versions: they are noted as installed too.
        Those ``if_found`` come on top, each without what its packages depend on, or not at all
        where pip cannot find one of them. The packages of those ``from_source``, parts of the
        first too, are built here, by build systems that the first holds.
        Raises SetupError when Python or pip cannot do it.
        """
        wanted = self._wanted([*locks, *if_found, *from_source])
        if self._holds(wanted):
            return
        with _alone(self._root):
            if self._holds(wanted):
                return
            self._install(locks[0], if_found, from_source, wanted)

    def _wanted(self, locks: Sequence[Path]) -> dict[str, str]:
        return {
            "python": f"{platform.python_version()} {sys.base_prefix}",
            "project": _digest(self._root / "pyproject.toml"),
            **{lock.name: _digest(lock) for lock in locks},
        }

    def _noted(self) -> dict[str, str]:
        # A broken link to a Python that has been removed does not exist either.
        if not self.python.exists():
            return {}
        try:
            return dict(json.loads(self._note.read_text("utf-8")))
        except (OSError, ValueError):
            return {}

    def _holds(self, wanted: dict[str, str]) -> bool:
        return wanted.items() <= self._noted().items()

    def _install(
        self,
        lock: Path,
        if_found: Sequence[Path],
        from_source: Sequence[Path],
        wanted: dict[str, str],
    ) -> None:
        noted = self._noted()
        name = self._folder.relative_to(self._root)
        print(f"Setting up {name}; this is only needed after a change.", flush=True)
        if noted.get("python") == wanted["python"]:
            self._note.unlink()
        else:
            self._make()
            noted = {}
        if noted.get(lock.name) != wanted[lock.name]:
            self._pip("--require-hashes", "-r", str(lock))
            self._compile()
        for each in if_found:
            # Left as they are: of PyTorch and what comes with it, a small part is ever imported.
            if noted.get(each.name) != wanted[each.name] and not self._runs_pip(
                "--require-hashes", "--no-deps", "-r", str(each)
            ):
                print(f"Going on without {each.name}; pip's message stands above.", flush=True)
        for each in from_source:
            if noted.get(each.name) != wanted[each.name]:
                self._build(each)
        # No build isolation: it would fetch the build system without checking hashes.
        self._pip("--no-build-isolation", "--no-deps", "-e", str(self._root))
        self._write_note(wanted)

    def _make(self) -> None:
        command = [sys.executable, "-I", "-m", "venv", "--clear", str(self._folder)]
        if subprocess.run(command).returncode:
            raise SetupError(
                "Python could not make a virtual environment. On Debian and Ubuntu:\n"
                "    sudo apt-get install -y python3-venv"
            )

    def _compile(self) -> None:
        """On every processor; pip would do it on one. No program needs all of it to succeed, for
        some packages hold files for other Pythons."""
        options = ["-I", "-m", "compileall", "-qq", "-j", "0"]
        subprocess.run([str(self.python), *options, str(self._folder / "lib")])

    def _build(self, lock: Path) -> None:
        print(f"Building what {lock.name} names, which takes minutes.", flush=True)
        # What lies in pip's cache may have been built otherwise: it is not kept by the options.
        fresh = ["--no-cache-dir", "--force-reinstall", "--no-binary", ":all:"]
        alone = ["--no-build-isolation", "--no-deps", "--require-hashes"]
        self._pip(*fresh, *alone, "-r", str(lock))

    def _pip(self, *arguments: str) -> None:
        if not self._runs_pip(*arguments):
            raise SetupError("pip could not install the packages; its message stands above.")

    def _runs_pip(self, *arguments: str) -> bool:
        command = [str(self.python), "-I", "-m", "pip", "install", "--quiet", "--no-compile"]
        # A person's "user = true" would make pip refuse to install into an environment.
        settings = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        # Where a build system looks for its tools.
        folders = [str(self.python.parent), os.environ.get("PATH", os.defpath)]
        settings["PATH"] = os.pathsep.join(folders)
        return subprocess.run([*command, *arguments], env=settings).returncode == 0

    def _write_note(self, content: dict[str, str]) -> None:
        unfinished = self._note.with_suffix(".new")
        unfinished.write_text(json.dumps(content, indent=2), "utf-8")
        unfinished.replace(self._note)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Hold off a second dev.py in the same checkout; the system frees the lock of a dead one."""
    try:
        import fcntl
    except ImportError:  # Windows has another kind of lock; two at once are not guarded there.
        yield
        return
    with (root / "pyproject.toml").open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another dev.py that is setting up an environment.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
