"""The real server as a process of its own, for tests."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from support.certificates import Certificate
from support.trial_pipeline import HOLD_UNTIL

TESTS = Path(__file__).parents[1]
LOCAL_KEY = "5ec2e7" + "0123456789abcdef" * 3 + "fedcba9876"
TRIAL = ("--pipeline", "support.trial_pipeline:TrialPipeline")
BROKEN = ("--pipeline", "support.trial_pipeline:BrokenPipeline")
PROGRAM = (sys.executable, "-W", "error", "-m", "algovera_desktop.server")
_ADDRESS = re.compile(r"https?://\S+:\d+")


class ServerProcess:
    """A server at a data folder, as the application's child (``child``) or standing alone.

    What it writes to standard error lands in ``log``. One with a certificate is asked by https.
    """

    def __init__(
        self,
        data_dir: Path,
        *options: str,
        child: bool = True,
        certificate: Certificate | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self.gate = data_dir.parent / f"{data_dir.name}.gate"
        self._log_file = self.log.open("ab")
        tls = () if certificate is None else certificate.options
        self.process = subprocess.Popen(
            [*PROGRAM, "--port", "0", "--data-dir", str(data_dir), *tls, *options]
            + (["--child"] if child else []),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log_file,
            env=os.environ | {"PYTHONPATH": str(TESTS), HOLD_UNTIL: str(self.gate)},
        )
        self.http = requests.Session()
        self.http.trust_env = False
        if certificate is not None:
            self.http.verify = str(certificate.file)
        self.greeting = ""
        try:
            self.address = self._greet_child() if child else self._read_greeting()
        except BaseException:
            self.process.kill()
            self.end()
            raise

    def _greet_child(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"key": LOCAL_KEY}).encode() + b"\n")
        self.process.stdin.flush()
        return f"http://127.0.0.1:{json.loads(self.read_line())['port']}"

    def _read_greeting(self) -> str:
        self.greeting = self.read_line()
        found = _ADDRESS.search(self.greeting)
        assert found, f"no address in {self.greeting!r}; it logged {self.log.read_text()}"
        return found[0]

    def read_line(self) -> str:
        """The next line of its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def post_job(self, prompt: str = "paint", key: str = LOCAL_KEY, **fields: Any) -> str:
        """Post a small job to the trial model and return its id."""
        body = {"base_model": "trial", "width": 128, "height": 128, "inf_steps": 4}
        body |= {"prompt": prompt, "api_key": key} | fields
        answer = self.http.post(f"{self.address}/api/txt2img", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["job_uuid"]

    def status(self, job: str, key: str = LOCAL_KEY, wait: float = 0) -> dict[str, Any]:
        query = {"job_uuid": job, "api_key": key, "wait": wait}
        answer = self.http.get(f"{self.address}/api/status", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_for_progress(self, job: str, key: str = LOCAL_KEY) -> None:
        """Return once the job is being painted."""
        status = self.status(job, key)
        while status["progress"] == 0:
            assert status["job_status"] == "created", status
            status = self.status(job, key, wait=30)

    def wait_for_end(self, job: str, key: str = LOCAL_KEY) -> dict[str, Any]:
        while (status := self.status(job, key, wait=30))["job_status"] == "created":
            pass
        return status

    def cancel(self, job: str, key: str = LOCAL_KEY) -> requests.Response:
        body = {"job_uuid": job, "api_key": key}
        return self.http.post(f"{self.address}/api/cancel", json=body)

    def picture(self, job: str, key: str = LOCAL_KEY) -> requests.Response:
        body = {"job_uuid": job, "api_key": key}
        return self.http.get(f"{self.address}/api/getAsset", json=body)

    def preview(self, job: str, key: str = LOCAL_KEY) -> requests.Response:
        query = {"job_uuid": job, "api_key": key}
        return self.http.get(f"{self.address}/api/preview", params=query)

    def worker_pid(self) -> int:
        """The process id of its one worker (Linux)."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        assert len(children) == 1, children
        return int(children[0])

    def send(self, number: signal.Signals) -> int:
        """Send a signal to the server and return its exit status."""
        self.process.send_signal(number)
        return self.end()

    def close_stdin(self) -> int:
        """Do what the application's death does, and return the exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.end()

    def end(self) -> int:
        """Wait for the process and let go of everything."""
        status = self.process.wait(15)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self._log_file.close()
        self.http.close()
        return status


@contextmanager
def running_server(data_dir: Path, *options: str, child: bool = True) -> Iterator[ServerProcess]:
    """A server for the length of a block, unless the block ends it itself."""
    server = ServerProcess(data_dir, *options, child=child)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
        server.end()


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``algovera-server`` with these arguments to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )
