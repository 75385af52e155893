"""A bare Debian in a folder, in which a package is tried as on a computer fresh from the shop.

    base = Chroot(folder / "base").make()
    tried = base.copy_to(folder / "tried")
    tried.install(Path("algovera-desktop_0.1.0_amd64.deb"))
    desktop.start_app(tried.command("algovera-desktop"), tried.environment("artist"))

Needs root and debootstrap. What it mounts it mounts in a mount namespace of each command: nothing
is mounted on the computer itself, so nothing is left there when a run is killed, and the folder
can be deleted at any time.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

SUITE = "bookworm"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_INSTALL_TIMEOUT_S = 900.0
_ENTER = """
for each in /proc /sys /dev "$2"; do
    mkdir -p "$1$each" && mount --rbind "$each" "$1$each" || exit
done
root=$1; user=$3; shift 3
exec chroot --userspec="$user" "$root" "$@"
"""
"""The temporary folder is bound too, because the sockets of a desktop session lie in it."""


class Chroot:
    """One such folder; programs in it share the network, so also the screen, with the outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> "Chroot":
        """Install a minimal Debian, from where this computer gets its own; kept if it is there."""
        if not self.folder.exists():
            unfinished = self.folder.with_name(f"{self.folder.name}.new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            sources = _sources()
            mirror = sources[0].split()[1]
            debootstrap = ["debootstrap", "--variant=minbase", SUITE, unfinished, mirror]
            subprocess.run(debootstrap, check=True, stdout=subprocess.DEVNULL)
            (unfinished / "etc/apt/sources.list").write_text("\n".join([*sources, ""]), "utf-8")
            unfinished.rename(self.folder)
        # How a computer finds others may have changed since.
        shutil.copyfile("/etc/resolv.conf", self.folder / "etc/resolv.conf")
        self.run("apt-get", "-qq", "update", timeout_s=_INSTALL_TIMEOUT_S)
        return self

    def copy_to(self, folder: Path) -> "Chroot":
        """Another one with the same content; replaces what is in ``folder``."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", "--reflink=auto", self.folder, folder], check=True)
        return Chroot(folder)

    def remove(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder)

    def command(self, *command: str, user: int = 0) -> list[str]:
        """What runs a command in it; the process that is started becomes the command's."""
        enter = ["unshare", "--mount", "sh", "-c", _ENTER, "enter"]
        return [*enter, str(self.folder), tempfile.gettempdir(), f"{user}:{user}", *command]

    def environment(self, home: str, user: int = 0) -> dict[str, str]:
        """What somebody who is at home in ``/home/HOME`` has set; the folder is made."""
        folder = self.home(home)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, user, user)
        return {"PATH": PATH, "HOME": f"/home/{home}"}

    def home(self, name: str) -> Path:
        """A home folder, as it is found from outside."""
        return self.folder / "home" / name

    def run(self, *command: str, timeout_s: float = 60.0) -> str:
        """Run a command in it to its end; what it printed. Fails if it does."""
        done = self.attempt(*command, timeout_s=timeout_s)
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def attempt(self, *command: str, timeout_s: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run a command in it to its end, whether or not it fails."""
        environment = {"PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(
            self.command(*command),
            env={**environment, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    def install(self, *packages: Path | str) -> None:
        """Install packages' files, or packages of Debian, and what they depend on, no more."""
        names = [str(self._brought(each)) if isinstance(each, Path) else each for each in packages]
        install = ["apt-get", "-qq", "-y", "--no-install-recommends", "--allow-downgrades"]
        self.run(*install, "install", *names, timeout_s=_INSTALL_TIMEOUT_S)

    def _brought(self, package: Path) -> Path:
        shutil.copyfile(package, self.folder / "var/cache" / package.name)
        return Path("/var/cache") / package.name

    def has(self, program: str) -> bool:
        """Whether there is such a command in it."""
        return self.attempt("which", program).returncode == 0

    def files(self, but: Sequence[str] = ()) -> set[str]:
        """Every file, link and folder in it, but what lies in the folders named."""
        left_out = tuple(f"{each.strip('/')}/" for each in but)
        found = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*"))
        return {name for name in found if not f"{name}/".startswith(left_out)}


def _sources() -> list[str]:
    """Lines of sources.list for the suite, as this computer has them, the suite itself first."""
    form = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line for line in told.splitlines() if line.split()[2].startswith(SUITE)]
    assert lines, f"This computer's apt knows no {SUITE}."
    return sorted(set(lines), key=lambda line: (line.split()[2] != SUITE, line))
