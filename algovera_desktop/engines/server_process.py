"""One run of the local server as a child process: its key goes in, its port comes out.

The handshake: one JSON line ``{"key": "<64 hex>", "version": "1.2.3"}`` on the child's stdin, one
JSON line ``{"port": N}`` on its stdout when it accepts connections. A child of another version ends
with ``OUTDATED_STATUS`` instead; so does one, later, whose painter is. The child ends when its
stdin ends, so it goes with this process even if that is killed.
"""

import json
import logging
import secrets
import subprocess
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import IO

from algovera_desktop import __version__
from algovera_desktop.engines.child_family import family_of, family_options

log = logging.getLogger(__name__)

_KEPT_LINES = 20
_LONGEST_LINE_BYTES = 4096
_PUMP_PATIENCE_S = 5.0


class ServerProcess:
    """A started child. Raises OSError if the command cannot be run at all."""

    def __init__(self, command: Sequence[str]) -> None:
        self.key = secrets.token_hex(32)
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._first_line: SimpleQueue[bytes] = SimpleQueue()
        self._stdin_lock = Lock()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **family_options(),
        )
        self._family = family_of(self._process.pid)
        self._pumps = [
            Thread(target=self._pump_stdout, name="server-stdout", daemon=True),
            Thread(target=self._pump_stderr, name="server-stderr", daemon=True),
        ]
        for pump in self._pumps:
            pump.start()

    def port(self, timeout_s: float) -> int | None:
        """Hand over the key and wait for the port; None if the child ends or says nonsense."""
        greeting = {"key": self.key, "version": __version__}
        with self._stdin_lock, suppress(OSError, ValueError):
            stdin = _pipe(self._process.stdin)
            stdin.write(json.dumps(greeting).encode() + b"\n")
            stdin.flush()
        try:
            return _port_in(self._first_line.get(timeout=timeout_s))
        except Empty:
            return None

    def wait(self) -> int:
        """Wait for the end and return the exit status, negative for a signal."""
        status = self._process.wait()
        # What a dead server left behind, its worker, would hold the pipes and the memory.
        self._family.end()
        return status

    def end(self, polite_s: float, firm_s: float) -> None:
        """Ask the child to finish by ending its stdin, then by SIGTERM, then kill it."""
        with self._stdin_lock, suppress(OSError):
            _pipe(self._process.stdin).close()
        for patience_s, insist in ((polite_s, self._process.terminate), (firm_s, self.kill)):
            try:
                self._process.wait(patience_s)
                return
            except subprocess.TimeoutExpired:
                insist()

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Let go of an ended child's pipes and threads."""
        for pump in self._pumps:
            pump.join(_PUMP_PATIENCE_S)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                _pipe(pipe).close()

    def last_words(self) -> str:
        """The last lines that the child wrote to stderr."""
        return "\n".join(self._last_lines)

    def _pump_stdout(self) -> None:
        stdout = _pipe(self._process.stdout)
        self._first_line.put(stdout.readline(_LONGEST_LINE_BYTES))
        while stdout.read(_LONGEST_LINE_BYTES):
            pass

    def _pump_stderr(self) -> None:
        stderr = _pipe(self._process.stderr)
        while line := stderr.readline(_LONGEST_LINE_BYTES):
            text = line.decode(errors="replace").rstrip().replace(self.key, "[key]")
            self._last_lines.append(text)
            log.info("server: %s", text)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _port_in(line: bytes) -> int | None:
    try:
        port = json.loads(line)["port"]
    except (ValueError, TypeError, KeyError):
        return None
    return port if isinstance(port, int) and 0 < port < 65536 else None
