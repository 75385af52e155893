"""A bad road between a program and a real server: every request may meet a fault on it.

    with fault_proxy(server.address, {"/api/status": {Fault.CUT: 0.1}}, seed=7) as proxy:
        ...  # the program speaks to proxy.address

Which fault the n-th request to a path meets depends on the seed alone. What was met is kept, by
the job that it was about: by its prompt, which a test makes unlike all others.
"""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum
from http.client import HTTPConnection, HTTPException
from random import Random
from urllib.parse import urlencode, urlsplit

from support.http_server import Conversation, Request, ScriptedServer, scripted_server

POST, STATUS, PICTURE = "/api/txt2img", "/api/status", "/api/getAsset"
MODELS, HEALTH = "/api/models", "/api/health"
PATHS = (POST, STATUS, PICTURE, MODELS, HEALTH, "/api/cancel", "/api/basemodels")
_ABOUT_A_JOB = frozenset({STATUS, PICTURE, "/api/cancel"})
_LONGEST_DELAY_S = 0.2
_LARGEST_SKEW_S = 400 * 86_400
_PASSED_ON_HEADERS = frozenset({"content-type", "retry-after"})


class Fault(Enum):
    LATE = "answered late"
    RESET_BEFORE = "reset, unseen by the server"
    RESET_AFTER = "reset, the answer lost"
    CUT = "answer cut off"
    BUSY = "429 with Retry-After"
    BROKEN = "500"
    PAGE = "502 with a web page"
    FORGOTTEN = "404, job forgotten"


LEAVES_IT_OPEN = frozenset(
    {Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.CUT, Fault.BROKEN, Fault.PAGE}
)
"""After these nobody at the near end can tell whether a POST made a job."""

Rates = Mapping[str, Mapping[Fault, float]]
"""For each path how likely each fault is, 0.0 to 1.0; what is left passes."""


@dataclass(frozen=True)
class Meeting:
    """One request on its way: ``fault`` None if it passed, ``seen`` if the server got it."""

    path: str
    fault: Fault | None
    seen: bool
    prompt: str


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class FaultProxy:
    """``forgotten`` holds the prompts of jobs that the proxy denied, now and for ever.

    With ``hides_refs`` the server behind looks like one that does not know ``client_ref``, and
    ``hidden_refs`` counts those that were sent to it nevertheless.
    """

    upstream: str
    server: ScriptedServer
    rates: Rates
    seed: int
    hides_refs: bool
    meetings: list[Meeting] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    hidden_refs: int = 0
    _prompts: dict[str, str] = field(default_factory=dict)
    _open: set[HTTPConnection] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._randoms = {path: Random(f"{self.seed} {path}") for path in PATHS}
        for path in PATHS:
            self.server.on(path, self._meet)

    @property
    def address(self) -> str:
        return self.server.address

    def hang_up(self) -> None:
        """Let go of what the server behind has not answered yet."""
        with self._lock:
            for connection in self._open:
                if connection.sock is not None:
                    with suppress(OSError):
                        connection.sock.shutdown(socket.SHUT_RDWR)

    def _meet(self, talk: Conversation) -> None:
        path, prompt = talk.request.path, self._prompt(talk.request)
        with self._lock:
            fault, random = self._drawn(path), Random(self._randoms[path].random())
        if fault is Fault.FORGOTTEN and not prompt:
            fault = None  # a question about nobody's job
        if fault is Fault.FORGOTTEN:
            self.forgotten.add(prompt)
        elif path in _ABOUT_A_JOB and prompt in self.forgotten:
            fault = Fault.FORGOTTEN
        seen = fault in (None, Fault.LATE, Fault.RESET_AFTER, Fault.CUT)
        self.meetings.append(Meeting(path, fault, seen, prompt))
        if fault is Fault.LATE:
            talk.wait(random.uniform(0, _LONGEST_DELAY_S))
        answer = self._asked(talk.request, prompt) if seen else _made_up(fault, random)
        if answer is None or fault is Fault.RESET_AFTER:
            talk.reset()
        else:
            _send(talk, answer, random, cut=fault is Fault.CUT)

    def _drawn(self, path: str) -> Fault | None:
        roll = self._randoms[path].random()
        for fault, rate in self.rates.get(path, {}).items():
            roll -= rate
            if roll < 0:
                return fault
        return None

    def _prompt(self, request: Request) -> str:
        """The prompt of the job that a request is about, "" if it is about none."""
        body = json.loads(request.body) if request.body else {}
        if request.path == POST:
            return body["prompt"]
        return self._prompts.get(body.get("job_uuid") or request.query.get("job_uuid", ""), "")

    def _asked(self, request: Request, prompt: str) -> _Answer | None:
        """What the server says; None if it is gone."""
        parts = urlsplit(self.upstream)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        with self._lock:
            self._open.add(connection)
        try:
            query = f"?{urlencode(request.query)}" if request.query else ""
            headers = {"Content-Type": "application/json"} if request.body else {}
            body = self._without_ref(request)
            connection.request(request.method, request.path + query, body or None, headers)
            reply = connection.getresponse()
            answer = _Answer(
                reply.status,
                {name: value for name, value in reply.getheaders() if _is_passed_on(name)},
                reply.read(),
            )
        except (OSError, HTTPException):
            return None
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()
        return self._noted(request.path, answer, prompt)

    def _without_ref(self, request: Request) -> bytes:
        if not self.hides_refs or request.path != POST:
            return request.body
        job = request.json()
        self.hidden_refs += job.pop("client_ref", None) is not None
        return json.dumps(job).encode()

    def _noted(self, path: str, answer: _Answer, prompt: str) -> _Answer:
        if path == POST and answer.status == 201:
            self._prompts[json.loads(answer.body)["job_uuid"]] = prompt
        if path == HEALTH and self.hides_refs:
            health = json.loads(answer.body)
            health.pop("client_ref", None)
            return _Answer(answer.status, answer.headers, json.dumps(health).encode())
        return answer


def _is_passed_on(header: str) -> bool:
    return header.lower() in _PASSED_ON_HEADERS


def _made_up(fault: Fault | None, random: Random) -> _Answer | None:
    """What is answered in the server's place; None: nothing at all."""
    match fault:
        case Fault.BUSY:
            return _json(429, "Slow down.", {"Retry-After": random.choice(["0", "0", "0", "1"])})
        case Fault.BROKEN:
            return _json(500, "Internal Server Error")
        case Fault.FORGOTTEN:
            return _json(404, "Unknown job")
        case Fault.PAGE:
            page = b"<!doctype html><title>502 Bad Gateway</title>"
            return _Answer(502, {"Content-Type": "text/html"}, page)
        case _:
            return None


def _json(status: int, detail: str, headers: Mapping[str, str] | None = None) -> _Answer:
    body = json.dumps({"detail": detail}).encode()
    return _Answer(status, {"Content-Type": "application/json", **(headers or {})}, body)


def _send(talk: Conversation, answer: _Answer, random: Random, *, cut: bool) -> None:
    """Every clock on this road is wrong, each time by something else, up to a year or so."""
    clock = datetime.now(UTC) + timedelta(seconds=random.uniform(-1, 1) * _LARGEST_SKEW_S)
    headers = answer.headers | {"Date": format_datetime(clock, usegmt=True)}
    if headers.get("Retry-After") == "1" and random.random() < 0.5:
        headers["Retry-After"] = format_datetime(clock + timedelta(seconds=1), usegmt=True)
    talk.send_head(answer.status, headers | {"Content-Length": str(len(answer.body))})
    if cut:
        talk.send(answer.body[: len(answer.body) // 2])
        talk.hang_up()
    talk.send(answer.body)


@contextmanager
def fault_proxy(
    upstream: str, rates: Rates, *, seed: int, hides_refs: bool = False
) -> Iterator[FaultProxy]:
    """A proxy to the server at a base URL, for the length of a block."""
    with scripted_server() as server:
        proxy = FaultProxy(upstream, server, rates, seed, hides_refs)
        try:
            yield proxy
        finally:
            proxy.hang_up()


def fault_table(meetings: Iterable[Meeting], ends: Mapping[str, str]) -> str:
    """Per fault how many requests met it, by call, and how the jobs that met it ended.

    ``ends`` has for each prompt a word for its job's end.
    """
    calls = {POST: "POST", STATUS: "status", PICTURE: "picture", "": "other"}
    words = sorted(set(ends.values()))
    rows = [["", *calls.values(), "jobs", *words]]
    seen = list(meetings)
    for fault in (*Fault, None):
        met = [each for each in seen if each.fault is fault]
        by_call = Counter(each.path if each.path in calls else "" for each in met)
        jobs = {each.prompt for each in met if each.prompt}
        by_end = Counter(ends.get(prompt, "") for prompt in jobs)
        counts = [*(by_call[path] for path in calls), len(jobs), *(by_end[end] for end in words)]
        rows.append([fault.value if fault else "passed on", *map(str, counts)])
    totals = Counter(ends.values())
    rows.append(["all jobs", *[""] * len(calls), str(len(ends)), *(str(totals[w]) for w in words)])
    return "\n".join(f"{row[0]:<28}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows)
