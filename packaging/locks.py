"""Writes the lock files: for the program, its developers, its bundle, and PyTorch's packages.

For the bundle numpy has a lock beside, with the options that it is built from its source with.

PyTorch has a lock of its own because it is installed without looking for dependencies: those of
the registry's build for Linux are gigabytes of CUDA, which no test needs. On Linux its lock names
PyTorch's own build for processors instead, which pip finds where it was told of a place that has
it. The registry has not, so the hash stands here.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

USERS = "packaging/requirements.lock"
DEVELOPERS = "packaging/requirements-dev.lock"
PACKAGERS = "packaging/requirements-package.lock"
NUMPY = "packaging/requirements-numpy.lock"
TORCH = "packaging/requirements-torch.lock"

CPU_BUILDS = {
    "torch==2.13.0": ["6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"],
}
"""sha256 of each wheel of ``torch-VERSION+cpu``: CPython 3.11 on Linux x86-64."""

_NUMPYS_OPTIONS = (
    "setup-args=-Dblas=none",
    "setup-args=-Dlapack=none",
    "setup-args=-Dallow-noblas=true",
    "setup-args=-Ddisable-intel-sort=true",
    "setup-args=-Dtest-simd=BASELINE",
    "install-args=--tags=runtime,python-runtime",  # without its tests
)
"""Without OpenBLAS, 28 MB for products of matrices, which no painter of ours makes with numpy, and
without what takes longest to compile: the sorting of large arrays, and its tests' own loops."""

_CUDA = ("cuda-", "nvidia-", "triton==")


def write_locks(root: Path, uv: Path, arguments: Sequence[str]) -> int:
    """Resolve all anew, each in agreement with those before it; returns an exit status.

    ``arguments`` go to ``uv pip compile``.
    """
    groups = {
        USERS: ["--group", "install"],
        DEVELOPERS: ["--group", "install", "--group", "dev", "-c", USERS],
        PACKAGERS: ["--group", "install", "--group", "package", "-c", USERS],
        TORCH: ["--extra", "torch", "--group", "torch", "-c", DEVELOPERS],
    }
    (root / TORCH).unlink(missing_ok=True)  # uv would not make head or tail of its two PyTorches
    for lock, options in groups.items():
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", *arguments]
        command += ["pyproject.toml", *options, "-o", lock]
        if code := subprocess.run(command, cwd=root).returncode:
            return code
    (root / NUMPY).write_text(numpy_lock((root / PACKAGERS).read_text("utf-8")), "utf-8")
    resolved, developers = ((root / name).read_text("utf-8") for name in (TORCH, DEVELOPERS))
    (root / TORCH).write_text(torch_lock(resolved, developers), "utf-8")
    return 0


def numpy_lock(packagers: str) -> str:
    """The releases of numpy in the packagers' lock, with how each is built; pip 23.1 reads it."""
    options = " ".join(f'--config-settings="{option}"' for option in _NUMPYS_OPTIONS)
    return "".join(
        entry.replace(" \\\n", f" {options} \\\n", 1)
        for release, entry in _entries(packagers).items()
        if release.startswith("numpy==")
    )


def torch_lock(resolved: str, developers: str) -> str:
    """What PyTorch adds to the developers' lock, without CUDA, with the build for processors."""
    known = _entries(developers)
    return "".join(
        _for_processors(release, entry) if release in CPU_BUILDS else entry
        for release, entry in _entries(resolved).items()
        if release not in known and not release.startswith(_CUDA)
    )


def _entries(lock: str) -> dict[str, str]:
    """The lines of each package by its ``name==version``."""
    lines = re.findall(r"^((\S+).*\n(?:[ ].*\n)*)", lock, re.MULTILINE)
    return {release: entry for entry, release in lines}


def _for_processors(release: str, entry: str) -> str:
    elsewhere = entry.replace(" \\\n", " ; sys_platform != 'linux' \\\n", 1)
    hashes = " \\\n".join(f"    --hash=sha256:{digest}" for digest in CPU_BUILDS[release])
    return f"{elsewhere}{release}+cpu ; sys_platform == 'linux' \\\n{hashes}\n"
