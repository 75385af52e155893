"""Fifty people and a thousand jobs: nothing is lost, nobody waits for another's pile."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from algovera_desktop.server.database import Database
from algovera_desktop.server.keys import KeyStore
from support.algovera_server import TRIAL, ServerProcess, running_server

PEOPLE, JOBS_EACH = 50, 20
OPTIONS = (*TRIAL, "--queue-limit", "2000", "--max-waiting", str(JOBS_EACH))


class Person:
    """One client with a key, a connection of its own, and a pile of wishes.

    ``statuses`` are those of all answers.
    """

    def __init__(self, server: ServerProcess, key: str, number: int) -> None:
        self._address, self._key, self._number = server.address, key, number
        self._http = requests.Session()
        self._http.trust_env = False
        self.statuses: Counter[int] = Counter()
        self.jobs: list[str] = []

    def ask_for_all(self) -> None:
        small = {"base_model": "trial", "width": 128, "height": 128, "inf_steps": 1}
        for seed in range(JOBS_EACH):
            body = small | {"prompt": f"paint {self._number}", "seed": seed}
            self.jobs.append(self._call("POST", "txt2img", json=body).json()["job_uuid"])
        refused = self._call("POST", "txt2img", json=small | {"prompt": "one more"})
        assert refused.json()["detail"].startswith("This key may have 20 jobs waiting")

    def fetch_all(self) -> list[bytes]:
        """Wait for each job, the last first, and take its picture."""
        pictures: list[bytes] = []
        for job in reversed(self.jobs):
            query = {"job_uuid": job, "wait": "30"}
            while (told := self._call("GET", "status", params=query).json())["progress"] < 1:
                assert told["job_status"] == "created", told
            while told["job_status"] == "created":
                told = self._call("GET", "status", params=query).json()
            pictures.append(self._call("GET", "getAsset", params={"job_uuid": job}).content)
        self._http.close()
        return pictures

    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        for place in ("json", "params"):
            if place in arguments:
                arguments[place] = arguments[place] | {"api_key": self._key}
        url = f"{self._address}/api/{path}"
        answer = self._http.request(method, url, timeout=60, **arguments)
        self.statuses[answer.status_code] += 1
        return answer


def make_keys(data_dir: Path) -> list[str]:
    database = Database(data_dir / "server.db")
    keys = [KeyStore(database).create(f"person {number}") for number in range(PEOPLE)]
    database.close()
    return keys


def owners_in_turn(data_dir: Path) -> list[str]:
    connection = sqlite3.connect(data_dir / "server.db")
    rows = connection.execute("SELECT owner FROM jobs WHERE turn > 1 ORDER BY turn").fetchall()
    connection.close()
    return [owner for (owner,) in rows]


def test_a_thousand_jobs_of_fifty_people_are_painted_in_fair_turns(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    keys = make_keys(data_dir)
    with running_server(data_dir, *OPTIONS, child=False) as server:
        first = server.post_job("hold", keys[0])
        server.wait_for_progress(first, keys[0])
        people = [Person(server, key, number) for number, key in enumerate(keys)]
        with ThreadPoolExecutor(PEOPLE) as threads:
            list(threads.map(Person.ask_for_all, people))
            length = server.http.get(f"{server.address}/api/health").json()["queue_length"]
            assert length == PEOPLE * JOBS_EACH
            server.gate.touch()
            pictures = list(threads.map(Person.fetch_all, people))
        assert server.log.read_text() == ""
    assert all(len(set(each)) == JOBS_EACH for each in pictures)  # each seed its own colour
    assert all(each == pictures[0] for each in pictures)  # and the same for everybody
    statuses = sum((person.statuses for person in people), Counter[int]())
    assert statuses[201] == PEOPLE * JOBS_EACH
    assert statuses[429] == PEOPLE
    assert set(statuses) == {200, 201, 429}
    turns = owners_in_turn(data_dir)
    rounds = [turns[start : start + PEOPLE] for start in range(0, len(turns), PEOPLE)]
    assert len(rounds) == JOBS_EACH
    assert all(len(set(each)) == PEOPLE for each in rounds)
