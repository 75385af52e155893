"""A real PostgreSQL server for tests, in a folder of its own and reached by a socket in it."""

import os
import shutil
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg

from support.service import service_in_own_folder
from support.waiting import wait_until

USER = "postgres"
_QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off")
_SMALL = ("shared_buffers=8MB", "max_connections=30", "max_wal_senders=0", "wal_level=minimal")


class PostgresServer:
    """Belongs to ``postgres`` where root runs the tests, whom it would refuse."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"postgresql://{USER}@/postgres?host={folder}"
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        make = [_program("initdb"), "-D", folder / "data", "-U", USER, "-A", "trust", "-N"]
        subprocess.run(
            [
                *_as_its_user(),
                *map(str, make),
                "--no-instructions",
                "--locale=C",
                "--encoding=UTF8",
            ],
            stdout=subprocess.DEVNULL,
            check=True,
            cwd=folder,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, and return once it can be connected to."""
        place = ("listen_addresses=", f"unix_socket_directories={self._folder}")
        settings = [f"--{each}" for each in (*place, *_QUICK, *_SMALL)]
        command = [_program("postgres"), "-D", str(self._folder / "data")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_its_user(), *command, *settings], stderr=log, cwd=self._folder
            )
        wait_until(self._answers, lambda: (self._folder / "log").read_text(), 30)

    def kill(self) -> None:
        """Break every connection off, as a power cut would, and return when all is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        wait_until(lambda: not self._has_children(), lambda: "the server's processes to end", 30)

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)  # at once
        self._process.wait()

    def empty(self) -> None:
        """Forget all tables."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
            connection.execute("CREATE SCHEMA public")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError:
            return False
        return True

    def _has_children(self) -> bool:
        folder = str(self._folder)
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str((process / "cwd").readlink()).startswith(folder):
                    return True
            except OSError:
                continue
        return False


def postgres_server() -> AbstractContextManager[PostgresServer]:
    """A server for the length of a block. Its folder is one that its user can reach."""
    return service_in_own_folder("pg", PostgresServer)


def _program(name: str) -> str:
    return str(max(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))


def _as_its_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
