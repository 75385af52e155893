"""The portable archives: the same bytes each time that the same files are packed."""

import platform
import subprocess
import tarfile
from pathlib import Path

import bundle_contents as contents
from bundle import Bundle
from environment import SetupError

_README = Path(__file__).with_name("linux") / "README.txt"


def write_archives(bundle: Bundle, dist: Path, version: str, epoch: int) -> list[Path]:
    """The program's and the runtime's; both unpack into one folder of the same name."""
    top = f"{contents.DESKTOP}-{version}"
    ending = f"{version}-linux-{platform.machine()}.tar.xz"
    base = dist / f"{contents.DESKTOP}-{ending}"
    runtime = dist / f"{contents.RUNTIME_NAME}-{ending}"
    write_tar_xz(bundle.base, top, base, epoch, _README)
    write_tar_xz(bundle.runtime, top, runtime, epoch)
    return [base, runtime]


def write_tar_xz(folder: Path, top: str, target: Path, epoch: int, *beside: Path) -> None:
    """Pack a folder under the name ``top``, in order of the names, as root's, with one time; and
    the files that lie ``beside`` in it."""

    def uniform(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        if entry.isfile():
            entry.mode = 0o755 if entry.mode & 0o100 else 0o644
        return entry

    # Two threads or more make the same blocks, however many processors there are.
    command = ["xz", "-6", "-T2", "--stdout"]
    with target.open("wb") as file:
        xz = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file)
        assert xz.stdin is not None
        with xz.stdin, tarfile.open(mode="w|", fileobj=xz.stdin, format=tarfile.PAX_FORMAT) as tar:
            # TarFile.add walks a folder in order of the names.
            tar.add(folder, top, filter=uniform)
            for file in beside:
                tar.add(file, f"{top}/{file.name}", filter=uniform)
        if xz.wait():
            raise SetupError(f"xz could not write {target.name}; its message stands above.")
