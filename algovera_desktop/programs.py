"""How the program's own processes are started: by Python from an installation, by name in a bundle.

A bundle (PyInstaller's one folder) has no Python to hand a module to. It has the commands, side by
side, and the server's also is the painter when it is told so first.
"""

import sys
from pathlib import Path

SERVER = "algovera-server"
"""The command's name: in a bundle for Linux one file is both commands, and goes by it."""

PAINT = "paint-for-parent"
"""First argument that makes the bundle's server a painter. For nobody's typing."""


def is_bundle() -> bool:
    """Whether this process runs from a bundle, where nothing can be added with pip."""
    return getattr(sys, "frozen", False)


def with_pip(package: str) -> str:
    """How to add a package of Python's that is not here, as the end of a sentence.

    Our own name is on no registry: it is understood where it is installed already, and else in a
    checkout only.
    """
    if not is_bundle():
        return f"pip install '{package}'"
    in_checkout = f".venv/bin/pip install '{package.replace('algovera-desktop', '.')}'"
    return f"the installed program cannot take it in, but a checkout of its source: {in_checkout}"


def server_command() -> tuple[str, ...]:
    """What starts ``algovera-server``; its arguments follow."""
    if is_bundle():
        return (_beside(SERVER),)
    return _module("algovera_desktop.server")


def painter_command() -> tuple[str, ...]:
    """What starts the process that paints for a server; its arguments follow."""
    if is_bundle():
        return (_beside(SERVER), PAINT)
    return _module("algovera_desktop.server.worker")


def _beside(name: str) -> str:
    # Links in /usr/bin lead here; what lies beside the real file is wanted.
    executable = Path(sys.executable).resolve()
    return str(executable.with_name(name + executable.suffix))


def _module(name: str) -> tuple[str, ...]:
    # -P: no module of the folder that the program happens to be started in.
    return (sys.executable, "-P", "-m", name)
